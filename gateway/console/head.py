"""The head bar of every page: where, since when, how far proven, search, language, theme, who looks."""

from gateway.console.leading import lead
from gateway.console.parts import Mark, Tag, link
from gateway.console.visit import Visit
from gateway.views.badge import Badge, Proven, badge
from gateway.views.display import age, number
from gateway.views.overview import last_data
from gateway.views.sources import SILENT_AFTER
from gateway.views.today import stream_rows

SEARCH = "/search"
LONGEST = 200
"""Characters that may be searched for."""
_TONES = {
    Proven.FAILED: "action", Proven.MISSING: "action", Proven.LATE: "alert", Proven.UNSEALED: "data",
    Proven.VERIFIED: "checked", Proven.NOTHING: "none",
}  # fmt: skip


class Head:
    """Builds once; `show` at each push, `follow` asks the archive for what the badge needs."""

    def __init__(self, visit: Visit) -> None:
        self._visit, say = visit, visit.say
        site = visit.desk.site
        with Tag("header", "head"):
            link(say("head.site", site=say.name(site.name), line=site.line), visit.href(), "brand")
            self._badge = _Badge(visit) if visit.may("") or visit.may("/evidence") else None
            with Tag("span", "state"):
                self._mark = Mark()
                self._state = Tag("span", "fades")
            zone = say("head.zone", zone=site.zone, offset=visit.clock.offset(visit.desk.now()))
            Tag("span", "zone", zone)
            _search(visit)
            _language(visit)
            Tag("button", "icon theme", "◐", type="button", aria_label=say("head.theme"), title=say("head.theme"))
            Tag("button", "icon", "?", type="button", data_key="?", aria_label=say("head.keys"), title=say("head.keys"))
            _who(visit)

    def show(self) -> None:
        """What the head bar says now."""
        visit, say = self._visit, self._visit.say
        now, heard = visit.desk.now(), last_data(visit.desk.live)
        if heard is None:
            self._tell("data", say("head.never"))
        elif now - heard > SILENT_AFTER:
            self._tell("data", say("head.silent", age=age(now - heard, say), time=visit.clock.stamp(heard)))
        else:
            text = say("head.last_data", time=visit.clock.stamp(heard), age=age(now - heard, say))
            self._tell("good", f"{say('head.live')} · {text}")
        if self._badge is not None:
            self._badge.show()

    async def follow(self) -> None:
        """Let the archive say what the badge rests on; pages share one answer."""
        if self._badge is not None:
            await self._visit.desk.proof.latest()

    @property
    def failed(self) -> str:
        """What the band says on every page while a proof has failed; empty while none has."""
        return "" if self._badge is None else self._badge.failed

    def _tell(self, tone: str, text: str) -> None:
        self._mark.show(tone, "")
        self._state.set_text(text)


class _Badge:
    """How far all is proven, in a few words; it leads to the streams."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with lead(visit, "/evidence", "", "badge"):
            self._mark, self._text = Mark(), Tag("span")
        self.failed = ""

    def show(self) -> None:
        """As it stands now; what the archive was not asked yet is not told as good."""
        visit = self._visit
        known, now = visit.desk.proof.kept, visit.desk.now()
        if known is None:
            self._mark.show("data", "")
            self._text.set_text(visit.say("badge.asking"))
            return
        found = badge(stream_rows(visit.desk.live, known, now), known.doubts, now)
        self._mark.show(_TONES[found.proven], "")
        text = badge_text(found, now, visit)
        self._text.set_text(text)
        self.failed = visit.say("badge.band", what=text) if found.failed else ""


def badge_text(found: Badge, now: int, visit: Visit) -> str:
    """The words of the badge; a stream is named only where its page is open to who looks."""
    say, failed = visit.say, found.failed
    if failed is not None:
        if not visit.may("/evidence"):
            return say("badge.FAILED_unnamed")
        return say("badge.FAILED", stream=failed.stream, number=number(failed.first, "{#}"))
    to, count = found.to, number(found.count, "{#}")
    lasting = "" if to is None else age(now - to, say)
    time = "" if to is None else f"{visit.clock.local(to):%H:%M:%S}"
    return say(f"badge.{found.proven}", time=time, n=count, age=lasting)


def _search(visit: Visit) -> None:
    if not visit.may(SEARCH):
        return
    say = visit.say
    with Tag("form", "search", role="search", method="get", action=visit.href(SEARCH)):
        Tag(
            "input", name_="q", type="search", placeholder=say("search.short"), aria_label=say("search.short"),
            maxlength=LONGEST, data_key="/", title=say("search.hint"), autocomplete="off",
            **{"^value": visit.query.get("q", "")[:LONGEST] if visit.path == SEARCH else ""},
        )  # fmt: skip


def _language(visit: Visit) -> None:
    say, other = visit.say, visit.say.language.other
    link(
        say("language.switch"), visit.here(other), "switch", data_language=other, lang=other,
        title=say("language.switch_label"), hreflang=other,
    )  # fmt: skip


def _who(visit: Visit) -> None:
    """Who looks, and the way out; nothing where the console is open to its machine."""
    viewer, say = visit.viewer, visit.say
    if viewer is None:
        return
    with Tag("form", "who", method="post", action=visit.href("/sign-out")):
        roles = say("people.and").join(say(f"people.roles.{role}") for role in sorted(viewer.roles))
        lead(visit, "/people", viewer.name).set(title=roles)
        Tag("button", "btn", say("sign_in.out"), type="submit")
