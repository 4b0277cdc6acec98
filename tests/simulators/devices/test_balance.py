import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import serial

from simulators.devices.balance import Balance

GREETING = b'I4 A "B935412277"\r\n'


@pytest.fixture
async def balance(tmp_path: Path) -> AsyncIterator[Balance]:
    device = Balance(tmp_path / "balance", settling=0.3, patience=1.0)
    await device.start()
    yield device
    await device.stop()


class Line:
    """The other end of the terminal, read in threads so that the balance can answer in this loop."""

    def __init__(self, path: str) -> None:
        self._port = serial.Serial(path, 9600, timeout=60)

    async def ask(self, command: str) -> bytes:
        self._port.write(command.encode() + b"\r\n")
        return await self.read()

    async def read(self) -> bytes:
        return bytes(await asyncio.to_thread(self._port.readline))

    def close(self) -> None:
        self._port.close()


@pytest.fixture
async def line(balance: Balance) -> AsyncIterator[Line]:
    port = Line(balance.address)
    yield port
    port.close()


async def test_a_question_is_answered_over_the_terminal(balance: Balance, line: Line) -> None:
    """CR LF there and back; an unknown command is a syntax error."""
    assert await line.ask("SI") == b"S S       0.00 g\r\n"
    assert await line.ask("I4") == GREETING
    assert await line.ask("weigh") == b"ES\r\n"


async def test_s_waits_until_the_load_stands_still(balance: Balance, line: Line) -> None:
    """SI sees it moving, S answers with the final value."""
    await balance.update({"load": 512.34})
    assert (await line.ask("SI")).startswith(b"S D ")
    assert await line.ask("S") == b"S S     512.34 g\r\n"


async def test_a_load_that_never_stands_still_ends_s_with_i(balance: Balance, line: Line) -> None:
    """After its patience the balance says `S I`."""

    async def shake() -> None:
        for grams in range(1, 1000):
            await balance.update({"load": float(grams)})
            await asyncio.sleep(0.05)

    shaking = asyncio.create_task(shake())
    await asyncio.sleep(0)  # the first shake
    assert await line.ask("S") == b"S I\r\n"
    shaking.cancel()


async def test_sir_repeats_until_the_next_weighing_or_reset(balance: Balance, line: Line) -> None:
    """Lines come unasked; after @ only the serial number does, and what was being waited for is dropped."""
    assert await line.ask("SIR") == b"S S       0.00 g\r\n"
    assert await line.read() == b"S S       0.00 g\r\n"
    await balance.update({"load": 10.0})
    answer = await line.ask("@")
    while answer.startswith(b"S "):
        answer = await line.read()
    assert answer == GREETING
    assert await line.ask("I2") == b'I2 A "XSR6002S 6100.00 g"\r\n'


async def test_a_fault_is_answered_and_ends(balance: Balance, line: Line) -> None:
    """None is a balance that can't measure."""
    await balance.update({"load": None})
    assert await line.ask("S") == b"S S Error 10b\r\n"
    await balance.update({"load": 5.0})
    assert await line.ask("S") == b"S S       5.00 g\r\n"


async def test_a_line_that_never_ends_is_thrown_away(balance: Balance, line: Line) -> None:
    """Noise without a line end does not fill the memory and not the next answer."""
    line._port.write(b"x" * 100)
    assert await line.read() == b"ES\r\n"
    assert await line.ask("SI") == b"S S       0.00 g\r\n"


async def test_power_on_greets_with_the_serial_number(tmp_path: Path) -> None:
    """Who is connected hears that tare and streaming are gone (F48)."""
    device = Balance(tmp_path / "balance")
    await device.start()
    with (tmp_path / "balance").open("rb", buffering=0) as terminal:
        assert await asyncio.to_thread(terminal.read, len(GREETING)) == GREETING
    await device.stop()


async def test_the_link_goes_with_the_balance() -> None:
    """Without a place of its own it makes one, and leaves nothing."""
    device = Balance()
    await device.start()
    link = Path(device.address)
    assert link.is_symlink()
    await device.stop()
    assert not link.parent.exists()
