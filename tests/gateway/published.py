"""What a stream looks like in its topics, for tests of those that check it: entries, seals, receipts."""

from collections.abc import Iterable
from pathlib import Path

from gateway.journal.journal import Draft, Journal
from gateway.link.messages import messages as outgoing
from gateway.link.sealer import Sealer
from gateway.link.topics import RECEIPTS, RESENT, SEALS, Stream, topic
from gateway.link.whole import Raw
from gateway.proof import keys
from gateway.proof.checkpoint import countersign
from gateway.proof.note import SigningKey
from schemas.codec import encode
from tests.gateway.messages import frame

ONE = Stream("cmo-a", "line-3", "holder-b", "measurements")
START = 1_700_000_000
COUNT = 22
"""Entries of a stream: two schemas, and five batches of four frames."""
NODE = keys.generate("holder-b", keys.Role.NODE, "holder-b")
RECEIVED = START + 107
"""When the node signed its receipts."""
MIB = 1024 * 1024


def key() -> SigningKey:
    return keys.generate("cmo-a", keys.Role.SENDER, "line-3")


def seals_of(stream: Stream) -> str:
    return topic(stream.origin, stream.recipient, SEALS)


def receipts_of(stream: Stream) -> str:
    return topic(stream.recipient, stream.origin, RECEIPTS)


def resent_of(stream: Stream) -> str:
    return topic(stream.origin, stream.recipient, RESENT)


def published(file: Path, own: SigningKey, stream: Stream = ONE, *, batches: int = 5, begin: int = START) -> list[Raw]:
    """The messages of a stream: after each batch of four entries a seal, each later by ten seconds."""
    journal, sent, appended = Journal(file, limit=MIB), list[Raw](), 0

    def offer(one: Stream, _size: int, note: bytes) -> None:
        sent.append(Raw(seals_of(one), one.name.encode(), note, {}, begin + len(sent)))

    sealer = Sealer(journal, own, [stream], offer, interval=5)
    for batch in range(batches):
        frames = [frame({"dp": float(begin + 10 * batch + n)}, received=10 * batch + n) for n in range(4)]
        journal.append([Draft(stream.name, "Frame", b"ems", one.received, encode(one)) for one in frames])
        for message in outgoing(journal.entries(stream.name, appended, 100), own):
            sent.append(Raw(stream.topic, message.key, message.octets, dict(message.headers), begin + len(sent)))
            appended += 1
        sealer.seal(begin + 10 * batch)
    journal.close()
    return sent


def receipts(messages: Iterable[Raw], stream: Stream = ONE, node: SigningKey = NODE) -> list[Raw]:
    """A receipt of each seal, all of them signed at RECEIVED."""
    seals = [message for message in messages if message.topic == seals_of(stream)]
    return [Raw(receipts_of(stream), seal.key, countersign(seal.value, node, RECEIVED), {}, RECEIVED) for seal in seals]


def entries(messages: Iterable[Raw], stream: Stream = ONE) -> list[int]:
    """Places of the entries among the messages."""
    return [at for at, message in enumerate(messages) if message.topic == stream.topic]
