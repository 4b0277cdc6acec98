"""`cmo-gateway verify`: what a broker's administrator did to the topics is found, an honest topic is not accused."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from gateway.link.journal import Journal
from gateway.link.sealer import Sealer
from gateway.link.topics import Stream, headers, topic
from gateway.link.whole import Raw
from gateway.proof import keys
from gateway.proof.findings import Code
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import SigningKey
from gateway.verify import Check
from schemas.codec import encode
from schemas.records import Evicted
from tests.gateway.link.test_journal import MIB, STREAM, draft
from tests.gateway.link.test_link import Sender, offer_frames, say
from tests.gateway.messages import frame
from tests.support.eventually import eventually

ONE = Stream("cmo-a", "line-3", "holder-b", "measurements")
SEALS = topic("cmo-a", "holder-b", "seals")
START = 1_700_000_000


def key() -> SigningKey:
    return keys.generate("cmo-a", keys.Role.SENDER, "line-3")


def published(folder: Path, own: SigningKey, *, batches: int = 5) -> list[Raw]:
    """The messages of a stream: after each batch of entries a seal, as they are appended."""
    journal, messages = Journal(folder / "j.db", limit=MIB), list[Raw]()

    def offer(stream: Stream, _size: int, note: bytes) -> None:
        messages.append(Raw(SEALS, stream.name.encode(), note, {}, START + len(messages)))

    sealer = Sealer(journal, own, [ONE], offer, interval=5)
    for batch in range(batches):
        journal.append([draft(10 * batch + n) for n in range(4)])
        done = sum(message.topic != SEALS for message in messages)
        for entry in journal.unpublished(STREAM, done, 100):
            head = dict(headers(STREAM, entry.kind, entry.number, entry.time))
            messages.append(Raw(ONE.topic, entry.key, entry.octets or b"", head, START + len(messages)))
        sealer.seal(START + 10 * batch)
    journal.close()
    return messages


def checked(messages: list[Raw], own: SigningKey) -> Check:
    check = Check("cmo-a", "holder-b", keys.public_keys(own))
    for message in messages:
        check.take(message)
    check.finish(START + 10_000)
    return check


def codes(check: Check) -> set[Code]:
    return {finding.code for stream in check.streams.values() for finding in stream.findings}


def entries(messages: list[Raw]) -> list[int]:
    """Places of the entries among the messages."""
    return [at for at, message in enumerate(messages) if message.topic != SEALS]


def test_an_honest_topic_is_verified_to_its_last_seal(tmp_path: Path) -> None:
    """In words for a person."""
    own = key()
    check = checked(published(tmp_path, own), own)
    (stream,) = check.streams.values()
    assert stream.good
    assert list(stream.lines()) == [f"{STREAM}: 22 entries verified by the seal of 2023-11-14 22:14:00 UTC"]


def flip(messages: list[Raw]) -> None:
    at = entries(messages)[7]
    value = bytearray(messages[at].value)
    value[40] ^= 1
    messages[at] = replace(messages[at], value=bytes(value))


def swap(messages: list[Raw]) -> None:
    a, b = entries(messages)[5:7]
    messages[a], messages[b] = messages[b], messages[a]


def renumber(messages: list[Raw]) -> None:
    at = entries(messages)[7]
    messages[at] = replace(messages[at], headers={**messages[at].headers, "ce_id": b"700"})


def replay_old_seal(messages: list[Raw]) -> None:
    first = next(message for message in messages if message.topic == SEALS)
    messages.append(replace(first, appended=START + 5000))


def forge_seal(messages: list[Raw]) -> None:
    at = max(at for at, message in enumerate(messages) if message.topic == SEALS)
    text, _, signatures = messages[at].value.partition(b"\n\n")
    forged = text.replace(b"\n22\n", b"\n21\n") + b"\n\n" + signatures
    messages[at] = replace(messages[at], value=forged)


TAMPERING: list[tuple[Callable[[list[Raw]], object], set[Code]]] = [
    (flip, {Code.ALTERED}),
    (lambda messages: messages.pop(entries(messages)[7]), {Code.MISSING}),
    (lambda messages: messages.pop(entries(messages)[-1]), {Code.MISSING}),
    (swap, {Code.REORDERED}),
    (renumber, {Code.MISSING, Code.UNSIGNED}),
    (replay_old_seal, {Code.STALE_SEAL}),
    (forge_seal, {Code.WRONG_KEY, Code.ALTERED, Code.UNSIGNED}),
]


@pytest.mark.parametrize(("tamper", "allowed"), TAMPERING)
def test_what_was_done_to_the_topic_is_found(
    tmp_path: Path, tamper: Callable[[list[Raw]], object], allowed: set[Code]
) -> None:
    """And called what it is."""
    own = key()
    messages = published(tmp_path, own)
    tamper(messages)
    check = checked(messages, own)
    assert not all(stream.good for stream in check.streams.values())
    assert codes(check)
    assert codes(check) <= allowed


def test_a_repeat_is_no_offence(tmp_path: Path) -> None:
    """A request of a killed agent may land late."""
    own = key()
    messages = published(tmp_path, own)
    at = entries(messages)[3]
    messages.insert(at + 2, messages[at])
    (stream,) = checked(messages, own).streams.values()
    assert stream.good
    assert codes(checked(messages, own)) <= {Code.DUPLICATE}


def test_what_made_room_is_proven_by_its_leaves(tmp_path: Path) -> None:
    """An `Evicted` message stands in the place of three entries."""
    own = key()
    messages = published(tmp_path, own)
    gone = entries(messages)[2:5]
    first = messages[gone[0]]
    evicted = Evicted(first=3, leaves=tuple(leaf_hash(messages[at].value) for at in gone))
    messages[gone[0]] = replace(first, value=encode(evicted))
    for at in reversed(gone[1:]):
        messages.pop(at)
    (stream,) = checked(messages, own).streams.values()
    assert stream.good
    assert stream.verifier.verified_to == 22


def test_without_a_trusted_key_nothing_is_proven(tmp_path: Path) -> None:
    """Whoever signs by another key proves nothing."""
    check = checked(published(tmp_path, key()), key())
    (stream,) = check.streams.values()
    assert not stream.good
    assert Code.WRONG_KEY in codes(check)
    assert "no seal that holds" in list(stream.lines())[-1]


def test_messages_of_others_are_counted(tmp_path: Path) -> None:
    """A stream of another CMO, a stream in the wrong topic, and no stream at all."""
    own = key()
    messages = published(tmp_path, own)
    for name in (b"cmo-x.line-3.holder-b.measurements.v1", b"cmo-a.line-3.holder-b.gaps.v1", b"", b"\xff.a.b.c.d"):
        messages.append(Raw(ONE.topic, b"", b"x", {"ce_source": name, "ce_id": b"1"}, START))
    assert checked(messages, own).strangers == 4


@pytest.mark.kafka
async def test_the_command_checks_a_live_topic(kafka: str, tmp_path: Path) -> None:
    """Exit code 0 while all holds, 1 after one foreign entry, with a line that names it."""
    recipient, own = f"holder-{uuid4().hex[:8]}", key()
    keys.save_public(own, tmp_path / "sender.vkey")
    site = Path(__file__).parents[2] / "simulators" / "line-3" / "site.yaml"
    node = {
        "name": recipient, "cmo": "cmo-a", "site": str(site), "archive": "a.duckdb", "trust": ["sender.vkey"],
        "key": "node.key",
        "kafka": {"bootstrap": kafka, "security": "plaintext"},
    }  # fmt: skip
    (tmp_path / "holder.yaml").write_text(yaml.safe_dump(node))
    sender = Sender(kafka, recipient, tmp_path / "j.db")
    streams = sender.publisher._streams
    sealer = Sealer(sender.journal, own, streams, sender.publisher.offer_seal, interval=1)
    running = [asyncio.create_task(work) for work in (sender.run(), sealer.run())]

    async def verified() -> subprocess.CompletedProcess[str]:
        program = str(Path(sys.executable).with_name("cmo-gateway"))
        command = [program, "verify", "holder.yaml", "--trust", "sender.vkey"]
        return await asyncio.to_thread(
            lambda: subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        )

    try:
        offer_frames(sender, range(100))
        await asyncio.wait_for(sender.publisher.drained(), 30)
        name = f"cmo-a.line-3.{recipient}.measurements.v1"

        async def holds() -> bool:
            done = await verified()
            return done.returncode == 0 and f"{name}: 102 entries verified" in done.stdout

        await eventually(holds, within=60, every=1)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    foreign = encode(frame({"dp": 99.0}, received=1))
    await say(kafka, topic("cmo-a", recipient, "measurements"), foreign, headers(name, "Frame", 50, 0))
    done = await verified()
    assert done.returncode == 1
    assert f"{name} number 50" in done.stdout
