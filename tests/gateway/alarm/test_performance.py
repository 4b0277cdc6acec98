"""Figures of alarms."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from gateway.alarm.performance import MINUTE, figures
from schemas.records import Alarm, AlarmEvent, AlarmState
from tests.gateway.messages import alarm

E, S = AlarmEvent, AlarmState
HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE


def raised(minute: float, tag: str = "dp", id_: UUID | None = None) -> Alarm:
    time = DAY + round(minute * MINUTE)
    return alarm(E.RAISED, S.UNACKNOWLEDGED, time, alarm=id_ or uuid4(), since=time, tag=tag)


def test_the_rate_is_per_ten_minutes_and_the_worst_ten_minutes_are_found() -> None:
    """Wherever they begin."""
    found = figures([raised(minute) for minute in (1, 9, 18, 18.5, 40)], DAY, DAY + HOUR)
    assert (found.raised, found.most_in_ten_minutes) == (5, 3)
    assert found.per_ten_minutes == pytest.approx(5 / 6)
    assert found.floods == ()


def test_more_than_ten_in_ten_minutes_are_a_flood() -> None:
    """From its first alarm to its last; ten are none."""
    ten = [raised(minute) for minute in range(10)]
    assert figures(ten, DAY, DAY + HOUR).floods == ()
    many = [raised(minute) for minute in (*(0.5 * n for n in range(12)), *(30 + 0.5 * n for n in range(30)))]
    first, second = figures(many, DAY, DAY + HOUR).floods
    assert first == (DAY, DAY + round(5.5 * MINUTE))
    assert second == (DAY + 30 * MINUTE, DAY + round(44.5 * MINUTE))


def test_the_top_ten_the_chattering_and_the_standing() -> None:
    """Three times in a minute is chattering; active for more than a day is standing, since before the period too."""
    steps = [
        alarm(E.RAISED, S.UNACKNOWLEDGED, 5, alarm=uuid4(), since=5, tag="old"),
        *(raised(minute, "busy") for minute in (1, 1.4, 1.9)),
        *(raised(minute, "calm") for minute in (1, 10)),
        *(raised(n, f"t{n:02}") for n in range(20, 32)),
    ]
    found = figures(steps, DAY, DAY + HOUR)
    assert found.top[:3] == (("busy.LOW", 3), ("calm.LOW", 2), ("t20.LOW", 1))
    assert len(found.top) == 10
    assert found.chattering == ("busy.LOW",)
    assert found.standing == ("old.LOW",)
    assert found.unacknowledged == 15


def test_the_time_to_acknowledge_is_from_the_first_raising() -> None:
    """The median, of those that were raised in the period."""
    one, two = uuid4(), uuid4()
    steps = [
        raised(0, "a", one), raised(1, "b", two), raised(2, "a", one),
        alarm(E.ACKNOWLEDGED, S.ACKNOWLEDGED, DAY + 4 * MINUTE, alarm=one, tag="a"),
        alarm(E.ACKNOWLEDGED, S.ACKNOWLEDGED, DAY + 7 * MINUTE, alarm=two, tag="b"),
    ]  # fmt: skip
    assert figures(steps, DAY, DAY + HOUR).time_to_acknowledge == 5 * MINUTE
    assert figures(steps[:3], DAY, DAY + HOUR).time_to_acknowledge is None


def test_what_called_nobody_is_not_counted() -> None:
    """Breaches that passed, alarms found afterwards, and other periods."""
    passed = alarm(E.PASSED, S.NORMAL, DAY + 1, alarm=uuid4())
    steps = [passed, replace(raised(1), retrospective=True), raised(61)]
    assert figures(steps, DAY, DAY + HOUR).raised == 0
    with pytest.raises(ValueError, match="ends after it begins"):
        figures(steps, DAY, DAY)


def test_the_slow_answers_and_who_gave_them() -> None:
    """95 of 100 answers came within the time; persons by how many they gave."""
    ids = [uuid4() for _ in range(20)]
    steps = [raised(minute, f"t{minute}", one) for minute, one in enumerate(ids)]
    for minute, one in enumerate(ids):
        time = DAY + (2 * minute + 1) * MINUTE
        answer = alarm(E.ACKNOWLEDGED, S.ACKNOWLEDGED, time, alarm=one, tag=f"t{minute}")
        steps.append(replace(answer, actor="li" if minute < 3 else "wang"))
    found = figures(steps, DAY, DAY + HOUR)
    assert found.slow_to_acknowledge == 19 * MINUTE
    assert found.answered == (("wang", 17), ("li", 3))
