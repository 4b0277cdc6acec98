"""A report in words of one language: headings, tables, notes. Pure; the PDF only lays it out."""

from gateway.languages import Language
from gateway.reports.alarm_wording import AlarmWording
from gateway.reports.report import Report, Result, Subject, TagReport
from gateway.reports.spells import Spell
from gateway.reports.telling import Row, Section, Telling
from gateway.views.display import SECOND, symbol

TIMES = {
    "alert": Spell.ALERT, "action": Spell.ACTION, "no_level": Spell.NO_LEVEL, "uncertain": Spell.UNCERTAIN,
    "bad": Spell.BAD, "unmonitored": Spell.UNMONITORED,
}  # fmt: skip
"""Columns that are durations."""
NUMBERS = ("count", "good", "uncertain", "bad", "minimum", "mean", "maximum", "p5", "p50", "p95")


class Wording:
    """Says one report in one language."""

    def __init__(self, report: Report, language: Language) -> None:
        self.report, self.tell = report, Telling(report, language)
        self.say, self.clock = self.tell.say, self.tell.clock

    @property
    def title(self) -> str:
        """The heading of all."""
        return self.say("report.title", room=self.report.room, name=self.say.name(self.report.name))

    def facts(self) -> list[str]:
        """Where, when, by which limits."""
        report, say = self.report, self.say
        lines = [
            say("report.facts.place", site=say.name(report.site), line=report.line, room=report.room,
                name=say.name(report.name), grade=report.grade),
            say("report.facts.period", begin=self.clock.stamp(report.begin), end=self.clock.stamp(report.end),
                zone=report.zone),
        ]  # fmt: skip
        if report.until < report.end:
            lines.append(say("report.facts.until", until=self.clock.stamp(report.until)))
        profiles = ", ".join(report.profiles)
        lines.append(say("report.facts.profiles", profiles=profiles) if profiles else say("report.facts.no_profiles"))
        if self._kinetic:
            lines.append(say("report.facts.store"))
        return lines

    def sections(self) -> list[Section]:
        """Every table, in the order in which it is read; the trends stand before the last one."""
        alarms = AlarmWording(self.tell).sections()
        return [self._limits(), self._values(), self._unmonitored(), self._gaps(), *alarms, self._results(),
                self._basis()]  # fmt: skip

    @property
    def _kinetic(self) -> bool:
        return any(one.subject.store for one in self.report.tags)

    def _limits(self) -> Section:
        columns = {"tag": 3.0, "levels": 5.0, "within": 1.5, **dict.fromkeys(TIMES, 1.5), "monitored": 1.7}
        rows = (self._limits_row(one) for one in self.report.tags)
        return self.tell.section("limits", columns, rows, [self.say("report.limits.note")], empty="no_tags")

    def _limits_row(self, one: TagReport) -> Row:
        tell, found, period = self.tell, one.figures, one.figures.period
        share = tell.percent(found.durations[Spell.WITHIN], found.judged)
        times = (tell.duration(found.durations[spell]) for spell in TIMES.values())
        monitored = tell.percent(period - found.durations[Spell.UNMONITORED], period)
        return self._tag(one.subject), tell.levels(one.subject.levels), share, *times, monitored

    def _tag(self, subject: Subject) -> str:
        control = f"\n{self.say('report.control')}" if subject.probe == "control" else ""
        return f"{self.tell.name(subject)}\n{subject.tag}{control}"

    def _values(self) -> Section:
        columns = {"tag": 3.0, "unit": 1.0, **dict.fromkeys(NUMBERS, 1.2)}
        notes = [self.say("report.values.note")]
        if self._kinetic:
            columns["mean_kinetic"] = 1.5
            notes.append(self.say("report.values.note_kinetic"))
        rows = (self._values_row(one) for one in self.report.tags)
        return self.tell.section("values", columns, rows, notes, empty="no_tags")

    def _values_row(self, one: TagReport) -> Row:
        found, counts = one.figures, one.figures.counts
        numbers = (found.minimum, found.mean, found.maximum, *(found.percentiles or (None,) * 3))
        limits = [level.limit for level in one.subject.levels]
        texts = [self.tell.number(value, one.subject.unit, limits) for value in numbers]
        if self._kinetic:
            texts.append(self.tell.number(found.mean_kinetic, "Cel"))
        told = (str(count) for count in (counts.all, counts.good, counts.uncertain, counts.bad))
        return self._tag(one.subject), symbol(one.subject.unit), *told, *texts

    def _unmonitored(self) -> Section:
        columns = {"tag": 3.0, "times": 1.0, "sum": 1.5, "longest": 6.0}
        rows = (self._unmonitored_row(one) for one in self.report.tags if one.unmonitored.times)
        return self.tell.section("unmonitored", columns, rows, [self.say("report.unmonitored.note")])

    def _unmonitored_row(self, one: TagReport) -> Row:
        longest = (f"{self.tell.span(*span)}: {self.tell.duration(span[1] - span[0])}"
                   for span in one.unmonitored.longest)  # fmt: skip
        whole = self.tell.duration(one.figures.durations[Spell.UNMONITORED])
        return self._tag(one.subject), str(one.unmonitored.times), whole, "\n".join(longest)

    def _gaps(self) -> Section:
        columns = {"source": 2.0, "tags": 3.0, "begin": 2.2, "end": 2.2, "duration": 1.3, "cause": 2.5, "filled": 1.5}
        rows = (
            (
                one.source, "\n".join(one.tags) or self.say("report.gaps.all"), self.clock.stamp(one.began),
                self.say("report.open") if one.ended is None else self.clock.stamp(one.ended),
                self.tell.duration(one.duration), self.say(f"cause.{one.cause}"),
                self.say("report.yes" if one.backfilled else "report.no"),
            )
            for one in self.report.gaps
        )  # fmt: skip
        return self.tell.section("gaps", columns, rows, count=len(self.report.gaps))

    def _results(self) -> Section:
        columns = {"point": 2.0, "method": 2.0, "time": 2.2, "value": 1.5, "verdict": 2.0, "levels": 4.0}
        notes = [] if self.report.points else [self.say("report.results.no_points")]
        rows, count = map(self._result, self.report.results), len(self.report.results)
        return self.tell.section("results", columns, rows, notes, empty="results.none", count=count)

    def _result(self, one: Result) -> Row:
        about = one.subject
        value = self.tell.quantity(one.value, about.unit, [level.limit for level in about.levels])
        method, verdict = self.say(f"report.quantity.{about.method}"), self.say(f"report.verdicts.{one.spell.name}")
        return about.point, method, self.clock.stamp(one.time), value, verdict, self.tell.levels(about.levels)

    def _basis(self) -> Section:
        columns = {"stream": 4.0, "numbers": 2.0, "missing": 1.0, "hashes": 1.0, "sealed": 2.2, "verified": 1.3,
                   "proven": 1.2}  # fmt: skip
        rows = (
            (
                one.stream, f"{one.first}–{one.last}", str(one.missing), str(one.hashes),
                self.say("report.basis.never") if one.sealed_at is None else self.clock.stamp(one.sealed_at * SECOND),
                str(one.verified), self.say("report.yes" if one.proven else "report.no"),
            )
            for one in self.report.rests
        )  # fmt: skip
        return self.tell.section("basis", columns, rows, [self.say("report.basis.note")], empty="basis.none")
