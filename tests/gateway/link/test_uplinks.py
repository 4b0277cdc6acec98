"""One agent, several recipients over real Kafkas: who cannot be published to holds up nobody else."""

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from gateway.link.topics import SEALS, topic
from gateway.proof.keys import Role, generate
from gateway.proof.statement import Sender, Start, write_statement
from simulators.ports import free_port
from tests.gateway.link.several import Holder, Several, together
from tests.gateway.link.uplinks import entries, new_name, new_sender, node_key, numbers, say, whole
from tests.support.eventually import eventually
from tests.support.kafka import PrivateKafka

pytestmark = pytest.mark.kafka


async def test_a_recipient_whose_broker_is_away_holds_up_nobody(
    kafka: str, private_kafka: PrivateKafka, tmp_path: Path
) -> None:
    """Frozen, then killed: the other goes on to get and to confirm; the one that comes back gets all, in order."""
    broker = await asyncio.to_thread(private_kafka)
    key, here, there = new_sender(), new_name(), new_name()
    brokers = {there: broker.bootstrap, here: kafka}
    nodes = {name: node_key(name) for name in brokers}
    agent = Several(brokers, tmp_path / "j.db", key, nodes)
    near = Holder(kafka, here, tmp_path / "near.duckdb", key, nodes[here])
    far = Holder(broker.bootstrap, there, tmp_path / "far.duckdb", key, nodes[there])
    async with together(agent, near, far):
        agent.offer_frames(range(50))
        await eventually(lambda: all(map(agent.all_confirmed, brokers)), within=60, what="receipts of both")
        before = agent.confirmed(there)
        for at, trouble in ((50, broker.freeze), (100, broker.kill)):
            trouble()
            agent.offer_frames(range(at, at + 50))
            await eventually(partial(agent.all_confirmed, here), within=60, what="receipts of the other")
            assert agent.confirmed(there) == before
        assert near.values() == list(range(150))
        await eventually(lambda: not agent.uplinks.status()[there]["connected"], within=60)
        assert agent.uplinks.status()[here]["connected"]
        await asyncio.to_thread(broker.restart)
        await eventually(partial(agent.all_confirmed, there), within=90, what="receipts of the one that came back")
        assert far.values() == list(range(150))
    found = dict.fromkeys(await entries(broker.bootstrap, agent.stream(there)))
    assert [number for number, _ in found] == list(range(1, len(found) + 1))


async def test_a_later_start_in_one_recipients_topics_stops_all(kafka: str, tmp_path: Path) -> None:
    """Two agents have one identity, wherever it is seen; the next life begins after it, whoever answers first."""
    key, one, other = new_sender(), new_name(), new_name()
    agent = Several({one: kafka, other: kafka}, tmp_path / "j.db", key)
    sender, later = Sender.parse(key.name.replace("/sender/", ".")), 4_000_000_000_000_000
    async with together(agent):
        agent.offer_frames(range(5))
        await agent.drained(one)
        await agent.drained(other)
        note = write_statement(Start(sender, later), [key], 1)
        await say(kafka, topic("cmo-a", other, SEALS), str(sender).encode(), note)
        for recipient in (one, other):
            await eventually(partial(agent.problem, recipient), within=60)
            assert "was started later" in agent.problem(recipient)
        assert agent.uplinks.refused
        await eventually(lambda: agent.journal.epoch == later, within=60)


async def test_a_fork_concerns_its_recipient_alone(kafka: str, tmp_path: Path) -> None:
    """The other one's records go on."""
    key, forked, well = new_sender(), new_name(), new_name()
    brokers = {forked: kafka, well: kafka}
    rival = Several({forked: kafka}, tmp_path / "rival.db", key)
    async with together(rival):
        rival.offer_frames(range(20))
        await rival.drained(forked)
    agent = Several(brokers, tmp_path / "j.db", key)
    async with together(agent):
        agent.offer_frames(range(5))
        await eventually(partial(agent.problem, forked), within=60)
        await agent.drained(well)
    assert "has number 22" in agent.problem(forked)
    assert agent.problem(well) == ""
    assert await numbers(kafka, agent.stream(well)) == list(range(1, 8))


async def test_a_saved_journal_is_compared_recipient_by_recipient(kafka: str, tmp_path: Path) -> None:
    """Who is there gets records and seals at once; the journal stays salvaged until the last one was compared."""
    key, here, away, file = new_sender(), new_name(), new_name(), tmp_path / "j.db"
    nodes = {name: node_key(name) for name in (here, away)}
    both = {here: kafka, away: kafka}
    first = Several(both, file, key)
    async with together(first):
        first.offer_frames(range(20))
        for recipient in both:
            await first.drained(recipient)
            await eventually(partial(sealed, kafka, first, recipient), within=60, every=0.3)
    with closing(sqlite3.connect(file)) as journal, journal:
        journal.execute("DELETE FROM entries WHERE number > 7")
    second = Several({here: kafka, away: f"127.0.0.1:{free_port()}"}, file, key, nodes)
    near = Holder(kafka, here, tmp_path / "near.duckdb", key, nodes[here])
    assert second.journal.salvaged
    async with together(second, near):
        second.offer_frames(range(100, 105))
        await eventually(lambda: second.confirmed(here) >= 27, within=60, what="receipts for what came since")
        assert second.journal.salvaged
        assert second.journal.provisional(second.stream(away).name)
    third = Several(both, file, key, nodes)
    far = Holder(kafka, away, tmp_path / "far.duckdb", key, nodes[away])
    async with together(third, far):
        await eventually(lambda: third.confirmed(away) >= 27, within=60, what="receipts of the other")
        assert not third.journal.salvaged
        assert far.values() == [*range(20), *range(100, 105)]
    for recipient in both:
        found = await numbers(kafka, third.stream(recipient))
        assert found == list(range(1, len(found) + 1))


async def sealed(kafka: str, agent: Several, recipient: str) -> bool:
    """Whether all measurements are sealed in the topic."""
    stream = agent.stream(recipient)
    head = f"{stream.name}\n{agent.journal.size(stream.name)}\n".encode()
    return any(raw.value.startswith(head) for raw in await whole(kafka, topic("cmo-a", recipient, SEALS)))


async def test_a_manufacturer_is_a_recipient_of_its_own(kafka: str, tmp_path: Path) -> None:
    """Its topics lead from it to itself: records, receipts, and what its topic lost comes again."""
    cmo = new_name()
    key = generate(cmo, Role.SENDER, "line-3")
    nodes = {cmo: node_key(cmo)}
    agent = Several({cmo: kafka}, tmp_path / "j.db", key, nodes)
    node = Holder(kafka, cmo, tmp_path / "own.duckdb", key, nodes[cmo])
    async with together(agent):
        agent.offer_frames(range(30))
        await agent.drained(cmo)
        assert agent.stream(cmo).topic == f"{cmo}.{cmo}.measurements.v1"
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.delete_records({TopicPartition(agent.stream(cmo).topic, 0): RecordsToDelete(before_offset=10)})
        await admin.close()
        async with together(node):
            await eventually(
                partial(agent.all_confirmed, cmo), within=90, what="receipts for all, also what the topic lost"
            )
            assert node.values() == list(range(30))
        status = agent.uplinks.status()[cmo]
        assert (status["refused"], status["problem"]) == ({"receipts": 0, "requests": 0}, None)
