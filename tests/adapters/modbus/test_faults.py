"""What Modbus devices and lines do wrong, one test for each behaviour of the fault catalogue."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.contract import SourceError
from adapters.modbus.source import ModbusSource
from schemas.records import GapCause
from schemas.status import Reason, StatusCode
from simulators.devices.modbus import ModbusServer
from simulators.devices.modbus_lies import LIES
from simulators.devices.modbus_line import LineServer
from simulators.devices.particles import ParticleCounter, Record
from simulators.devices.transmitter import Climate, ModbusTransmitter
from tests.adapters.modbus.device import Device, listening
from tests.adapters.modbus.plant import (
    DIFFERENTIAL,
    FRAMINGS,
    HUMIDITY,
    PROOF,
    SILENCE,
    TEMPERATURE,
    configured,
    source,
    transmitter,
)
from tests.adapters.support import Reading, reading
from tests.support.eventually import eventually

NONE = {"proof": "none-available"}
every_framing = pytest.mark.parametrize("framing", FRAMINGS)


@pytest.fixture(params=FRAMINGS)
async def device(request: pytest.FixtureRequest) -> AsyncIterator[ModbusTransmitter]:
    async with transmitter(request.param) as started:
        yield started


@pytest.fixture
def framing(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["device"])


def climate(device: ModbusTransmitter, framing: str) -> ModbusSource:
    return source(framing, device.address, HUMIDITY, TEMPERATURE, **NONE)


async def next_frames(found: Reading, count: int) -> None:
    """That many more frames."""
    seen = len(found.frames)
    await eventually(lambda: len(found.frames) >= seen + count, within=60, what=f"{count} frames")


@pytest.mark.parametrize(
    ("lie", "status", "reason"),
    [
        ("acknowledge", StatusCode.BAD_NO_DATA, Reason.DEVICE),
        ("busy", StatusCode.BAD_NO_DATA, Reason.DEVICE),
        ("gateway-no-path", StatusCode.BAD_NO_COMMUNICATION, Reason.COMM),
        ("gateway-no-answer", StatusCode.BAD_NO_COMMUNICATION, Reason.COMM),
    ],
)
async def test_f20_an_exception_is_bad_with_its_meaning(
    device: ModbusTransmitter, framing: str, lie: str, status: StatusCode, reason: Reason
) -> None:
    """No value; the next scan finds the device as it is then."""
    async with reading(climate(device, framing)) as found:
        assert (await found.value("RH")).value == 45.5
        device.lie(lie)
        await eventually(lambda: found.rows("RH")[-1].status == status, within=60)
        row = found.rows("RH")[-1]
        assert (row.value, row.reason) == (None, reason)
        device.lie(lie, on=False)
        await eventually(lambda: found.rows("RH")[-1].value == 45.5, within=60)


async def test_f20_a_busy_device_is_asked_again_in_the_same_scan(device: ModbusTransmitter, framing: str) -> None:
    """Exception 6 once, then the value: nothing but Good rows."""
    device.lie("busy-once")
    async with reading(climate(device, framing)) as found:
        await eventually(lambda: len(found.frames) >= 3, within=60)
    assert {row.value for row in found.rows("RH")} == {45.5}


@pytest.mark.parametrize("framing", ["rtu", "ascii"])
async def test_f21_a_late_answer_is_never_the_answer_to_the_next_request(framing: str) -> None:
    """Two values that stand far apart are asked with equal requests; the late one of the first is not the second's."""
    far = {**HUMIDITY, "name": "test", "address": 7937}
    async with transmitter(framing) as device, reading(source(framing, device.address, HUMIDITY, far, **NONE)) as found:
        await found.value("RH")
        device.lie("late-answer")
        await next_frames(found, 1)
        await eventually(lambda: found.rows("RH")[-1].reason == Reason.COMM, within=60)
        device.lie("late-answer", on=False)
        await eventually(lambda: found.rows("RH")[-1].status == found.rows("test")[-1].status == 0, within=60)
        await next_frames(found, 3)
    assert {row.value for row in found.rows("RH") if row.value is not None} == {45.5}
    assert {round(float(row.value), 2) for row in found.rows("test") if isinstance(row.value, float)} == {-123.45}


@pytest.mark.parametrize("framing", ["rtu", "ascii"])
async def test_f21_a_device_one_answer_behind_is_found_by_its_constant(framing: str) -> None:
    """Well-formed answers of the right length to the wrong question: the proof holds another content, all is Bad."""
    async with (
        transmitter(framing) as device,
        reading(source(framing, device.address, HUMIDITY, proof=PROOF)) as found,
    ):
        assert (await found.value("RH")).value == 45.5
        device.lie("one-behind")
        await eventually(lambda: found.rows("RH")[-1].reason == Reason.UNPROVEN, within=60)
        seen = len(found.frames)
        await next_frames(found, 3)
    assert {row.reason for row in found.rows("RH")[seen:]} == {Reason.UNPROVEN}
    assert all(row.value is None for row in found.rows("RH")[seen:])


