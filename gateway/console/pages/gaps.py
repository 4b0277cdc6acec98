"""The part of the evidence page that lists the gaps: readable without the time line."""

from gateway.console.pages.lanes import length_text
from gateway.console.parts import Line, Rows, Table, Tag
from gateway.console.record_chip import gap_link
from gateway.console.visit import Visit
from gateway.views.display import number
from gateway.views.evidence import Evidence
from gateway.views.gaps import GapRow

SHOWN = 50
"""How many gaps are listed."""
TAGS = 4
"""How many tags of a gap are named."""
COLUMNS = ("source", "from", "to", "duration", "cause", "lost_samples", "tags", "detail", "record")


class Gaps:
    """Every gap of the period, newest first."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        say = visit.say
        with Tag("section", "block", aria_label=say("evidence.gaps")):
            Tag("h2", "", say("evidence.gaps"))
            self._none = Tag("p", "quiet", say("evidence.no_gaps"))
            self._table = Table(say("evidence.gaps"), *(say(f"evidence.{name}") for name in COLUMNS), classes="gaps")
            self._rows = Rows(self._table.body, lambda row: _GapLine(visit, self._table, row), _GapLine.show)
            self._more = Tag("p", "quiet")

    def show(self, view: Evidence) -> None:
        """As it stands now."""
        gaps = sorted((gap for found in view.sources for gap in found.gaps), key=lambda gap: -gap.began)
        self._none.set(hidden=bool(gaps) or None)
        self._table.set(hidden=not gaps or None)
        self._rows.show((str(gap.gap), gap) for gap in gaps[:SHOWN])
        self._more.set_text(self._visit.say("evidence.more", n=SHOWN) if len(gaps) > SHOWN else "")


class _GapLine:
    """A gap as a row."""

    def __init__(self, visit: Visit, table: Table, row: GapRow) -> None:
        self._visit = visit
        self.root: Line = table.line()
        self._cells: dict[str, Tag] = {}
        for name in COLUMNS[:-1]:
            with self.root.cell():
                self._cells[name] = Tag("span")
        with self.root.cell():
            gap_link(visit, row.gap)
        self._cells["source"].set_text(row.source)
        self._cells["from"].set_text(visit.clock.stamp(row.began))
        self._cells["cause"].set_text(visit.say(f"cause.{row.cause}"))
        self._cells["tags"].set_text(tags_text(row, visit))

    def show(self, row: GapRow) -> None:
        """As it stands now."""
        say, cells = self._visit.say, self._cells
        cells["to"].set_text(say("evidence.lasts") if row.ended is None else self._visit.clock.stamp(row.ended))
        cells["to"].look("tone-data" if row.ended is None else "")
        cells["duration"].set_text(length_text(row.duration, self._visit))
        cells["lost_samples"].set_text(say("evidence.not_told") if row.lost is None else number(row.lost, "{#}"))
        notes = [row.detail]
        notes += [say("evidence.estimated")] if row.estimated else []
        notes += [say("evidence.backfilled")] if row.backfilled else []
        cells["detail"].set_text(" · ".join(note for note in notes if note))


def tags_text(row: GapRow, visit: Visit) -> str:
    """The first tags by name, and how many more there are."""
    if not row.tags:
        return visit.say("evidence.all_tags")
    named = ", ".join(visit.name(tag) for tag in row.tags[:TAGS])
    rest = len(row.tags) - TAGS
    return visit.say("evidence.more_tags", tags=named, n=rest) if rest > 0 else named
