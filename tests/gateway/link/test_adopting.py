"""A journal that was damaged, over a real Kafka: what the topic has comes back as far as an own seal proves it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.link.topics import SEALS, topic
from gateway.proof.merkle import Tree, leaf_hash
from tests.gateway.link.uplinks import Line, entries, new_name, new_sender, running, whole
from tests.support.eventually import eventually

pytestmark = pytest.mark.kafka


def damage(file: Path, stream: str) -> None:
    """The entries behind number 7 are gone."""
    with closing(sqlite3.connect(file)) as journal, journal:
        of = "stream = (SELECT id FROM streams WHERE name = ?)"
        journal.execute(f"DELETE FROM entries WHERE number > 7 AND {of}", [stream])


async def sealed(kafka: str, line: Line, size: int) -> bool:
    """Whether so many measurements are sealed in the topic."""
    head = f"{line.stream.name}\n{size}\n".encode()
    return any(raw.value.startswith(head) for raw in await whole(kafka, topic("cmo-a", line.stream.recipient, SEALS)))


async def lived(kafka: str, recipient: str, line: Line, *, unsealed: int = 0) -> None:
    """A life that sealed 20 measurements, and published some more."""
    async with running(line):
        line.offer_frames(range(20))
        await line.drained()
        line.seal()
        await eventually(lambda: sealed(kafka, line, 22), within=60, every=0.3)
        line.offer_frames(range(20, 20 + unsealed))
        await line.drained()
    line.journal.close()


async def test_sealed_entries_come_back_from_the_topic(kafka: str, tmp_path: Path) -> None:
    """What came since goes behind them; nothing comes twice, and the journal's root is that of the topic."""
    recipient, key, file = new_name(), new_sender(), tmp_path / "j.db"
    line = Line(kafka, recipient, file, key=key)
    await lived(kafka, recipient, line)
    damage(file, line.stream.name)
    again = Line(kafka, recipient, file, key=key)
    assert again.journal.salvaged
    again.offer_frames(range(100, 105))
    again.seal()
    async with running(again):
        await again.drained()
        assert not again.journal.salvaged
        again.offer_frames(range(105, 110))
        await again.drained()
        again.seal()
        size = again.journal.size(again.stream.name)
        await eventually(lambda: sealed(kafka, again, size), within=60, every=0.3)
    found = await entries(kafka, again.stream)
    assert [number for number, _ in found] == list(range(1, size + 1))
    assert size >= 32
    tree = Tree()
    tree.extend(b"".join(leaf_hash(octets) for _, octets in found))
    assert again.journal.heads()[again.stream.name].root == tree.root()


async def test_what_no_seal_proves_is_not_taken_for_its_own(kafka: str, tmp_path: Path) -> None:
    """Then nothing is published, and it is said what to do; what came since waits in the journal."""
    recipient, key, file = new_name(), new_sender(), tmp_path / "j.db"
    line = Line(kafka, recipient, file, key=key)
    await lived(kafka, recipient, line, unsealed=3)
    damage(file, line.stream.name)
    again = Line(kafka, recipient, file, key=key)
    again.offer_frames(range(100, 105))
    async with running(again):
        await eventually(lambda: again.publisher.problem, within=60)
    assert "has number 25" in str(again.publisher.problem)
    assert "seals prove 22" in str(again.publisher.problem)
    assert "new `sender`" in str(again.publisher.problem)
    assert again.journal.salvaged
    assert len(await entries(kafka, again.stream)) == 25
