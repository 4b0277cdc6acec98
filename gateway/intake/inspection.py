"""Inspection: every entry and every seal that the node receives goes through the verifier of its stream. Pure.

What the verifier refuses is kept with its bytes, but not believed; what came again is left out and counted. Under each
number the archive holds the content that the verifier holds: where a seal proves another one than came first, a
correction says so. The verifiers' states are stored with what was inspected, in one transaction, so that a node that
is killed forgets nothing. For every seal that came to be proven there is a receipt, to be sent once all this is stored.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.envelope import altered
from gateway.intake.message import Batch, Message
from gateway.intake.streams import LeafOf, Streams
from gateway.link.topics import stream_named
from gateway.proof.checkpoint import Seal, countersign
from gateway.proof.findings import Code, Finding
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import SigningKey, VerifierKey
from gateway.proof.standing import Outcome
from gateway.proof.statement import Sender
from gateway.proof.verifier import Verifier
from schemas.records import Evicted

UNCOUNTED = {Code.UNSIGNED, Code.AFTER_CLOSING}
"""Of an entry: it is no part of the stream."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a stream is proven: the last number received without a hole, and the last one that a seal proves.

    `sealed` is the signed time of that seal, `confirmed` the last number that a receipt of ours covers, `confirmed_at`
    its time; times are POSIX seconds.
    """

    received: int
    verified: int
    sealed: int | None
    confirmed: int = 0
    confirmed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What the archive remembers for the inspector: by stream the verifiers' states, standings and newest receipts; by
    sender the key rings' states.
    """

    states: Mapping[str, bytes] = field(default_factory=dict)
    rings: Mapping[str, bytes] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    receipts: Mapping[str, bytes] = field(default_factory=dict)

    def between(self, origin: str, recipient: str) -> "Memory":
        """What of it is about streams of the one to the other."""

        def theirs(name: str) -> bool:
            stream = stream_named(name)
            return stream is not None and (stream.origin, stream.recipient) == (origin, recipient)

        return Memory(
            {name: state for name, state in self.states.items() if theirs(name)},
            {name: ring for name, ring in self.rings.items() if Sender.parse(name).party == origin},
            {name: standing for name, standing in self.standings.items() if theirs(name)},
            {name: receipt for name, receipt in self.receipts.items() if theirs(name)},
        )


@dataclass(frozen=True, slots=True)
class Received:
    """The first content of a number. `message` holds its octets; None where only the leaf hash was told."""

    stream: str
    number: int
    leaf: bytes
    message: Message | None


@dataclass(frozen=True, slots=True)
class Correction:
    """What the archive holds under a number is not genuine: the content with this leaf hash is, or none (None)."""

    stream: str
    number: int
    leaf: bytes | None
    reason: str


@dataclass(slots=True)
class Inspected:
    """A batch after its inspection. `now` is when, UTC seconds."""

    batch: Batch
    now: float = 0.0
    messages: list[Message] = field(default_factory=list)
    """What is stored: received, or in quarantine with the reason."""
    received: list[Received] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    """To be carried out after the messages are stored."""
    findings: list[Finding] = field(default_factory=list)
    states: dict[str, bytes] = field(default_factory=dict)
    """What the verifiers remember now, of the streams of which that changed; `standings` is of the same."""
    standings: dict[str, Standing] = field(default_factory=dict)
    rings: dict[str, bytes] = field(default_factory=dict)
    """What the key rings remember now, of the senders of which that changed."""
    receipts: dict[str, bytes] = field(default_factory=dict)
    """Countersigned seals, by stream; to be sent only once everything here is stored."""
    seals: list[Seal] = field(default_factory=list)
    """Those that came to be proven, each of more entries than the one of its stream before."""


