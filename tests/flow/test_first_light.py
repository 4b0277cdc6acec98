"""The whole way on a real Kafka: plant → agent → Kafka → holder → archive."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from edge import health
from edge.agent import Agent
from edge.settings import load as load_agent
from gateway.archive.archive import Archive
from gateway.intake.intake import Intake
from gateway.link.settings import KafkaSettings
from gateway.proof.findings import Finding
from gateway.proof.keys import Role, generate, load_public
from gateway.proof.note import VerifierKey
from schemas.records import AlarmEvent, GapCause
from schemas.status import StatusCode
from tests.support.eventually import eventually
from tests.support.plant import RunningPlant, line_3_files, running_plant

pytestmark = pytest.mark.kafka
ON_DELAY = 2.0
LATE = 2_000_000
"""Microseconds that a busy machine may be late."""


class Holder:
    """A holder's node without its console."""

    def __init__(self, kafka: str, name: str, folder: Path) -> None:
        settings = KafkaSettings(bootstrap=kafka, security="plaintext")
        self._agent_key = folder / "agent.vkey"
        self._trusted: list[VerifierKey] = []
        self.archive = Archive(folder / "archive.duckdb")
        node = generate(name, Role.NODE, name)
        self.intake = Intake(settings, ("cmo-a", name), self._trusted, node, self.archive)
        self.live = self.intake.live
        self.findings: list[Finding] = []

    async def run(self) -> None:
        self._trusted += load_public(self._agent_key)
        await asyncio.gather(self.intake.answer(), self._receive())

    async def _receive(self) -> None:
        async for inspected in self.intake.batches():
            self.findings += inspected.findings

    async def proven(self, within: float) -> None:
        """Wait until a seal proves all that is here now, in every stream."""
        here = {name: standing.received for name, standing in self.live.streams.items()}
        assert here

        def done() -> bool:
            now = self.live.streams
            return all(now[name].sealed and now[name].verified >= number for name, number in here.items())

        await eventually(done, within=within, what=f"seals over {here}")


