"""Two agents with one identity over a real Kafka: the one that started earlier stops, and says why."""

import sqlite3
from pathlib import Path

import pytest

from gateway.link.starts import Starts
from gateway.link.topics import SEALS, topic
from gateway.proof.note import COSIGNATURE, ED25519, SigningKey
from gateway.proof.statement import Sender, Start, open_statement, write_statement
from tests.gateway.link.uplinks import Line, new_name, new_sender, numbers, running, say, whole
from tests.support.eventually import eventually

pytestmark = pytest.mark.kafka


def copied(file: Path, to: Path) -> Path:
    """A copy of a journal, as from a backup or a cloned disk."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as source, sqlite3.connect(to) as target:
        source.backup(target)
    return to


async def starts(kafka: str, line: Line, key: SigningKey) -> list[int]:
    """The epochs that were stated, in their order."""
    notes = await whole(kafka, topic("cmo-a", line.stream.recipient, SEALS))
    stated = [
        open_statement(raw.value, [key.verifier(ED25519), key.verifier(COSIGNATURE)])[0]
        for raw in notes
        if raw.key.count(b".") == 1
    ]
    return [one.epoch for one in stated if isinstance(one, Start)]


@pytest.mark.parametrize("exactly_once", [True, False])
async def test_the_earlier_of_two_with_one_identity_stops(kafka: str, tmp_path: Path, exactly_once: bool) -> None:
    """What it takes meanwhile stays in its journal; the later one goes on, also after a replay of the old start."""
    recipient, key = new_name(), new_sender()
    earlier = Line(kafka, recipient, tmp_path / "j.db", key=key, exactly_once=exactly_once)
    async with running(earlier):
        earlier.offer_frames(range(10))
        await earlier.drained()
        file = copied(tmp_path / "j.db", tmp_path / "copy.db")
        later = Line(kafka, recipient, file, key=key, exactly_once=exactly_once)
        async with running(later):
            later.offer_frames(range(100, 110))
            await later.drained()
            await eventually(lambda: earlier.publisher.problem, within=60)
            earlier.offer_frames(range(10, 15))
            seals = topic("cmo-a", recipient, SEALS)
            first = write_statement(Start(Sender.parse(f"cmo-a.{later.stream.sender}"), 1), [key], 1)
            await say(kafka, seals, f"cmo-a.{later.stream.sender}".encode(), first)
            later.offer_frames(range(110, 120))
            await later.drained()
            assert await numbers(kafka, later.stream) == list(range(1, 33))
            assert later.publisher.problem is None
    assert "was started later" in str(earlier.publisher.problem)
    assert "give it its own `sender` and key" in str(earlier.publisher.problem)
    assert not earlier.publisher.connected
    assert earlier.journal.waiting == 5
    assert await starts(kafka, later, key) == [earlier.publisher.starts.epoch, later.publisher.starts.epoch, 1]


@pytest.mark.parametrize("exactly_once", [True, False])
async def test_who_cannot_go_on_stops_nobody(kafka: str, tmp_path: Path, exactly_once: bool) -> None:
    """A copy that is behind its topic, or holds something else, is not published; the earlier agent goes on."""
    recipient, key = new_name(), new_sender()
    first = Line(kafka, recipient, tmp_path / "j.db", key=key, exactly_once=exactly_once)
    async with running(first):
        first.offer_frames(range(10))
        await first.drained()
        behind, other = (
            Line(kafka, recipient, copied(tmp_path / "j.db", tmp_path / name), key=key, exactly_once=exactly_once)
            for name in ("behind.db", "other.db")
        )
        first.offer_frames(range(10, 20))
        other.offer_frames(range(50, 70))
        await first.drained()
        async with running(behind, other):
            await eventually(lambda: behind.publisher.problem and other.publisher.problem, within=60)
            first.offer_frames(range(20, 30))
            await first.drained()
    assert "has number 22" in str(behind.publisher.problem)
    assert "another number 22" in str(other.publisher.problem)
    assert first.publisher.problem is None
    assert await numbers(kafka, first.stream) == list(range(1, 33))


async def test_a_life_begins_later_than_all_before_whatever_the_clock_says(kafka: str, tmp_path: Path) -> None:
    """The topic knows a later start than clock and journal do."""
    recipient, key = new_name(), new_sender()
    first = Line(kafka, recipient, tmp_path / "j.db", key=key)
    future = 4_000_000_000_000_000
    first.journal.begin(future)
    async with running(first):
        first.offer_frames(range(10))
        await first.drained()
    assert first.publisher.starts.epoch == future + 1
    later = Line(kafka, recipient, copied(tmp_path / "j.db", tmp_path / "copy.db"), key=key)
    later.journal.begin(0)
    async with running(later):
        later.offer_frames(range(10))
        await later.drained()
    assert later.publisher.starts.epoch == later.journal.epoch == future + 2


def test_a_start_under_another_key_counts_for_nothing() -> None:
    """Else anybody who may write seals could stop an agent."""
    key, stranger = new_sender(), new_sender()
    sender = Sender("cmo-a", key.name.rpartition("/")[2])
    known = Starts(sender, key)
    known.begin(5, 0)

    class Record:
        key = str(sender).encode()
        value = write_statement(Start(Sender("cmo-a", stranger.name.rpartition("/")[2]), 9), [stranger], 1)

    assert not known.take([Record()])
    known.check()
