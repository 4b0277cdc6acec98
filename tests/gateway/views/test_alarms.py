"""Alarms as rows: which mark they have, and in which order they stand."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from gateway.archive.lives import alarm_lives
from gateway.views.alarms import AlarmRow, alarm_rows, beneath, held_rows
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmPriority, AlarmState
from tests.gateway.messages import alarm

E, S, K, P = AlarmEvent, AlarmState, AlarmKind, AlarmPriority


def raised(
    kind: AlarmKind = K.LOW, priority: AlarmPriority = P.ACTION, *, at: int = 1, head: UUID | None = None
) -> Alarm:
    one = alarm(E.RAISED, S.UNACKNOWLEDGED, at, alarm=uuid4(), since=at, tag=f"t{at}")
    return replace(one, kind=kind, priority=priority, head=head)


def rows(*steps: Alarm) -> list[AlarmRow]:
    return alarm_rows(alarm_lives(steps).values(), 1000)


@pytest.mark.parametrize(
    ("kind", "priority", "tone"),
    [
        (K.LOW, P.ACTION, "action"),
        (K.HIGH, P.ALERT, "alert"),
        (K.UNKNOWN, P.UNKNOWN, "action"),
        (K.STALE, P.ALERT, "data"),
        (K.BAD_STATUS, P.ACTION, "data"),
    ],
)
def test_a_mark_tells_priority_or_that_the_data_are_at_fault(
    kind: AlarmKind, priority: AlarmPriority, tone: str
) -> None:
    """Nobody has to guess whether the room or the wire is meant; what tells no priority is the graver one."""
    assert [row.tone for row in rows(raised(kind, priority))] == [tone]


def test_actions_stand_before_alerts() -> None:
    """However much newer the alert is."""
    found = rows(raised(priority=P.ALERT, at=9), raised(at=3), raised(at=5))
    assert [row.tag for row in found] == ["t5", "t3", "t9"]


def test_consequences_stand_beneath_the_first() -> None:
    """Only what the list does not hold the first of stands by itself."""
    first = raised(at=1)
    first = replace(first, head=first.alarm)
    follower, other, lost = raised(at=7, head=first.alarm), raised(at=4), raised(at=2, head=uuid4())
    found = [(row.tag, follows) for row, follows in beneath(rows(first, follower, other, lost))]
    assert found == [("t4", False), ("t2", False), ("t1", False), ("t7", True)]


def test_what_is_not_in_force_is_listed_with_its_end() -> None:
    """Shelved first, then suppressed, then out of service."""
    steps = [
        alarm(E.REMOVED_FROM_SERVICE, S.OUT_OF_SERVICE, 1, alarm=uuid4()),
        replace(alarm(E.SUPPRESSED, S.SUPPRESSED, 2, alarm=uuid4()), held="out_of_use"),
        replace(alarm(E.SHELVED, S.SHELVED, 3, alarm=uuid4()), until=99, held="wang.li: filter change"),
    ]
    assert [(row.state, row.until, row.why) for row in held_rows(steps)] == [
        (S.SHELVED, 99, "wang.li: filter change"), (S.SUPPRESSED, None, "out_of_use"), (S.OUT_OF_SERVICE, None, None),
    ]  # fmt: skip
