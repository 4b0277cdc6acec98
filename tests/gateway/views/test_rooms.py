"""Rooms, air and doors, and what the first page makes of them."""

from uuid import uuid4

import pytest

from gateway.cleanroom.rooms import Differential
from gateway.intake.live import Live
from gateway.languages import Language, words_in
from gateway.views.overview import Fault, overview
from gateway.views.rooms import Cascade, DoorState, RoomState, cascade
from gateway.views.texts import monitored_text
from schemas.codec import Record
from schemas.records import AlarmEvent, AlarmState
from schemas.status import Reason, StatusCode
from tests.gateway.console.stage import NOW, SITE
from tests.gateway.messages import SECOND, alarm, frame, message

VALUES = {"F1.DP.M1": 14.6, "M1.DP.C1": 14.2, "F1.DP.C1": 28.8, "F1.Temperature": 20.1, "Door.F1-M1": False}


def live(*records: Record | None) -> Live:
    found = Live()
    found.apply([message(record, offset, arrived=NOW) for offset, record in enumerate(records)])
    return found


def area(**values: float) -> Cascade:
    given = VALUES | {name.replace("_", "."): value for name, value in values.items()}
    return cascade(SITE, live(frame(given, received=NOW)), NOW)


def states(found: Cascade) -> dict[str, RoomState]:
    return {view.room.id: view.state for view in found.rooms}


def test_a_room_without_a_limit_is_not_monitored_rather_than_fine() -> None:
    """Only limits make a room 'in limits'."""
    assert states(area()) == {
        "C1": RoomState.NOT_MONITORED, "F1": RoomState.IN_LIMITS, "M1": RoomState.IN_LIMITS,
    }  # fmt: skip


def test_a_broken_limit_belongs_to_the_cleaner_room() -> None:
    """The room on the other side is not at fault."""
    assert states(area(F1_DP_M1=8.0)) == {
        "C1": RoomState.NOT_MONITORED, "F1": RoomState.ALERT, "M1": RoomState.IN_LIMITS,
    }  # fmt: skip


def test_a_room_beyond_a_limit_whose_alarm_is_put_aside_is_not_in_limits() -> None:
    """Nobody is called, and nobody is told that all is well."""
    held = alarm(AlarmEvent.SHELVED, AlarmState.SHELVED, NOW, alarm=uuid4(), tag="F1.DP.M1")
    found = cascade(SITE, live(frame(VALUES | {"F1.DP.M1": 8.0}, received=NOW), held), NOW)
    assert states(found)["F1"] is RoomState.HELD


def test_a_room_whose_limit_cannot_be_checked_is_unknown() -> None:
    """No reading is not in limits."""
    found = cascade(SITE, live(frame(VALUES, received=NOW - 60 * SECOND)), NOW)
    assert states(found)["F1"] is RoomState.UNKNOWN


@pytest.mark.parametrize(
    ("value", "state"), [(0.3, RoomState.IN_LIMITS), (-0.4, RoomState.IN_LIMITS), (-1.2, RoomState.ALERT)]
)
def test_a_wanted_direction_is_monitored(value: float, state: RoomState) -> None:
    """Without a size of the differential too: its limit is that of a reversed flow, and the alarm may yet come."""
    wanted = Differential(tag="C1.DP.M1", room="C1", against="M1", wanted="out")
    site = SITE.model_copy(update={"differentials": [*SITE.differentials, wanted]})
    found = cascade(site, live(frame(VALUES | {"C1.DP.M1": value}, received=NOW)), NOW)
    assert states(found)["C1"] is state
    assert found.flows[-1].reading.monitored
    assert monitored_text(found.flows[-1].reading, words_in(Language.EN)) == "≥ −0.5 Pa"


@pytest.mark.parametrize(("value", "into"), [(14.6, "M1"), (-3.0, "F1"), (0.0, None)])
def test_air_flows_from_high_to_low(value: float, into: str | None) -> None:
    """A reversed cascade turns round; without a difference there is no direction."""
    assert area(F1_DP_M1=value).flows[0].into == into


def test_the_air_of_a_lost_reading_has_no_direction() -> None:
    """The last known one is not kept."""
    found = cascade(SITE, live(frame(VALUES, received=NOW - 60 * SECOND)), NOW)
    assert {flow.into for flow in found.flows} == {None}


def test_doors_are_open_closed_or_unknown() -> None:
    """As their switches say, if they say anything."""
    opened = live(frame(VALUES | {"Door.F1-M1": True}, received=NOW))
    assert [door.state for door in area().doors] == [DoorState.CLOSED]
    assert [door.state for door in cascade(SITE, opened, NOW).doors] == [DoorState.OPEN]
    assert [door.state for door in cascade(SITE, Live(), NOW).doors] == [DoorState.UNKNOWN]


def test_nothing_is_wrong_when_all_is_read_and_within_limits() -> None:
    """Counts, ages and latency are told beside it."""
    found = overview(SITE, live(frame(VALUES, received=NOW, source_time=NOW - 40_000)), NOW + SECOND)
    assert found.wrong == ()
    assert (found.rooms_in_limits, found.rooms_with_limits, found.rooms_without_limits) == (2, 2, 1)
    assert (found.complete_to, found.last_data, found.messages) == (NOW, NOW, 1)
    assert found.latency_ms is not None
    assert found.latency_ms.p50 == 40.0


def test_a_silent_source_is_one_fault_with_its_readings_beneath() -> None:
    """And up to when all is complete is its last contact."""
    scale = frame({"w": 1.0}, received=NOW, source="scale")
    found = overview(SITE, live(frame(VALUES, received=NOW - 60 * SECOND), scale), NOW)
    (wrong,) = found.wrong
    assert (wrong.fault, wrong.since, set(wrong.tags)) == (Fault.SOURCE, NOW - 60 * SECOND, set(VALUES))
    assert (found.complete_to, found.last_data) == (NOW - 60 * SECOND, NOW)


def test_alarms_go_before_lost_readings_and_those_before_what_is_over() -> None:
    """Limits first, data faults next; an alarm that is over but not acknowledged still stands there."""
    active = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW, alarm=uuid4(), tag="F1.DP.M1")
    over = alarm(AlarmEvent.RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED, NOW, alarm=uuid4(), tag="M1.DP.C1")
    bad = frame({"F1.DP.C1": None}, received=NOW, status=StatusCode.BAD, reason=Reason.DEVICE)
    found = overview(SITE, live(frame(VALUES | {"F1.DP.M1": 8.0}, received=NOW), bad, over, active, None), NOW)
    assert [wrong.fault for wrong in found.wrong] == [
        Fault.ALARM, Fault.READING, Fault.QUARANTINE, Fault.UNACKNOWLEDGED,
    ]  # fmt: skip


def test_tags_that_were_never_read_are_wrong() -> None:
    """A line that sends nothing is not quiet."""
    found = overview(SITE, Live(), NOW)
    assert [(wrong.fault, len(wrong.tags)) for wrong in found.wrong] == [(Fault.NEVER, 5)]
    assert found.complete_to is None
