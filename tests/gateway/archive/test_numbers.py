"""What stands in a stream under its numbers."""

from uuid import uuid4

import pytest

from gateway.archive.archive import Archive
from gateway.archive.numbers import (
    Aside,
    entries_at,
    entries_between,
    kept_aside,
    number_from,
    octets_aside,
    of_kind_after,
    of_kind_to,
)
from gateway.archive.record import findings_on, last_number
from gateway.intake.inspection import Inspected, Standing
from gateway.intake.message import Batch
from gateway.proof.findings import Code, Finding
from gateway.proof.merkle import leaf_hash
from schemas.codec import Record
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.messages import alarm, frame, gap, message, sent, weighing

ALARMS, READINGS = "plant-a.line-3.mah.alarms.v1", "plant-a.line-3.mah.measurements.v1"


def raised(time: int) -> Record:
    return alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, time, alarm=uuid4())


@pytest.fixture
def archive() -> Archive:
    """Two streams whose entries came in turns; number 4 of the readings has not come."""
    archive, numbers = Archive(None), (1, 2, 3, 5, 6)
    archive.store([sent(READINGS, n, frame({"dp": 1.0}, received=n * 100), n) for n in numbers[:2]])
    archive.store([sent(ALARMS, n, raised(n * 1000), n) for n in (1, 2)])
    archive.store([sent(READINGS, n, frame({"dp": 1.0}, received=n * 100), n) for n in numbers[2:]])
    archive.store([sent(ALARMS, 3, gap(3000, None), 3), sent(ALARMS, 4, weighing(4000), 4)])
    return archive


def test_numbers_are_those_of_the_stream_in_their_order(archive: Archive) -> None:
    """A number that has not come is left out; the octets are as they came."""
    found = entries_between(archive, READINGS, 2, 5)
    assert [(one.number, one.kind) for one in found] == [(2, "Frame"), (3, "Frame"), (5, "Frame")]
    assert all(one.octets is not None and leaf_hash(one.octets) == one.leaf for one in found)
    assert [one.number for one in entries_at(archive, READINGS, [6, 4, 1])] == [1, 6]
    assert entries_at(archive, READINGS, []) == []


@pytest.mark.parametrize("received", [0, 3, 6])
def test_the_last_number_is_found_from_any_that_is_known(archive: Archive, received: int) -> None:
    """Also behind a hole, and where nothing came after it."""
    told = Inspected(Batch(), standings={READINGS: Standing(received, 0, None)}, states={READINGS: b""})
    archive.store_inspected(told)
    assert last_number(archive, READINGS) == 6
    assert last_number(archive, "plant-a.line-3.mah.gaps.v1") is None


def test_one_kind_is_paged_both_ways(archive: Archive) -> None:
    """Up to a number falling, after one rising."""
    assert of_kind_to(archive, ALARMS, "Alarm", 4, 1) == [2]
    assert of_kind_to(archive, ALARMS, "Alarm", 1, 5) == [1]
    assert of_kind_after(archive, ALARMS, "Alarm", 1, 5) == [2]
    assert of_kind_after(archive, ALARMS, "Weighing", 1, 5) == [4]


@pytest.mark.parametrize(("time", "number"), [(0, 1), (300, 3), (301, 5), (600, 6), (601, None)])
def test_a_time_leads_to_the_first_number_from_then_on(archive: Archive, time: int, number: int | None) -> None:
    """Of readings by when the line heard them."""
    assert number_from(archive, READINGS, time) == number


@pytest.mark.parametrize(("time", "number"), [(1500, 2), (2001, 3), (3001, 4)])
def test_each_kind_tells_its_own_time(archive: Archive, time: int, number: int) -> None:
    """Alarm, gap, weighing."""
    assert number_from(archive, ALARMS, time) == number


def test_findings_are_of_the_stream_and_touch_the_numbers(archive: Archive) -> None:
    """Newest first."""
    told = [Finding(Code.MISSING, READINGS, 4, 4, "not in the topic", 1.0)]
    told += [Finding(Code.REORDERED, READINGS, 5, 6, "in another order", 2.0)]
    told += [Finding(Code.MISSING, ALARMS, 4, 9, "not in the topic", 3.0)]
    archive.store_inspected(Inspected(Batch(), findings=told))
    assert [one.code for one in findings_on(archive, READINGS, (0, 99), 9)] == ["reordered", "missing"]
    assert [one.code for one in findings_on(archive, READINGS, (4, 4), 9)] == ["missing"]
    assert findings_on(archive, READINGS, (1, 3), 9) == []


def test_what_was_put_aside_can_be_taken_as_it_came() -> None:
    """By its leaf hash, and only from the stream under whose name it stands."""
    archive = Archive(None)
    archive.store([message(None, 3, arrived=77)])
    leaf = leaf_hash(b"entry")
    assert kept_aside(archive, "s", 9) == [Aside(4, leaf.hex(), "not a record", 5, 77)]
    assert octets_aside(archive, "s", leaf) == b"entry"
    assert octets_aside(archive, READINGS, leaf) is None
    assert octets_aside(archive, "s", leaf_hash(b"another")) is None
