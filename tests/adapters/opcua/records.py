"""A source against the simulated device, driven by the agent's supervisor: what comes out is what would be sealed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.opcua import ADAPTER
from adapters.opcua.source import OpcUaSource
from edge.supervise import Supervisor, already_safe
from schemas.codec import Record
from schemas.frame import Frame, Row
from schemas.records import Condition, Gap
from simulators.devices.opcua import OpcUaDevice, Point
from tests.adapters.support import client_tasks
from tests.support.eventually import eventually

POINTS = [Point("F1.DP", unit="Pa", low=-50, high=100), Point("F1.N", "int"), Point("F1.S", "string")]
NAMESPACE = "urn:plant:line-3:ems"
SILENCE = 3.0


class Records:
    """Everything that a supervised source has said, in order."""

    def __init__(self, source: OpcUaSource) -> None:
        self.supervisor = Supervisor("ems", source, self.take)
        self.all: list[Record] = []

    def take(self, record: Record) -> asyncio.Future[None]:
        self.all.append(record)
        return already_safe()

    def frames(self, *, backfilled: bool = False) -> list[Frame]:
        return [one for one in self.all if isinstance(one, Frame) and one.backfilled == backfilled]

    def rows(self, tag: str, *, backfilled: bool = False) -> list[Row]:
        return [row for one in self.frames(backfilled=backfilled) for row in one.rows() if row.tag == tag]

    def last(self, tag: str) -> Row | None:
        rows = self.rows(tag)
        return rows[-1] if rows else None

    def gaps(self) -> list[Gap]:
        return [one for one in self.all if isinstance(one, Gap)]

    def conditions(self) -> list[Condition]:
        return [one for one in self.all if isinstance(one, Condition)]

    async def value(self, tag: str, value: object, *, within: float = 15) -> Row:
        """Wait until a tag has this value."""
        await eventually(
            lambda: (row := self.last(tag)) is not None and row.value == value, within=within, what=f"{tag} = {value}"
        )
        row = self.last(tag)
        assert row is not None
        return row

    async def gap(self, *, ended: bool = False, backfilled: bool = False, within: float = 20) -> Gap:
        """Wait for a gap: its begin, its end, or that it was filled."""

        def found() -> list[Gap]:
            return [g for g in self.gaps() if (g.ended is not None) == ended and g.backfilled == backfilled]

        await eventually(found, within=within, what=f"a gap, {ended=}, {backfilled=}")
        return found()[-1]


def tag(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "node": f"nsu={NAMESPACE};s={name}"} | more


def settings(device: OpcUaDevice, folder: Path | None = None, **changes: Any) -> Any:
    document = {
        "type": "opcua", "name": "ems", "endpoint": device.address, "security": "none", "publishing_interval": 0.1,
        "sampling_interval": 0, "silence": SILENCE, "timeout": 5,
        "tags": [tag("F1.DP", unit="Pa"), tag("F1.N"), tag("F1.S")],
    }  # fmt: skip
    return ADAPTER.settings.model_validate(document | changes, context={"folder": folder})


def supervised(device: OpcUaDevice, folder: Path | None = None, **changes: Any) -> AbstractAsyncContextManager[Records]:
    """A source of the device, as in `keeping`."""
    return keeping(OpcUaSource(settings(device, folder, **changes)))


@asynccontextmanager
async def keeping(source: OpcUaSource) -> AsyncIterator[Records]:
    """The source, kept alive as the agent does; nothing of it is left at the end."""
    records = Records(source)
    running = asyncio.create_task(records.supervisor.run())
    try:
        yield records
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    await eventually(lambda: not client_tasks(), within=60, what="the end of all tasks of the client library")


@asynccontextmanager
async def device(**changes: Any) -> AsyncIterator[OpcUaDevice]:
    """A device that serves POINTS, with first values."""
    made = OpcUaDevice(POINTS, **changes)
    await made.start()
    try:
        await made.update({"F1.DP": 12.5, "F1.N": 3, "F1.S": "Wash"})
        yield made
    finally:
        await made.stop()
