"""A serial port as lines of bytes."""

import asyncio
from collections import deque
from typing import Any

import serial
import serial_asyncio_fast

from adapters.serial.settings import MtSicsSettings
from adapters.serial.sics import LONGEST

_PARITY = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}
_CLOSING = 1.0


class Line(asyncio.Protocol):
    """One open port. Lines keep their end; a run of bytes too long for a line is handed out as it is."""

    def __init__(self) -> None:
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
        """Cut at every line feed."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        self._lines.extend(line + b"\n" for line in lines)
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
            if self._closed.is_set():
                raise ConnectionError(f"the port is gone: {self._error or 'closed'}")
            self._changed.clear()
            await self._changed.wait()
        return self._lines.popleft()

    def drain(self) -> list[bytes]:
        """All that has come without being asked for, whole lines and a begun one."""
        strays = [*self._lines, self._buffer] if self._buffer else list(self._lines)
        self._lines.clear()
        self._buffer = b""
        return strays

    def send(self, command: bytes) -> None:
        """Send a command. On a port that is gone nothing happens: `next` tells."""
        self._transport.write(command)

    async def close(self) -> None:
        """Close the port without waiting for what the other side does not take."""
        if self._transport is not None:
            if not self._transport.is_closing():  # the library cannot be asked twice
                self._transport.abort()
            async with asyncio.timeout(_CLOSING):
                await self._closed.wait()


async def open_line(settings: MtSicsSettings) -> Line:
    """Open the port for us alone. Raises OSError (pyserial's SerialException is one) or ValueError."""
    line = Line()
    transport, _ = await serial_asyncio_fast.create_serial_connection(
        asyncio.get_running_loop(),
        lambda: line,
        settings.port,
        baudrate=settings.baud_rate,
        bytesize=settings.data_bits,
        parity=_PARITY[settings.parity],
        stopbits=settings.stop_bits,
        xonxoff=settings.flow_control == "xon-xoff",
        rtscts=settings.flow_control == "rts-cts",
        exclusive=True,
    )
    line.connection_made(transport)  # the library does so too, but only in a later turn of the loop
    return line
