"""A sender as the verifier sees it: keys, entries and what its stream looks like in the topics."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.proof.checkpoint import Checkpoint, write_seal
from gateway.proof.findings import Finding
from gateway.proof.keyring import KeyRing
from gateway.proof.keys import Role, key_name, public_keys
from gateway.proof.merkle import Tree, leaf_hash
from gateway.proof.note import SigningKey
from gateway.proof.standing import Limits
from gateway.proof.statement import Sender
from gateway.proof.verifier import Verifier

STREAM = "cmo-a.line-3.holder-b.measurements.v1"
START = 1_700_000_000


def key(party: str, role: Role, identifier: str, seed: int) -> SigningKey:
    return SigningKey(key_name(party, role, identifier), Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


SENDER = key("cmo-a", Role.SENDER, "line-3", 1)
OTHER = key("cmo-a", Role.SENDER, "line-4", 2)
NODE = key("holder-b", Role.NODE, "main", 3)
SIGNATORY = key("cmo-a", Role.SIGNATORY, "quality", 4)
NEXT = key("cmo-a", Role.SENDER, "line-3", 5)
LINE = Sender("cmo-a", "line-3")
SENDERS = public_keys(SENDER)
NODES = public_keys(NODE)
TRUSTED = [*SENDERS, *NODES, *public_keys(SIGNATORY)]


@dataclass(frozen=True)
class Message:
    """An entry with its headers, as it stands in the topic."""

    source: bytes
    number: bytes
    entry: bytes


def message(number: int, entry: bytes) -> Message:
    return Message(STREAM.encode(), str(number).encode(), entry)


def entries(count: int, branch: str = "") -> list[bytes]:
    return [f"{branch}entry {number} of the stream".encode() for number in range(1, count + 1)]


def root(all_entries: Sequence[bytes]) -> bytes:
    tree = Tree()
    tree.extend(b"".join(map(leaf_hash, all_entries)))
    return tree.root()


def sealed(all_entries: Sequence[bytes], size: int, time: int, signer: SigningKey = SENDER) -> bytes:
    return _sealed(STREAM, size, root(all_entries[:size]), time, signer)


@cache
def _sealed(stream: str, size: int, head: bytes, time: int, signer: SigningKey) -> bytes:
    return write_seal(Checkpoint(stream, size, head), signer, time)


class Reader:
    """Feeds a verifier, stores the leaves of what it received as an archive does, and keeps what was found."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.now = float(START)
        self.found: list[Finding] = []
        self._limits = limits
        self._leaves: dict[int, list[bytes]] = {}
        self.ring = KeyRing(LINE, TRUSTED)
        self.verifier = self._make(None)

    def entry(self, message: Message) -> None:
        outcome = self.verifier.take_entry(message.entry, source=message.source, number=message.number, now=self.now)
        if message.number.isdigit():
            self._leaves.setdefault(int(message.number), []).append(leaf_hash(message.entry))
        self.outcome = outcome
        self._collect()

    def seal(self, note: bytes) -> None:
        self.verifier.take_seal(note, self.now)
        self._collect()

    def statement(self, note: bytes) -> None:
        found = self.ring.take(note, self.now)
        self.found += [found] if found else []

    def answer(self, first: int, resent: Sequence[bytes]) -> None:
        for number, entry in enumerate(resent, first):
            self._leaves.setdefault(number, []).append(leaf_hash(entry))
        self.verifier.answer(first, [leaf_hash(entry) for entry in resent], self.now)
        self._collect()

    def wait(self, seconds: float, *, caught_up: bool = True) -> None:
        self.now += seconds
        self.verifier.tick(self.now, caught_up=caught_up)
        self._collect()

    def restart(self) -> None:
        """A new verifier that knows what the old one wrote down, and a new ring."""
        self.ring = KeyRing(LINE, TRUSTED, self.ring.state())
        self.verifier = self._make(self.verifier.state())

    def codes(self) -> set[str]:
        return {finding.code for finding in self.found if finding.alarms}

    def numbers(self, code: str) -> set[int]:
        ranges = [range(one.first, one.last + 1) for one in self.found if one.code == code]
        return {number for numbers in ranges for number in numbers}

    def _make(self, state: bytes | None) -> Verifier:
        return Verifier(STREAM, self.ring, self._leaf, limits=self._limits, state=state)

    def _leaf(self, number: int) -> bytes:
        """An archive keeps what came first, unless a finding says which content is the sealed one."""
        sealed = [finding.sealed for finding in self.found if finding.first == number and finding.sealed]
        return sealed[-1] if sealed else self._leaves[number][0]

    def _collect(self) -> None:
        self.found += self.verifier.findings()
