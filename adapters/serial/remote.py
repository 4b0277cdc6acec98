"""A port behind a serial device server that speaks RFC 2217, through pyserial.

pyserial reads it with blocking calls, so a thread of ours waits there and hands the octets to the event loop.
"""

import asyncio
import threading
from typing import Any

import serial

_LOOK = 0.1
"""Seconds; how long the reading thread waits before it looks whether it shall end."""


class Rfc2217Transport(asyncio.Transport):
    """As much of a transport as a `Line` needs. The thread closes the port as its last act."""

    def __init__(self, port: Any, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._port = port
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._ending = threading.Event()
        protocol.connection_made(self)
        threading.Thread(target=self._read, name="rfc2217", daemon=True).start()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """A command of a few octets, straight into the socket's buffer. A port that is gone shows in reading."""
        try:
            self._port.write(bytes(data))
        except OSError:
            self._ending.set()

    def is_closing(self) -> bool:
        """Whether the port is closed, or will be."""
        return self._ending.is_set()

    def abort(self) -> None:
        """Have the thread close the port; `connection_lost` comes at once."""
        self._ending.set()
        self._protocol.connection_lost(None)

    def _read(self) -> None:
        error: Exception | None = None
        try:
            while not self._ending.is_set():
                if data := self._port.read(1):
                    self._tell(self._protocol.data_received, data + self._port.read(self._port.in_waiting))
        except OSError as failed:  # pyserial's SerialException is one
            error = failed
        self._ending.set()
        self._tell(self._protocol.connection_lost, error)
        self._port.close()  # takes 0.3 s

    def _tell(self, hear: Any, what: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(hear, what)


async def open_rfc2217(url: str, settings: dict[str, Any], protocol: asyncio.Protocol) -> Rfc2217Transport:
    """Connect and set the line, in a thread. Raises OSError or ValueError.

    When this is cancelled meanwhile, the port is closed as soon as it is open.
    """
    opening = asyncio.get_running_loop().run_in_executor(
        None, lambda: serial.serial_for_url(url, timeout=_LOOK, **settings)
    )
    try:
        port = await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_discard)
        raise
    return Rfc2217Transport(port, protocol)


def _discard(opening: asyncio.Future[Any]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        threading.Thread(target=opening.result().close, name="rfc2217 closing", daemon=True).start()
