import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from adapters.contract import SourceError
from adapters.modbus import ADAPTER
from adapters.modbus.settings import ModbusSettings
from adapters.modbus.source import ModbusSource
from schemas.records import GapCause
from schemas.status import Reason, StatusCode
from tests.adapters.modbus.device import Device, adu, listening, refusal
from tests.adapters.support import free_port, reading
from tests.support.eventually import eventually

SILENCE = 4.0
PATIENT = 15.0
"""s of silence for tests that are not about it: a busy machine stops for seconds."""


def source(port: int, *tags: dict[str, Any], **more: Any) -> ModbusSource:
    settings = ADAPTER.settings.model_validate(
        {
            "type": "modbus",
            "name": "dp",
            "host": "127.0.0.1",
            "port": port,
            "poll_interval": 0.1,
            "timeout": 2.0,
            "silence": PATIENT,
            "tags": [{"type": "int16", **tag} for tag in tags],
        }
        | more
    )
    assert isinstance(settings, ModbusSettings)
    return ModbusSource(settings)


@pytest.fixture
async def device() -> AsyncIterator[Device]:
    async with listening(Device()) as started:
        started.hold(0, 12, 65526, 7)
        yield started


TWO = ({"name": "A", "address": 0}, {"name": "B", "address": 1})


async def test_neighbours_come_with_one_request_and_one_frame(device: Device) -> None:
    """A scan of two registers is one request; every frame names every tag."""
    async with reading(source(device.port, *TWO)) as found:
        await eventually(lambda: len(found.frames) >= 3, within=60)
    assert [row.value for row in found.frames[0].rows()] == [12.0, -10.0]
    assert {request[8:12] for request in device.requests} == {b"\0\0\0\2"}
    assert all(len(frame) == 2 for frame in found.frames)


async def test_a_value_that_changes_is_seen_with_the_next_scan(device: Device) -> None:
    """Nothing is kept from one scan to the next."""
    async with reading(source(device.port, *TWO)) as found:
        await found.value("A")
        device.hold(0, 13)
        await eventually(lambda: found.rows("A")[-1].value == 13.0, within=60)


async def test_an_illegal_address_takes_only_its_own_tag(device: Device) -> None:
    """The block is read in halves until the wrong register stands alone, and stays so."""
    tags = [{"name": f"T{address}", "address": address} for address in range(5)]
    device.hold(4, 9)  # 3 is missing
    async with reading(source(device.port, *tags)) as found:
        await eventually(lambda: len(found.frames) >= 2, within=60)
        first = len(device.requests)
        seen = len(found.frames)
        await eventually(lambda: len(found.frames) >= seen + 3, within=60)
    for frame in found.frames:
        assert [row.value for row in frame.rows()] == [12.0, -10.0, 7.0, None, 9.0]
        wrong = frame.row(3)
        assert (wrong.status, wrong.reason) == (StatusCode.BAD_CONFIGURATION_ERROR, Reason.CONFIG)
    assert len(device.requests) - first <= 4 * (len(found.frames) - seen + 1)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda _request, right: right[:7] + b"\x04" + right[8:],
        lambda request, right: adu(request, b"\x03\x02" + right[9:11]),
        lambda _request, right: b"\0\0" + right[2:],
        lambda _request, right: right[:6] + b"\x09" + right[7:],
        lambda _request, right: b"\0\0\0\1" + right[4:],
        lambda _request, right: right[:7] + b"\x41\x00",
        lambda _request, right: bytes([right[0], right[1] ^ 0xFF]) + right[2:],
        lambda request, _right: refusal(request, 11),
        lambda _request, _right: None,
    ],
    ids=["function", "count", "no id", "unit", "protocol", "unknown function", "other id", "gateway", "silent"],
)
async def test_a_wrong_answer_is_bad_and_harms_only_its_block(device: Device, wrong: Any) -> None:
    """Whatever is wrong with it (F20, F22, F23): Bad COMM here, Good in the other block."""
    device.hold(100, 5)
    device.twist = lambda request, right: right if request[9] == 100 else wrong(request, right)
    tags = (*TWO, {"name": "C", "address": 100})
    async with reading(source(device.port, *tags, timeout=1)) as found:
        await eventually(lambda: len(found.frames) >= 3, within=60)
    for frame in found.frames:
        assert [row.reason for row in frame.rows()] == [Reason.COMM, Reason.COMM, Reason.NONE]
        assert [row.value for row in frame.rows()] == [None, None, 5.0]


async def test_after_a_missing_answer_the_connection_is_a_new_one(device: Device) -> None:
    """A late answer cannot meet a later request (F22)."""
    device.twist = lambda _request, right: None if len(device.requests) == 2 else right
    async with reading(source(device.port, *TWO, timeout=1)) as found:
        await eventually(lambda: len(found.frames) >= 4, within=60)
    assert device.connections == 2
    assert [frame.row(0).reason for frame in found.frames[:4]] == [Reason.NONE, Reason.COMM, Reason.NONE, Reason.NONE]


async def test_a_busy_device_is_asked_again(device: Device) -> None:
    """Exception 6 twice, then the value: one Good scan (F20)."""
    device.twist = lambda request, right: refusal(request, 6) if len(device.requests) <= 2 else right
    async with reading(source(device.port, *TWO)) as found:
        assert (await found.value("A")).status == StatusCode.GOOD
    device.twist = lambda request, _right: refusal(request, 6)
    async with reading(source(device.port, *TWO)) as found:
        assert (await found.value("A")).reason == Reason.DEVICE


