"""Particle counters that keep their records: followed by time, and read back after a break."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.contract import SourceError
from adapters.modbus.source import ModbusSource
from schemas.frame import Frame
from schemas.records import GapCause
from schemas.status import Reason, StatusCode
from simulators.devices.particles import ParticleCounter, Record
from tests.adapters.modbus.plant import FRAMINGS, configured
from tests.adapters.support import reading
from tests.support.eventually import eventually

POINTS = [
    {"point": "count-1", "name": "C05", "unit": "{#}"},
    {"point": "count-8", "name": "C8", "unit": "{#}"},
    {"point": "analog-1", "name": "FLOW", "unit": "L/min"},
    {"point": "running", "name": "RUN"},
]
FIRST = int(time.time()) - 3600


def source(counter: ParticleCounter, framing: str = "tcp", **more: Any) -> ModbusSource:
    given = {"profile": "lighthouse", "points": POINTS, "clock_zone": "UTC", "backfill": 0, **more}
    return ModbusSource(configured(framing, counter.address, **given))


def record(number: int, counter: ParticleCounter, **more: Any) -> Record:
    """The record of minute `number`, by the counter's clock."""
    at = FIRST + 60 * number + 3600 * round((counter.registers.now() - time.time()) / 3600)
    return replace(Record(time=at, seconds=60, status=0, count_05=number, count_5=0, flow=28.5), **more)


def fill(counter: ParticleCounter, first: int, last: int) -> None:
    counter.registers.records.extend(record(number, counter) for number in range(first, last + 1))


@pytest.fixture
async def counter(request: pytest.FixtureRequest) -> AsyncIterator[ParticleCounter]:
    made = ParticleCounter(**getattr(request, "param", {}))
    await made.start()
    yield made
    await made.stop()


def counts(frames: list[Frame], *, backfilled: bool) -> list[float]:
    """Values of C05 in those frames."""
    rows = [row for frame in frames if frame.backfilled is backfilled for row in frame.rows() if row.tag == "C05"]
    return [row.value for row in rows if isinstance(row.value, float)]


@pytest.mark.parametrize(
    ("counter", "framing"), [({"framing": framing}, framing) for framing in FRAMINGS], indirect=["counter"]
)
async def test_a_break_is_filled_from_the_ring(counter: ParticleCounter, framing: str) -> None:
    """Each record once, with its own time, marked as backfilled; the newest one is not. Command 3 is never sent."""
    fill(counter, 1, 3)
    spoken_to = source(counter, framing)
    async with reading(spoken_to) as found:
        await found.value("C05")
    fill(counter, 4, 12)
    async with reading(spoken_to) as again:
        await eventually(lambda: len(counts(again.frames, backfilled=True)) >= 8, within=60)
    assert counts(found.frames, backfilled=False) == [3.0]
    assert counts(again.frames, backfilled=False) == [12.0]
    assert sorted(counts(again.frames, backfilled=True)) == [4, 5, 6, 7, 8, 9, 10, 11]
    for row in again.rows("C05"):
        assert row.source_time == (FIRST + 60 * int(float(str(row.value)))) * 1_000_000
        assert row.status == StatusCode.GOOD
    assert counter.registers.commands == []


async def test_fa8_a_record_is_reported_once_and_has_the_same_id_again(counter: ParticleCounter) -> None:
    """Between records the frames say only what is of the present; another agent would give the record the same id."""
    fill(counter, 1, 2)
    async with reading(source(counter)) as found, reading(source(counter)) as other:
        await eventually(lambda: len(found.frames) >= 5 and other.rows("C05"), within=60)
    assert len(found.rows("C05")) == 1
    assert len(found.rows("RUN")) >= 3
    first, second = (next(frame for frame in each.frames if 0 in frame.tag) for each in (found, other))
    assert first.id == second.id


async def test_at_the_start_the_last_records_are_read_back(counter: ParticleCounter) -> None:
    """As far as `backfill` says, s."""
    fill(counter, 1, 59)
    since_49 = time.time() - (FIRST + 60 * 49 + 30)
    async with reading(source(counter, backfill=since_49)) as found:
        await eventually(lambda: len(counts(found.frames, backfilled=True)) >= 9, within=60)
        seen = len(found.frames)
        await eventually(lambda: len(found.frames) >= seen + 3, within=60)
    assert min(counts(found.frames, backfilled=True)) == 50


