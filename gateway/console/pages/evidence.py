"""Evidence: what came from each source, and what is missing."""

from gateway.console.pages.proof import Proof
from gateway.console.parts import Line, Mark, Rows, Table, Tag
from gateway.console.ranges import Range, range_links, range_of
from gateway.console.shell import shell
from gateway.console.views.display import SECOND, age, number
from gateway.console.views.evidence import Evidence, GapRow, Received, SourceEvidence, evidence, placed, received_in
from gateway.console.views.sources import Contact
from gateway.console.visit import Visit

REFRESH = 5 * SECOND
"""How often the archive is asked while nothing opens or closes a gap, microseconds."""
SHOWN = 200
"""How many gaps are listed."""
TAGS = 4
"""How many tags of a gap are named."""


async def build(visit: Visit) -> None:
    """The page."""
    chosen = range_of(visit.query)
    received = await visit.desk.ask(received_in(visit.desk.now(), chosen.length))
    with shell(visit, "evidence", visit.data("/evidence", range=chosen.name)):
        page = _Page(visit, chosen, received)
    visit.desk.pushed.subscribe(page.follow)


class _Page:
    """Contacts follow each push; gaps and counts are read again when a gap changes, or every few seconds."""

    def __init__(self, visit: Visit, chosen: Range, received: Received) -> None:
        self._visit, self._range, self._received = visit, chosen, received
        self._read, self._seen = visit.desk.now(), set(visit.desk.live.gaps)
        say = visit.say
        Tag("h1", "", say("evidence.title"))
        Tag("p", "lead", say("evidence.lead"))
        range_links(visit, "/evidence", chosen)
        with Tag("section", "block", aria_label=say("evidence.source")):
            self._none = Tag("p", "quiet", say("evidence.none"))
            self._span = Tag("div", "lane-span")
            self._sources = Rows(Tag("ul", "lanes"), lambda item: _Lane(visit, item), self._show_lane)
        with Tag("section", "block", aria_label=say("evidence.gaps")):
            Tag("h2", "", say("evidence.gaps"))
            self._no_gaps = Tag("p", "quiet", say("evidence.no_gaps"))
            columns = [
                say(f"evidence.{name}") for name in ("source", "from", "to", "duration", "cause", "tags", "detail")
            ]
            table = Table(say("evidence.gaps"), *columns)
            self._gaps = Rows(table.body, lambda row: _GapLine(visit, table, row), _GapLine.show)
            self._more = Tag("p", "quiet")
        self._proof = Proof(visit)
        self._totals = _Totals(visit)
        self.show()

    async def follow(self) -> None:
        """Ask again where something changed, then show."""
        desk, now = self._visit.desk, self._visit.desk.now()
        if set(desk.live.gaps) != self._seen or now - self._read >= REFRESH:
            self._read, self._seen = now, set(desk.live.gaps)
            self._received = await desk.ask(received_in(now, self._range.length))
        self.show()

    def show(self) -> None:
        desk = self._visit.desk
        view = evidence(desk.live, self._received, self._read - self._range.length, self._read, desk.now())
        self._view = view
        self._none.set(hidden=bool(view.sources) or None)
        clock = self._visit.clock
        self._span.set_text(self._visit.say("trend.span", begin=clock.stamp(view.begin), end=clock.stamp(view.end)))
        self._sources.show((found.source.name, found) for found in view.sources)
        gaps = sorted((gap for found in view.sources for gap in found.gaps), key=lambda gap: -gap.began)
        self._no_gaps.set(hidden=bool(gaps) or None)
        self._gaps.show((str(gap.gap), gap) for gap in gaps[:SHOWN])
        self._more.set_text(self._visit.say("evidence.more", n=SHOWN) if len(gaps) > SHOWN else "")
        self._proof.show(view)
        self._totals.show(view)

    def _show_lane(self, lane: "_Lane", found: SourceEvidence) -> None:
        lane.show(found, self._view)


