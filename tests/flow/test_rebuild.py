"""An archive made anew from the topics of a real Kafka is the one that the node made, and takes its place."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.archive.archive import Archive
from gateway.link.topics import topic
from gateway.proof.keys import save_public
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.messages import SECOND, alarm, gap, sent
from tests.gateway.running_commands import call, configured
from tests.gateway.test_node import SENDER, Node, plant_at, running, until
from tests.support.kafka import create_topic

pytestmark = pytest.mark.kafka
COUNT = 120


def proven(node: Node) -> int:
    """How many entries of all streams seals prove."""
    return sum(standing.verified for standing in node.intake.live.streams.values())


async def test_the_archive_is_made_anew_to_the_identical_content(kafka: str, tmp_path: Path) -> None:
    """Samples, alarms and gaps of three topics, while the node runs; then it goes on with the new file."""
    async with plant_at(kafka) as plant:
        events = []
        life = uuid4()
        for family, record in (
            ("alarms", alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, time=SECOND, alarm=life)),
            ("gaps", gap(SECOND, 2 * SECOND)),
        ):
            name = topic("cmo-a", plant.holder, family)
            await create_topic(kafka, name, retention_ms="-1")
            events.append((name, sent(f"cmo-a.line-3.{plant.holder}.{family}.v1", 1, record, 0)))
            await plant.note(events[-1][1])
        await plant.say(plant.make(COUNT))
        for name, message in events:
            await plant.say([message], name)
        await plant.seal()
        node = Node(plant, tmp_path / "a.duckdb")
        configured(tmp_path, kafka, plant.holder, node.key)
        save_public(SENDER, tmp_path / "sender.vkey")
        async with running(node):
            await until(lambda: node.confirmed() == COUNT, "everything at the node")
            made = await asyncio.to_thread(call, tmp_path, "archive", "rebuild", "holder.yaml")
        assert (made.returncode, made.stdout) == (0, "a.rebuilt.duckdb\n")
        assert made.stderr.splitlines()[-1].startswith("cmo-a: ")
        read, _, all_, *_ = made.stderr.splitlines()[-1].split()[1:]
        assert read == all_ == str(COUNT + 5)
        compared = await asyncio.to_thread(call, tmp_path, "archive", "compare", "a.duckdb", "a.rebuilt.duckdb")
        assert compared.returncode == 0, compared.stdout
        assert f"same\tentries\t{COUNT + 2}\t{COUNT + 2}" in compared.stdout
        assert f"same\tsamples\t{COUNT}\t{COUNT}" in compared.stdout
        replaced = await asyncio.to_thread(call, tmp_path, "archive", "rebuild", "holder.yaml", "--replace")
        assert replaced.returncode == 0, replaced.stderr
        assert (tmp_path / replaced.stdout.strip()).exists()
        again = Node(plant, tmp_path / "a.duckdb")
        async with running(again):
            await plant.say(plant.make(3))
            await until(lambda: len(again.values()) == COUNT + 3, "what came since")


async def test_what_the_topics_lack_is_never_given_up(kafka: str, tmp_path: Path) -> None:
    """The archive has an entry that the topics do not have: the new one does not take its place, and they differ."""
    async with plant_at(kafka) as plant:
        await plant.say(plant.make(3))
        await plant.seal()
        node = Node(plant, tmp_path / "a.duckdb")
        configured(tmp_path, kafka, plant.holder, node.key)
        save_public(SENDER, tmp_path / "sender.vkey")
        node.archive.store([*plant.messages, *plant.make(1)])
        await asyncio.to_thread(node.archive.close)
        made = await asyncio.to_thread(call, tmp_path, "archive", "rebuild", "holder.yaml")
        assert made.returncode == 0, made.stderr
        compared = await asyncio.to_thread(call, tmp_path, "archive", "compare", "a.duckdb", "a.rebuilt.duckdb")
        assert (compared.returncode, "differs\tentries\t4\t3" in compared.stdout) == (1, True)
        refused = await asyncio.to_thread(call, tmp_path, "archive", "rebuild", "holder.yaml", "--replace")
        assert refused.returncode == 2
        assert "lacks 1 entries" in refused.stderr
        archive = Archive(tmp_path / "a.duckdb")
        assert archive.counts()["samples"] == 4
        archive.close()
