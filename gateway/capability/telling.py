"""A capability report in words of one language: sections, for the PDF and the page alike. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from gateway.archive.withheld import NotSent
from gateway.capability.archived import Capability
from gateway.capability.capability import SourceShown, measures
from gateway.capability.facts import StreamSeen
from gateway.capability.requirements import Reason, Statement, Told
from gateway.languages import Language, Words
from gateway.reports.telling import MOST, Row, Section
from gateway.views.display import SECOND, Clock, age, number
from schemas.exported import KINDS

WORDS = "gateway.capability.words"
NOTHING = "–"


@cache
def words_in(language: Language) -> Words:
    """The words of this report and of the console."""
    return Words(language, WORDS)


class Telling:
    """Says one report in one language."""

    def __init__(self, report: Capability, language: Language) -> None:
        self.report, self.say, self.clock = report, words_in(language), Clock.of(report.zone)
        self._comma = self.say("capability.comma")

    @property
    def title(self) -> str:
        """The heading of all."""
        return self.say("capability.title", site=self.say.name(self.report.site), line=self.report.line)

    @property
    def by_time(self) -> str:
        """What the plot of completeness shows."""
        return self.say("capability.plots.completeness")

    def period(self) -> str:
        """From when to when, as far as it has passed."""
        facts = self.report.facts
        told = self.say("trend.span", begin=self.clock.stamp(facts.begin), end=self.clock.stamp(facts.end))
        if facts.until < facts.end:
            told += self.say("capability.until", until=self.clock.stamp(facts.until))
        return told

    def facts(self) -> list[str]:
        """What stands before the sections."""
        return [
            self.say("capability.period", period=self.period(), zone=self.report.zone),
            self.say("capability.about"),
        ]

    def sections(self) -> list[tuple[str, Section]]:
        """Every table by its name, in the order in which they are read."""
        return [
            ("statements", self.statements()), ("systems", self._systems()), ("wanted", self._wanted()),
            ("shares", self._shares()), ("causes", self._causes()), ("gaps", self._gaps()),
            ("streams", self._streams()), ("findings", self._findings()), ("outside", self._outside()),
            ("versions", self._versions()), ("looks", self._looks()), ("other", self._other()),
            ("limits", self._limits()),
        ]  # fmt: skip

    def statements(self) -> Section:
        """Each requirement with its verdict and why."""
        columns = {"requirement": 4.0, "clause": 1.6, "verdict": 1.4, "why": 8.0}
        return self._section("statements", columns, map(self._statement, self.report.statements))

    def _statement(self, one: Statement) -> Row:
        return self.requirement(one), one.clause, self.verdict(one), "\n".join(map(self.reason, one.reasons))

    def requirement(self, one: Statement) -> str:
        """What is required."""
        return self.say(f"capability.requirements.{one.requirement}")

    def verdict(self, one: Statement | Reason) -> str:
        """In a word."""
        return self.say(f"capability.verdicts.{one.verdict}")

    def reason(self, one: Reason) -> str:
        """In a sentence."""
        told = {name: self._told(name, it) for name, it in one.figures.items()}
        return self.say(f"capability.whys.{one.code}", **told)

    def _told(self, name: str, it: Told) -> str:
        if isinstance(it, tuple):
            if name == "kinds":
                return self._comma.join(map(self.kind, it))
            key = {"codes": "finding", "requirements": "capability.short"}.get(name)
            return self._comma.join(self.say(f"{key}.{one}") if key else one for one in it)
        if isinstance(it, str):
            return it
        if name.endswith("_us"):
            return age(int(it), self.say)
        if name.endswith("_at"):
            return self.clock.stamp(int(it))
        return f"{it:.2f}" if isinstance(it, float) else number(it, "{#}")

    def _systems(self) -> Section:
        columns = {"source": 2.0, "gives": 4.0, "since": 2.2, "identity": 2.2, "readings": 1.6, "complete": 2.0,
                   "gaps": 1.6}  # fmt: skip
        return self._section("systems", columns, map(self._system, self.report.figures.sources))

    def _system(self, one: SourceShown) -> Row:
        say, seen = self.say, one.seen
        gives = [say("capability.systems.tags", n=seen.tags)] if seen.tags else []
        gives += [self.kind(kind) for kind in one.kinds if kind != "Frame"]
        gives += [say("capability.systems.files", n=seen.files)] if seen.files else []
        complete = self.percent(one.percent) if measures(seen) else NOTHING
        if one.lacking:
            complete = say("capability.systems.lacking", n=self._count(one.lacking))
        if one.unheard is not None:
            complete += f"\n{say('capability.systems.unheard', since=self.clock.stamp(one.unheard[0]))}"
        gaps = say("capability.systems.open", n=one.gaps, open=one.open) if one.open else str(one.gaps)
        return (
            seen.source, self._comma.join(gives) or NOTHING, self.clock.stamp(seen.first),
            self._comma.join(seen.serials) or say("capability.not_told"), self._count(one.readings), complete, gaps,
        )  # fmt: skip

    def _wanted(self) -> Section:
        columns = {"clause": 2.2, "text": 5.0, "kind": 2.6, "came": 1.6, "withheld": 2.4}
        rows = (
            (f"{one.clause.agreement} v{one.clause.version}, {one.clause.clause}", self.say.name(one.clause.text),
             self.kind(one.clause.kind), self._count(one.came), self._comma.join(one.clause.fields) or NOTHING)
            for one in self.report.figures.wanted
        )  # fmt: skip
        empty = "no_agreements" if self.report.facts.agreed is None else "none"
        return self._section("wanted", columns, rows, empty=empty, count=len(self.report.figures.wanted))

    def _shares(self) -> Section:
        names = ("direct", "exported", "checked", "unchecked", "scanned", "untold", "all")
        columns = {"kind": 3.0, **dict.fromkeys(names, 1.3), "automatic": 1.5}
        rows = (
            (self.kind(one.kind), *(self._count(getattr(one, name)) for name in names), self.percent(one.automatic))
            for one in self.report.figures.shares
        )
        return self._section("shares", columns, rows)

    def _causes(self) -> Section:
        columns = {"cause": 4.0, "count": 1.2, "open": 1.2, "filled": 1.4, "whole": 2.0, "longest": 2.0}
        rows = (
            (self.say(f"cause.{one.cause}"), str(one.count), str(one.open), str(one.backfilled),
             age(one.whole, self.say), age(one.longest, self.say))
            for one in self.report.figures.causes
        )  # fmt: skip
        return self._section("causes", columns, rows)

    def _gaps(self) -> Section:
        columns = {"source": 2.0, "since": 2.4, "lasts": 1.6, "cause": 3.0, "detail": 4.0}
        found = self.report.figures.open_gaps
        rows = (
            (gap.source, self.clock.stamp(gap.began), age(self.report.facts.until - gap.began, self.say),
             self.say(f"cause.{gap.cause.value}"), gap.detail)
            for gap in found
        )  # fmt: skip
        return self._section("gaps", columns, rows, count=len(found))

    def _streams(self) -> Section:
        columns = {"stream": 4.4, "expected": 1.5, "missing": 1.3, "leaves": 1.3, "verified": 1.5, "sealed": 2.3,
                   "confirmed": 1.5, "confirmed_at": 2.3, "between": 1.3}  # fmt: skip
        return self._section("streams", columns, map(self._stream, self.report.facts.streams))

    def _stream(self, one: StreamSeen) -> Row:
        both = one.sealed is not None and one.confirmed_at is not None
        between = (one.confirmed_at or 0) - (one.sealed or 0)
        return (
            one.stream, self._count(one.expected), self._count(one.missing), self._count(one.leaves_only),
            self._count(one.verified), self._stamp(one.sealed), self._count(one.confirmed),
            self._stamp(one.confirmed_at), f"{between // SECOND} s" if both else NOTHING,
        )  # fmt: skip

    def _findings(self) -> Section:
        rows = ((self.say(f"finding.{code}"), str(n), self.say(f"means.{code}"))
                for code, n in self.report.facts.found.items())  # fmt: skip
        return self._section("findings", {"code": 2.0, "count": 1.0, "means": 7.0}, rows)

    def _outside(self) -> Section:
        say = self.say
        rows: list[Row] = [
            (self.kind(kind), NOTHING, say("capability.outside.no_clause"), NOTHING)
            for kind in self.report.figures.uncovered
        ]
        rows += [self._not_sent(one) for one in self.report.facts.withheld]
        notes = [say("capability.outside.back", n=self.report.facts.withdrawn)] if self.report.facts.withdrawn else []
        return self._section("outside", {"what": 3.0, "clause": 2.6, "why": 4.0, "count": 1.4}, rows, notes=notes)

    def _not_sent(self, one: NotSent) -> Row:
        what = self.say("capability.outside.room", room=one.room or NOTHING)
        count = self.say("capability.not_told") if one.samples is None else self._count(one.samples)
        return what, one.clause or NOTHING, self.say(f"withheld.reasons.{one.reason}"), count

    def _versions(self) -> Section:
        agreed = self.report.facts.agreed
        rows = (
            (one.agreement, str(one.version), self.clock.stamp(one.begins), self._stamp(one.ends),
             self.say(f"capability.{'yes' if one.remote else 'no'}"), self._comma.join(one.sterile) or NOTHING)
            for one in (agreed.versions if agreed else ())
        )  # fmt: skip
        notes = [self.say("capability.versions.doubts", n=agreed.doubts)] if agreed and agreed.doubts else []
        columns = {"agreement": 2.0, "version": 1.0, "since": 2.4, "until": 2.4, "remote": 2.0, "sterile": 3.0}
        empty = "no_agreements" if agreed is None else "none"
        return self._section("versions", columns, rows, notes=notes, empty=empty)

    def _looks(self) -> Section:
        rows = ((one.party, str(one.persons), self._count(one.looks)) for one in self.report.facts.looks)
        return self._section("looks", {"party": 3.0, "persons": 2.0, "looks": 2.0}, rows)

    def _other(self) -> Section:
        return self._section("other", {"figure": 4.0, "value": 3.0, "from": 6.0}, self._others())

    def _others(self) -> Iterator[Row]:
        facts, figures, say = self.report.facts, self.report.figures, self.say
        latency = NOTHING
        if facts.latency is not None:
            latency = say("capability.other.half", p50=f"{facts.latency.p50:.0f}", p99=f"{facts.latency.p99:.0f}")
        steps = next((one.count for one in figures.causes if one.cause == "CLOCK_STEPPED"), 0)
        told = {
            "completeness": self.percent(figures.percent), "latency": latency, "clocks": str(steps),
            "alarms": self._count(facts.alarms), "in_force": self.percent(figures.in_force),
            "batches": self._count(facts.batches),
        }  # fmt: skip
        for name, value in told.items():
            yield say(f"capability.other.{name}"), value, say(f"capability.other.{name}_from")
        for kind, n in facts.undated.items():
            yield say("capability.other.undated", kind=self.kind(kind)), self._count(n), say("capability.other.tables")

    def _limits(self) -> Section:
        rows = ((self.say(f"capability.limits.{name}"),) for name in LIMITS)
        return self._section("limits", {"what": 1.0}, rows)

    def kind(self, kind: str) -> str:
        """What a kind of record is called."""
        return self.say(f"batches.kinds.{kind}" if kind in KINDS else f"record.kinds.{kind}")

    def percent(self, share: float | None) -> str:
        """Rounded down; what cannot be told is said so."""
        return self.say("capability.not_told") if share is None else f"{share:.2f} %"

    def _stamp(self, moment: int | None) -> str:
        return NOTHING if moment is None else self.clock.stamp(moment)

    def _count(self, value: int) -> str:
        return number(value, "{#}")

    def _section(
        self,
        name: str,
        columns: dict[str, float],
        rows: Iterable[Row],
        *,
        notes: Sequence[str] = (),
        empty: str = "none",
        count: int = 0,
    ) -> Section:
        whole = sum(columns.values())
        cut = [self.say("capability.cut", shown=MOST, n=count)] if count > MOST else []
        return Section(
            self.say(f"capability.{name}.title"), tuple(self.say(f"capability.{name}.{one}") for one in columns),
            tuple(rows)[:MOST], tuple(width / whole for width in columns.values()), self.say(f"capability.{empty}"),
            (*cut, *notes, self.say(f"capability.{name}.note")),
        )  # fmt: skip


LIMITS = ("people", "quality", "typed", "silence", "seals", "latency", "interface")
"""What the report does not say."""
