"""A wire between a client and a server that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Link:
    """Forwards connections to a port of this machine, until it is cut."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.left: int | None = None
        """Octets that still pass to clients before all connections are cut; then it is None again."""
        self.connections = 0

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    def cut(self) -> None:
        """All connections, at once; new ones pass."""
        for writer in self._writers:
            writer.transport.abort()

    async def close(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
            self._writers |= {writer, back}
            await asyncio.gather(self._pass(reader, back, counted=False), self._pass(there, writer, counted=True))
            self._writers -= {writer, back}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool) -> None:
        with suppress(OSError):
            while octets := await reader.read(65_536):
                if counted and self.left is not None:
                    self.left -= len(octets)
                    if self.left < 0:
                        self.left = None
                        self.cut()
                        break
                writer.write(octets)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def link(to: int) -> AsyncIterator[Link]:
    """Open while the block runs."""
    one = Link(to)
    await one.open()
    try:
        yield one
    finally:
        await one.close()
