"""A sensor that keeps sending lines, over a real pseudo-terminal."""

import asyncio
import contextlib
import os
import tty
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.contract import SourceError
from adapters.serial import ASCII_LINE
from adapters.serial.ascii_settings import AsciiLineSettings
from adapters.serial.ascii_source import AsciiLineSource
from schemas.records import GapCause
from schemas.status import Reason, StatusCode
from tests.adapters.support import reading
from tests.support.eventually import eventually

SILENCE = 1.0
PATIENT = 15.0
"""s of silence for tests that are not about it: a busy machine stops for seconds."""
EVERY = 0.05


class Sensor:
    """Sends `line` all the time, unless it is None; a terminal of its own."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.port = Path(os.ttyname(self._slave))
        self.line: bytes | None = b"DP  -14.50 Pa OK\r"
        self._sending = asyncio.create_task(self._send())

    def pull_out(self) -> None:
        self._sending.cancel()
        if self._master >= 0:
            os.close(self._slave)
            os.close(self._master)
            self._master = -1

    async def _send(self) -> None:
        while True:
            if self.line is not None:
                with contextlib.suppress(BlockingIOError):
                    os.write(self._master, self.line)
            await asyncio.sleep(EVERY)


@pytest.fixture
async def sensor() -> AsyncIterator[Sensor]:
    made = Sensor()
    yield made
    made.pull_out()


def source(sensor: Sensor, silence: float = PATIENT) -> AsciiLineSource:
    settings = ASCII_LINE.settings.model_validate(
        {
            "type": "ascii-line",
            "name": "gauge",
            "port": str(sensor.port),
            "silence": silence,
            "pattern": "DP {dp:+7.2f} Pa {state:2s}",
            "terminator": "cr",
            "status": {"state": {"OK": "good", "SE": "sensor-fault"}},
            "tags": [{"name": "DP", "field": "dp", "unit": "Pa"}],
        }
    )
    assert isinstance(settings, AsciiLineSettings)
    return AsciiLineSource(settings)


async def test_each_line_is_a_frame(sensor: Sensor) -> None:
    """With the value as it stands there, and the status by the word beside it."""
    async with reading(source(sensor)) as found:
        row = await found.value("DP")
        assert (row.value, row.unit, row.status) == (-14.5, "Pa", StatusCode.GOOD)
        sensor.line = b"DP  -14.50 Pa SE\r"
        await eventually(lambda: found.rows("DP")[-1].status == StatusCode.BAD_SENSOR_FAILURE, within=60)
        sensor.line = b"DP  +15.00 Pa OK\r"
        await eventually(lambda: found.rows("DP")[-1].value == 15.0, within=60)
    assert found.error is None


@pytest.mark.parametrize(
    "damaged",
    [b"DP  -1.50 Pa OK\r", b"DP  -14.50 Pa OK\n\r", b"-14.50\r", b"DP  -14.50 mmOK\r", b"DP    \xb1.50 Pa OK\r"],
)
async def test_f43_a_damaged_line_makes_every_tag_bad(sensor: Sensor, damaged: bytes) -> None:
    """Not only lost, and never read in part; the next whole line counts again."""
    async with reading(source(sensor)) as found:
        await found.value("DP")
        sensor.line = damaged
        await eventually(lambda: found.rows("DP")[-1].reason is Reason.COMM, within=60)
        sensor.line = b"DP  +15.00 Pa OK\r"
        await eventually(lambda: found.rows("DP")[-1].value == 15.0, within=60)
    assert {row.value for row in found.rows("DP")} == {-14.5, 15.0, None}


async def test_f50_a_sensor_that_falls_silent_or_talks_nonsense_is_lost(sensor: Sensor) -> None:
    """The port is open; without a whole line within `silence` that proves nothing."""
    again = source(sensor, SILENCE)
    async with reading(again) as found:
        await found.value("DP")
        sensor.line = None
        error = await found.ended(within=SILENCE + 20)
    assert error.cause is GapCause.DEVICE_SILENT
    sensor.line = bytes(octet | 0x80 if octet.bit_count() % 2 else octet for octet in b"DP  -14.50 Pa OK\r")
    with pytest.raises(SourceError, match="even parity") as lost:
        await again.connect()
    await again.close()
    assert lost.value.cause is GapCause.DEVICE_SILENT


async def test_f49_a_port_that_is_pulled_out_is_lost(sensor: Sensor) -> None:
    """And cannot be opened."""
    again = source(sensor)
    async with reading(again) as found:
        await found.value("DP")
        sensor.pull_out()
        error = await found.ended(within=60)
    assert error.cause is GapCause.DEVICE_UNREACHABLE
    with pytest.raises(SourceError):
        await again.connect()
    await again.close()
