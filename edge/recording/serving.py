"""Serves a recording where the device was: at a TCP port, or at a pseudo-terminal."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from adapters.tools import ToolError
from edge.recording.record import Recording
from edge.recording.relay import Terminal
from edge.recording.replay import Memory, Player

_SIZE = 65_536


@asynccontextmanager
async def replaying(
    recording: Recording, unknown: Callable[[bytes], None], *, port: int = 0, link: Path | None = None
) -> AsyncIterator[str]:
    """The address at which the device is played: `127.0.0.1:port`, or the path of a terminal. Raises ToolError."""
    memory = Memory(recording)
    if recording.head.place == "port":
        async with _terminal(memory, unknown, link) as path:
            yield path
    else:
        async with _tcp(memory, unknown, port) as address:
            yield address


@asynccontextmanager
async def _tcp(memory: Memory, unknown: Callable[[bytes], None], port: int) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        player = Player(memory, writer.write, unknown)
        with suppress(OSError):
            while octets := await reader.read(_SIZE):
                player.received(octets)
        await player.close()
        writer.close()

    try:
        server = await asyncio.start_server(serve, "127.0.0.1", port)
    except OSError as error:
        raise ToolError(f"port {port} of this machine cannot be had: {error.strerror}") from error
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        server.close()


@asynccontextmanager
async def _terminal(memory: Memory, unknown: Callable[[bytes], None], link: Path | None) -> AsyncIterator[str]:
    terminal, loop = Terminal(), asyncio.get_running_loop()
    try:
        if link is not None:
            link.symlink_to(terminal.path)
        player = Player(memory, terminal.write, unknown)
        loop.add_reader(terminal.master, lambda: player.received(terminal.read()))
        try:
            yield str(link or terminal.path)
        finally:
            loop.remove_reader(terminal.master)
            await player.close()
            if link is not None:
                link.unlink(missing_ok=True)
    finally:
        terminal.close()
