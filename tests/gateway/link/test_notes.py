"""A note that is published by hand."""

from uuid import uuid4

import pytest

from gateway.link.notes import publish_note
from gateway.link.settings import KafkaSettings
from gateway.link.topics import SEALS, topic
from gateway.link.whole import UnreachableError, read_whole
from simulators.ports import free_port
from tests.support.kafka import create_topic


def settings(bootstrap: str) -> KafkaSettings:
    return KafkaSettings(bootstrap=bootstrap, security="plaintext")


@pytest.mark.kafka
async def test_a_note_stands_in_its_topic_under_its_key(kafka: str) -> None:
    """Once, in the first partition."""
    place = topic("cmo-a", f"holder-{uuid4().hex[:8]}", SEALS)
    await create_topic(kafka, place)
    await publish_note(settings(kafka), place, "cmo-a.line-3", b"a note\n")
    found = [(raw.key, raw.value) async for batch in read_whole(settings(kafka), [place]) for raw in batch]
    assert found == [(b"cmo-a.line-3", b"a note\n")]


async def test_a_broker_that_is_away_is_said() -> None:
    """In a line that names it."""
    port = free_port()
    with pytest.raises(UnreachableError, match=f"kafka at 127.0.0.1:{port}"):
        await publish_note(settings(f"127.0.0.1:{port}"), "t", "k", b"note")
