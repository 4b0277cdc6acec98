"""Weighings: what was weighed, by whom, for what, and what was refused and why."""

from gateway.archive.weighings import KeptWeighing
from gateway.console.parts import Line, Mark, Rows, Table, Tag, link
from gateway.console.ranges import range_links, range_of
from gateway.console.record_chip import record_chip
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.views.display import SECOND, symbol
from gateway.views.weighings import OUTCOMES, SHOWN, Wanted, Weighings, wanted, weighings_in

REFRESH = 5 * SECOND
"""How often the archive is asked, microseconds."""
COLUMNS = ("time", "outcome", "weight", "balance", "persons", "material", "record")


async def build(visit: Visit) -> None:
    """The page."""
    asked, period = wanted(visit.query), range_of(visit.query)
    view = await visit.desk.ask(weighings_in(asked, visit.desk.now() - period.length))
    given = {name: value for name, value in asked.query.items() if value is not None}
    with shell(visit, "weighings", visit.data("/weighings", range=period.name, **given)):
        page = _Page(visit, asked, view)
    visit.desk.pushed.subscribe(page.follow)


class _Page:
    """Read again every few seconds; rows that are there stay."""

    def __init__(self, visit: Visit, asked: Wanted, view: Weighings) -> None:
        self._visit, self._asked, self._period = visit, asked, range_of(visit.query)
        self._read = visit.desk.now()
        say = visit.say
        Tag("h1", "", say("weighings.title"))
        range_links(visit, "/weighings", self._period.name, **asked.query)
        with Tag("div", "period"):
            self._choices("outcome", {name: say(f"weighings.{name}") for name in OUTCOMES})
            if len(view.balances) > 1 or asked.balance is not None:
                names = sorted({*view.balances, *([asked.balance] if asked.balance else [])})
                self._choices("balance", {name: name for name in names})
        with Tag("section", "block", aria_label=say("weighings.title")):
            self._none = Tag("p", "quiet", say("weighings.none"))
            self._table = weighing_table(visit)
        self._rows: Rows[KeptWeighing, WeighingLine] = Rows(
            self._table.body, lambda row: WeighingLine(visit, self._table, row), lambda *_: None
        )
        self._more = Tag("p", "quiet")
        self._show(view)

    def _choices(self, name: str, choices: dict[str, str]) -> None:
        """A link for each choice, and one for all of them; the chosen one is marked."""
        visit, query = self._visit, {"range": self._period.name, **self._asked.query}
        every: list[tuple[str | None, str]] = [(None, visit.say(f"weighings.every_{name}")), *choices.items()]
        with Tag("div", "buttons", role="group", aria_label=visit.say(f"weighings.by_{name}")):
            for value, text in every:
                current = "true" if value == query[name] else None
                address = visit.href("/weighings", language=None, **query | {name: value})
                link(text, address, "btn", aria_current=current)

    async def follow(self) -> None:
        """Ask again, from time to time."""
        now = self._visit.desk.now()
        if now - self._read >= REFRESH:
            self._read = now
            self._show(await self._visit.desk.ask(weighings_in(self._asked, now - self._period.length)))

    def _show(self, view: Weighings) -> None:
        self._rows.show((f"{row.stream} {row.number}", row) for row in view.weighings)
        self._none.set(hidden=bool(view.weighings) or None)
        self._table.set(hidden=not view.weighings or None)
        self._more.set_text(self._visit.say("weighings.more", n=SHOWN) if view.more else "")


def weighing_table(visit: Visit) -> Table:
    """A table for `WeighingLine`."""
    columns = (visit.say(f"weighings.{name}") for name in COLUMNS)
    return Table(visit.say("weighings.title"), *columns, classes="weigh-table")


class WeighingLine:
    """One weighing; a record never changes, so neither does its row."""

    def __init__(self, visit: Visit, table: Table, row: KeptWeighing) -> None:
        self._visit = visit
        self.root: Line = table.line()
        say = visit.say
        self._cell(visit.clock.stamp(row.time), say(f"weighings.methods.{row.method}"))
        self._outcome(row)
        net = _weight(row.net, row.unit)
        self._cell(say("weighings.net", weight=net) if net else say("weighings.no_weight"), _parts(row, visit))
        self._cell(row.source, *_balance(row, visit))
        self._cell(*_persons(row, visit))
        self._cell(*_material(row, visit))
        with self.root.cell():
            if record_chip(visit, row.stream, row.number) is None:
                Tag("span", "", say("weighings.number", n=row.number), title=row.stream)

    def _cell(self, first: str, *others: str) -> None:
        with self.root.cell(), Tag("span", "lines"):
            Tag("span", "", first)
            for text in others:
                Tag("span", "quiet", text)

    def _outcome(self, row: KeptWeighing) -> None:
        say = self._visit.say
        reasons = say("weighings.and").join(say(f"refusal.{refusal}") for refusal in row.refusals)
        with self.root.cell("wide"), Tag("span", "lines"):
            with Tag("span"):
                Mark("good" if row.accepted else "alert")
                Tag("span", "", say("weighings.accepted" if row.accepted else "weighings.refused"))
            Tag("span", "", reasons)
            Tag("span", "quiet", row.detail)


def _weight(value: float | None, unit: str | None) -> str:
    """As the balance showed it: a weight of record is never rounded."""
    if value is None:
        return ""
    return f"{value:.12g} {symbol(unit) if unit else '?'}".replace("-", "\N{MINUS SIGN}")


def _parts(row: KeptWeighing, visit: Visit) -> str:
    parts = (("gross", row.gross), ("tare", row.tare))
    told = (
        visit.say(f"weighings.{name}", weight=_weight(value, row.unit)) for name, value in parts if value is not None
    )
    return visit.say("weighings.and").join(told)


def _balance(row: KeptWeighing, visit: Visit) -> list[str]:
    say = visit.say
    number = say("weighings.serial", number=row.serial_number) if row.serial_number else say("weighings.no_serial")
    return [number, say("weighings.due", day=f"{row.calibration_due:%Y-%m-%d}")]


def _persons(row: KeptWeighing, visit: Visit) -> list[str]:
    say = visit.say
    checked = say("weighings.second", who=row.second) if row.second else ""
    if not row.second and row.second_required:
        checked = say("weighings.no_second")
    return [row.operator or say("weighings.no_operator"), checked]


def _material(row: KeptWeighing, visit: Visit) -> list[str]:
    say = visit.say
    return [
        say("weighings.lot", lot=row.lot) if row.lot else say("weighings.no_lot"),
        say("weighings.batch", batch=row.batch) if row.batch else "",
    ]
