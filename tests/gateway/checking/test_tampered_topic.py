"""A real broker whose administrator tampers: each act is found in the live topics under its right name."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from gateway.checking.check import Check
from gateway.checking.trust import Trust
from gateway.link.settings import KafkaSettings
from gateway.link.topics import Stream
from gateway.link.whole import Raw
from gateway.proof.findings import Code
from gateway.proof.keys import Role, generate, public_keys, save_public
from tests.gateway.published import COUNT, key
from tests.gateway.tampering import ACTS, Topics, honest
from tests.support.kafka import create_topic

OWN = key()


def fresh(folder: Path) -> Topics:
    """A stream of its own, to a recipient that no other test knows."""
    recipient = f"holder-{uuid4().hex[:8]}"
    folder.mkdir()
    stream = Stream("cmo-a", "line-3", recipient, "measurements")
    return honest(folder, stream, OWN, generate(recipient, Role.NODE, recipient))


async def publish(bootstrap: str, messages: Sequence[Raw]) -> None:
    """As they stand, each topic in its order."""
    for name in sorted({message.topic for message in messages}):
        await create_topic(bootstrap, name)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        sent = []
        for message in messages:
            head, time = list(message.headers.items()), int(message.appended * 1000)
            offer = producer.send(message.topic, message.value, key=message.key, headers=head, timestamp_ms=time)
            sent.append(await offer)
        await asyncio.gather(*sent)  # each is acknowledged, or this test fails here
    finally:
        await producer.stop()


async def checked(bootstrap: str, topics: Topics) -> tuple[Check, int]:
    """All of the live topics, and how many messages were read."""
    trust = Trust((*public_keys(OWN), *public_keys(topics.node)))
    check, counted = Check(topics.stream.origin, topics.stream.recipient, trust), list[int]()
    await check.run(KafkaSettings(bootstrap=bootstrap, security="plaintext"), counted.append)
    return check, sum(counted)


async def verify(bootstrap: str, topics: Topics, folder: Path) -> subprocess.CompletedProcess[str]:
    """By the command, with no configuration at all."""
    for name, own in (("sender", OWN), ("node", topics.node)):
        save_public(own, folder / f"{name}.vkey")
    program = str(Path(sys.executable).with_name("cmo-gateway"))
    command = [program, "verify", "--bootstrap", bootstrap, "--cmo", "cmo-a", "--holder", topics.stream.recipient]
    trust = ["--trust", str(folder / "sender.vkey"), "--trust", str(folder / "node.vkey")]
    return await asyncio.to_thread(
        subprocess.run, [*command, *trust], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.kafka
async def test_an_honest_topic_holds(kafka: str, tmp_path: Path) -> None:
    """In process and by the command."""
    topics = fresh(tmp_path / "honest")
    await publish(kafka, topics.messages)
    check, count = await checked(kafka, topics)
    assert check.good
    assert count == len(topics.messages)
    done = await verify(kafka, topics, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == check.lines()
    assert f": {COUNT} entries verified by the seal of" in done.stdout
    assert f"by {topics.stream.recipient}" in done.stdout


@pytest.mark.kafka
async def test_what_an_administrator_does_to_live_topics_is_found(kafka: str, tmp_path: Path) -> None:
    """Each act in topics of its own, all on one broker; nothing is reported as something that it is not."""
    wrong = {}
    for at, (done, (act, expected)) in enumerate(ACTS.items()):
        topics = fresh(tmp_path / str(at))
        act(topics)
        await publish(kafka, topics.messages)
        check, _ = await checked(kafka, topics)
        found = {finding.code for stream in check.streams.values() for finding in stream.findings}
        if (found, check.strangers, check.good) != (expected, 0, expected == {Code.DUPLICATE}):
            wrong[done] = check.lines()
    assert wrong == {}


@pytest.mark.kafka
async def test_the_command_names_what_was_done(kafka: str, tmp_path: Path) -> None:
    """Exit code 1, and a line with code, stream and number."""
    topics = fresh(tmp_path / "dropped")
    act, _ = ACTS["an entry dropped"]
    act(topics)
    await publish(kafka, topics.messages)
    done = await verify(kafka, topics, tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"missing: {topics.stream.name} number 8: ")
