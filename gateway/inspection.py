"""Inspection: every entry and every seal that the node receives goes through the verifier of its stream. Pure.

What the verifier refuses is kept with its bytes, but not believed; what came again is left out and counted. The
verifiers' states are stored with what was inspected, in one transaction, so that a node that is killed forgets nothing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from gateway.link.topics import stream_named
from gateway.message import Batch, Message
from gateway.proof.findings import Finding
from gateway.proof.keys import sender_keys
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import VerifierKey
from gateway.proof.standing import Outcome
from gateway.proof.verifier import Verifier
from schemas.records import Evicted

LeafOf = Callable[[str, int], bytes]
"""The leaf hash that the archive has for a number of a stream."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a stream is proven: the last number received without a hole, and the last one that a seal proves.

    `sealed` is the signed time of that seal, POSIX seconds.
    """

    received: int
    verified: int
    sealed: int | None


@dataclass(slots=True)
class Inspected:
    """A batch after its inspection."""

    batch: Batch
    messages: list[Message] = field(default_factory=list)
    """What is stored: received, or in quarantine with the reason."""
    leaves: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    """Leaf hashes of what was received, by stream, with their numbers."""
    findings: list[Finding] = field(default_factory=list)
    states: dict[str, bytes] = field(default_factory=dict)
    """What the verifiers remember now, of the streams of which that changed; `standings` is of the same."""
    standings: dict[str, Standing] = field(default_factory=dict)


class Inspector:
    """All streams of one CMO to one recipient. `states` are those of the archive."""

    def __init__(
        self,
        origin: str,
        recipient: str,
        trusted: Collection[VerifierKey],
        leaf_of: LeafOf,
        states: Mapping[str, bytes],
    ) -> None:
        self._parties = (origin, recipient)
        self._trusted = trusted
        self._leaf_of = leaf_of
        self._verifiers: dict[str, Verifier] = {}
        self._states = dict(states)
        self.repeats = 0
        """Messages that came a second time and were left out."""
        for name, state in states.items():
            self._verifier(name, state)

    def inspect(self, batch: Batch, now: float) -> Inspected:
        """Everything of the batch; `now` is UTC seconds that never step."""
        found = Inspected(batch)
        for message in batch.messages:
            kept = self._take(message, found, now)
            if kept is not None:
                found.messages.append(kept)
        for seal in batch.seals:
            verifier = self._verifier(seal.stream)
            if verifier is not None:
                verifier.take_seal(seal.octets, now)
        for name, verifier in self._verifiers.items():
            verifier.tick(now, caught_up=batch.caught_up)
            found.findings += verifier.findings()
            state = verifier.state()
            if state == self._states.get(name):
                continue
            self._states[name] = found.states[name] = state
            time = verifier.verified.time if verifier.verified else None
            found.standings[name] = Standing(verifier.received_to, verifier.verified_to, time)
        return found

    def _take(self, message: Message, found: Inspected, now: float) -> Message | None:
        """The message as it is to be stored; None when it came before."""
        verifier = self._verifier(message.stream)
        if verifier is None:
            return _refused(message, "the message names no stream from this sender to this recipient")
        if isinstance(message.record, Evicted):
            told = list(enumerate(message.record.leaves, message.record.first))
        else:
            told = [(message.number or 0, leaf_hash(message.entry))]
        outcomes = [self._outcome(verifier, number, leaf, message, now) for number, leaf in told]
        received = [pair for pair, outcome in zip(told, outcomes, strict=True) if outcome is Outcome.RECEIVED]
        found.leaves.setdefault(message.stream, []).extend(received)
        if Outcome.RIVAL in outcomes or Outcome.REFUSED in outcomes:
            return _refused(message, "the number has another content already, or cannot be one")
        if not received:
            self.repeats += 1
            return None
        return message

    def _outcome(self, verifier: Verifier, number: int, leaf: bytes, message: Message, now: float) -> Outcome:
        if isinstance(message.record, Evicted):
            return verifier.take(number, leaf, now)
        source, claim = message.stream.encode(), str(number).encode()
        return verifier.take_entry(message.entry, source=source, number=claim, now=now)

    def _verifier(self, name: str, state: bytes | None = None) -> Verifier | None:
        known = self._verifiers.get(name)
        stream = stream_named(name)
        if known is not None or stream is None or (stream.origin, stream.recipient) != self._parties:
            return known
        keys = sender_keys(stream.origin, stream.sender, self._trusted)
        made = Verifier(name, keys, lambda number: self._leaf_of(name, number), state=state)
        self._verifiers[name] = made
        return made


def _refused(message: Message, problem: str) -> Message:
    return replace(message, record=None, problem=message.problem or problem)
