"""`cmo-gateway verify`: what stands in the topics, checked against the sender's seals.

It reads only what is published, from the begin, keeps nothing, and trusts the keys it is given and nothing else:
whoever runs it needs no archive, no agent and no word of either side.
"""

import time
from collections.abc import Callable

from gateway.checking.checked import Checked
from gateway.checking.trust import Trust
from gateway.link.settings import KafkaSettings
from gateway.link.topics import RECEIPTS, RESENT, SEALS, Stream, stream_named, topic, topics
from gateway.link.whole import Raw, read_whole
from gateway.proof.findings import Finding
from gateway.proof.keyring import KeyRing
from gateway.proof.note import MalformedNoteError
from gateway.proof.statement import Sender


class Check:
    """All streams of one CMO to one recipient."""

    def __init__(self, origin: str, recipient: str, trust: Trust) -> None:
        self._parties = (origin, recipient)
        self._seals = topic(origin, recipient, SEALS)
        self._receipts = topic(recipient, origin, RECEIPTS)
        self._resent = topic(origin, recipient, RESENT)
        self._trust = trust
        self._rings: dict[str, KeyRing] = {}
        self.streams: dict[str, Checked] = {}
        self.findings: list[Finding] = []
        """What was found of the senders' statements."""
        self.strangers = 0
        """Messages that name no stream from the one to the other."""

    @property
    def good(self) -> bool:
        """Whether there is a stream, all that was read belongs to one, and all of it holds."""
        whole = not self.strangers and not self.findings
        return whole and bool(self.streams) and all(checked.good for checked in self.streams.values())

    async def run(self, kafka: KafkaSettings, told: Callable[[int], object]) -> None:
        """Read and check everything; `told` hears how many messages were read. Raises UnreachableError."""
        beside = [self._resent, self._seals, self._receipts]
        async for batch in read_whole(kafka, [*topics(*self._parties), *beside]):
            for message in batch:
                self.take(message)
            told(len(batch))
        self.finish(time.time())

    def take(self, message: Raw) -> None:
        """The next message of its topic: an entry, a seal or a statement, a receipt, or what was sent again."""
        beside = message.topic in {self._seals, self._receipts}
        checked = self._checked(message.key if beside else message.headers.get("ce_source", b""), message.topic)
        if checked is None:
            self._take_statement(message)
        elif message.topic == self._seals:
            checked.verifier.take_seal(message.value, message.appended)
        elif message.topic == self._receipts:
            checked.receipts.take(message.value)
        elif message.topic == self._resent:
            checked.take_answer(message)
        else:
            checked.take_entry(message)

    def finish(self, now: float) -> None:
        """All was taken: what is still open is a finding. `now` is UTC seconds."""
        for checked in self.streams.values():
            checked.finish(now)

    def lines(self) -> list[str]:
        """What a person reads."""
        lines = [str(finding) for finding in self.findings]
        lines += [line for checked in self.streams.values() for line in checked.lines()]
        origin, recipient = self._parties
        if self.strangers:
            lines.append(f"{self.strangers} messages belong to no stream from {origin} to {recipient}")
        if not self.streams:
            lines.append(f"there is no stream from {origin} to {recipient}")
        return lines

    def _take_statement(self, message: Raw) -> None:
        """What is said about a sender stands among the seals, under the sender's name."""
        try:
            sender = Sender.parse(message.key.decode("latin-1"))
        except MalformedNoteError:
            sender = None
        if message.topic != self._seals or sender is None or sender.party != self._parties[0]:
            self.strangers += 1
            return
        finding = self.ring(sender).take(message.value, message.appended)
        if finding is not None:
            self.findings.append(finding)

    def ring(self, sender: Sender) -> KeyRing:
        """The keys of a sender, as far as its statements were read."""
        if str(sender) not in self._rings:
            self._rings[str(sender)] = self._trust.ring(sender)
        return self._rings[str(sender)]

    def _checked(self, name: bytes, place: str) -> Checked | None:
        """The stream of that name; None when there is none that may stand in this topic."""
        stream = stream_named(name.decode("latin-1"))
        if stream is None or not self._may_stand(stream, place):
            return None
        if stream.name not in self.streams:
            ring = self.ring(Sender(stream.origin, stream.sender))
            self.streams[stream.name] = Checked(stream, ring, self._trust.nodes(stream.recipient))
        return self.streams[stream.name]

    def _may_stand(self, stream: Stream, place: str) -> bool:
        places = {stream.topic, self._seals, self._receipts, self._resent}
        return (stream.origin, stream.recipient) == self._parties and place in places
