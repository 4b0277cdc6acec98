"""The disk of the journal full, and freed again, with the whole agent."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.disk import SmallDisk, mounted, small_disk
from tests.support.eventually import eventually
from tests.support.line import LIMIT, Line, line
from tests.support.truth import LEVEL

pytestmark = pytest.mark.kafka
MIB = 24
"""Of which the journal sets 8 aside."""
UNWRITTEN = "journal cannot be written"
NOT_WRITTEN, LOW = "line-t.JournalNotWritten.HIGH", "T.Level.LOW"


async def test_on_a_full_disk_alarms_go_on_and_what_is_lost_is_told(kafka: str, tmp_path: Path) -> None:
    """The agent says so and goes on; once there is room all that waited arrives. Killed meanwhile, it loses what
    waited in memory, and a gap tells it.
    """
    with small_disk(tmp_path / "disk", MIB) as disk:
        await mounted(disk)
        async with line(tmp_path, kafka, disk=disk, holder=f"holder-{uuid4().hex[:8]}") as one:
            one.start_node()
            one.start_agent()
            await one.flowing()
            await full(one, disk)
            one.level(LIMIT - 2)
            for alarm in (NOT_WRITTEN, LOW):
                await eventually(lambda: shown(one, alarm), within=60, every=0.3, what=f"{alarm} at the holder")  # noqa: B023 - awaited here
            one.level(LEVEL)
            disk.free()
            await one.flowing()
            await full(one, disk)
            one.kill("agent")
            disk.free()
            one.start_agent()
            await one.flowing()
            verdict = await one.finish()
    assert verdict.good, verdict


async def full(one: Line, disk: SmallDisk) -> None:
    """Fill the disk until the agent cannot write measurements: without receipts its journal needs ever more room."""
    one.stop("node")
    before = one.times("agent", UNWRITTEN)
    disk.fill()
    await eventually(lambda: one.times("agent", UNWRITTEN) > before, within=90, what="the agent says that it is full")
    one.start_node()


async def shown(one: Line, condition: str) -> bool:
    return condition in await one.alarms()