class _Lane:
    """One source: when it was heard of, how much it gave, and its time line with gaps."""

    def __init__(self, visit: Visit, found: SourceEvidence) -> None:
        self._visit = visit
        with Tag("li") as self.root:
            Tag("span", "source", found.source.name)
            with Tag("span", "state-of-source"):
                self._mark, self._state = Mark(), Tag("span")
            self._heard = Tag("span", "aside fades")
            self._samples = Tag("span", "aside count")
            with Tag("div", "lane", role="img") as self._lane:
                covered = Tag("span")
                self._lost = Tag("span", "lost")
                gaps = Tag("span")
            self._covered: Rows[tuple[int, int], _Span] = Rows(covered, lambda _: _Span("covered"), self._place)
            self._gaps: Rows[GapRow, _Span] = Rows(gaps, lambda _: _Span("gap"), self._show_span)

    def show(self, found: SourceEvidence, view: Evidence) -> None:
        visit, say, source = self._visit, self._visit.say, found.source
        self._view = view
        self._mark.show("good" if source.state is Contact.LIVE else "data", "")
        self._state.set_text(say(f"evidence.{source.state}"))
        heard = (
            "" if source.heard is None else f"{visit.clock.stamp(source.heard)}, {age(view.now - source.heard, say)}"
        )
        self._heard.set_text(f"{say('evidence.contact')} {heard}" if heard else "")
        self._samples.set_text(f"{number(found.samples, '{#}')} {say('evidence.samples')}")
        silent = source.heard is not None and source.state is not Contact.LIVE
        left, width = placed(source.heard or 0, None, view.begin, view.end) if silent else (0.0, 0.0)
        self._lost.set(style=_at(left, width), hidden=not silent or None)
        begin, end = visit.clock.stamp(view.begin), visit.clock.stamp(view.end)
        self._lane.set(aria_label=say("evidence.lane", source=source.name, begin=begin, end=end))
        self._covered.show((str(place), span) for place, span in enumerate(found.covered))
        self._gaps.show((str(gap.gap), gap) for gap in found.gaps)

    def _place(self, shown: "_Span", span: tuple[int, int]) -> None:
        shown.root.set(style=_at(*placed(*span, self._view.begin, self._view.end)))

    def _show_span(self, shown: "_Span", gap: GapRow) -> None:
        visit = self._visit
        end = visit.say("evidence.lasts") if gap.ended is None else visit.clock.stamp(gap.ended)
        label = visit.say(
            "evidence.gap_label", begin=visit.clock.stamp(gap.began), end=end, cause=visit.say(f"cause.{gap.cause}")
        )
        shown.root.set(style=_at(*placed(gap.began, gap.ended, self._view.begin, self._view.end)), title=label)


class _Span:
    """A stretch of a lane."""

    def __init__(self, classes: str) -> None:
        self.root = Tag("span", classes)


def _at(left: float, width: float) -> str:
    return f"left:{left:.3f}%;width:{width:.3f}%"


class _GapLine:
    """A gap as a row."""

    def __init__(self, visit: Visit, table: Table, row: GapRow) -> None:
        self._visit = visit
        self.root: Line = table.line()
        self._cells = []
        for _ in range(7):
            with self.root.cell():
                self._cells.append(Tag("span"))
        source, began, _, _, cause, tags, _ = self._cells
        source.set_text(row.source)
        began.set_text(visit.clock.stamp(row.began))
        cause.set_text(visit.say(f"cause.{row.cause}"))
        tags.set_text(tags_text(row, visit))

    def show(self, row: GapRow) -> None:
        say = self._visit.say
        _, _, ended, duration, _, _, detail = self._cells
        ended.set_text(say("evidence.lasts") if row.ended is None else self._visit.clock.stamp(row.ended))
        ended.look("tone-data" if row.ended is None else "")
        duration.set_text(age(row.duration, say))
        notes = [row.detail]
        notes += [say("evidence.estimated")] if row.estimated else []
        notes += [say("evidence.lost", n=row.lost)] if row.lost else []
        notes += [say("evidence.backfilled")] if row.backfilled else []
        detail.set_text(" · ".join(note for note in notes if note))


def tags_text(row: GapRow, visit: Visit) -> str:
    """The first tags by name, and how many more there are."""
    if not row.tags:
        return visit.say("evidence.all_tags")
    named = ", ".join(visit.name(tag) for tag in row.tags[:TAGS])
    rest = len(row.tags) - TAGS
    return visit.say("evidence.more_tags", tags=named, n=rest) if rest > 0 else named


class _Totals:
    """How much was received in all, what could not be read, and how fast it comes."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with Tag("section", "block", aria_label=visit.say("evidence.totals")):
            Tag("h2", "", visit.say("evidence.totals"))
            with Tag("dl", "figures"):
                names = ("samples", "alarms", "gap_records", "quarantine", "latency")
                self._facts = {name: self._fact(name) for name in names}

    def _fact(self, name: str) -> Tag:
        with Tag("div"):
            Tag("dt", "", self._visit.say(f"evidence.{name}"))
            return Tag("dd", "fades")

    def show(self, view: Evidence) -> None:
        say = self._visit.say
        for name, table in (("samples", "samples"), ("alarms", "alarms"), ("gap_records", "gaps")):
            self._facts[name].set_text(number(view.counts[table], "{#}"))
        kept = view.counts["quarantine"]
        self._facts["quarantine"].set_text(
            say("evidence.quarantine_some", n=kept) if kept else say("evidence.quarantine_none")
        )
        self._facts["quarantine"].look("tone-data" if kept else "fades")
        found = view.latency_ms
        self._facts["latency"].set_text(
            say("evidence.latency_text", p50=f"{found.p50:.0f}", p99=f"{found.p99:.0f}")
            if found
            else say("evidence.latency_none")
        )
