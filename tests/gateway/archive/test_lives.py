"""Alarms folded from their steps."""

from dataclasses import replace
from uuid import uuid4

import pytest

from gateway.archive.lives import alarm_lives
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.messages import alarm

E, S = AlarmEvent, AlarmState


def test_what_passed_or_was_held_without_an_alarm_is_none() -> None:
    """A door within its delay, a room out of use."""
    ids = [uuid4(), uuid4()]
    steps = [
        alarm(E.PASSED, S.NORMAL, 1, alarm=uuid4()),
        alarm(E.SUPPRESSED, S.SUPPRESSED, 2, alarm=ids[0]),
        alarm(E.UNSUPPRESSED, S.NORMAL, 3, alarm=ids[0]),
        alarm(E.RAISED, S.UNACKNOWLEDGED, 4, alarm=ids[1]),
    ]
    assert list(alarm_lives(steps)) == [ids[1]]


def test_a_breach_that_passes_does_not_change_an_alarm() -> None:
    """Its begin, peak and end stay those of the alarm that waits for the acknowledgement."""
    one = uuid4()
    returned = alarm(E.RETURNED, S.RETURNED_UNACKNOWLEDGED, 9, alarm=one, since=2)
    raised = alarm(E.RAISED, S.UNACKNOWLEDGED, 3, alarm=one, since=2)
    (life,) = alarm_lives([raised, returned, alarm(E.PASSED, returned.state, 99, alarm=one, since=50)]).values()
    assert (life.last, life.open, life.duration(1000)) == (returned, True, 7)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (E.SHELVED, S.SHELVED),
        (E.SUPPRESSED, S.SUPPRESSED),
        (E.REMOVED_FROM_SERVICE, S.OUT_OF_SERVICE),
        (E.LATCHED, S.LATCHED_UNACKNOWLEDGED),
    ],
)
def test_an_alarm_that_is_held_or_latched_is_not_active(event: AlarmEvent, state: AlarmState) -> None:
    """Its duration ends there; only the latched one still asks for something."""
    one = uuid4()
    raised = alarm(E.RAISED, S.UNACKNOWLEDGED, 3, alarm=one, since=2)
    (life,) = alarm_lives([raised, alarm(event, state, 9, alarm=one, since=2)]).values()
    assert (life.active, life.open, life.duration(1000)) == (False, event is E.LATCHED, 7)


def test_an_alarm_that_is_raised_again_lasts_again() -> None:
    """Its earlier end and acknowledgement no longer count; the first batch that was in the room stays."""
    one = uuid4()
    steps = [
        replace(alarm(E.RAISED, S.UNACKNOWLEDGED, 3, alarm=one, since=2), batch="A"),
        alarm(E.RETURNED, S.RETURNED_UNACKNOWLEDGED, 9, alarm=one, since=2),
        replace(alarm(E.RAISED, S.UNACKNOWLEDGED, 20, alarm=one, since=15), batch="B"),
    ]
    (life,) = alarm_lives(steps).values()
    assert (life.returned, life.duration(100), life.batch) == (None, 85, "A")


def test_a_batch_that_comes_after_the_return_is_not_touched() -> None:
    """An alarm waits for its acknowledgement while the next batch is brought in."""
    one = uuid4()
    steps = [
        alarm(E.RAISED, S.UNACKNOWLEDGED, 3, alarm=one),
        alarm(E.RETURNED, S.RETURNED_UNACKNOWLEDGED, 9, alarm=one),
        replace(alarm(E.ACKNOWLEDGED, S.NORMAL, 20, alarm=one), batch="B"),
    ]
    (life,) = alarm_lives(steps).values()
    assert life.batch is None
