"""A relay between the agent and a device that notes what both say. It changes nothing and holds nothing back."""

import asyncio
import os
import termios
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal

import serial

from adapters.tools import Port, Tcp, ToolError
from edge.recording.record import Recorder

_LOOPBACK = "127.0.0.1"
_SIZE = 65_536


@asynccontextmanager
async def relayed(device: Tcp | Port, recorder: Recorder) -> AsyncIterator[Tcp | Port]:
    """Where the agent finds the device while it is recorded. Raises ToolError."""
    if isinstance(device, Tcp):
        async with _relayed_tcp(device, recorder) as place:
            yield place
    else:
        with_port = _PortRelay(device, recorder)
        try:
            yield with_port.place
        finally:
            with_port.close()


@asynccontextmanager
async def _relayed_tcp(device: Tcp, recorder: Recorder) -> AsyncIterator[Tcp]:
    relay = _TcpRelay(device, recorder)
    server = await asyncio.start_server(relay.serve, _LOOPBACK, 0)
    try:
        yield Tcp(_LOOPBACK, server.sockets[0].getsockname()[1], device.framing)
    finally:
        server.close()
        await relay.end()
        await server.wait_closed()


class _TcpRelay:
    """Each connection of the agent becomes one to the device."""

    def __init__(self, device: Tcp, recorder: Recorder) -> None:
        self._device = device
        self._recorder = recorder
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:  # by `end`; the stream's own callback must not see it
            return
        finally:
            writer.close()
            self._tasks.discard(task) if task is not None else None

    async def end(self) -> None:
        """Close every connection."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self._recorder.opened()
        try:
            there, device = await asyncio.open_connection(self._device.host, self._device.port)
        except OSError:  # the agent sees its connection closed, as without us
            self._recorder.closed(number)
            return
        pumps = [
            asyncio.create_task(self._pump(reader, device, number, "asked")),
            asyncio.create_task(self._pump(there, writer, number, "said")),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            device.close()
            self._recorder.closed(number)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, number: int, what: Literal["asked", "said"]
    ) -> None:
        with suppress(OSError):
            while octets := await source.read(_SIZE):
                self._recorder.heard(number, what, octets)
                sink.write(octets)
                await sink.drain()


class Terminal:
    """A pseudo-terminal whose other end, `path`, a program opens as a serial port."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()  # ours is kept open: a master without a slave gives errors
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self._slave)

    def read(self) -> bytes:
        """What was sent by the program."""
        with suppress(BlockingIOError, OSError):
            return os.read(self.master, _SIZE)
        return b""

    def write(self, octets: bytes) -> None:
        """Send to the program; what it does not read in time is lost, as on a line."""
        with suppress(BlockingIOError, OSError):
            os.write(self.master, octets)

    def close(self) -> None:
        """Take the terminal away."""
        os.close(self.master)
        os.close(self._slave)


class _PortRelay:
    """The device's port here, and a pseudo-terminal in its place for the agent."""

    def __init__(self, device: Port, recorder: Recorder) -> None:
        try:
            self._port = serial.Serial(device.path, exclusive=True, timeout=0, write_timeout=0, **device.line)
        except (OSError, ValueError, termios.error) as error:
            raise ToolError(f"{device.path}: the port cannot be opened: {error}") from error
        self._recorder = recorder
        self._number = recorder.opened()
        self._terminal = Terminal()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._terminal.master, self._asked)
        self._loop.add_reader(self._port.fileno(), self._said)
        self.place = Port(self._terminal.path)

    def close(self) -> None:
        """Give the port back."""
        self._recorder.closed(self._number)
        self._loop.remove_reader(self._terminal.master)
        self._stop_hearing()
        self._port.close()
        self._terminal.close()

    def _asked(self) -> None:
        if octets := self._terminal.read():
            self._recorder.heard(self._number, "asked", octets)
            with suppress(OSError):  # a port that is gone shows in reading
                self._port.write(octets)

    def _said(self) -> None:
        try:
            octets = self._port.read(_SIZE)
        except OSError:
            octets = b""
        if not octets:  # readable without an octet: the port is gone
            self._stop_hearing()
            return
        self._recorder.heard(self._number, "said", octets)
        self._terminal.write(octets)

    def _stop_hearing(self) -> None:
        with suppress(OSError, ValueError, TypeError):  # a port that pyserial has closed has no number any more
            self._loop.remove_reader(self._port.fileno())
