"""The ways to a serial line: a port of our own, or one behind a serial device server."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.contract import SourceError
from adapters.serial.line import LONGEST, Line
from schemas.records import GapCause
from schemas.status import StatusCode
from simulators.devices.balance import Balance
from tests.adapters.serial.plant import SILENCE, balance, source
from tests.adapters.serial.servers import DeviceServer
from tests.adapters.support import free_port, reading
from tests.support.eventually import eventually

every = pytest.mark.parametrize("rfc2217", [False, True], ids=["socket", "rfc2217"])


@pytest.fixture
async def scale(tmp_path: Path) -> AsyncIterator[Balance]:
    made = balance(tmp_path / "port", "mt-sics")
    await made.start()
    await made.update({"load": 100.0})
    yield made
    await made.stop()


@every
async def test_a_balance_behind_a_device_server_is_read(scale: Balance, rfc2217: bool) -> None:
    """As on a port of our own; thrown out by the server it is lost, and found again."""
    with DeviceServer(scale.address, rfc2217=rfc2217) as server:
        again = source(server.url, "mt-sics", silence=5)
        for _ in range(2):
            async with reading(again) as found:
                await eventually(lambda: found.rows("W") and found.rows("W")[-1].status == StatusCode.GOOD, within=60)
                server.throw_out()
                error = await found.ended(within=60)
            assert error.cause is GapCause.DEVICE_UNREACHABLE
    await eventually(lambda: not _threads(), within=60)


@every
async def test_a_balance_that_hangs_behind_a_device_server_is_lost(scale: Balance, rfc2217: bool) -> None:
    """The connection stands: silence is what tells (F50)."""
    with DeviceServer(scale.address, rfc2217=rfc2217) as server:
        async with reading(source(server.url, "mt-sics", silence=5)) as found:
            await found.value("W")
            scale.lie("hang")
            error = await found.ended(within=60)
    assert error.cause is GapCause.DEVICE_SILENT


@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
async def test_a_device_server_that_is_not_there_fails_connect(scheme: str) -> None:
    """With the address in the detail."""
    nobody = source(f"{scheme}://127.0.0.1:{free_port()}", "mt-sics")
    with pytest.raises(SourceError, match=f"{scheme}://127.0.0.1") as lost:
        await nobody.connect()
    await nobody.close()
    assert lost.value.cause is GapCause.DEVICE_UNREACHABLE


@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
async def test_a_device_server_that_says_nothing_fails_connect_in_time(scheme: str) -> None:
    """It accepts and is silent."""
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    nobody = source(f"{scheme}://127.0.0.1:{port}", "mt-sics", silence=SILENCE)
    with pytest.raises(SourceError):
        await asyncio.wait_for(nobody.connect(), 60)
    await nobody.close()
    await eventually(lambda: not _threads(), within=60)
    server.close()


async def test_line_settings_that_a_port_does_not_take_fail_connect(scale: Balance) -> None:
    """A pseudo-terminal has no parity: the error is one line, and no traceback."""
    refused = source(scale.address, "mt-sics", data_bits=7, parity="even")
    with pytest.raises(SourceError, match="does not take these line settings"):
        await refused.connect()
    await refused.close()


@pytest.mark.parametrize("port", ["tcp://host:1", "socket://host", "socket://:4001", "rfc2217://host:1/path"])
def test_an_address_that_leads_nowhere_is_refused(port: str) -> None:
    """With the forms that do."""
    with pytest.raises(ValidationError, match="socket://host:port or rfc2217://host:port"):
        source(port, "mt-sics")


def test_lines_keep_their_end_and_noise_is_bounded() -> None:
    """A run without an end is handed out as it is."""
    line = Line()
    line.data_received(b"one\r\ntw")
    line.data_received(b"o\nthree")
    assert line.drain() == [b"one\r\n", b"two\n", b"three"]
    line.data_received(b"x" * (LONGEST + 1))
    assert line.drain() == [b"x" * (LONGEST + 1)]
    assert line.drain() == []


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "rfc2217" in thread.name]
