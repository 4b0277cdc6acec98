"""Lines, a row for each with each product: what runs, rooms in limits, how complete the data are, what waits."""

from gateway.console.leading import lead
from gateway.console.pages.tasks import clock_text
from gateway.console.parts import Line, Mark, Rows, Table, Tag
from gateway.console.visit import Visit
from gateway.views.display import age
from gateway.views.lines import LineRow
from gateway.views.overview import Overview
from gateway.views.paths import batch_path
from gateway.views.today import Today
from gateway.views.waiting import Urgency

COLUMNS = ("line", "runs", "rooms", "alarms", "complete", "sealed", "waits")
TONES = {Urgency.LATE: "action", Urgency.SOON: "alert"}


class Lines:
    """All lines. A node has one site; lines of it that only records name have no rooms and no alarms of their own."""

    def __init__(self, visit: Visit) -> None:
        self._visit, say = visit, visit.say
        with Tag("section", "block", aria_label=say("today.lines")):
            Tag("h2", "", say("today.lines"))
            Tag("p", "quiet", say("today.one_site", site=say.name(visit.site.name)))
            table = Table(
                say("today.lines"), *(say(f"today.columns.{name}") for name in COLUMNS), classes="lines-table"
            )
        self._rows: Rows[tuple[LineRow, Overview], _Row] = Rows(
            table.body, lambda item: _Row(visit, table, item[0]), lambda row, item: row.show(*item)
        )

    def show(self, state: Overview, view: Today) -> None:
        """As it stands now."""
        self._rows.show((row.key, (row, state)) for row in view.lines)


class _Row:
    """A line with one batch, or without."""

    def __init__(self, visit: Visit, table: Table, row: LineRow) -> None:
        self._visit, say = visit, visit.say
        shown = row.running or row.last
        path = None if shown is None else batch_path(shown.number)
        self.root: Line = table.line()
        with self.root.cell(), Tag("span", "lines"):
            Tag("b", "", say("today.line", site=say.name(visit.site.name), line=row.line))
            product = row.product or ""
            Tag("span", "why", product if row.name is None else f"{product} {say.name(row.name)}")
        with self.root.cell(), Tag("span", "lines"):
            self._batch = lead(visit, path)
            self._phase = Tag("span", "why")
        self._rooms, self._alarms, self._complete, self._sealed, self._waits = (
            self._figure(to) for to in ("/rooms", "/alarms", "/evidence", "/evidence", None)
        )

    def _figure(self, path: str | None) -> tuple[Mark, Tag]:
        with self.root.cell(), lead(self._visit, path):
            return Mark(), Tag("span", "fades")

    def show(self, row: LineRow, state: Overview) -> None:
        """As it stands now."""
        say, clock = self._visit.say, self._visit.clock
        self._runs(row, state.now)
        if not row.here:
            for figure in (self._rooms, self._alarms, self._complete, self._sealed):
                _fill(figure, "none", say("today.not_here"))
        else:
            good, every = state.rooms_in_limits, state.rooms_with_limits
            _fill(self._rooms, "good", say("today.rooms", good=good, all=every))
            _fill(self._alarms, row.tone or "good", str(row.alarms))
            self._show_complete(row, state)
            sealed = say("today.no_seal") if row.sealed is None else clock.stamp(row.sealed)
            _fill(self._sealed, "data" if row.sealed is None else "good", sealed)
        first = row.first
        text = say("today.no_waits") if first is None else f"{row.waits} · {clock_text(first, state.now, self._visit)}"
        _fill(self._waits, TONES.get(first.urgency, "good") if first else "good", text)

    def _show_complete(self, row: LineRow, state: Overview) -> None:
        say, clock = self._visit.say, self._visit.clock
        if row.silent is not None:
            text = say("today.silent", age=age(state.now - row.silent, say), time=clock.stamp(row.silent))
            _fill(self._complete, "data", text)
        elif row.complete_to is None:
            _fill(self._complete, "data", say("overview.incomplete"))
        else:
            _fill(self._complete, "good", clock.stamp(row.complete_to))

    def _runs(self, row: LineRow, now: int) -> None:
        say, clock = self._visit.say, self._visit.clock
        running, last = row.running, row.last
        if running is not None:
            since = running.step_since or running.began
            step = running.step or say("today.between")
            place = [running.room] if running.room else []
            lasting = [] if since is None else [say("today.since", time=clock.stamp(since), age=age(now - since, say))]
            self._batch.set_text(running.number)
            self._phase.set_text(" · ".join([step, *place, *lasting]))
            return
        self._batch.set_text("" if last is None else last.number)
        idle = say("today.idle" if row.agreed else "today.not_yours")
        if last is None:
            self._phase.set_text(idle)
        else:
            until = say("batches.no_time") if last.last is None else clock.stamp(last.last)
            self._phase.set_text(say("today.idle_since", idle=idle, time=until))


def _fill(figure: tuple[Mark, Tag], tone: str, text: str) -> None:
    figure[0].show(tone, "")
    figure[1].set_text(text)
