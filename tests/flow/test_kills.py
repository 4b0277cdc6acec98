"""What was committed survives: the agent killed while the broker is away."""

import asyncio
import os
import sqlite3
import sys
from asyncio.subprocess import Process, create_subprocess_exec
from pathlib import Path

import pytest
import yaml

from gateway.archive.archive import Archive
from gateway.proof.findings import Code
from schemas.records import GapCause
from tests.flow.test_first_light import Holder, tasks
from tests.support.eventually import eventually
from tests.support.kafka import PrivateKafka
from tests.support.plant import RunningPlant, line_3_files, running_plant

pytestmark = pytest.mark.kafka


async def started(plant: RunningPlant, config: Path, kafka: str) -> Process:
    environment = {**os.environ, **plant.environment(), "KAFKA": kafka, "AGENT_SOCKET": str(plant.folder / "a.sock")}
    program = Path(sys.executable).with_name("cmo-edge")
    return await create_subprocess_exec(program, "run", config, env=environment)


def journalled(file: Path) -> int:
    """Measurements that the journal has taken so far: all numbers but those of the two schemas."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as journal:
        sql = "SELECT coalesce(max(size) - 2, 0) FROM streams WHERE name LIKE '%.measurements.%'"
        return int(journal.execute(sql).fetchone()[0])


def archived(archive: Archive) -> int:
    """Frames in the archive that have samples."""
    return int(archive.rows("SELECT count(DISTINCT (stream, number)) FROM samples")[0][0])


async def test_an_agent_killed_while_the_broker_is_away_loses_nothing_it_had_committed(
    private_kafka: PrivateKafka, tmp_path: Path
) -> None:
    """The numbers have no hole, nothing comes twice, and the agent's own absence is a gap."""
    broker = private_kafka()
    config = line_3_files(tmp_path, on_delay=2.0) / "edge.yaml"
    journal = tmp_path / "journal.db"
    holder = Holder(broker.bootstrap, "holder-b", tmp_path)
    async with running_plant(tmp_path, {"title": "nothing happens"}) as plant, tasks(holder.run):
        agent = await started(plant, config, broker.bootstrap)
        await eventually(lambda: holder.live.readings.get("M1.DP.C1"), within=60, what="values at the holder")
        broker.kill()
        before = journalled(journal)
        await eventually(lambda: journalled(journal) > before + 30, within=60, what="records that wait on the disk")
        agent.kill()
        await agent.wait()
        committed = journalled(journal)
        agent = await started(plant, config, broker.bootstrap)
        await asyncio.to_thread(broker.restart)
        await eventually(lambda: archived(holder.archive) > committed, within=90, what="everything at the holder")
        agent.terminate()
        assert await agent.wait() == 0
        total = journalled(journal)
        await eventually(lambda: _received(holder) >= total + 2, within=60, what="the last records")
        assert _received(holder) == total + 2  # two schemas stand before the first measurement
        await holder.proven(within=60)  # by the seal that the agent made at its end
        assert not [finding for finding in holder.findings if finding.code in {Code.MISSING, Code.ALTERED, Code.FORKED}]
        assert holder.archive.counts()["quarantine"] == 0
        absent = [gap for gap in holder.archive.gaps(0, 2**62) if gap.cause is GapCause.AGENT_STOPPED]
        assert {gap.source for gap in absent} == {
            source["name"] for source in yaml.safe_load(config.read_text())["sources"]
        }
        assert all(gap.ended and gap.began < gap.ended for gap in absent)
    holder.archive.close()


def _received(holder: Holder) -> int:
    """The last number of the measurements, without a hole."""
    return holder.live.streams["cmo-a.line-3.holder-b.measurements.v1"].received
