"""May I release: the batches that have ended without a verdict, with what their rules say."""

from gateway.console.leading import lead
from gateway.console.parts import Line, Mark, Rows, Table, Tag
from gateway.console.visit import Visit
from gateway.views.paths import batch_path
from gateway.views.today import Candidate, Today

COLUMNS = ("batch", "product", "ended", "rules", "events")


class Candidates:
    """The newest of them, and how many more there are."""

    def __init__(self, visit: Visit) -> None:
        self._visit, say = visit, visit.say
        with Tag("section", "block", aria_label=say("today.release")):
            Tag("h2", "", say("today.release"))
            self._none = Tag("p", "quiet", say("today.no_candidate"))
            columns = (say(f"today.columns.{name}") for name in COLUMNS)
            table = self._table = Table(say("today.release"), *columns, classes="candidates")
            self._more = lead(visit, "/batches")
        self._rows: Rows[Candidate, _Row] = Rows(table.body, lambda one: _Row(visit, table, one), _Row.show)

    def show(self, view: Today) -> None:
        """As it stands now."""
        found = view.candidates or ()
        self._none.set(hidden=bool(found) or None)
        self._table.set(hidden=not found or None)
        self._more.set(hidden=not view.more or None)
        self._more.set_text(self._visit.say("today.more_candidates", n=view.more))
        self._rows.show((f"{one.number} {one.product}", one) for one in found)


class _Row:
    """One batch."""

    def __init__(self, visit: Visit, table: Table, one: Candidate) -> None:
        self._visit = visit
        of = {"product": one.product} if one.shared and one.product else {}
        self.root: Line = table.line()
        with self.root.cell():
            lead(visit, batch_path(one.number, **of), one.number, "number")
        with self.root.cell():
            Tag("span", "", one.product or visit.say("batches.no_product"))
        with self.root.cell():
            self._ended = Tag("span")
        with self.root.cell(), lead(visit, batch_path(one.number, tab="findings", **of)):
            self._mark, self._rules = Mark(), Tag("span")
        with self.root.cell(), Tag("span"):
            self._open, self._events = Mark(), Tag("span")

    def show(self, one: Candidate) -> None:
        """As it stands now."""
        say = self._visit.say
        self._ended.set_text(say("batches.no_time") if one.ended is None else self._visit.clock.stamp(one.ended))
        told = one.tally
        if told is None:
            self._mark.show("data", "")
            self._rules.set_text(say("today.counting"))
        else:
            self._mark.show(
                "action" if told.failed else "data" if told.not_evaluable or not told.passed else "good", ""
            )
            self._rules.set_text(say("today.rules", passed=told.passed, failed=told.failed, unknown=told.not_evaluable))
        self._open.show("alert" if one.open else "good", "")
        self._events.set_text(", ".join(one.open) if one.open else say("today.no_events"))
