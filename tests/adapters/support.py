"""Drives a source as the agent does, and keeps what it says."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.contract import Report, Source, SourceError
from schemas.frame import Frame, Row
from tests.support.eventually import eventually

LIBRARIES = ("Client.", "UaClient.", "UaSession.", "ModbusProtocol.", "SerialTransport.")
CLIENTS = (*LIBRARIES, "OpcUa", "Publishing.", "ModbusSource", "BalanceSource", "AsciiLine")


class Reading:
    """All frames of a source so far, what else it said, and the error that ended them."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.others: list[Report] = []
        self.error: SourceError | None = None

    def rows(self, tag: str) -> list[Row]:
        """Every sample of a tag, oldest first."""
        return [row for frame in self.frames for row in frame.rows() if row.tag == tag]

    def last(self, tag: str) -> Row | None:
        """The newest sample of a tag."""
        rows = self.rows(tag)
        return rows[-1] if rows else None

    async def value(self, tag: str, *, within: float = 10) -> Row:
        """The first sample of a tag."""
        await eventually(lambda: self.rows(tag), within=within, what=f"a sample of {tag}")
        return self.rows(tag)[0]

    async def ended(self, *, within: float) -> SourceError:
        """The error that ended the frames."""
        await eventually(lambda: self.error is not None, within=within, what="a SourceError")
        assert self.error is not None
        return self.error

    async def follow(self, source: Source) -> None:
        """Take frames until the source is lost."""
        try:
            async for report in source.frames():
                if isinstance(report, Frame):
                    self.frames.append(report)
                    await source.acknowledge(report)
                else:
                    self.others.append(report)
        except SourceError as error:
            self.error = error


@asynccontextmanager
async def reading(source: Source) -> AsyncIterator[Reading]:
    """The source connected and followed; closed at the end, after which none of its tasks may be left."""
    found = Reading()
    try:
        await source.connect()
        task = asyncio.create_task(found.follow(source))
        try:
            yield found
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    finally:
        await source.close()
    await eventually(lambda: not client_tasks(), within=60, what="the end of all tasks of the client libraries")


def client_tasks() -> list[str]:
    """Tasks that a source, or the library below it, has left running in this loop."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith(CLIENTS)]


def free_port() -> int:
    """A TCP port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
