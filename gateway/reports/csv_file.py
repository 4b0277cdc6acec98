"""A report as CSV: one table, whose first column says what each row is. README.md lists the columns.

UTF-8 with a byte order mark, by which Excel knows it; numbers unrounded with a point, times ISO 8601 in plant time with
their offset, units UCUM codes. Names of columns are the same in both languages.
"""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from math import isfinite

from gateway.alarm.condition import Condition
from gateway.languages import Language
from gateway.reports.report import Report, Result, TagReport
from gateway.reports.spells import Spell
from gateway.reports.wording import Wording
from gateway.views.alarms import AlarmRow
from gateway.views.display import SECOND, Clock
from gateway.views.gaps import GapRow
from gateway.views.performance import Performance

COLUMNS = (
    *("row", "room", "id", "name", "unit", "zone", "begin", "end", "seconds", "levels", "profile", "seconds_within"),
    *("seconds_alert", "seconds_action", "seconds_no_level", "seconds_uncertain", "seconds_bad", "seconds_unmonitored"),
    *("times_unmonitored", "readings", "good", "uncertain", "bad", "minimum", "mean", "maximum", "p5", "p50", "p95"),
    *("mean_kinetic_temperature", "cause", "backfilled", "value", "verdict", "limit", "extreme", "batch"),
    *("acknowledged", "acknowledged_by", "comment", "other_limits", "retrospective", "count", "stream_first"),
    *("stream_last", "stream_missing", "stream_hashes", "stream_sealed", "stream_verified"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
Cell = str | int | float | None
Row = dict[str, Cell]


def csv_of(report: Report, language: Language) -> bytes:
    """The CSV; names and verdicts in the language."""
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in _Rows(report, language).all():
        writer.writerow({column: _cell(value) for column, value in row.items()})
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Cell) -> Cell:
    """A text that a spreadsheet would run stays a text: it gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


class _Rows:
    """Every row, in the order of the PDF."""

    def __init__(self, report: Report, language: Language) -> None:
        self._report, self._wording = report, Wording(report, language)
        self._say, self._clock = self._wording.say, Clock.of(report.zone)

    def all(self) -> Iterator[Row]:
        """Every row with what it is, and of which room."""
        report, period = self._report, self._from_to(self._report.begin, self._report.until)
        parts: dict[str, Iterable[Row]] = {
            "period": [self._period()],
            "tag": map(self._tag, report.tags),
            "gap": map(self._gap, report.gaps),
            "alarm": map(self._alarm, report.alarms),
            "breach": self._passed(),
            "performance": self._performance(report.performance),
            "frequent": ({"id": name, "count": count} for name, count in report.performance.figures.top),
            "chattering": ({"id": name} for name in report.performance.figures.chattering),
            "standing": ({"id": name} for name in report.performance.figures.standing),
            "result": map(self._result, report.results),
            "stream": self._streams(),
        }
        for kind, rows in parts.items():
            for row in rows:
                yield {"row": kind, "room": report.room, **period, **row}
        for row in self._performance(report.of_all):
            yield {"row": "performance", **period, **row}
        for one in report.tags:
            yield from self._trend(one)

    def _period(self) -> Row:
        report = self._report
        name, profiles = self._say.name(report.name), " ".join(report.profiles)
        return {"id": report.room, "name": name, "zone": report.zone, "profile": profiles}

    def _from_to(self, begin: int, end: int | None) -> Row:
        seconds = None if end is None else (end - begin) / SECOND
        return {"begin": self._time(begin), "end": self._time(end), "seconds": seconds}

    def _time(self, micros: int | None) -> str:
        return "" if micros is None else self._clock.local(micros).isoformat(timespec="milliseconds")

    def _tag(self, one: TagReport) -> Row:
        found, about = one.figures, one.subject
        times: Row = {f"seconds_{spell.name.lower()}": found.durations[spell] / SECOND for spell in Spell}
        p5, p50, p95 = found.percentiles or (None,) * 3
        return {
            "id": about.tag, "name": self._wording.tell.name(about), "unit": about.unit, **_levels(about.levels),
            **times, "times_unmonitored": one.unmonitored.times,
            "readings": found.counts.all, "good": found.counts.good, "uncertain": found.counts.uncertain,
            "bad": found.counts.bad, "minimum": found.minimum, "mean": found.mean, "maximum": found.maximum, "p5": p5,
            "p50": p50, "p95": p95, "mean_kinetic_temperature": found.mean_kinetic,
        }  # fmt: skip

    def _trend(self, one: TagReport) -> Iterator[Row]:
        """What is drawn: a row for each point."""
        about = {"row": "trend", "room": self._report.room, "id": one.subject.tag, "unit": one.subject.unit}
        for time, value in zip(one.trend.time.tolist(), one.drawn.tolist(), strict=True):
            if isfinite(value):
                yield {**about, "begin": self._time(time), "value": value}

    def _gap(self, row: GapRow) -> Row:
        return {
            "id": row.source, "name": " ".join(row.tags), **self._from_to(row.began, row.ended), "cause": row.cause,
            "comment": row.detail, "backfilled": _flag(yes=row.backfilled),
        }  # fmt: skip

    def _alarm(self, row: AlarmRow) -> Row:
        """Without an end while it is open; then no duration is known."""
        return {
            "id": str(row.alarm), "name": row.condition, "unit": row.unit, **self._from_to(row.since, row.returned),
            "profile": row.profile, "limit": row.limit, "extreme": row.extreme, "batch": row.batch,
            "acknowledged": self._time(row.acknowledged), "acknowledged_by": row.acknowledged_by,
            "comment": row.comment, "other_limits": _flag(yes=row.alarm in self._report.other_limits),
            "retrospective": _flag(yes=row.retrospective),
        }  # fmt: skip

    def _passed(self) -> Iterator[Row]:
        for one in self._report.passed:
            yield {"id": one.condition, "name": one.condition, "unit": one.unit, "count": one.count,
                   "seconds": one.longest, "extreme": one.extreme}  # fmt: skip

    def _performance(self, one: Performance) -> Iterator[Row]:
        found = one.figures
        numbers: dict[str, tuple[float | None, str]] = {
            "raised": (found.raised, ""), "per_hour": (one.per_hour, "/h"), "per_day": (one.per_day, "/d"),
            "per_operator": (one.per_operator_hour, "/h"), "operators": (len(found.answered), ""),
            "most_in_ten_minutes": (found.most_in_ten_minutes, ""), "floods": (len(found.floods), ""),
            "acknowledged_p50": (_seconds(found.time_to_acknowledge), "s"),
            "acknowledged_p95": (_seconds(found.slow_to_acknowledge), "s"),
            "unacknowledged": (found.unacknowledged, ""),
        }  # fmt: skip
        for name, (value, unit) in numbers.items():
            yield {"id": name, "value": value, "unit": unit}

    def _result(self, one: Result) -> Row:
        about = one.subject
        return {
            "id": about.tag, "name": about.point, "unit": about.unit, "begin": self._time(one.time), "end": "",
            "seconds": None, **_levels(about.levels), "value": one.value,
            "verdict": self._say(f"report.verdicts.{one.spell.name}"),
        }  # fmt: skip

    def _streams(self) -> Iterator[Row]:
        for one in self._report.rests:
            sealed = None if one.sealed_at is None else one.sealed_at * SECOND
            yield {
                "id": one.stream, "name": one.stream, "stream_first": one.first, "stream_last": one.last,
                "stream_missing": one.missing, "stream_hashes": one.hashes, "stream_sealed": self._time(sealed),
                "stream_verified": one.verified,
            }  # fmt: skip


def _levels(levels: tuple[Condition, ...]) -> Row:
    """`S1.Temperature.HIGH > 25 Cel` is an alarm; several with a semicolon."""
    texts = (f"{one.name} {'<' if one.side < 0 else '>'} {one.limit!r} {one.unit}" for one in levels)
    profiles = dict.fromkeys(one.profile for one in levels if one.profile)
    return {"levels": "; ".join(texts), "profile": " ".join(profiles)}


def _seconds(micros: int | None) -> float | None:
    return None if micros is None else micros / SECOND


def _flag(*, yes: bool) -> int:
    return int(yes)
