"""Which alarms open a draft deviation, and with what facts."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.deviations.draft import draft_of
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmPriority, AlarmState
from tests.gateway.messages import alarm

E, S = AlarmEvent, AlarmState
ONE = UUID(int=1)


def step(event: AlarmEvent, state: AlarmState, time: int, *, since: int = 100, **given: Any) -> Alarm:
    facts: dict[str, Any] = {
        "kind": AlarmKind.LOW, "priority": AlarmPriority.ACTION, "room": "F1", "batch": "240611A",
        "room_state": "in_operation", "profile": "cn-gmp-2010 v3", "id": UUID(int=time),
    }  # fmt: skip
    return replace(alarm(event, state, time, alarm=ONE, since=since), **facts | given)


RAISED = step(E.RAISED, S.UNACKNOWLEDGED, 110)


def test_the_facts_are_those_of_the_records() -> None:
    """Room, batch, begin, duration, extreme value, limit and version; the id is the first record's."""
    returned = step(E.RETURNED, S.RETURNED_UNACKNOWLEDGED, 160, extreme=6.1)
    found = draft_of([RAISED, returned], now=999)
    assert found is not None
    assert (found.id, found.first, found.batches) == (RAISED.id, RAISED, ("240611A",))
    assert (found.began, found.ended, found.duration, found.extreme) == (100, 160, 60, 6.1)
    assert (found.first.limit, found.first.profile, found.room_states) == (10.0, "cn-gmp-2010 v3", ("in_operation",))


def test_a_breach_that_lasts_counts_up_to_now() -> None:
    """The draft is there from the first record on."""
    found = draft_of([RAISED], now=400)
    assert found is not None
    assert (found.ended, found.duration) == (None, 300)


@pytest.mark.parametrize(
    "changed",
    [
        replace(RAISED, priority=AlarmPriority.ALERT),
        replace(RAISED, priority=AlarmPriority.UNKNOWN),
        replace(RAISED, batch=None),
        replace(RAISED, room=None),
        replace(RAISED, event=E.SUPPRESSED, state=S.SUPPRESSED),
        replace(RAISED, event=E.PASSED, state=S.NORMAL),
    ],
)
def test_what_is_no_action_alarm_with_a_batch_opens_none(changed: Alarm) -> None:
    """An alert, an empty room, the agent's own, a room out of use, a breach within its delay."""
    assert draft_of([changed], now=400) is None


def test_a_batch_that_comes_in_during_the_breach_is_touched() -> None:
    """And one that comes after it is not."""
    empty = replace(RAISED, batch=None)
    during = step(E.ACKNOWLEDGED, S.ACKNOWLEDGED, 120, batch="B")
    found = draft_of([empty, during], now=400)
    assert found is not None
    assert found.batches == ("B",)
    returned = step(E.RETURNED, S.RETURNED_UNACKNOWLEDGED, 115, batch=None)
    assert draft_of([empty, returned, step(E.ACKNOWLEDGED, S.NORMAL, 120, batch="B")], now=400) is None


def test_an_alarm_raised_again_is_one_draft_of_both_breaches() -> None:
    """The time between them does not count; the extreme is the farthest of both."""
    steps = [
        RAISED,
        step(E.RETURNED, S.RETURNED_UNACKNOWLEDGED, 160, extreme=4.0),
        step(E.PASSED, S.RETURNED_UNACKNOWLEDGED, 170, since=165, extreme=1.0),
        step(E.RAISED, S.UNACKNOWLEDGED, 210, since=200, extreme=9.0),
        step(E.RETURNED, S.RETURNED_UNACKNOWLEDGED, 230, since=200, extreme=9.0),
    ]
    found = draft_of(steps, now=999)
    assert found is not None
    assert (found.spans, found.duration, found.extreme) == (((100, 160), (200, 230)), 90, 4.0)


def test_a_hold_before_the_alarm_is_its_first_record() -> None:
    """The id stays the same whatever comes after."""
    first = step(E.SHELVED, S.SHELVED, 50, id=uuid4(), batch=None)
    found = draft_of([first, RAISED], now=400)
    assert found is not None
    assert found.id == first.id
