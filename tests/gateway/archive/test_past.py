"""A moment of the past is what a node that had heard nothing since would show."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive.archive import Archive
from gateway.intake.live import Live
from gateway.intake.message import Message
from gateway.views.rooms import cascade
from schemas.codec import Record
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.console.stage import NOW, SITE
from tests.gateway.messages import SECOND, alarm, frame, gap, message

ONE, OTHER, HOLE = UUID(int=1), UUID(int=2), uuid4()
LENGTH = 600


def at(second: float) -> int:
    return NOW + round(second * SECOND)


def told() -> Iterator[tuple[float, Record]]:
    """Ten minutes: readings each five seconds but in a gap, an alarm with its life, another that is shelved."""
    for second in range(0, LENGTH, 5):
        if not 300 <= second < 400:
            value = 8.0 if 100 <= second < 200 else 14.0
            yield second, frame({"F1.DP.M1": value, "Door.F1-M1": 100 <= second < 150}, received=at(second))
    new, seen, over = AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, AlarmState.NORMAL
    for second, event, state in (
        (110, AlarmEvent.RAISED, new), (150, AlarmEvent.ACKNOWLEDGED, seen), (205, AlarmEvent.RETURNED, over),
    ):  # fmt: skip
        yield second, alarm(event, state, at(second), alarm=ONE, since=at(100), tag="F1.DP.M1")
    for second, event, state in (
        (120, AlarmEvent.RAISED, new), (180, AlarmEvent.SHELVED, AlarmState.SHELVED), (500, AlarmEvent.UNSHELVED, over),
    ):  # fmt: skip
        yield second, alarm(event, state, at(second), alarm=OTHER, since=at(115), tag="M1.DP.C1")
    yield 305, gap(at(300), None, gap=HOLE)
    yield 400, gap(at(300), at(400), gap=HOLE)


TOLD = sorted(told(), key=lambda one: one[0])
MESSAGES: list[tuple[float, Message]] = [
    (second, message(record, offset, arrived=at(second))) for offset, (second, record) in enumerate(TOLD)
]


@pytest.fixture(scope="module")
def archive() -> Iterator[Archive]:
    made = Archive(None)
    made.store([one for _, one in MESSAGES])
    yield made
    made.close()


@given(second=st.floats(0, LENGTH + 60))
@settings(deadline=None, max_examples=60)
def test_it_is_what_was_shown_then(archive: Archive, second: float) -> None:
    """Every room, differential and door; not while it was not yet told that something was missing."""
    if 300 <= second <= 305:
        return
    then = Live()
    then.apply([one for told_at, one in MESSAGES if at(told_at) <= at(second)])
    past = Live.at(archive, at(second))
    assert cascade(SITE, past, at(second)) == cascade(SITE, then, at(second))
    assert (past.alarms, past.held) == (then.alarms, then.held)


def test_what_was_never_read_has_no_value(archive: Archive) -> None:
    """Also a day later, when what was read is too old to be looked for."""
    for moment in (at(-1), at(0) + 90_000 * SECOND):
        past = Live.at(archive, moment)
        assert not past.readings
        assert {flow.reading.value for flow in cascade(SITE, past, moment).flows} == {None}
