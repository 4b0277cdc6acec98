"""From the messages of a stream's topics to what its newest seal proves. Pure."""

from collections.abc import Callable, Collection

from gateway.bundle.contents import BundleError, Proven, fingerprint_of
from gateway.link.topics import SEALS, Stream, topic
from gateway.link.whole import Raw
from gateway.proof.checkpoint import decimal
from gateway.proof.findings import Finding
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import MalformedNoteError, VerifierKey
from gateway.proof.standing import Outcome
from gateway.proof.verifier import Verifier
from gateway.verify import AT_ONCE
from schemas.catalogue import schema
from schemas.codec import evicted_of


class Gathering:
    """Takes all messages of a stream, keeps the octets of those that `chosen` says yes to, and of schemas."""

    def __init__(self, stream: Stream, keys: Collection[VerifierKey], chosen: Callable[[int], bool]) -> None:
        self._stream, self._chosen = stream, chosen
        self._leaves: dict[int, bytes] = {}
        self._octets: dict[bytes, bytes] = {}
        self._verifier = Verifier(stream.name, keys, self._leaves.__getitem__, limits=AT_ONCE)
        self.findings: list[Finding] = []
        """What was found when it was finished."""

    @property
    def topics(self) -> list[str]:
        """Where its entries and its seals stand."""
        return [self._stream.topic, topic(self._stream.origin, self._stream.recipient, SEALS)]

    def take(self, message: Raw) -> None:
        """The next message of its topic; those of other streams are passed over."""
        name = self._stream.name.encode()
        if message.topic != self._stream.topic:
            if message.key == name:
                self._verifier.take_seal(message.value, message.appended)
        elif message.headers.get("ce_source") == name:
            self._take_entry(message)

    def finish(self, now: float) -> Proven:
        """What the newest seal that holds proves. `now` is UTC seconds. Raises BundleError where there is none."""
        self._verifier.tick(now, caught_up=True)
        self.findings = self._verifier.findings()
        seal = self._verifier.verified
        if seal is None:
            raise BundleError(f"{self._stream.name}: no seal holds for what stands in {' and '.join(self.topics)}")
        sealed = {finding.first: finding.sealed for finding in self.findings if finding.sealed is not None}
        leaves = b"".join([sealed.get(number) or self._leaves[number] for number in range(1, seal.size + 1)])
        return Proven(self._stream.name, seal, leaves, self._octets)

    def _take_entry(self, message: Raw) -> None:
        evicted = evicted_of(message.value)
        if evicted is not None:
            for number, leaf in enumerate(evicted.leaves, evicted.first):
                self._take_leaf(number, leaf, message.appended)
            return
        try:
            number = decimal(message.headers.get("ce_id", b"").decode("latin-1"))
        except MalformedNoteError:
            return
        leaf = leaf_hash(message.value)
        if number and (self._chosen(number) or fingerprint_of(message.value) == schema("Schema").fingerprint):
            self._octets[leaf] = message.value
        if number:
            self._take_leaf(number, leaf, message.appended)

    def _take_leaf(self, number: int, leaf: bytes, now: float) -> None:
        if self._verifier.take(number, leaf, now) is Outcome.RECEIVED:
            self._leaves[number] = leaf
