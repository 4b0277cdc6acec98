"""From the messages of a stream's topics to what its newest seal proves. Pure."""

from collections.abc import Callable

from gateway.bundle.contents import BundleError, Proven, fingerprint_of
from gateway.checking.check import Check
from gateway.checking.checked import number_in
from gateway.checking.trust import Trust
from gateway.link.topics import RECEIPTS, RESENT, SEALS, Stream, topic
from gateway.link.whole import Raw
from gateway.proof.findings import Finding
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import VerifierKey
from gateway.proof.statement import Sender
from schemas.catalogue import schema


class Gathering:
    """Takes all messages of a stream, keeps the octets of those that `chosen` says yes to, and of schemas."""

    def __init__(self, stream: Stream, trust: Trust, chosen: Callable[[int], bool]) -> None:
        self._stream, self._chosen = stream, chosen
        self._octets: dict[bytes, bytes] = {}
        self._check = Check(stream.origin, stream.recipient, trust)
        self.findings: list[Finding] = []
        """What was found when it was finished."""

    @property
    def senders(self) -> tuple[VerifierKey, ...]:
        """The keys that sealed for the sender, as far as they are trusted."""
        return tuple(self._check.ring(Sender(self._stream.origin, self._stream.sender)).keys)

    @property
    def topics(self) -> list[str]:
        """Where its entries stand, what was sent again, its seals and its receipts."""
        origin, recipient = self._stream.origin, self._stream.recipient
        beside = [topic(origin, recipient, RESENT), topic(origin, recipient, SEALS)]
        return [self._stream.topic, *beside, topic(recipient, origin, RECEIPTS)]

    def take(self, message: Raw) -> None:
        """The next message of its topic; those of other streams are passed over."""
        entry = message.topic in self.topics[:2]
        name = message.headers.get("ce_source") if entry else message.key
        if name == self._stream.name.encode():
            if entry:
                self._keep(message)
            self._check.take(message)
        elif name == f"{self._stream.origin}.{self._stream.sender}".encode():
            self._check.take(message)  # what its sender stated about its keys

    def finish(self, now: float) -> Proven:
        """What the newest seal that holds proves. `now` is UTC seconds. Raises BundleError where there is none."""
        self._check.finish(now)
        checked = self._check.streams.get(self._stream.name)
        seal = checked.verifier.verified if checked else None
        if checked is None or seal is None:
            raise BundleError(f"{self._stream.name}: no seal holds for what stands in {' and '.join(self.topics)}")
        self.findings = self._check.findings + checked.findings
        return Proven(self._stream.name, seal, checked.leaves_to(seal.size), self._octets, checked.receipts.holding)

    def _keep(self, message: Raw) -> None:
        number = number_in(message)
        if number and (self._chosen(number) or fingerprint_of(message.value) == schema("Schema").fingerprint):
            self._octets[leaf_hash(message.value)] = message.value