@pytest.mark.parametrize("lie", ["wrong-transaction", "late-answer"])
async def test_f22_an_answer_of_another_transaction_is_none(lie: str) -> None:
    """Bad COMM, on a new connection each time, and counted; Good again when the device is."""
    async with transmitter("tcp") as device:
        spoken_to = climate(device, "tcp")
        async with reading(spoken_to) as found:
            await found.value("RH")
            device.lie(lie)
            await eventually(lambda: found.rows("RH")[-1].reason == Reason.COMM, within=60)
            await next_frames(found, 1)
            assert found.rows("RH")[-1].value is None
            assert spoken_to.counts["timeouts"] >= 1
            device.lie(lie, on=False)
            await eventually(lambda: found.rows("RH")[-1].value == 45.5, within=60)
            assert spoken_to.counts["connections"] >= 2


@pytest.mark.parametrize("lie", ["wrong-function", "wrong-unit", "fewer-registers"])
async def test_f23_an_answer_to_another_question_is_bad(device: ModbusTransmitter, framing: str, lie: str) -> None:
    """Other function, unit or count: none of its values is believed, and it is counted."""
    spoken_to = climate(device, framing)
    async with reading(spoken_to) as found:
        await found.value("RH")
        device.lie(lie)
        await eventually(lambda: found.rows("RH")[-1].status == StatusCode.BAD_COMMUNICATION_ERROR, within=60)
        assert found.rows("RH")[-1].reason == Reason.COMM
        assert spoken_to.counts["wrong answers"] >= 1
        device.lie(lie, on=False)
        await eventually(lambda: found.rows("RH")[-1].value == 45.5, within=60)
    assert {row.value for row in found.rows("RH")} == {45.5, None}


@pytest.mark.parametrize("lie", ["bad-checksum", "half-frame", "noise", "echo"])
async def test_f24_a_damaged_answer_is_bad(device: ModbusTransmitter, framing: str, lie: str) -> None:
    """Whatever is wrong with the octets: Bad COMM, and Good again with the next right answer."""
    async with reading(climate(device, framing)) as found:
        await found.value("RH")
        device.lie(lie)
        await eventually(lambda: found.rows("RH")[-1].reason == Reason.COMM, within=60)
        device.lie(lie, on=False)
        await eventually(lambda: found.rows("RH")[-1].value == 45.5, within=60)
    assert {row.value for row in found.rows("RH")} == {45.5, None}


@pytest.mark.parametrize("framing", ["rtu", "ascii"])
async def test_f24_an_echo_is_named_as_such(framing: str) -> None:
    """The finding says what to do about it."""
    async with transmitter(framing) as device:
        device.lie("echo")
        mute = source(framing, device.address, HUMIDITY, TEMPERATURE, silence=SILENCE, **NONE)
        with pytest.raises(SourceError, match="echo"):
            await mute.connect()
        await mute.close()


async def test_f25_another_word_order_than_configured_is_unproven(device: ModbusTransmitter, framing: str) -> None:
    """The constant tells; plausible or not, no value passes."""
    async with reading(source(framing, device.address, HUMIDITY, proof=PROOF)) as found:
        assert (await found.value("RH")).status == StatusCode.GOOD
        device.lie("swapped-words")
        await eventually(lambda: found.rows("RH")[-1].reason == Reason.UNPROVEN, within=60)
        assert found.rows("RH")[-1].value is None


async def test_f25_a_second_register_proves_the_order(device: ModbusTransmitter, framing: str) -> None:
    """Float and whole Pa of one pressure: agreeing they prove, differing they condemn; without them Uncertain."""
    points = [{"point": "pressure", "name": "DP"}]
    async with reading(source(framing, device.address, unit=2, profile="dwyer-ms2", points=points)) as found:
        first = await found.value("DP")
        assert (first.value, first.status) == (14.5, StatusCode.GOOD)
        device.lie("swapped-words")
        await eventually(lambda: found.rows("DP")[-1].value is None, within=60)
    async with reading(source(framing, device.address, {**HUMIDITY, "word_order": "big"})) as found:
        assert (await found.value("RH")).reason == Reason.UNPROVEN