@pytest.mark.parametrize("counter", [{"capacity": 5}], indirect=True)
async def test_records_that_the_ring_no_longer_holds_are_a_gap(counter: ParticleCounter) -> None:
    """What is there is sent, then the loss is said; after that the source goes on."""
    fill(counter, 1, 3)
    spoken_to = source(counter)
    async with reading(spoken_to) as found:
        await found.value("C05")
    fill(counter, 4, 20)
    async with reading(spoken_to) as again:
        error = await again.ended(within=60)
    assert error.cause is GapCause.BUFFER_FULL
    assert f"records after device time {FIRST + 180} are lost" in error.detail
    assert {row.value for row in again.rows("C05")} == {16.0, 17.0, 18.0, 19.0, 20.0}
    async with reading(spoken_to) as later:
        await eventually(lambda: len(later.frames) >= 3, within=60)
    assert later.error is None


async def test_an_inactive_channel_and_a_failed_laser_have_no_value(counter: ParticleCounter) -> None:
    """Register 30074 says which channels are there; bit 0 of 30008 that none of the counts is worth anything."""
    fill(counter, 1, 1)
    async with reading(source(counter)) as found:
        first = await found.value("C8")
        assert (first.value, first.reason) == (None, Reason.NO_VALUE)
        counter.lie("sensor-fault")
        fill(counter, 2, 2)
        await eventually(lambda: len(found.rows("C05")) == 2, within=60)
    bad = found.rows("C05")[-1]
    assert (bad.value, bad.status, bad.reason) == (None, StatusCode.BAD_SENSOR_FAILURE, Reason.DEVICE)


@pytest.mark.parametrize("counter", [{"clock_offset_hours": 8.0}], indirect=True)
async def test_a_clock_in_the_plants_local_time_is_read_so(counter: ParticleCounter) -> None:
    """Eight hours ahead is right in Shanghai; read as UTC it is wrong, and said to be."""
    fill(counter, 1, 1)
    async with reading(source(counter, clock_zone="Asia/Shanghai")) as found:
        row = await found.value("C05")
        assert (row.source_time, row.status) == ((FIRST + 60) * 1_000_000, StatusCode.GOOD)
    async with reading(source(counter)) as found:
        row = await found.value("C05")
        assert (row.status, row.reason) == (StatusCode.UNCERTAIN, Reason.TIME)


@pytest.mark.parametrize(
    "counter", [{"map_version": version} for version in (144, 148, 149, 150)], indirect=True, ids=str
)
async def test_the_map_version_decides_the_word_order_of_floats(counter: ParticleCounter) -> None:
    """Both orders read right, and Good."""
    fill(counter, 1, 1)
    async with reading(source(counter)) as found:
        row = await found.value("FLOW")
    assert (row.value, row.status) == (28.5, StatusCode.GOOD)


@pytest.mark.parametrize("counter", [{"map_version": 151}], indirect=True)
async def test_an_unknown_map_version_is_refused(counter: ParticleCounter) -> None:
    """Not guessed."""
    unknown = source(counter)
    with pytest.raises(SourceError, match="map-version is 151; the profile is made for 144, 148, 149, 150"):
        await unknown.connect()
    await unknown.close()


@pytest.mark.parametrize("expected", [{}, {"serial-number": 21045}])
async def test_fa4_another_device_in_its_place_is_uncertain(counter: ParticleCounter, expected: dict[str, int]) -> None:
    """Another serial number at the next connect: every value Uncertain, IDENTITY, until it is accepted."""
    fill(counter, 1, 1)
    spoken_to = source(counter, identity=expected)
    async with reading(spoken_to) as found:
        assert (await found.value("C05")).status == StatusCode.GOOD
    counter.registers._serial = 999
    async with reading(spoken_to) as again:
        row = await again.value("RUN")
        assert (row.value, row.status, row.reason) == (True, StatusCode.UNCERTAIN, Reason.IDENTITY)
        assert spoken_to.identity["serial-number"] == "999"
        assert spoken_to.recognise(spoken_to.identity) is not bool(expected)
        count = len(again.rows("RUN"))
        await eventually(lambda: len(again.rows("RUN")) > count + 1, within=60)
        assert (again.rows("RUN")[-1].status == StatusCode.GOOD) is not bool(expected)


async def test_without_records_there_is_no_value(counter: ParticleCounter) -> None:
    """Said once, then the first record comes."""
    async with reading(source(counter)) as found:
        row = await found.value("C05")
        assert (row.value, row.reason) == (None, Reason.NO_VALUE)
        fill(counter, 1, 1)
        await eventually(lambda: found.rows("C05")[-1].value == 1.0, within=60)
    assert len(found.rows("C05")) == 2
