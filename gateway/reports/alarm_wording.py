"""The alarms of a report in words of one language: excursions, passed breaches, how well the alarms serve. Pure."""

from collections.abc import Callable, Iterator

from gateway.reports.telling import Row, Section, Telling
from gateway.views.alarms import AlarmRow
from gateway.views.display import SECOND
from gateway.views.performance import Performance
from gateway.views.texts import alarm_title, beyond_text


class AlarmWording:
    """Says what the alarms of one report were."""

    def __init__(self, tell: Telling) -> None:
        self._tell, self._report, self._say = tell, tell.report, tell.say

    def sections(self) -> list[Section]:
        """In the order in which they are read."""
        return [self._alarms(), self._passed(), self._performance(), self._frequent(), self._troubling()]

    def _alarms(self) -> Section:
        names = {"what": 3.2, "begin": 2.6, "end": 2.6, "duration": 1.4, "extreme": 2.3, "acknowledged": 3.4,
                 "batch": 1.3, "profile": 1.5}  # fmt: skip
        alarms = self._report.alarms
        notes = [self._say("report.alarms.note")] if alarms else []
        if other := len(self._report.other_limits):
            notes.append(self._say("report.alarms.other_limits", n=other))
        return self._tell.section("alarms", names, map(self._alarm, alarms), notes, count=len(alarms))

    def _alarm(self, row: AlarmRow) -> Row:
        tell, mark = self._tell, "≠ " if row.alarm in self._report.other_limits else ""
        after = f"\n{self._say('alarms.retrospective')}" if row.retrospective else ""
        end = self._say("report.open") if row.returned is None else tell.clock.stamp(row.returned)
        return (
            f"{mark}{self._title(row)}\n{row.condition}{after}", tell.clock.stamp(row.since), end,
            tell.duration(row.duration), beyond_text(row, self._say), self._acknowledged(row), row.batch or "",
            row.profile or "",
        )  # fmt: skip

    def _title(self, row: AlarmRow) -> str:
        return alarm_title(row, self._tell.tag(row.tag), self._say)

    def _acknowledged(self, row: AlarmRow) -> str:
        if row.acknowledged is None:
            return self._say("alarms.nobody")
        who = row.acknowledged_by or self._say("alarms.someone")
        told = self._say("alarms.by", who=who, time=self._tell.clock.stamp(row.acknowledged))
        return f"{told}\n{row.comment}" if row.comment else told

    def _passed(self) -> Section:
        rows = (
            (one.condition, str(one.count), self._tell.duration(round((one.longest or 0.0) * SECOND)),
             self._tell.quantity(one.extreme, one.unit))
            for one in self._report.passed
        )  # fmt: skip
        notes = [self._say("report.passed.note")] if self._report.passed else []
        columns = {"what": 4.0, "count": 1.0, "longest": 1.0, "extreme": 1.5}
        return self._tell.section("passed", columns, rows, notes)

    def _performance(self) -> Section:
        own, all_ = self._report.performance, self._report.of_all
        rows = ((self._say(f"performance.{name}"), text(own), text(all_)) for name, text in self._figures().items())
        notes = [self._say("report.performance.note")]
        return self._tell.section("performance", {"figure": 3.0, "room": 2.0, "all": 2.0}, rows, notes)

    def _figures(self) -> dict[str, Callable[[Performance], str]]:
        return {
            "raised": lambda one: str(one.figures.raised),
            "per_hour": lambda one: _rate(one.per_hour),
            "per_day": lambda one: _rate(one.per_day),
            "per_operator": self._per_operator,
            "most": lambda one: str(one.figures.most_in_ten_minutes),
            "floods": lambda one: str(len(one.figures.floods)),
            "wait": self._wait,
            "unacknowledged": lambda one: str(one.figures.unacknowledged),
            "chattering": lambda one: str(len(one.figures.chattering)),
            "standing": lambda one: str(len(one.figures.standing)),
        }

    def _per_operator(self, one: Performance) -> str:
        if one.per_operator_hour is None:
            return self._say("performance.no_operator")
        persons = len(one.figures.answered)
        key = "performance.operators_one" if persons == 1 else "performance.operators"
        return self._say(key, rate=_rate(one.per_operator_hour), n=persons)

    def _wait(self, one: Performance) -> str:
        median, slow = one.figures.time_to_acknowledge, one.figures.slow_to_acknowledge
        if median is None or slow is None:
            return self._say("performance.no_wait")
        return self._say("performance.wait_text", median=self._tell.duration(median), p95=self._tell.duration(slow))

    def _frequent(self) -> Section:
        rows = ((self._named(condition), str(count)) for condition, count in self._report.performance.figures.top)
        return self._tell.section("frequent", {"what": 5.0, "count": 1.0}, rows)

    def _troubling(self) -> Section:
        return self._tell.section("troubling", {"what": 5.0, "how": 4.0}, self._troubles())

    def _troubles(self) -> Iterator[Row]:
        found = self._report.performance.figures
        for name, conditions in (("chattering", found.chattering), ("standing", found.standing)):
            told = f"{self._say(f'performance.{name}')}: {self._say(f'performance.means.{name}')}"
            yield from ((self._named(condition), told) for condition in conditions)

    def _named(self, condition: str) -> str:
        row = self._report.performance.named.get(condition)
        return condition if row is None else f"{self._title(row)}\n{condition}"


def _rate(value: float) -> str:
    """With decimals only where it is small."""
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"
