import asyncio
import contextlib
import os
import tty
from pathlib import Path

import pytest

from adapters.contract import SourceError
from schemas.records import GapCause
from schemas.status import StatusCode
from simulators.devices.modbus import ModbusServer
from simulators.devices.modbus_line import LineServer
from simulators.devices.transmitter import Climate
from tests.adapters.modbus.plant import HUMIDITY, SILENCE, source
from tests.adapters.support import reading
from tests.support.eventually import eventually

NONE = {"proof": "none-available"}


def climate() -> Climate:
    made = Climate()
    made.values["humidity"] = 45.5
    return made


@pytest.mark.parametrize("framing", ["rtu", "ascii"])
async def test_a_line_behind_a_serial_device_server_is_read(framing: str) -> None:
    """The frames of a line through TCP, where a late answer has no number either."""
    server = ModbusServer({1: climate()}, framing=framing, late=0.5)  # type: ignore[arg-type] # one of the two
    await server.start()
    try:
        spoken_to = source(framing, server.address, HUMIDITY, **NONE)
        async with reading(spoken_to) as found:
            assert (await found.value("RH")).value == 45.5
            server.lie("late-answer")
            await eventually(lambda: found.rows("RH")[-1].value is None, within=60)
            server.lie("late-answer", on=False)
            await eventually(lambda: found.rows("RH")[-1].value == 45.5, within=60)
            assert spoken_to.counts["connections"] == 1
    finally:
        await server.stop()


async def test_two_sources_cannot_wire_one_line_differently() -> None:
    """The second one is told."""
    line = LineServer({1: climate()}, "rtu")
    await line.start()
    try:
        async with reading(source("rtu", line.address, HUMIDITY, **NONE)):
            other = source("rtu", line.address, HUMIDITY, line={"path": line.address, "baud_rate": 9600}, **NONE)
            with pytest.raises(SourceError, match="must be equal"):
                await other.connect()
            await other.close()
    finally:
        await line.stop()


async def test_a_port_that_is_gone_is_unreachable_and_found_again(tmp_path: Path) -> None:
    """An adapter that is pulled and put back under its stable name."""
    link = tmp_path / "line"
    line = LineServer({1: climate()}, "rtu", link)
    await line.start()
    spoken_to = source("rtu", str(link), HUMIDITY, **NONE)
    async with reading(spoken_to) as found:
        await found.value("RH")
        await line.stop()
        assert (await found.ended(within=60)).cause is GapCause.DEVICE_UNREACHABLE
    again = LineServer({1: climate()}, "rtu", link)
    await again.start()
    try:
        async with reading(spoken_to) as found:
            assert (await found.value("RH")).status == StatusCode.GOOD
    finally:
        await again.stop()


async def test_a_babbling_line_is_lost() -> None:
    """Octets without end and without request are nobody's answer."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    babbled = source("rtu", os.ttyname(slave), HUMIDITY, silence=SILENCE, **NONE)

    def babble() -> bool:
        with contextlib.suppress(BlockingIOError):
            os.write(master, b"\x55" * 8)
        return False

    async def babbling() -> None:
        with contextlib.suppress(AssertionError):
            await eventually(babble, within=60, every=0.005)

    task = asyncio.create_task(babbling())
    with pytest.raises(SourceError, match=r"does not become quiet|answers no request"):
        await babbled.connect()
    task.cancel()
    await babbled.close()
    os.close(master)
    os.close(slave)