async def test_a_device_that_no_longer_answers_is_lost_in_time(device: Device) -> None:
    """Bad after the first missing answer, lost after `silence`; it comes back with a new connect."""
    lost = source(device.port, *TWO, timeout=1, silence=SILENCE)
    loop = asyncio.get_running_loop()
    async with reading(lost) as found:
        await found.value("A")
        device.twist = lambda _request, _right: None
        began = loop.time()
        error = await found.ended(within=SILENCE + 20)
        assert loop.time() - began < SILENCE + 10
        assert error.cause is GapCause.DEVICE_SILENT
        assert found.rows("A")[-1].reason == Reason.COMM
    device.twist = lambda _request, right: right
    async with reading(lost) as again:
        assert (await again.value("A")).status == StatusCode.GOOD


async def test_a_device_that_never_answers_fails_connect(device: Device) -> None:
    """An open port is not a device."""
    device.twist = lambda _request, _right: None
    silent = source(device.port, *TWO, timeout=1, silence=SILENCE)
    with pytest.raises(SourceError) as lost:
        await silent.connect()
    await silent.close()
    assert lost.value.cause is GapCause.DEVICE_SILENT


async def test_a_device_that_is_gone_is_unreachable() -> None:
    """The port is closed during the run, and not there at connect."""
    device = Device()
    device.hold(0, 12, 13)
    async with listening(device):
        gone = source(device.port, *TWO, timeout=1, silence=SILENCE)
        connected = reading(gone)
        found = await connected.__aenter__()
        await found.value("A")
    error = await found.ended(within=SILENCE + 20)
    await connected.__aexit__(None, None, None)
    assert error.cause is GapCause.DEVICE_UNREACHABLE
    with pytest.raises(SourceError, match=str(device.port)) as lost:
        await gone.connect()
    await gone.close()
    assert lost.value.cause is GapCause.DEVICE_UNREACHABLE


async def test_a_device_that_drops_idle_connections_costs_no_value(device: Device) -> None:
    """Between two scans the connection is opened again without a word (F31)."""
    async with reading(source(device.port, *TWO, poll_interval=0.3)) as found:
        for _ in range(3):
            count = len(found.frames)
            await eventually(lambda count=count: len(found.frames) > count, within=60)  # type: ignore[misc] # bound now
            device.drop()
    assert device.connections >= 3
    assert all(row.status == StatusCode.GOOD for row in found.rows("A"))


async def test_a_slow_agent_is_not_a_silent_device(device: Device) -> None:
    """Silence counts while the device is asked, not while the agent is busy."""
    slow = source(device.port, *TWO, poll_interval=0.1, timeout=5, silence=1)
    await slow.connect()
    frames = slow.frames()
    await anext(frames)
    await asyncio.sleep(1.2)
    assert (await anext(frames)).row(0).status == StatusCode.GOOD
    await slow.close()


async def test_proof_and_marks_are_read_from_the_wire(device: Device) -> None:
    """A float in swapped words, proven by the device's test register; a NaN mark; coils beside."""
    device.hold(10, 0x0000, 0x4158, function=4)  # 13.5, low word first
    device.hold(12, 0x0000, 0x7FC0, function=4)
    device.hold(20, 0xE666, 0xC2F6, function=4)  # -123.45
    device.hold(3, 1, 0, function=1)
    wide = {"table": "input", "type": "float32", "word_order": "little"}
    tags = (
        {"name": "DP", "address": 10, **wide},
        {"name": "RH", "address": 12, "no_value": [math.nan], **wide},
        {"name": "door", "table": "coil", "address": 3, "type": "bool"},
    )
    proof = [{"address": 20, "value": -123.45, **wide}]
    async with reading(source(device.port, *tags, proof=proof)) as found:
        await found.value("DP")
        device.hold(20, 0, 0, function=4)
        await eventually(lambda: found.rows("DP")[-1].reason == Reason.UNPROVEN, within=60)
    first = list(found.frames[0].rows())
    assert [row.value for row in first] == [13.5, None, True]
    assert [row.reason for row in first] == [Reason.NONE, Reason.NO_VALUE, Reason.NONE]
    assert found.rows("DP")[-1].value is None


async def test_a_server_of_the_library_is_read_too() -> None:
    """The bytes of another implementation than this test's own: all four tables."""
    port = free_port()
    blocks = (
        [SimData(0, values=[True, False, True], datatype=DataType.BITS)],
        [SimData(0, values=[False, True], datatype=DataType.BITS)],
        [SimData(0, values=[-10], datatype=DataType.INT16)],
        [SimData(0, values=[13.5], datatype=DataType.FLOAT32)],
    )
    server: Any = ModbusTcpServer(SimDevice(1, simdata=blocks), address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    tags: tuple[dict[str, Any], ...] = (
        {"name": "coil", "table": "coil", "address": 2, "type": "bool"},
        {"name": "discrete", "table": "discrete", "address": 1, "type": "bool"},
        {"name": "holding", "address": 0},
        {"name": "input", "table": "input", "address": 0, "type": "float32"},
    )
    try:
        async with reading(source(port, *tags, proof="none-available")) as found:
            await found.value("coil")
        assert [row.value for row in found.frames[0].rows()] == [True, True, -10.0, 13.5]
    finally:
        await server.shutdown()
