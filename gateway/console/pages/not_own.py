"""The part of the evidence page that says what did not come, because by the agreement it is not the holder's."""

from gateway.archive.not_own import NotOwn, Withdrawal
from gateway.console.parts import Line, Rows, Table, Tag, link
from gateway.console.views.display import number
from gateway.console.views.evidence import Evidence
from gateway.console.visit import Visit

WITHHELD = ("room", "clause", "reason", "readings", "from", "to")
WITHDRAWN = ("room", "clause", "from", "to", "found")


class NotOwnReadings:
    """By room and clause; nothing where there is nothing to say."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        say = visit.say
        # A box around it, as the page's framework shows whatever has the class `block`.
        with Tag("div") as self._whole, Tag("section", "block", aria_label=say("not_own.title")):
            Tag("h2", "", say("not_own.title"))
            self._lead = Tag("p", "quiet", say("not_own.lead"))
            self._withheld = self._table("withheld", WITHHELD)
            self._rows = Rows(
                self._withheld.body, lambda row: _WithheldLine(visit, self._withheld, row), _WithheldLine.show
            )
            self._note = Tag("p", "quiet", say("not_own.withdrawn_lead"))
            self._withdrawn = self._table("withdrawn", WITHDRAWN)
            self._spans = Rows(
                self._withdrawn.body, lambda row: _WithdrawnLine(visit, self._withdrawn, row), _WithdrawnLine.show
            )

    def _table(self, name: str, columns: tuple[str, ...]) -> Table:
        say = self._visit.say
        return Table(say(f"not_own.{name}"), *(say(f"not_own.{one}") for one in columns), classes="not-own")

    def show(self, view: Evidence) -> None:
        """As it stands now."""
        withheld, withdrawn = view.withheld, view.withdrawn
        self._whole.set(hidden=not (withheld or withdrawn) or None)
        for parts, some in (((self._lead, self._withheld), withheld), ((self._note, self._withdrawn), withdrawn)):
            for part in parts:
                part.set(hidden=not some or None)
        self._rows.show((f"{one.holder} {one.room} {one.clause} {one.reason}", one) for one in withheld)
        self._spans.show((f"{one.holder} {one.room} {one.clause} {one.began} {one.found}", one) for one in withdrawn)


class _Line:
    """A row; the clause leads to the agreement."""

    def __init__(self, visit: Visit, table: Table, columns: tuple[str, ...], row: NotOwn | Withdrawal) -> None:
        self._visit = visit
        self.root: Line = table.line()
        self.cells: dict[str, Tag] = {}
        for name in columns:
            with self.root.cell():
                if name == "clause" and row.clause is not None:
                    link(row.clause, visit.href("/agreement"))
                else:
                    self.cells[name] = Tag("span")
        self.cells["room"].set_text(visit.say("not_own.no_room") if row.room is None else visit.name(row.room))
        if "clause" in self.cells:
            self.cells["clause"].set_text(visit.say("not_own.no_clause"))

    def _times(self, began: int, ended: int) -> None:
        self.cells["from"].set_text(self._visit.clock.stamp(began))
        self.cells["to"].set_text(self._visit.clock.stamp(ended))


class _WithheldLine(_Line):
    def __init__(self, visit: Visit, table: Table, row: NotOwn) -> None:
        super().__init__(visit, table, WITHHELD, row)
        self.cells["reason"].set_text(visit.say(f"not_own.reasons.{row.reason}"))

    def show(self, row: NotOwn) -> None:
        """As it stands now."""
        known = self._visit.say("evidence.not_told") if row.samples is None else number(row.samples, "{#}")
        self.cells["readings"].set_text(known)
        self._times(row.began, row.ended)


class _WithdrawnLine(_Line):
    def __init__(self, visit: Visit, table: Table, row: Withdrawal) -> None:
        super().__init__(visit, table, WITHDRAWN, row)

    def show(self, row: Withdrawal) -> None:
        """As it stands now."""
        self._times(row.began, row.ended)
        self.cells["found"].set_text(self._visit.clock.stamp(row.found))
