"""A serial line as lines of bytes, through a local port or a serial device server."""

import asyncio
import termios
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import serial
import serial_asyncio_fast

from adapters.serial.remote import open_rfc2217
from adapters.serial.settings import LineSettings

LONGEST = 256
"""Octets; no line of a dialect or pattern is longer."""

_PARITY = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}
_CLOSING = 1.0


class Line(asyncio.Protocol):
    """One open port. Lines keep their end; a run of octets too long for a line is handed out as it is."""

    def __init__(self, end: bytes = b"\n") -> None:
        self._end = end
        self._transport: Any = None
        self._buffer = b""
        self._lines: deque[bytes] = deque()
        self._changed = asyncio.Event()
        self._closed = asyncio.Event()
        self._error: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is open."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Cut at every line end."""
        *lines, self._buffer = (self._buffer + data).split(self._end)
        self._lines.extend(line + self._end for line in lines)
        if len(self._buffer) > LONGEST:
            self._lines.append(self._buffer)
            self._buffer = b""
        self._changed.set()

    def connection_lost(self, error: Exception | None) -> None:
        """The port is gone, or closed by us."""
        self._error = error
        self._closed.set()
        self._changed.set()

    async def next(self) -> bytes:
        """The next line. Raises ConnectionError when the port is gone."""
        while not self._lines:
            await self._change()
        return self._lines.popleft()

    def drain(self) -> list[bytes]:
        """All that has come without being asked for, whole lines and a begun one."""
        strays = [*self._lines, self._buffer] if self._buffer else list(self._lines)
        self._lines.clear()
        self._buffer = b""
        return strays

    async def quiet(self, pause: float) -> None:
        """Wait until nothing has come for `pause` seconds. Raises ConnectionError when the port is gone."""
        while True:
            try:
                async with asyncio.timeout(pause):
                    await self._change()
            except TimeoutError:
                return

    def send(self, command: bytes) -> None:
        """Send a command. On a port that is gone nothing happens: `next` tells."""
        self._transport.write(command)

    async def close(self) -> None:
        """Close the port without waiting for what the other side does not take."""
        if self._transport is not None:
            if not self._transport.is_closing():  # pyserial's transport cannot be asked twice
                self._transport.abort()
            async with asyncio.timeout(_CLOSING):
                await self._closed.wait()

    async def _change(self) -> None:
        if self._closed.is_set():
            raise ConnectionError(f"the port is gone: {self._error or 'closed'}")
        self._changed.clear()
        await self._changed.wait()


async def open_line(settings: LineSettings, end: bytes = b"\n") -> Line:
    """Open the port, a local one for us alone.

    Raises OSError (pyserial's SerialException is one, and so is a TimeoutError after `silence` seconds) or ValueError.
    """
    line = Line(end)
    async with asyncio.timeout(settings.silence):
        transport = await _OPEN.get(urlsplit(settings.port).scheme, _open_local)(settings, line)
    if line._transport is None:  # noqa: SLF001 - the library tells the protocol only in a later turn of the loop
        line.connection_made(transport)
    return line


def _port_settings(settings: LineSettings) -> dict[str, Any]:
    """As pyserial calls them."""
    return {
        "baudrate": settings.baud_rate,
        "bytesize": settings.data_bits,
        "parity": _PARITY[settings.parity],
        "stopbits": settings.stop_bits,
        "xonxoff": settings.flow_control == "xon-xoff",
        "rtscts": settings.flow_control == "rts-cts",
    }


async def _open_local(settings: LineSettings, line: Line) -> asyncio.BaseTransport:
    port = serial.serial_for_url(settings.port, exclusive=True, timeout=0, write_timeout=0, **_port_settings(settings))
    try:
        transport, _ = await serial_asyncio_fast.connection_for_serial(asyncio.get_running_loop(), lambda: line, port)
    except termios.error as error:  # not an OSError, and pyserial lets it through
        port.close()
        raise OSError(f"the port does not take these line settings: {error.args[-1]}") from error
    opened: asyncio.BaseTransport = transport
    return opened


async def _open_socket(settings: LineSettings, line: Line) -> asyncio.BaseTransport:
    """Raw octets over TCP: the device server keeps the line settings."""
    url = urlsplit(settings.port)
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: line, url.hostname or "", url.port or 0)
    return transport


async def _open_rfc2217(settings: LineSettings, line: Line) -> asyncio.BaseTransport:
    """Telnet with COM port control: the device server is told the line settings."""
    return await open_rfc2217(settings.port, _port_settings(settings), line)


_OPEN = {"socket": _open_socket, "rfc2217": _open_rfc2217}
