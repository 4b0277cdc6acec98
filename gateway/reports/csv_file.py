"""A report as CSV: one table, whose first column says what each row is. README.md lists the columns.

UTF-8 with a byte order mark, by which Excel knows it; numbers unrounded with a point, times ISO 8601 in plant time with
their offset, units UCUM codes. Names of columns are the same in both languages.
"""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from gateway.alarm.condition import Condition
from gateway.console.views.alarms import AlarmRow
from gateway.console.views.display import SECOND, Clock
from gateway.console.words import Language
from gateway.reports.report import Report, Result, TagReport
from gateway.reports.spells import Spell
from gateway.reports.wording import Wording

COLUMNS = (
    *("row", "room", "id", "name", "unit", "begin", "end", "seconds", "levels", "profile"),
    *("seconds_within", "seconds_alert", "seconds_action", "seconds_no_level", "seconds_uncertain", "seconds_bad"),
    *("seconds_missing", "readings", "good", "uncertain", "bad", "minimum", "mean", "maximum", "p5", "p50", "p95"),
    *("mean_kinetic_temperature", "value", "verdict", "limit", "extreme", "batch", "acknowledged", "acknowledged_by"),
    *("comment", "other_limits", "retrospective", "count", "stream_first", "stream_last", "stream_missing"),
    *("stream_hashes", "stream_sealed", "stream_verified"),
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
        """Period, tags, alarms, breaches, results, streams."""
        report = self._report
        parts: tuple[Iterable[Row], ...] = (
            [{"id": report.room, "name": self._say.name(report.name), "profile": " ".join(report.profiles)}],
            map(self._tag, report.tags), map(self._alarm, report.excursions), self._passed(),
            map(self._result, report.results), self._streams(),
        )  # fmt: skip
        for kind, rows in zip(("period", "tag", "alarm", "breach", "result", "stream"), parts, strict=True):
            span: Row = {} if kind in {"alarm", "result"} else self._from_to(report.begin, report.until)
            for row in rows:
                yield {"row": kind, "room": report.room, **span, **row}

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
            "id": about.tag, "name": self._wording.name(about), "unit": about.unit, **_levels(about.levels), **times,
            "readings": found.counts.all, "good": found.counts.good, "uncertain": found.counts.uncertain,
            "bad": found.counts.bad, "minimum": found.minimum, "mean": found.mean, "maximum": found.maximum, "p5": p5,
            "p50": p50, "p95": p95, "mean_kinetic_temperature": found.mean_kinetic,
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

    def _result(self, one: Result) -> Row:
        about = one.subject
        return {
            "id": about.tag, "name": about.point, "unit": about.unit, "begin": self._time(one.time),
            **_levels(about.levels), "value": one.value, "verdict": self._say(f"report.verdicts.{one.spell.name}"),
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


def _flag(*, yes: bool) -> int:
    return int(yes)
