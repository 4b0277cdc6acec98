"""Keys that change and senders that end, on a real Kafka: whoever trusts the first key follows."""

import asyncio
import time
from pathlib import Path

import pytest

from gateway.checking.check import Check
from gateway.checking.trust import Trust
from gateway.journal.journal import Journal
from gateway.link.notes import publish_note
from gateway.link.publisher import Publisher, streams_of
from gateway.link.sealer import Sealer
from gateway.link.settings import KafkaSettings
from gateway.link.topics import SEALS, topic
from gateway.proof.findings import Code
from gateway.proof.keys import Role, generate, load, public_keys, save
from gateway.proof.note import SigningKey
from gateway.proof.rotation import earliest, load_rotations, rotate
from gateway.proof.statement import Closing, LastKnown, write_statement
from gateway.proof.statement import Sender as Named
from tests.gateway.link.test_link import Sender
from tests.gateway.link.uplinks import new_name
from tests.gateway.messages import frame

SIGNATORY = generate("cmo-a", Role.SIGNATORY, "quality")


def settings(kafka: str) -> KafkaSettings:
    return KafkaSettings(bootstrap=kafka, security="plaintext")


async def publish(kafka: str, recipient: str, folder: Path, value: float) -> None:
    """One life of an agent: a frame and a seal over it, by the key that is there."""
    sender = Sender(kafka, recipient, folder / "journal.db")
    streams = [stream for some in streams_of("cmo-a", "line-3", [recipient]).values() for stream in some]
    key = load(folder / "line-3.key", Role.SENDER)
    changes = load_rotations(folder / "line-3.key", key)
    publisher = sender.publisher = Publisher(settings(kafka), sender.journal, streams, key, statements=changes)
    sealer = Sealer(sender.journal, key, streams, publisher.offer_seal, interval=60, earliest=earliest(changes))
    sender.offer(frame({"dp": value}, received=round(value)))
    sealer.seal(int(time.time()))
    running = asyncio.create_task(sender.run())
    try:
        await asyncio.wait_for(publisher.drained(), 60)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        sender.journal.close()


def exchange(folder: Path) -> None:
    journal = Journal(folder / "journal.db", limit=2**26)
    sealed = max(head.sealed for head in journal.heads().values())
    journal.close()
    rotate(folder / "line-3.key", sealed=sealed, now=int(time.time()))


async def check(kafka: str, recipient: str, *trusted: SigningKey) -> Check:
    keys = tuple(public for key in trusted for public in public_keys(key))
    made = Check("cmo-a", recipient, Trust(keys))
    await made.run(settings(kafka), lambda _count: None)
    return made


@pytest.mark.kafka
async def test_whoever_trusts_the_first_key_follows_until_the_sender_is_closed(kafka: str, tmp_path: Path) -> None:
    """Two changes of key are followed from the topics alone; a closing at a smaller number bars what is beyond."""
    recipient = new_name()
    first = generate("cmo-a", Role.SENDER, "line-3")
    save(first, tmp_path / "line-3.key")
    for life in range(3):
        if life:
            exchange(tmp_path)
        await publish(kafka, recipient, tmp_path, 10.0 + life)
    checked = await check(kafka, recipient, first)
    name = f"cmo-a.line-3.{recipient}.measurements.v1"
    last = checked.streams[name].verifier.verified_to
    assert checked.good, checked.lines()
    assert last == 5

    ends = (LastKnown(name, last - 1),)
    sender = Named("cmo-a", "line-3")
    closing = Closing(sender, int(time.time()) + 60, public_keys(first), ends, "stolen", "who sealed the last entry")
    note = write_statement(closing, [SIGNATORY], int(time.time()))
    await publish_note(settings(kafka), topic("cmo-a", recipient, SEALS), str(sender), note)
    stranger = await check(kafka, recipient, first)
    assert [finding.code for finding in stranger.findings] == [Code.WRONG_KEY]
    closed = await check(kafka, recipient, first, SIGNATORY)
    found = [(finding.code, finding.first, finding.last) for finding in closed.streams[name].findings]
    assert found == [(Code.AFTER_CLOSING, last, last)]
    assert not closed.good