@asynccontextmanager
async def tasks(*runs: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    running = [asyncio.ensure_future(run()) for run in runs]
    try:
        yield
        for task in running:
            assert not task.done(), task.exception()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def agent_for(plant: RunningPlant, kafka: str, holder: str, monkeypatch: pytest.MonkeyPatch) -> Agent:
    folder = line_3_files(plant.folder, on_delay=ON_DELAY)
    for name, value in (
        plant.environment().items() | {"KAFKA": kafka, "AGENT_SOCKET": str(plant.folder / "a.sock")}.items()
    ):
        monkeypatch.setenv(name, value)
    edge = yaml.safe_load((folder / "edge.yaml").read_text())
    edge["recipients"] = [holder]
    (folder / "edge.yaml").write_text(yaml.safe_dump(edge, allow_unicode=True))
    return Agent(load_agent(folder / "edge.yaml"))


def said(plant: RunningPlant, tag: str) -> set[Any]:
    """Every value that the plant's sensor gave."""
    return {tick["values"][tag] for tick in plant.truth()}


async def test_a_door_held_open_is_one_alarm_at_the_holder(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raised once, with the right times, returned when the door is shut; what is archived, the sensor gave."""
    name = f"holder-{uuid4().hex[:8]}"
    door = {"door": "M1-C1"}
    story = {"title": "door", "steps": [{"at": 15, "do": "open_door", **door}, {"at": 24, "do": "close_door", **door}]}
    holder = Holder(kafka, name, tmp_path)
    async with running_plant(tmp_path, story) as plant:
        agent = agent_for(plant, kafka, name, monkeypatch)
        async with tasks(agent.run, holder.run):
            tags = 38 + len(health.TAGS)
            await eventually(lambda: len(holder.live.readings) >= tags, within=60, what="every tag at the holder")
            await eventually(lambda: holder.live.alarms, within=60, what="the alarm at the holder")
            (life,) = holder.live.alarms.values()
            assert life.active
            await eventually(lambda: next(iter(holder.live.alarms.values())).returned, within=60, what="its return")
            agent.answers.command(AlarmEvent.ACKNOWLEDGED, "M1.DP.C1.LOW", "tester", "door M1-C1 was held open")
            await eventually(lambda: not holder.live.alarms, within=60, what="the acknowledgement at the holder")
            await holder.proven(within=60)
            assert holder.findings == []
        opened, closed = (plant.event(action) for action in ("open_door", "close_door"))
        assert opened
        assert closed
        lives = {life.last.condition: life for life in holder.archive.alarms(0, 2**62)}
        life = lives.pop("M1.DP.C1.LOW")
        assert not lives
        assert 0 <= life.last.since - opened["time"] <= LATE
        assert life.raised == life.last.since + ON_DELAY * 1e6
        assert life.returned
        assert 0 <= life.returned - closed["time"] <= LATE + 2_000_000
        assert life.acknowledged
        assert (life.acknowledged.actor, life.last.event) == ("tester", AlarmEvent.ACKNOWLEDGED)
        assert life.last.extreme is not None
        assert life.last.extreme < 5
        archived = holder.archive.rows("SELECT DISTINCT value FROM samples WHERE tag = 'F1.DP.M1' AND status = 0")
        assert {value for (value,) in archived} <= said(plant, "F1.DP.M1")
        assert len(archived) > 50
        p50, p99 = holder.live.latency((50, 99))
        assert 0 < p50 <= p99
    holder.archive.close()


async def test_a_killed_device_hurts_only_its_own_tags_and_comes_back(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tags turn Bad within 3 s and a gap reaches the holder; the others go on; values return by themselves."""
    name = f"holder-{uuid4().hex[:8]}"
    device = {"device": "transmitter-m1"}
    story = {
        "title": "kill",
        "steps": [{"at": 12, "do": "stop_device", **device}, {"at": 18, "do": "start_device", **device}],
    }
    holder = Holder(kafka, name, tmp_path)
    readings = holder.live.readings

    def status() -> int | None:
        return readings["M1.DP.C1"].status if "M1.DP.C1" in readings else None

    async with running_plant(tmp_path, story) as plant:
        async with tasks(agent_for(plant, kafka, name, monkeypatch).run, holder.run):
            await eventually(lambda: status() == 0, within=60, what="a good value")
            await eventually(lambda: plant.event("stop_device"), within=60)
            await eventually(lambda: status() == StatusCode.BAD_NO_COMMUNICATION, within=60)
            assert readings["M1.DP.C1"].value is None
            await eventually(lambda: holder.live.gaps, within=60, what="the gap at the holder")
            await eventually(lambda: status() == 0, within=60, what="values again")
            await eventually(lambda: not holder.live.gaps, within=60, what="the end of the gap at the holder")
        (gap,) = holder.archive.gaps(0, 2**62)
        killed, started = (plant.event(action) for action in ("stop_device", "start_device"))
        assert killed
        assert started
        assert gap.source == "transmitter-m1"
        assert set(gap.tags) == {"M1.DP.C1", "M1.Temperature", "M1.Humidity"}
        assert gap.cause in {GapCause.DEVICE_SILENT, GapCause.DEVICE_UNREACHABLE}
        assert gap.ended
        assert gap.began <= killed["time"] + LATE
        assert gap.ended >= started["time"]
        lost = "SELECT min(received) FROM samples WHERE tag = 'M1.DP.C1' AND reason = 'COMM'"
        ((first_bad,),) = holder.archive.rows(lost)
        assert first_bad - killed["time"] <= 3_000_000
        others = "SELECT count(*) FROM samples WHERE tag = 'F1.DP.M1' AND status = 0 AND received BETWEEN ? AND ?"
        ((while_lost,),) = holder.archive.rows(others, [gap.began, gap.ended])
        assert while_lost > 10
        bad = "SELECT count(*) FROM samples WHERE source <> 'transmitter-m1' AND reason = 'COMM'"
        assert holder.archive.rows(bad) == [(0,)]
    holder.archive.close()
