"""`cmo-gateway verify`: what stands in the topics, checked against the sender's seals.

It reads only what is published, from the begin, keeps nothing, and trusts the keys it is given and nothing else:
whoever runs it needs no archive, no agent and no word of either side.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf

from gateway.link.settings import KafkaSettings
from gateway.link.topics import SEALS, Stream, stream_named, topic, topics
from gateway.link.whole import Raw, read_whole
from gateway.proof.findings import Finding
from gateway.proof.keys import sender_keys
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import VerifierKey
from gateway.proof.standing import Limits, Outcome
from gateway.proof.verifier import Verifier
from schemas.codec import evicted_of

AT_ONCE = Limits(patience=0, late=inf, silent=inf)
"""Everything that will ever come is there."""


@dataclass(slots=True)
class Checked:
    """One stream as it was found."""

    stream: Stream
    verifier: Verifier
    entries: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether it has a seal that holds, and nothing was found."""
        return self.verifier.verified is not None and not any(finding.alarms for finding in self.findings)

    def lines(self) -> Iterator[str]:
        """What a person reads: the findings, then how far the stream is proven."""
        yield from map(str, self.findings)
        seal, beyond = self.verifier.verified, self.verifier.received_to - self.verifier.verified_to
        if seal is None:
            yield f"{self.stream.name}: {self.entries} entries, no seal that holds"
            return
        moment = datetime.fromtimestamp(seal.time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        after = f", {beyond} after it, not sealed yet" if beyond else ""
        yield f"{self.stream.name}: {self.verifier.verified_to} entries verified by the seal of {moment}{after}"


class Check:
    """All streams of one CMO to one recipient."""

    def __init__(self, origin: str, recipient: str, trusted: Collection[VerifierKey]) -> None:
        self._parties = (origin, recipient)
        self._seals = topic(origin, recipient, SEALS)
        self._trusted = trusted
        self._leaves: defaultdict[str, dict[int, bytes]] = defaultdict(dict)
        self.streams: dict[str, Checked] = {}
        self.strangers = 0
        """Messages that name no stream from the one to the other."""

    async def run(self, kafka: KafkaSettings) -> None:
        """Read and check everything. Raises UnreachableError."""
        origin, recipient = self._parties
        async for batch in read_whole(kafka, [*topics(origin, recipient), self._seals]):
            for message in batch:
                self.take(message)
        self.finish(time.time())

    def take(self, message: Raw) -> None:
        """The next message of its topic, an entry or a seal."""
        if message.topic == self._seals:
            checked = self._checked(message.key, message.topic)
            if checked is not None:
                checked.verifier.take_seal(message.value, message.appended)
        else:
            self._entry(message)

    def finish(self, now: float) -> None:
        """All was taken: what is still open is a finding. `now` is UTC seconds."""
        for checked in self.streams.values():
            checked.verifier.tick(now, caught_up=True)
            checked.findings += checked.verifier.findings()

    def _entry(self, message: Raw) -> None:
        source, number = (message.headers.get(name, b"") for name in ("ce_source", "ce_id"))
        checked = self._checked(source, message.topic)
        if checked is None:
            return
        checked.entries += 1
        evicted = evicted_of(message.value)
        if evicted is None:
            taken = checked.verifier.take_entry(message.value, source=source, number=number, now=message.appended)
            if taken is Outcome.RECEIVED:
                self._leaves[checked.stream.name][int(number)] = leaf_hash(message.value)
            return
        for told, leaf in enumerate(evicted.leaves, evicted.first):
            if checked.verifier.take(told, leaf, message.appended) is Outcome.RECEIVED:
                self._leaves[checked.stream.name][told] = leaf

    def _checked(self, name: bytes, place: str) -> Checked | None:
        """The stream of that name; None when there is none that may stand in this topic."""
        stream = stream_named(name.decode("latin-1"))
        if (
            stream is None
            or (stream.origin, stream.recipient) != self._parties
            or place not in {stream.topic, self._seals}
        ):
            self.strangers += 1
            return None
        if stream.name not in self.streams:
            keys = sender_keys(stream.origin, stream.sender, self._trusted)
            leaves = self._leaves[stream.name]
            self.streams[stream.name] = Checked(stream, Verifier(stream.name, keys, leaves.__getitem__, limits=AT_ONCE))
        return self.streams[stream.name]