async def test_f26_a_value_is_read_at_once(device: ModbusTransmitter, framing: str) -> None:
    """Whatever the limits, both halves are of one moment: 14.5 or 15.5, nothing between."""
    device.lie("torn")
    tags = (HUMIDITY, TEMPERATURE, DIFFERENTIAL)
    async with reading(source(framing, device.address, *tags, max_registers=4, **NONE)) as found:
        await eventually(lambda: len(found.frames) >= 6, within=60)
    assert {row.value for row in found.rows("DP")} <= {14.5, 15.5}
    assert {row.value for row in found.rows("T")} <= {20.25, 21.25}


async def test_f27_a_mark_for_no_value_is_no_value(device: ModbusTransmitter, framing: str) -> None:
    """NaN in a float, 0x8000 in an int16: null, Bad, NO_VALUE."""
    tags = (
        {**HUMIDITY, "no_value": [".nan"]},
        {"name": "T100", "address": 258, "type": "int16", "scale": 0.01, "no_value": [0x8000, 0x7FFF, 0x8001]},
    )
    tags[0]["no_value"] = [float("nan")]
    async with reading(source(framing, device.address, *tags, **NONE)) as found:
        assert (await found.value("T100")).value == 2025.0
        device.lie("no-value")
        await eventually(lambda: found.rows("RH")[-1].reason == Reason.NO_VALUE, within=60)
        row = found.rows("T100")[-1]
        assert (row.value, row.status, row.reason) == (None, StatusCode.BAD_NO_DATA, Reason.NO_VALUE)


async def test_f28_a_counter_that_begins_anew_is_uncertain_once(device: ModbusTransmitter, framing: str) -> None:
    """The value is there, Uncertain, so that no difference is taken over the reset; the next one is Good."""
    tag = {"name": "N", "address": 300, "type": "uint16", "counter": 100}
    for _ in range(4):
        await device.update({})
    async with reading(source(framing, device.address, tag)) as found:
        assert (await found.value("N")).value == 5.0
        device.lie("counter-reset")
        await eventually(lambda: found.rows("N")[-1].value == 0.0, within=60)
        await next_frames(found, 2)
    doubted = [row for row in found.rows("N") if row.status != StatusCode.GOOD]
    assert [(row.value, row.status, row.reason) for row in doubted] == [(0.0, StatusCode.UNCERTAIN, Reason.SOURCE)]


async def test_f28_a_counter_that_reaches_its_end_goes_on_good(device: ModbusTransmitter, framing: str) -> None:
    """After 65,535 comes 0, which is one step and no reset."""
    tag = {"name": "N", "address": 300, "type": "uint16", "counter": 100}
    device.lie("counter-wrap", unit=1)
    async with reading(source(framing, device.address, tag)) as found:
        assert (await found.value("N")).value == 65_535.0
        await device.update({})
        await eventually(lambda: found.rows("N")[-1].value == 0.0, within=60)
        await next_frames(found, 2)
    assert {row.status for row in found.rows("N")} == {StatusCode.GOOD}


async def test_f28_a_counter_that_wraps_stays_good() -> None:
    """From 65,530 to 4 are ten steps."""
    device = Device()
    device.hold(0, 65_530)
    async with listening(device):
        tag = {"name": "N", "address": 0, "type": "uint16", "counter": 100}
        async with reading(source("tcp", f"127.0.0.1:{device.port}", tag)) as found:
            await found.value("N")
            device.hold(0, 4)
            await eventually(lambda: found.rows("N")[-1].value == 4.0, within=60)
    assert {row.status for row in found.rows("N")} == {StatusCode.GOOD}


async def test_f29_the_devices_own_status_decides(device: ModbusTransmitter, framing: str) -> None:
    """The value looks fine, the sensor error register does not."""
    tag = {"name": "DP", "address": 1, "type": "int16", "status_registers": [{"address": 20, "good": [0]}]}
    async with reading(source(framing, device.address, tag, unit=2)) as found:
        assert (await found.value("DP")).value == 14.0
        device.lie("sensor-fault", unit=2)
        await eventually(lambda: found.rows("DP")[-1].reason == Reason.DEVICE, within=60)
        assert found.rows("DP")[-1].value is None


@every_framing
async def test_f30_a_second_master_cannot_make_an_old_record_the_newest(framing: str) -> None:
    """Its index is seen and the record not taken; without it the newest is followed by its time, not by the mark."""
    counter = ParticleCounter(framing=framing)  # type: ignore[arg-type] # one of the three
    await counter.start()
    try:
        for sample in (1, 2):
            await counter.update({"sample": sample, "count_05": 100 * sample})
            counter.registers.records[-1] = moved(counter, sample)
        settings = configured(
            framing,
            counter.address,
            profile="lighthouse",
            points=[{"point": "count-1", "name": "C", "unit": "{#}"}],
            clock_zone="UTC",
            backfill=0,
        )
        async with reading(ModbusSource(settings)) as found:
            assert (await found.value("C")).value == 200.0
            counter.lie("second-master")
            await next_frames(found, 4)
            counter.lie("second-master", on=False)
            await counter.update({"sample": 3, "count_05": 300})
            await eventually(lambda: found.rows("C")[-1].value == 300.0, within=60)
        assert [row.value for row in found.rows("C")] == [200.0, 300.0]
    finally:
        await counter.stop()


