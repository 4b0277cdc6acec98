"""Bundles out of the archive: the proof of a record that a node holds, made without the topics."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from gateway.archive.evidence import Readable
from gateway.archive.subtrees import subtrees_of
from gateway.bundle.contents import BundleError, build, schema_in
from gateway.link.topics import stream_named
from gateway.proof.checkpoint import Receipt, Seal
from gateway.proof.keyring import End, KeyRing
from gateway.proof.keys import public_keys
from gateway.proof.merkle import Subtree, inclusion_proof
from gateway.proof.note import COSIGNATURE, Note, SigningKey, VerifierKey
from gateway.proof.statement import Sender
from gateway.proof.tlogproof import TlogProof


@dataclass(frozen=True, slots=True)
class Held:
    """One stream as the archive has it, as far as the node's newest receipt confirms it."""

    archive: Readable
    stream: str
    seal: Seal
    signer: VerifierKey
    """The sender's key that signed the seal."""
    receipts: Sequence[Receipt]
    senders: Sequence[VerifierKey]

    def entry(self, number: int) -> bytes | None:
        """The entry; None where only its leaf hash is left."""
        sql = "SELECT octets FROM entries WHERE stream = ? AND number = ?"
        return next((octets for (octets,) in self.archive.rows(sql, [self.stream, number])), None)

    def subtree(self) -> Subtree:
        """The hashes of its complete subtrees."""
        return subtrees_of(self.archive, self.stream)

    def schemas(self, wanted: Collection[bytes]) -> dict[bytes, tuple[int, str]]:
        """The first number at which each of these schemas, by fingerprint, stands in the stream, with its text."""
        sql = """SELECT number, octets FROM entries WHERE stream = ? AND kind = 'Schema' AND octets IS NOT NULL
            AND number <= ? ORDER BY number"""
        found: dict[bytes, tuple[int, str]] = {}
        for number, octets in self.archive.rows(sql, [self.stream, self.seal.size]):
            told = schema_in(octets)
            if told is not None and told.fingerprint in wanted:
                found.setdefault(told.fingerprint, (number, told.text))
        return found


class Proofs:
    """Makes them for one node. `key` signs manifests; `trusted` are the keys by which it believes senders."""

    def __init__(self, key: SigningKey, trusted: Sequence[VerifierKey], now: Callable[[], float] = time.time) -> None:
        """`now` is UTC seconds."""
        self._key, self._trusted, self._now = key, tuple(trusted), now

    @property
    def key(self) -> SigningKey:
        """The node's."""
        return self._key

    def held(self, archive: Readable, stream: str) -> Held | None:
        """What is proven of a stream; None where nothing is, or where there is no such stream."""
        named = stream_named(stream)
        rows = archive.rows("SELECT receipt FROM streams WHERE name = ? AND receipt IS NOT NULL", [stream])
        if named is None or not rows:
            return None
        note, ring = bytes(rows[0][0]), self._ring(archive, Sender(named.origin, named.sender))
        seal = ring.open_seal(note, stream)
        by_sender = {line.key for line in Note.parse(note).verify(ring.keys)}
        signer = next(key for key in ring.keys if key in by_sender)
        own = [one for one in public_keys(self._key) if one.type == COSIGNATURE]
        receipts = [Receipt(seal, line.key.name, line.time) for line in Note.parse(note).verify(own)]
        return Held(archive, stream, seal, signer, receipts, tuple(ring.keys))

    def end_of(self, archive: Readable, stream: str) -> End | None:
        """Where a signatory closed the stream; None while it is open, or where there is no such stream."""
        named = stream_named(stream)
        return None if named is None else self._ring(archive, Sender(named.origin, named.sender)).end_of(stream)

    def _ring(self, archive: Readable, sender: Sender) -> KeyRing:
        states = archive.rows("SELECT ring FROM senders WHERE name = ?", [str(sender)])
        return KeyRing(sender, self._trusted, bytes(states[0][0]) if states else None)

    def bundle(self, archive: Readable, stream: str, numbers: Iterable[int]) -> dict[str, bytes]:
        """The files of a bundle of these numbers, as `cmo-gateway export` writes them. Raises BundleError."""
        held = self.held(archive, stream)
        if held is None:
            raise BundleError(f"{stream}: no seal holds yet for what is here; the next one comes within seconds")
        try:
            return build(held, numbers, held.senders, self._key, int(self._now()))
        except LookupError as error:
            raise BundleError(f"{error}; a seal cannot be proven without them") from error

    def proof(self, held: Held, number: int) -> TlogProof:
        """The proof of one number by itself (C2SP tlog-proof). Raises BundleError where the seal does not count it."""
        if number > held.seal.size:
            raise BundleError(f"number {number} is not proven; the newest seal counts {held.seal.size} entries")
        hashes = inclusion_proof(number - 1, held.seal.size, held.subtree())
        return TlogProof(number - 1, tuple(hashes), held.seal.note)
