"""A report in words of one language: headings, tables, notes. Pure; PDF and pages only lay it out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from gateway.alarm.condition import Condition
from gateway.cleanroom.levels import RoomState
from gateway.completeness import percent
from gateway.console.views.alarms import AlarmRow
from gateway.console.views.display import SECOND, Clock, age, bound_text, number, quantity, symbol
from gateway.console.views.texts import alarm_title, beyond_text
from gateway.console.words import Language, Words
from gateway.reports.report import Report, Result, Subject, TagReport
from gateway.reports.spells import Spell

WORDS = "gateway.reports.words"
TIMES = {
    "alert": Spell.ALERT, "action": Spell.ACTION, "no_level": Spell.NO_LEVEL, "uncertain": Spell.UNCERTAIN,
    "bad": Spell.BAD, "missing": Spell.MISSING,
}  # fmt: skip
"""Columns that are durations."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One table with its heading; `empty` is said where it has no rows. `widths` are shares of the page."""

    title: str
    columns: Row
    rows: tuple[Row, ...]
    widths: tuple[float, ...]
    empty: str
    notes: tuple[str, ...] = ()


@cache
def words_in(language: Language) -> Words:
    """The words of reports and of the console."""
    return Words(language, WORDS)


class Wording:
    """Says one report in one language."""

    def __init__(self, report: Report, language: Language) -> None:
        self.report, self.say, self.clock = report, words_in(language), Clock.of(report.zone)
        self._names = {one.subject.tag: self.name(one.subject) for one in report.tags}

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
        return [self._limits(), self._values(), self._excursions(), self._passed(), self._results(), self._basis()]

    def name(self, subject: Subject) -> str:
        """What a tag is called."""
        if subject.between is not None:
            room, against = subject.between
            return self.say("room.towards", room=room, against=against)
        return self.say(f"report.quantity.{subject.quantity}")

    def levels(self, levels: Iterable[Condition]) -> str:
        """`F1.DP.M1.LOW ≥ 10 Pa`, each on a line, those of action first as the site file has them."""
        return "\n".join(f"{level.name} {self._level(level)}" for level in levels) or self.say("unmonitored")

    @property
    def _kinetic(self) -> bool:
        return any(one.subject.store for one in self.report.tags)

    def _level(self, level: Condition) -> str:
        text = bound_text(level.limit, level.unit, self.say, low=level.side < 0)
        states = [state for state in RoomState if state in level.suppressed_in and state is not RoomState.OUT_OF_USE]
        if not states:
            return text
        told = ", ".join(self.say(f"room_state.{state}") for state in states)
        return self.say("report.limits.not_while", limit=text, states=told)

    def _section(
        self, name: str, columns: dict[str, float], rows: Iterable[Row], notes: Sequence[str] = (), empty: str = "none"
    ) -> Section:
        titles = tuple(self.say(f"report.{name}.{column}") for column in columns)
        whole = sum(columns.values())
        widths = tuple(width / whole for width in columns.values())
        return Section(
            self.say(f"report.{name}.title"), titles, tuple(rows), widths, self.say(f"report.{empty}"), tuple(notes)
        )

    def _limits(self) -> Section:
        columns = {"tag": 3.0, "levels": 5.0, "within": 1.5, **dict.fromkeys(TIMES, 1.5), "complete": 1.7}
        rows = (self._limits_row(one) for one in self.report.tags)
        return self._section("limits", columns, rows, [self.say("report.limits.note")], "no_tags")

    def _limits_row(self, one: TagReport) -> Row:
        found, period = one.figures, one.figures.period
        share = self._percent(found.durations[Spell.WITHIN], found.judged)
        times = (self._duration(found.durations[spell]) for spell in TIMES.values())
        complete = self._percent(period - found.durations[Spell.MISSING], period)
        return self._tag(one.subject), self.levels(one.subject.levels), share, *times, complete

    def _tag(self, subject: Subject) -> str:
        control = f"\n{self.say('report.control')}" if subject.probe == "control" else ""
        return f"{self.name(subject)}\n{subject.tag}{control}"

    def _values(self) -> Section:
        numbers = ("count", "good", "uncertain", "bad", "minimum", "mean", "maximum", "p5", "p50", "p95")
        columns = {"tag": 3.0, "unit": 1.0, **dict.fromkeys(numbers, 1.2)}
        notes = [self.say("report.values.note")]
        if self._kinetic:
            columns["mean_kinetic"] = 1.5
            notes.append(self.say("report.values.note_kinetic"))
        rows = (self._values_row(one) for one in self.report.tags)
        return self._section("values", columns, rows, notes, "no_tags")

    def _values_row(self, one: TagReport) -> Row:
        found, counts = one.figures, one.figures.counts
        numbers = (found.minimum, found.mean, found.maximum, *(found.percentiles or (None,) * 3))
        limits = [level.limit for level in one.subject.levels]
        texts = [self._number(value, one.subject.unit, limits) for value in numbers]
        if self._kinetic:
            texts.append(self._number(found.mean_kinetic, "Cel", ()))
        told = (str(count) for count in (counts.all, counts.good, counts.uncertain, counts.bad))
        return self._tag(one.subject), symbol(one.subject.unit), *told, *texts

    def _excursions(self) -> Section:
        names = {"what": 3.0, "begin": 2.0, "end": 2.0, "duration": 1.3, "extreme": 2.2, "acknowledged": 3.0,
                 "batch": 1.3, "profile": 1.5}  # fmt: skip
        notes = [self.say("report.excursions.note")] if self.report.excursions else []
        if other := len(self.report.other_limits):
            notes.append(self.say("report.excursions.other_limits", n=other))
        return self._section("excursions", names, map(self._excursion, self.report.excursions), notes)

    def _excursion(self, row: AlarmRow) -> Row:
        say, mark = self.say, "≠ " if row.alarm in self.report.other_limits else ""
        title = alarm_title(row, self._names.get(row.tag, row.tag), say)
        after = f"\n{say('alarms.retrospective')}" if row.retrospective else ""
        end = say("report.excursions.open") if row.returned is None else self.clock.stamp(row.returned)
        return (
            f"{mark}{title}\n{row.condition}{after}", self.clock.stamp(row.since), end, self._duration(row.duration),
            beyond_text(row, say), self._acknowledged(row), row.batch or "", row.profile or "",
        )  # fmt: skip

    def _acknowledged(self, row: AlarmRow) -> str:
        if row.acknowledged is None:
            return self.say("alarms.nobody")
        who = row.acknowledged_by or self.say("alarms.someone")
        told = self.say("alarms.by", who=who, time=self.clock.stamp(row.acknowledged))
        return f"{told}\n{row.comment}" if row.comment else told

    def _passed(self) -> Section:
        rows = (
            (one.condition, str(one.count), self._duration(round((one.longest or 0.0) * SECOND)),
             self._quantity(one.extreme, one.unit))
            for one in self.report.passed
        )  # fmt: skip
        notes = [self.say("report.passed.note")] if self.report.passed else []
        return self._section("passed", {"what": 4.0, "count": 1.0, "longest": 1.0, "extreme": 1.5}, rows, notes)

    def _results(self) -> Section:
        columns = {"point": 2.0, "method": 2.0, "time": 2.0, "value": 1.5, "verdict": 2.0, "levels": 4.0}
        notes = [] if self.report.points else [self.say("report.results.no_points")]
        return self._section("results", columns, map(self._result, self.report.results), notes)

    def _result(self, one: Result) -> Row:
        about = one.subject
        limits = [level.limit for level in about.levels]
        value = self.say("no_value") if one.value is None else quantity(one.value, about.unit, *limits)
        method, verdict = self.say(f"report.quantity.{about.method}"), self.say(f"report.verdicts.{one.spell.name}")
        return about.point, method, self.clock.stamp(one.time), value, verdict, self.levels(about.levels)

    def _basis(self) -> Section:
        columns = {"stream": 4.0, "numbers": 2.0, "missing": 1.0, "hashes": 1.0, "sealed": 2.0, "verified": 1.3,
                   "proven": 1.2}  # fmt: skip
        rows = (
            (
                one.stream, f"{one.first}–{one.last}", str(one.missing), str(one.hashes),
                self.say("report.basis.never") if one.sealed_at is None else self.clock.stamp(one.sealed_at * SECOND),
                str(one.verified), self.say("report.basis.all_proven" if one.proven else "report.basis.not_proven"),
            )
            for one in self.report.rests
        )  # fmt: skip
        return self._section("basis", columns, rows, [self.say("report.basis.note")], "basis.none")

    def _percent(self, part: int, whole: int) -> str:
        return f"{percent(part, whole):.2f} %" if whole else self.say("report.nothing")

    def _duration(self, micros: int) -> str:
        if 0 < micros < SECOND:
            return self.say("report.under_a_second")
        return age(micros, self.say) if micros else "0"

    def _number(self, value: float | None, unit: str, limits: Sequence[float]) -> str:
        return self.say("report.nothing") if value is None else number(value, unit, *limits)

    def _quantity(self, value: float | None, unit: str) -> str:
        return self.say("report.nothing") if value is None else quantity(value, unit)