def moved(counter: ParticleCounter, sample: int) -> Record:
    """The newest record a few minutes earlier, so that no two have one time."""
    record = counter.registers.records[-1]
    return replace(record, time=record.time - 60 * (3 - sample))


async def test_f31_all_tags_share_one_connection_and_an_idle_one_costs_nothing() -> None:
    """A device that hangs up after each answer, and one that allows a single client."""
    async with transmitter("tcp") as device:
        spoken_to = climate(device, "tcp")
        device.lie("one-connection")
        async with reading(spoken_to) as found:
            await next_frames(found, 4)
            assert spoken_to.counts["connections"] == 1
            device.lie("drop-idle")
            await next_frames(found, 4)
        assert {row.value for row in found.rows("RH")} == {45.5}


@every_framing
async def test_f31_two_sources_of_one_place_share_its_connection(framing: str) -> None:
    """Two units behind one address: one connection, no matter how many ask."""
    async with transmitter(framing) as device:
        first = source(framing, device.address, HUMIDITY, **NONE)
        pressure = {"name": "DP", "address": 1, "type": "int16"}
        second = source(framing, device.address, pressure, unit=2)
        async with reading(first) as one, reading(second) as two:
            await eventually(lambda: len(one.frames) >= 3 and len(two.frames) >= 3, within=60)
            assert first.counts["connections"] == second.counts["connections"] == 1
        assert {row.value for row in one.rows("RH")} == {45.5}
        assert {row.value for row in two.rows("DP")} == {14.0}


async def refused(lost: ModbusSource) -> SourceError:
    """Why it cannot be connected."""
    with pytest.raises(SourceError) as why:
        await lost.connect()
    await lost.close()
    return why.value


@every_framing
async def test_f32_a_silent_unit_does_not_silence_the_others(framing: str) -> None:
    """It is lost, and left alone longer and longer; the other goes on with Good rows."""
    units = {1: Climate(), 2: Climate()}
    server = ModbusServer(units) if framing == "tcp" else LineServer(units, framing)  # type: ignore[arg-type]
    await server.start()
    try:
        units[2].values["humidity"] = 50.0
        one, two = (source(framing, server.address, HUMIDITY, unit=unit, silence=SILENCE, **NONE) for unit in (1, 2))
        async with reading(two) as living:
            await living.value("RH")
            async with reading(one) as dying:
                await eventually(lambda: dying.frames, within=60)
                server.lie("silent", unit=1)
                assert (await dying.ended(within=60)).cause is GapCause.DEVICE_SILENT
            await next_frames(living, 5)
            asked, left = two.counts["timeouts"], await refused(one)
            if "answers no request" in str(left):  # the machine stood still, and the pause went by: a longer one begins
                asked, left = two.counts["timeouts"], await refused(one)
            assert "asked again in" in str(left)
            assert left.pause > 0
            assert two.counts["timeouts"] == asked
        assert {row.value for row in living.rows("RH")} == {50.0}
    finally:
        await server.stop()


async def test_f33_numbering_off_by_one_is_found(device: ModbusTransmitter, framing: str) -> None:
    """The constant is not where it must be: the neighbour's plausible value is not believed."""
    proof = [{"address": 7936, "type": "int16", "value": -12345}, *PROOF]
    async with reading(source(framing, device.address, HUMIDITY, proof=proof)) as found:
        assert (await found.value("RH")).status == StatusCode.GOOD
        device.lie("off-by-one")
        await eventually(lambda: found.rows("RH")[-1].reason == Reason.UNPROVEN, within=60)
        assert found.rows("RH")[-1].value is None


async def test_f33_a_device_that_does_not_say_what_it_is_is_refused() -> None:
    """The identity register of the profile holds something else: no frame at all, and the error says which."""
    async with transmitter("tcp") as device:
        lost = source(
            "tcp",
            device.address,
            profile="lighthouse",
            clock_zone="UTC",
            points=[{"point": "count-1", "name": "C", "unit": "{#}"}],
        )
        with pytest.raises(SourceError, match=r"map-version is 0.*wrong device") as refused:
            await lost.connect()
        await lost.close()
    assert refused.value.pause > 0


def test_every_lie_of_the_simulators_is_told_here() -> None:
    """None is there without a test of what becomes of it."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert [lie for lie in LIES if f'"{lie}"' not in text] == []