class Inspector:
    """All streams of one CMO to one recipient, `parties`. `node` signs the receipts; `memory` is the archive's."""

    def __init__(
        self,
        parties: tuple[str, str],
        trusted: Collection[VerifierKey],
        node: SigningKey,
        leaf_of: LeafOf,
        memory: Memory,
    ) -> None:
        self._node = node
        self._leaf_of = leaf_of
        self._streams = Streams(parties, trusted, self._leaf, memory.states, memory.rings)
        self._states = dict(memory.states)
        self._rings = dict(memory.rings)
        self._standings = dict(memory.standings)
        self._receipts = dict(memory.receipts)
        self._fresh: dict[tuple[str, int], bytes] = {}
        """Leaf hashes of the present batch, which the archive does not have yet."""
        self._contested = {(name, number): v.leaf(number) for name, v in self._streams for number in v.contested()}
        """Numbers that several contents claim, with the one that the archive holds."""
        self.repeats = 0
        """Messages that came a second time and were left out."""

    def inspect(self, batch: Batch, now: float) -> Inspected:
        """Everything of the batch; `now` is UTC seconds that never step."""
        found = Inspected(batch, now)
        self._fresh.clear()
        for message in batch.messages:
            self._take(message, found)
        self._take_answers(batch.resent, found)
        notes = [self._streams.take_note(note, now) for note in batch.seals]
        found.findings += [finding for finding in notes if finding is not None]
        for name, verifier in self._streams:
            verifier.tick(now, caught_up=batch.caught_up)
            found.findings += _merged(verifier.findings())
            self._conclude(name, verifier, found)
        found.seals = self._streams.proven()
        found.corrections += self._corrections(found.findings)
        found.rings = {name: state for name, state in self._streams.rings().items() if state != self._rings.get(name)}
        self._rings |= found.rings
        return found

    def wanted(self) -> dict[str, list[tuple[int, int]]]:
        """Ranges of numbers that have to be sent again, by stream."""
        ranges = {name: verifier.wanted() for name, verifier in self._streams}
        return {name: some for name, some in ranges.items() if some}

    def _conclude(self, name: str, verifier: Verifier, found: Inspected) -> None:
        """State, standing and receipt of a stream in which something changed."""
        state, seal = verifier.state(), verifier.verified
        if state == self._states.get(name):
            return
        before = self._standings.get(name, Standing(0, 0, None))
        confirmed, at = before.confirmed, before.confirmed_at
        if seal is not None and seal.size and not self._receipts.get(name, b"").startswith(seal.note):
            confirmed, at = seal.size, int(found.now)
            self._receipts[name] = found.receipts[name] = countersign(seal.note, self._node, at)
        sealed = seal.time if seal else None
        self._states[name] = found.states[name] = state
        self._standings[name] = found.standings[name] = Standing(
            verifier.received_to, verifier.verified_to, sealed, confirmed, at
        )

    def _take(self, message: Message, found: Inspected) -> None:
        verifier = self._streams.verifier(message.stream)
        if verifier is None:
            found.messages.append(_refused(message, "the message names no stream from this sender to this recipient"))
            return
        if not self._streams.vouched(message):
            self._refuse_hashes(message, found)
            return
        told = _told(message)
        outcomes = [self._outcome(verifier, number, leaf, message, found.now) for number, leaf in told]
        for (number, leaf), outcome in zip(told, outcomes, strict=True):
            if outcome is Outcome.RECEIVED:
                self._receive(message, number, leaf, found)
            elif outcome is Outcome.RIVAL:
                self._contested.setdefault((message.stream, number), verifier.leaf(number))
        if Outcome.RIVAL in outcomes or Outcome.REFUSED in outcomes:
            found.messages.append(_refused(message, "the number has another content already, or cannot be one"))
            return
        if Outcome.RECEIVED in outcomes:
            found.messages.append(message)
        else:
            self.repeats += 1
        self._check_envelope(message, found)

    def _refuse_hashes(self, message: Message, found: Inspected) -> None:
        """Hashes in the place of entries that the sender did not sign for: the numbers stay missing."""
        text = "hashes stand in the place of entries, and the sender did not sign for it"
        found.messages.append(_refused(message, text))
        first = message.record.first if isinstance(message.record, Evicted) else 0
        found.findings.append(Finding(Code.UNSIGNED, message.stream, first, message.last_number, text, found.now))

    def _check_envelope(self, message: Message, found: Inspected) -> None:
        number = message.record.first if isinstance(message.record, Evicted) else message.number or 0
        finding = altered(message.stream, number, message.record, message.key, message.headers, now=found.now)
        found.findings += [finding] if finding else []

    def _outcome(self, verifier: Verifier, number: int, leaf: bytes, message: Message, now: float) -> Outcome:
        if number or isinstance(message.record, Evicted):
            return verifier.take(number, leaf, now)
        return verifier.take_entry(message.entry, source=message.stream.encode(), number=b"0", now=now)

    def _receive(self, message: Message, number: int, leaf: bytes, found: Inspected) -> None:
        own = None if isinstance(message.record, Evicted) else message
        found.received.append(Received(message.stream, number, leaf, own))
        self._fresh[message.stream, number] = leaf

    def _take_answers(self, resent: Sequence[Message], found: Inspected) -> None:
        """What was sent again. Nobody believes it before a seal does; what nobody asked for is left out."""
        wanted = self.wanted() if resent else {}
        vouched = [message for message in resent if self._streams.vouched(message)]
        for run in _runs((number, leaf, message) for message in vouched for number, leaf in _told(message)):
            stream = run[0][2].stream
            verifier, ranges = self._streams.verifier(stream), wanted.get(stream, ())
            asked = [one for one in run if any(low <= one[0] <= high for low, high in ranges)]
            if verifier is None or not asked:
                continue
            before = [verifier.leaf(number) for number, _, _ in asked]
            self._fresh |= {(stream, one[0]): one[1] for one, held in zip(asked, before, strict=True) if held is None}
            for part in _runs(asked):
                verifier.answer(part[0][0], [leaf for _, leaf, _ in part], found.now)
            for (number, leaf, message), held in zip(asked, before, strict=True):
                self._answered(message, number, leaf, held, found)

    def _answered(self, message: Message, number: int, leaf: bytes, held: bytes | None, found: Inspected) -> None:
        if held is None and self._streams[message.stream].leaf(number) == leaf:
            self._receive(message, number, leaf, found)
            if message not in found.messages[-1:]:  # an `Evicted` answers for many numbers
                found.messages.append(message)
                self._check_envelope(message, found)
        elif held is not None and held != leaf:
            self._contested.setdefault((message.stream, number), held)
            found.messages.append(_refused(message, "sent again with another content; a seal decides"))

    def _corrections(self, findings: Iterable[Finding]) -> Iterator[Correction]:
        """Where the archive holds another content than the verifier."""
        proven: dict[tuple[str, int], bytes] = {}
        uncounted: dict[tuple[str, int], bytes | None] = {}
        for finding in findings:
            if finding.leaf and finding.sealed:
                proven[finding.stream, finding.first] = finding.sealed
            elif finding.leaf and finding.first and finding.code in UNCOUNTED:
                uncounted[finding.stream, finding.first] = finding.leaf
        self._contested |= uncounted
        for (stream, number), stored in list(self._contested.items()):
            verifier = self._streams[stream]
            leaf = proven.get((stream, number)) or verifier.leaf(number)
            if leaf != stored:
                reason = "no seal counts it" if (stream, number) in uncounted else "a seal proves another content"
                yield Correction(stream, number, leaf, reason)
            if leaf is None or number <= verifier.verified_to:
                del self._contested[stream, number]
            else:
                self._contested[stream, number] = leaf

    def _leaf(self, stream: str, number: int) -> bytes:
        return self._fresh.get((stream, number)) or self._leaf_of(stream, number)


def _told(message: Message) -> list[tuple[int, bytes]]:
    """Numbers and leaf hashes that the message stands for; number 0 where it gives none."""
    if isinstance(message.record, Evicted):
        return list(enumerate(message.record.leaves, message.record.first))
    return [(message.number or 0, leaf_hash(message.entry))]


def _runs(told: Iterable[tuple[int, bytes, Message]]) -> Iterator[list[tuple[int, bytes, Message]]]:
    """Neighbours of one stream whose numbers follow each other: each answer costs the verifier a search."""
    run: list[tuple[int, bytes, Message]] = []
    for one in told:
        if run and (one[0] != run[-1][0] + 1 or one[2].stream != run[-1][2].stream):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _merged(findings: Iterable[Finding]) -> list[Finding]:
    """Repeats of numbers that follow each other as one finding: a topic that is read anew repeats them all."""
    merged: list[Finding] = []
    for finding in findings:
        last = merged[-1] if merged else finding
        if Code.DUPLICATE is finding.code is last.code and finding.first == last.last + 1:
            merged[-1] = replace(last, last=finding.last, leaf=None)
        else:
            merged.append(finding)
    return merged


def _refused(message: Message, problem: str) -> Message:
    return replace(message, record=None, problem=message.problem or problem)
