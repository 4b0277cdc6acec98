"""The octets of one connection: TCP, or a serial port here."""

import asyncio
import termios
from typing import Any

import serial
import serial_asyncio_fast

from adapters.modbus.wiring import SerialPort

_PARITY = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


class Channel(asyncio.Protocol):
    """What was received since it was last cleared, and how to send."""

    def __init__(self) -> None:
        self.received = b""
        self._transport: Any = None
        self._changed = asyncio.Event()
        self._gone: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the other side has not closed it, as far as is known."""
        return self._transport is not None and self._gone is None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self.received += data
        self._changed.set()

    def connection_lost(self, error: Exception | None) -> None:
        """It is gone, or closed by us."""
        self._gone = str(error or "closed by the other side")
        self._changed.set()

    def clear(self) -> bytes:
        """Forget what was received; gives it for the last time."""
        received, self.received = self.received, b""
        return received

    def send(self, frame: bytes) -> None:
        """Send; on a connection that is gone nothing happens, `change` tells."""
        self._transport.write(frame)

    async def change(self) -> None:
        """Wait until more is received. Raises ConnectionError when the connection is gone."""
        if self._gone is not None:
            raise ConnectionError(self._gone)
        self._changed.clear()
        await self._changed.wait()

    def close(self) -> None:
        """Close at once; what was not sent is dropped."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.abort()


async def open_tcp(host: str, port: int) -> Channel:
    """A TCP connection. Raises OSError."""
    _, channel = await asyncio.get_running_loop().create_connection(Channel, host, port)
    return channel


async def open_serial(settings: SerialPort) -> Channel:
    """A serial port of this machine, for us alone. Raises OSError or ValueError."""
    port = serial.Serial(
        settings.path,
        settings.baud_rate,
        settings.data_bits,
        _PARITY[settings.parity],
        settings.stop_bits,
        exclusive=True,
    )
    try:
        channel = Channel()
        loop = asyncio.get_running_loop()
        transport, _ = await serial_asyncio_fast.connection_for_serial(loop, lambda: channel, port)
    except termios.error as error:  # not an OSError, and pyserial lets it through
        port.close()
        raise OSError(f"the port does not take these line settings: {error.args[-1]}") from error
    channel.connection_made(transport)  # the library tells it only in a later turn of the loop
    return channel
