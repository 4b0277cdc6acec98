"""The seals of a stream: which numbers each counts, its root, who signed it when, and whether it holds."""

from collections.abc import Sequence

from gateway.console.pages.proof import FindingsTable, numbers_text, seals_path, stream_link, stream_path
from gateway.console.parts import Mark, Table, Tag, link
from gateway.console.record_chip import record_path
from gateway.console.shell import not_found, shell
from gateway.console.visit import Visit
from gateway.views.display import number
from gateway.views.seals import LISTED, Holds, SealRow, SealsPage, seals_page
from gateway.views.stream_rows import asked_number
from gateway.views.streams import FindingRow

COLUMNS = ("counts", "signed", "holds", "root", "key", "confirmed")
TONES = {Holds.PROVEN: "checked", Holds.CLOSED: "alert", Holds.WAITING: "data", Holds.DISPUTED: "action"}
ROOT = 16
"""Hexadecimal digits of a root that are shown; its title has all."""


async def build(visit: Visit) -> None:
    """The page."""
    name, desk = visit.parts["stream"], visit.desk
    if name not in desk.live.streams:
        not_found(visit)
        return
    try:
        to, fault = asked_number(visit.query.get("to")), ""
    except ValueError:
        to, fault = None, visit.say("seals.bad")
    view = await desk.ask(seals_page(name, to, desk.proofs))
    with shell(visit, "evidence", visit.data(seals_path(name), **visit.query)):
        Tag("h1", "", visit.say("seals.title"))
        with Tag("p", "lead"):
            stream_link(visit, name)
        Tag("p", "quiet", visit.say("seals.what"))
        if fault:
            Tag("p", "notice", fault, role="alert")
        newer = _Newer(visit, view)
        _waiting(visit, view)
        _received(visit, view)
        _findings(visit, view)
    desk.pushed.subscribe(newer.follow)


class _Newer:
    """The way to what came since the page was opened."""

    def __init__(self, visit: Visit, view: SealsPage) -> None:
        self._visit, self._view = visit, view
        with Tag("p", role="status") as self._root:
            link(visit.say("seals.came"), visit.href(seals_path(view.stream)))
        self.follow()

    def follow(self) -> None:
        """Shown once a seal proves more than the newest that is listed."""
        standing = self._visit.desk.live.streams.get(self._view.stream)
        self._root.set(hidden=standing is None or standing.verified <= self._view.last or None)


def _waiting(visit: Visit, view: SealsPage) -> None:
    say = visit.say
    if not view.waiting:
        return
    with Tag("section", "block", aria_label=say("seals.waiting")):
        Tag("h2", "", say("seals.waiting"))
        _table(visit, view, say("seals.waiting"), view.waiting, COLUMNS[:4])


def _received(visit: Visit, view: SealsPage) -> None:
    say = visit.say
    with Tag("section", "block", aria_label=say("seals.proven")):
        Tag("h2", "", say("seals.proven"))
        if not view.rows:
            Tag("p", "quiet", say("seals.none"))
            return
        _form(visit, view)
        _steps(visit, view)
        _table(visit, view, say("seals.proven"), view.rows, COLUMNS)


def _form(visit: Visit, view: SealsPage) -> None:
    """To the seal that proved a number first."""
    label = visit.say("seals.by_number")
    action = visit.href(seals_path(view.stream))
    with Tag("div", "period"), Tag("form", "window", method="get", action=action, aria_label=label):
        with Tag("label"):
            Tag("span", "", label)
            # `^` makes it the attribute: as a property, Vue would write it over what is being typed at each push
            Tag("input", name_="to", type="number", min=1, required=True, **{"^value": visit.query.get("to", "")})
        Tag("button", "btn", visit.say("seals.go"), type="submit")


def _steps(visit: Visit, view: SealsPage) -> None:
    say = visit.say
    newest = view.last if view.newer is not None else None
    with Tag("nav", "buttons", aria_label=say("seals.steps")):
        for name, to in (("newest", newest), ("newer", view.newer), ("older", view.older)):
            if to is not None:
                link(say(f"seals.{name}"), visit.href(seals_path(view.stream), to=str(to)), "btn")
        shown = numbers_text(view.rows[-1].first, view.rows[0].last)
        Tag("span", "aside", say("seals.shown", numbers=shown, n=number(view.last, "{#}")))


def _table(visit: Visit, view: SealsPage, label: str, rows: Sequence[SealRow], columns: Sequence[str]) -> None:
    table = Table(label, *(visit.say(f"seals.{name}") for name in columns), classes="seals")
    with table.body:
        for row in rows:
            _line(visit, view.stream, table, row, len(columns) == len(COLUMNS))


def _line(visit: Visit, stream: str, table: Table, row: SealRow, known: bool) -> None:
    say, stamp = visit.say, visit.clock.stamp
    line = table.line()
    with line.cell("wide"):
        _numbers(visit, stream, row)
    with line.cell():
        Tag("span", "", stamp(row.signed))
    with line.cell(), Tag("span"):
        Mark(TONES[row.holds])
        Tag("span", "", say(f"seals.{row.holds}"))
    with line.cell():
        Tag("code", "", row.root[:ROOT], title=row.root)
    if not known:
        return
    with line.cell():
        Tag("code", "", row.key or "–")
    with line.cell():
        standing = visit.desk.live.streams[stream]
        later = say("seals.larger" if standing.confirmed > row.last else "seals.unconfirmed")
        Tag("span", "", later if row.confirmed is None else stamp(row.confirmed))


def _numbers(visit: Visit, stream: str, row: SealRow) -> None:
    """The numbers that it was the first to count, with the way to them; a single one is a record."""
    text = numbers_text(row.first, row.last)
    path = record_path(stream, row.last) if row.first == row.last else stream_path(stream)
    here = row.holds in {Holds.PROVEN, Holds.CLOSED}
    if not (here and visit.may(path)):
        Tag("span", "", text)
    elif row.first == row.last:
        link(text, visit.href(path))
    else:
        link(text, visit.href(path, to=str(row.last)))


def _findings(visit: Visit, view: SealsPage) -> None:
    say = visit.say
    with Tag("section", "block", aria_label=say("seals.findings")):
        Tag("h2", "", say("seals.findings"))
        if not view.findings:
            Tag("p", "quiet", say("seals.no_findings"))
            return
        FindingsTable(visit).show([FindingRow(one, came=False) for one in view.findings])
        if len(view.findings) >= LISTED:
            Tag("p", "quiet", say("stream.more_findings", n=LISTED))
