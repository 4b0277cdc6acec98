"""What stands around every page: head bar, menu, the band that says that the page is not live, and the keys."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from gateway.console.head import SEARCH, Head
from gateway.console.parts import Tag, frame_of, link
from gateway.console.printing import PrintedFoot
from gateway.console.visit import Visit
from gateway.views.alarms import alarm_row
from gateway.views.texts import alarm_title

Entry = tuple[str, str, str]
MENU: tuple[Entry, ...] = (
    *(("overview", "", "o"), ("rooms", "/rooms", "r"), ("alarms", "/alarms", "a")),
    *(("batches", "/batches", "b"), ("evidence", "/evidence", "e")),
)
"""Name, route and key of each entry, in the order that later pages keep: notices before evidence."""
MORE = (("weighings", "/weighings", "w"), ("reports", "/reports", "p"), ("agreement", "/agreement", "g"))
"""Entries that stand under "More" where the bar is narrow: beside the others there is room for."""


class Shell:
    """The frame of one open page. It follows the desk by itself; pages are built within `content`."""

    def __init__(self, visit: Visit, active: str, data: str | None) -> None:
        self._visit, self._announced = visit, set(visit.desk.live.alarms)
        self.root = frame_of("console beat-a")
        self._beat = False
        with self.root:
            link(visit.say("head.skip"), "#content", "skip")
            self._head = Head(visit)
            _menu(visit, active)
            self._failed = Tag("div", "proof-failed", role="alert", hidden=True)
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
        visit.desk.pushed.subscribe(self._head.follow)

    def show(self) -> None:
        """What the head bar says now; each call is also a beat, without which the page fades by itself."""
        visit, say = self._visit, self._visit.say
        now = visit.desk.now()
        self._head.show()
        self._failed.set(hidden=not self._head.failed or None)
        self._failed.set_text(self._head.failed)
        self._printed.show(now)
        self._band.set_text(say("head.not_live", time=visit.clock.stamp(now)))
        self._beat = not self._beat
        self.root.look(f"console beat-{'ba'[self._beat]}")
        self._announce(now)

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
        _links(visit, active, _entries(visit, MENU))
        rest = _entries(visit, MORE)
        if not rest:
            return
        current = "true" if active in {name for name, _, _ in rest} else None
        more = Tag("button", "more", visit.say("menu.more"), type="button", aria_current=current)
        more.set(popovertarget="menu-more")
        with Tag("div", "rest", id="menu-more", popover="auto"):
            _links(visit, active, rest)


def _links(visit: Visit, active: str, entries: list[Entry]) -> None:
    for name, path, key in entries:
        current = "page" if name == active else None
        link(visit.say(f"menu.{name}"), visit.href(path), aria_current=current, data_go=key)


def _entries(visit: Visit, entries: tuple[Entry, ...]) -> list[Entry]:
    """What of the menu is open to whoever looks."""
    return [entry for entry in entries if visit.may(entry[1])]


def _keys(visit: Visit) -> None:
    say = visit.say
    rows = [
        *((f"g {key}", f"{say('keys.go')} {say(f'menu.{name}')}") for name, _, key in _entries(visit, (*MENU, *MORE)))
    ]
    rows += [("/", say("keys.search"))] if visit.may(SEARCH) else []
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
