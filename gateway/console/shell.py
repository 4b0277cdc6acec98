"""What stands around every page: head bar, menu, the band that says that the page is not live, and the keys."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from gateway.console.parts import Mark, Tag, frame_of, link
from gateway.console.printing import PrintedFoot
from gateway.console.views.alarms import alarm_row
from gateway.console.views.display import age
from gateway.console.views.overview import last_data
from gateway.console.views.sources import SILENT_AFTER
from gateway.console.views.texts import alarm_title
from gateway.console.visit import Visit

MENU = (
    *(("overview", "", "o"), ("rooms", "/rooms", "r"), ("alarms", "/alarms", "a")),
    *(("batches", "/batches", "b"), ("weighings", "/weighings", "w"), ("reports", "/reports", "p")),
    *(("evidence", "/evidence", "e"), ("agreement", "/agreement", "g")),
)
"""Name, route and key of each entry, in the order that later pages keep: notices before evidence."""


class Shell:
    """The frame of one open page. It follows the desk by itself; pages are built within `content`."""

    def __init__(self, visit: Visit, active: str, data: str | None) -> None:
        self._visit, self._announced = visit, set(visit.desk.live.alarms)
        self.root = frame_of("console beat-a")
        self._beat = False
        with self.root:
            link(visit.say("head.skip"), "#content", "skip")
            self._head()
            _menu(visit, active)
            self._band = Tag("div", "not-live", aria_hidden="true")
            self._news = Tag("div", "sr", role="alert")
            self.content = Tag("main", "content", id="content", tabindex=-1)
            if data is not None:
                with Tag("footer", "foot"):
                    link(visit.say("foot.data"), data)
            _keys(visit)
            self._printed = PrintedFoot(visit)
        self.show()
        visit.desk.pushed.subscribe(self.show)

    def _head(self) -> None:
        visit, say = self._visit, self._visit.say
        site = visit.desk.site
        with Tag("header", "head"):
            link(say("head.site", site=say.name(site.name), line=site.line), visit.href(), "brand")
            with Tag("span", "state"):
                self._mark = Mark()
                self._state = Tag("span", "fades")
            zone = say("head.zone", zone=site.zone, offset=visit.clock.offset(visit.desk.now()))
            Tag("span", "zone", zone)
            other = say.language.other
            link(
                say("language.switch"), visit.here(other), "switch", data_language=other, lang=other,
                title=say("language.switch_label"), hreflang=other,
            )  # fmt: skip
            Tag("button", "icon theme", "◐", type="button", aria_label=say("head.theme"), title=say("head.theme"))
            Tag("button", "icon", "?", type="button", data_key="?", aria_label=say("head.keys"), title=say("head.keys"))
            _who(visit)

    def show(self) -> None:
        """What the head bar says now; each call is also a beat, without which the page fades by itself."""
        visit, say = self._visit, self._visit.say
        now = visit.desk.now()
        heard = last_data(visit.desk.live)
        if heard is None:
            self._tell("data", say("head.never"))
        elif now - heard > SILENT_AFTER:
            self._tell("data", say("head.silent", age=age(now - heard, say), time=visit.clock.stamp(heard)))
        else:
            text = say("head.last_data", time=visit.clock.stamp(heard), age=age(now - heard, say))
            self._tell("good", f"{say('head.live')} · {text}")
        self._printed.show(now)
        self._band.set_text(say("head.not_live", time=visit.clock.stamp(now)))
        self._beat = not self._beat
        self.root.look(f"console beat-{'ba'[self._beat]}")
        self._announce(now)

    def _tell(self, tone: str, text: str) -> None:
        self._mark.show(tone, "")
        self._state.set_text(text)

    def _announce(self, now: int) -> None:
        visit = self._visit
        if not visit.may("/alarms"):
            return
        lives = visit.desk.live.alarms
        for id_ in lives.keys() - self._announced:
            row = alarm_row(lives[id_], now)
            what = alarm_title(row, visit.name(row.tag), visit.say)
            self._news.set_text(visit.say("alarms.announce", what=what, time=visit.clock.stamp(row.since)))
        self._announced |= set(lives)


@contextmanager
def shell(visit: Visit, active: str, data: str | None = None) -> Iterator[Shell]:
    """Build within the frame. `active` is the menu's entry, `data` the address of the page's twin for programs."""
    frame = Shell(visit, active, data)
    with frame.content:
        yield frame


def _menu(visit: Visit, active: str) -> None:
    with Tag("nav", "menu", aria_label=visit.say("menu.label")):
        for name, path, key in _entries(visit):
            current = "page" if name == active else None
            link(visit.say(f"menu.{name}"), visit.href(path), aria_current=current, data_go=key)


def _entries(visit: Visit) -> list[tuple[str, str, str]]:
    """What of the menu is open to whoever looks."""
    return [entry for entry in MENU if visit.may(entry[1])]


def _who(visit: Visit) -> None:
    """Who looks, and the way out; nothing where the console is open to its machine."""
    viewer, say = visit.viewer, visit.say
    if viewer is None:
        return
    with Tag("form", "who", method="post", action=visit.href("/sign-out")):
        roles = say("people.and").join(say(f"people.roles.{role}") for role in sorted(viewer.roles))
        if visit.may("/people"):
            link(viewer.name, visit.href("/people"), title=roles)
        else:
            Tag("span", "", viewer.name, title=roles)
        Tag("button", "btn", say("sign_in.out"), type="submit")


def _keys(visit: Visit) -> None:
    say = visit.say
    rows = [*((f"g {key}", f"{say('keys.go')} {say(f'menu.{name}')}") for name, _, key in _entries(visit))]
    rows += [("j k", say("keys.skip")), ("Enter", say("keys.open")), ("Esc", say("keys.escape"))]
    rows += [("[ ] + −", say("keys.zoom")), ("l", say("keys.live")), ("?", say("keys.this"))]
    with Tag("dialog", "keys", aria_label=say("keys.title")):
        Tag("h2", "", say("keys.title"))
        with Tag("dl"):
            for key, meaning in rows:
                with Tag("dt"):
                    Tag("kbd", "", key)
                Tag("dd", "", meaning)
        with Tag("label", "check"):
            Tag("input", "keys-on", type="checkbox", checked=True)
            Tag("span", "", say("keys.enabled"))
        with Tag("form", method="dialog"):
            Tag("button", "btn", say("keys.close"))


def plain_page(visit: Visit, heading: str, text: str) -> None:
    """A page that only says something: nothing here, or could not be opened."""
    ui.page_title(heading)
    with shell(visit, ""):
        Tag("h1", "", heading)
        Tag("p", "lead", text)
        link(visit.say("missing.back"), visit.href(), "btn")


def not_found(visit: Visit) -> None:
    """No such page, no such record, or not the reader's: the answers are the same."""
    ui.status_code(404)
    plain_page(visit, visit.say("missing.title"), visit.say("missing.text"))
