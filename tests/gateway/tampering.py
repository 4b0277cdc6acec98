"""What a broker's administrator, or a sender with two journals, can do to topics; one act each, and its right name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.link.topics import Stream
from gateway.link.whole import Raw
from gateway.proof.findings import Code
from gateway.proof.keys import Role, generate
from gateway.proof.note import SigningKey
from tests.gateway.published import START, entries, published, receipts, receipts_of, seals_of


@dataclass
class Topics:
    """The messages of one stream with its receipts, and who could sign them."""

    messages: list[Raw]
    stream: Stream
    own: SigningKey
    node: SigningKey
    scratch: Path

    def seals(self) -> list[int]:
        return [at for at, message in enumerate(self.messages) if message.topic == seals_of(self.stream)]

    def receipts(self) -> list[int]:
        return [at for at, message in enumerate(self.messages) if message.topic == receipts_of(self.stream)]

    def entries(self) -> list[int]:
        return entries(self.messages, self.stream)

    def other_history(self) -> list[Raw]:
        """Of a second journal with the same key, begun later."""
        return published(self.scratch / "other.db", self.own, self.stream, begin=START + 1000)


def honest(folder: Path, stream: Stream, own: SigningKey, node: SigningKey) -> Topics:
    messages = published(folder / "one.db", own, stream)
    return Topics([*messages, *receipts(messages, stream, node)], stream, own, node, folder)


Act = Callable[[Topics], object]


def flipped(octets: bytes, at: int) -> bytes:
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


def flip(topics: Topics, places: list[int], octet: int) -> None:
    """A byte of the middle one of the places."""
    at = places[len(places) // 2]
    message = topics.messages[at]
    topics.messages[at] = replace(message, value=flipped(message.value, octet))


def flip_header(topics: Topics) -> None:
    at = topics.entries()[7]
    given = topics.messages[at].headers
    topics.messages[at] = replace(topics.messages[at], headers={**given, "ce_time": flipped(given["ce_time"], 3)})


def flip_key(topics: Topics) -> None:
    at = topics.entries()[7]
    topics.messages[at] = replace(topics.messages[at], key=flipped(topics.messages[at].key, 0))


def renumber(topics: Topics) -> None:
    at = topics.entries()[7]
    topics.messages[at] = replace(topics.messages[at], headers={**topics.messages[at].headers, "ce_id": b"700"})


def swap(topics: Topics) -> None:
    a, b = topics.entries()[5:7]
    topics.messages[a], topics.messages[b] = topics.messages[b], topics.messages[a]


def repeat(topics: Topics) -> None:
    at = topics.entries()[3]
    topics.messages.insert(at + 2, topics.messages[at])


def cut_off(topics: Topics, count: int) -> None:
    for at in reversed(topics.entries()[-count:]):
        topics.messages.pop(at)


def cut_off_with_seals(topics: Topics) -> None:
    """Only the receipts still know that there was more."""
    topics.messages.pop(topics.seals()[-1])
    cut_off(topics, 4)


def fork(topics: Topics) -> None:
    other = topics.other_history()
    at = topics.receipts()[0]
    topics.messages[at:at] = other


def replay_seal(topics: Topics) -> None:
    first = topics.messages[topics.seals()[0]]
    topics.messages.append(replace(first, appended=START + 5000))


def misplace_seal(topics: Topics) -> None:
    at = topics.seals()[2]
    other = replace(topics.stream, family="gaps").name
    topics.messages[at] = replace(topics.messages[at], key=other.encode())


def forge_receipt(topics: Topics) -> None:
    """By a key that only bears the node's name."""
    party = topics.stream.recipient
    forger = generate(party, Role.NODE, party)
    topics.messages += receipts([topics.messages[topics.seals()[-1]]], topics.stream, forger)


def confirm_another_history(topics: Topics) -> None:
    """The receipt is genuine: the sender's key had sealed something else than what stands in the topic."""
    topics.messages += receipts(topics.other_history(), topics.stream, topics.node)[-1:]


ACTS: dict[str, tuple[Act, set[Code]]] = {
    "an entry's byte flipped": (lambda topics: flip(topics, topics.entries(), 40), {Code.ALTERED}),
    "an entry's schema flipped": (lambda topics: flip(topics, topics.entries(), 5), {Code.ALTERED}),
    "a header flipped": (flip_header, {Code.ALTERED}),
    "a key flipped": (flip_key, {Code.ALTERED}),
    "a number in a header changed": (renumber, {Code.MISSING}),
    "an entry dropped": (lambda topics: topics.messages.pop(topics.entries()[7]), {Code.MISSING}),
    "two entries swapped": (swap, {Code.REORDERED}),
    "an entry repeated": (repeat, {Code.DUPLICATE}),
    "the tail cut off": (lambda topics: cut_off(topics, 3), {Code.MISSING}),
    "the tail cut off with its seal": (cut_off_with_seals, {Code.MISSING}),
    "a fork": (fork, {Code.FORKED}),
    "an old seal replayed": (replay_seal, {Code.STALE_SEAL}),
    "a seal's byte flipped": (lambda topics: flip(topics, topics.seals(), 60), {Code.ALTERED}),
    "a receipt's byte flipped": (lambda topics: flip(topics, topics.receipts(), 60), {Code.ALTERED}),
    "a receipt's countersignature flipped": (lambda topics: flip(topics, topics.receipts(), -20), {Code.ALTERED}),
    "a receipt forged": (forge_receipt, {Code.WRONG_KEY}),
    "a receipt for another history": (confirm_another_history, {Code.FORKED}),
}
"""What was done → how, and under which code it has to be found, and no other."""
