"""One stream as it stands in its topics: entries, seals, receipts, and what was sent again. Pure."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from math import inf

from gateway.checking.receipts import Receipts
from gateway.envelope import altered
from gateway.link.topics import Stream
from gateway.link.whole import Raw
from gateway.proof.checkpoint import decimal
from gateway.proof.eviction import is_signed
from gateway.proof.findings import Code, Finding
from gateway.proof.keyring import KeyRing
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import MalformedNoteError, VerifierKey
from gateway.proof.standing import Limits, Outcome
from gateway.proof.verifier import Verifier
from gateway.words import moment, ranges
from schemas.catalogue import schema, schema_of
from schemas.codec import DecodeError, Record, decode_head, evicted_of
from schemas.records import Evicted, Schema

AT_ONCE = Limits(patience=0, late=inf, silent=inf)
"""Everything that will ever come is there."""


class Checked:
    """Takes the stream's messages; after `finish` it tells what was found and how far the stream is proven."""

    def __init__(self, stream: Stream, ring: KeyRing, nodes: Collection[VerifierKey]) -> None:
        self.stream = stream
        self._ring = ring
        self.leaves: dict[int, bytes] = {}
        """The leaf hash of each number: after `finish` the genuine one of all that are proven."""
        self.verifier = Verifier(stream.name, ring, self.leaves.__getitem__, limits=AT_ONCE)
        self.receipts = Receipts(stream.name, ring, nodes)
        self.entries = 0
        self.findings: list[Finding] = []
        self.resent: list[int] = []
        """Proven numbers that are not in the stream's topic, and were sent again."""
        self.hashes: list[int] = []
        """Numbers of which the sender says that it has no more than the leaf hash."""
        self._answers: list[tuple[int, bytes]] = []
        self._schemas = {known.fingerprint: known for known in [schema("Schema")]}

    @property
    def good(self) -> bool:
        """Whether it has a seal that holds, and nothing was found."""
        return self.verifier.verified is not None and not any(finding.alarms for finding in self.findings)

    def take_entry(self, message: Raw) -> None:
        """A message of the stream's topic that names this stream as its source."""
        self.entries += 1
        evicted, leaf = evicted_of(message.value), leaf_hash(message.value)
        if evicted is not None and not self._vouched(evicted):
            self.findings.append(_unsigned(self.stream.name, evicted, message.appended))
            return
        if evicted is None:
            source, number = message.headers["ce_source"], message.headers.get("ce_id", b"")
            taken = self.verifier.take_entry(message.value, source=source, number=number, now=message.appended)
            outcomes = {taken}
            if taken is Outcome.RECEIVED:
                self.leaves[int(number)] = leaf
        else:
            outcomes = {self._take_leaf(told, leaf, message) for told, leaf in enumerate(evicted.leaves, evicted.first)}
            self.hashes += range(evicted.first, evicted.first + len(evicted.leaves))
        if outcomes <= {Outcome.RECEIVED, Outcome.REPEATED}:
            self._compare_envelope(message, evicted)

    def take_answer(self, message: Raw) -> None:
        """A message of the topic of what was sent again. It proves nothing by itself; what fits no seal is left out."""
        evicted, number = evicted_of(message.value), number_in(message)
        if evicted is not None:
            self._answers += enumerate(evicted.leaves, evicted.first) if self._vouched(evicted) else ()
        elif number:
            self._answers.append((number, leaf_hash(message.value)))

    def finish(self, now: float) -> None:
        """All was taken: what is still open is a finding. `now` is UTC seconds."""
        absent = {number for number, _ in self._answers} - self.leaves.keys()
        for first, leaves in _runs(self._answers):
            for number, leaf in enumerate(leaves, first):
                self.leaves.setdefault(number, leaf)
            self.verifier.answer(first, leaves, now)
        self.verifier.tick(now, caught_up=True)
        self.findings += self.verifier.findings()
        self.leaves |= {finding.first: finding.sealed for finding in self.findings if finding.sealed is not None}
        proven = self.verifier.verified_to
        self.resent = sorted(number for number in absent if number <= proven)
        explained = max((finding.last for finding in self.findings if finding.alarms), default=0)
        self.findings += self.receipts.compare(self.leaves_to(self.verifier.received_to), proven, explained, now)

    def leaves_to(self, last: int) -> bytes:
        """The leaf hashes of the numbers up to `last`, one after the other."""
        return b"".join([self.leaves[number] for number in range(1, last + 1)])

    def lines(self) -> Iterator[str]:
        """What a person reads: the findings, then how far the stream is proven and confirmed."""
        yield from map(str, self.findings)
        name, seal = self.stream.name, self.verifier.verified
        if seal is None:
            yield f"{name}: {self.entries} entries, no seal that holds"
            return
        if self.hashes:
            yield f"{name}: only hashes are left of {ranges(self.hashes)}; a gap of the sender says what made room"
        if self.resent:
            yield f"{name}: sent again and proven, not in the stream's topic: {ranges(self.resent)}"
        beyond = self.verifier.received_to - self.verifier.verified_to
        after = f", {beyond} after it, not sealed yet" if beyond else ""
        yield f"{name}: {self.verifier.verified_to} entries verified by the seal of {moment(seal.time)}{after}"
        if self.receipts.holding:
            receipt = self.receipts.holding[-1]
            holder = receipt.node.partition("/")[0]
            yield f"{name}: confirmed up to {receipt.seal.size} at {moment(receipt.time)} by {holder}"

    def _vouched(self, evicted: Evicted) -> bool:
        return is_signed(evicted.note, self.stream.name, evicted.first, evicted.leaves, self._ring.keys)

    def _take_leaf(self, number: int, leaf: bytes, message: Raw) -> Outcome:
        outcome = self.verifier.take(number, leaf, message.appended)
        if outcome is Outcome.RECEIVED:
            self.leaves[number] = leaf
        return outcome

    def _compare_envelope(self, message: Raw, evicted: Evicted | None) -> None:
        """Key and headers against the entry; where its schema did not come, what does not depend on it."""
        record: Record | None = evicted
        if evicted is None:
            with suppress(DecodeError):
                record = decode_head(message.value, self._schemas)
        if isinstance(record, Schema):
            with suppress(ValueError):
                told = schema_of(record.text)
                self._schemas[record.fingerprint] = replace(told, fingerprint=record.fingerprint)
        number = number_in(message) if evicted is None else evicted.first
        wrong = altered(self.stream.name, number, record, message.key, message.headers, now=message.appended)
        if wrong is not None:
            self.findings.append(wrong)


def _unsigned(stream: str, evicted: Evicted, now: float) -> Finding:
    last = evicted.first + len(evicted.leaves) - 1
    text = "hashes stand in the place of entries, and the sender did not sign for it"
    return Finding(Code.UNSIGNED, stream, evicted.first, last, text, now)


def number_in(message: Raw) -> int:
    """The number that a message gives; 0 when it gives none."""
    try:
        return decimal(message.headers.get("ce_id", b"").decode("latin-1"))
    except MalformedNoteError:
        return 0


def _runs(answers: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, list[bytes]]]:
    """Answers to numbers that follow each other, taken together."""
    first, leaves = 0, list[bytes]()
    for number, leaf in answers:
        if leaves and number != first + len(leaves):
            yield first, leaves
            leaves = []
        if not leaves:
            first = number
        leaves.append(leaf)
    if leaves:
        yield first, leaves
