"""Evidence: what came from each source, what is missing, and how far it is proven."""

from gateway.console.pages.certificates import certificates_part
from gateway.console.pages.gaps import Gaps
from gateway.console.pages.lanes import Lanes
from gateway.console.pages.proof import Findings, Streams
from gateway.console.pages.verdict import trust_tone, verdict_text
from gateway.console.pages.verify import VerifyPart
from gateway.console.pages.withheld import WithheldPart
from gateway.console.parts import Mark, Tag
from gateway.console.ranges import DAY, range_links, window_form, window_of
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.views.display import SECOND, number
from gateway.views.evidence import Evidence, Received, evidence, received_in
from gateway.views.trend import Window, following

REFRESH = 5 * SECOND
"""How often the archive is asked while nothing opens or closes a gap, microseconds."""


async def build(visit: Visit) -> None:
    """The page."""
    now = visit.desk.now()
    try:
        asked, fault = window_of(visit.query, visit.clock, now), ""
    except ValueError:
        asked, fault = following(DAY, now), visit.say("period.bad")
    received = await visit.desk.ask(received_in(asked))
    with shell(visit, "evidence", visit.data("/evidence", **asked.query(visit.clock))):
        page = _Page(visit, received, fault)
        certificates_part(visit)
    visit.desk.pushed.subscribe(page.follow)


class _Page:
    """Contacts follow each push; what the archive says is read again when a gap changes, or every few seconds."""

    def __init__(self, visit: Visit, received: Received, fault: str) -> None:
        self._visit, self._received = visit, received
        self._read, self._seen = visit.desk.now(), set(visit.desk.live.gaps)
        say = visit.say
        Tag("h1", "", say("evidence.title"))
        self._verdict = _Sentence(visit)
        if fault:
            Tag("p", "notice", fault, role="alert")
        with Tag("div", "period"):
            range_links(visit, "/evidence", received.window.range)
            window_form(visit, "/evidence", received.window)
        above = (Lanes(visit), Gaps(visit), WithheldPart(visit), Streams(visit))
        VerifyPart(visit)
        self._parts = (*above, Findings(visit), _Totals(visit))
        self.show()

    async def follow(self) -> None:
        """Ask again where something changed, then show."""
        desk, now = self._visit.desk, self._visit.desk.now()
        if set(desk.live.gaps) != self._seen or now - self._read >= REFRESH:
            self._read, self._seen = now, set(desk.live.gaps)
            self._received = await desk.ask(received_in(self._window(now)))
        self.show()

    def _window(self, now: int) -> Window:
        asked = self._received.window
        return asked if asked.range is None else following(asked.range, now)

    def show(self) -> None:
        desk = self._visit.desk
        view = evidence(desk.live, self._received, desk.now())
        self._verdict.show(view)
        for part in self._parts:
            part.show(view)


class _Sentence:
    """What is true of all records, in a sentence, and what the period holds, in another."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with Tag("p", "verdict", role="status"):
            self._mark, self._text, self._period = Mark(), Tag("b"), Tag("span", "why")

    def show(self, view: Evidence) -> None:
        """As it stands now."""
        found = view.summary
        self._mark.show(trust_tone(found), "")
        self._text.set_text(verdict_text(found, view.now, self._visit))
        gaps = sum(len(source.gaps) for source in view.sources)
        wrong = len(view.findings)
        say = self._visit.say
        parts = [say("verdict.gaps", n=gaps) if gaps else say("verdict.no_gaps")]
        unheard = sum(source.unheard is not None for source in view.sources)
        parts += [say("verdict.unheard", n=unheard)] if unheard else []
        parts.append(say("verdict.findings", n=wrong) if wrong else say("verdict.no_findings"))
        self._period.set_text("".join(parts) if view.sources or view.streams else "")


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
        """As it stands now."""
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
