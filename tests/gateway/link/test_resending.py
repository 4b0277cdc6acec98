"""What a node asks for again comes again over a real Kafka, just as it was, and no more than that."""

import time
from pathlib import Path

import pytest

from gateway.link.topics import RESENDS, RESENT, topic
from gateway.link.whole import Raw
from gateway.proof.note import SigningKey
from gateway.proof.resend import MOST, Resend, write_resend
from tests.gateway.link.uplinks import Line, new_name, node_key, running, say, whole
from tests.support.eventually import eventually
from tests.support.kafka import create_topic

pytestmark = pytest.mark.kafka


class Asking:
    """A node that asks for numbers of a line's measurements."""

    def __init__(self, kafka: str, line: Line, key: SigningKey) -> None:
        self._kafka, self._line, self._key = kafka, line, key
        self._topic = topic(line.stream.recipient, "cmo-a", RESENDS)

    async def ask(self, first: int, last: int, *, ago: float = 0, by: SigningKey | None = None, key: str = "") -> None:
        name = self._line.stream.name
        note = write_resend(Resend(name, first, last), by or self._key, int(time.time() - ago))
        await say(self._kafka, self._topic, (key or name).encode(), note)


async def test_numbers_come_again_as_they_were(kafka: str, tmp_path: Path) -> None:
    """Octets, key and headers; only what is fresh, signed by that recipient's node and not just answered."""
    recipient = new_name()
    node = node_key(recipient)
    await create_topic(kafka, topic(recipient, "cmo-a", RESENDS))
    line = Line(kafka, recipient, tmp_path / "j.db", node=node)
    node_asks = Asking(kafka, line, node)
    resent = topic("cmo-a", recipient, RESENT)
    async with running(line):
        line.offer_frames(range(100))
        await line.drained()
        await node_asks.ask(1, 5, ago=3600)
        await node_asks.ask(1, 5, by=node_key(recipient))
        await node_asks.ask(1, 5, by=node_key(new_name()))
        await node_asks.ask(1, 5, key=f"cmo-a.line-3.{recipient}.alarms.v1")
        await eventually(lambda: line.uplink.resending.refused == 4, within=60)
        await node_asks.ask(40, 42)
        await node_asks.ask(40, 42)
        await node_asks.ask(101, 102)
        again = await eventually(lambda: at_least(kafka, resent, 5), within=60, every=0.3)
    entries = {raw.headers["ce_id"]: raw for raw in await whole(kafka, line.stream.topic)}
    assert [int(raw.headers["ce_id"]) for raw in again] == [40, 41, 42, 101, 102]
    for raw in again:
        first = entries[raw.headers["ce_id"]]
        assert (raw.key, raw.value, raw.headers) == (first.key, first.value, first.headers)


async def at_least(kafka: str, name: str, count: int) -> list[Raw]:
    raws = await whole(kafka, name)
    return raws if len(raws) >= count else []


async def test_what_the_recipient_confirmed_is_left_out(kafka: str, tmp_path: Path) -> None:
    """The rest of the request is answered."""
    recipient = new_name()
    node = node_key(recipient)
    await create_topic(kafka, topic(recipient, "cmo-a", RESENDS))
    line = Line(kafka, recipient, tmp_path / "j.db", node=node)
    async with running(line):
        line.offer_frames(range(10))
        await line.drained()
        head = line.journal.heads()[line.stream.name]
        line.offer_frames(range(10, 20))
        await line.drained()
        line.journal.confirm(line.stream.name, head.size, head.root, int(time.time()))
        await Asking(kafka, line, node).ask(1, MOST)
        again = await eventually(lambda: at_least(kafka, topic("cmo-a", recipient, RESENT), 10), within=60, every=0.3)
    assert [int(raw.headers["ce_id"]) for raw in again] == list(range(13, 23))
