"""Seals and receipts: tree heads as C2SP checkpoints, signed and countersigned. Pure.

A *seal* is a checkpoint whose origin is the stream's name, with two lines of the sender's key: an Ed25519 signature and
a timestamped cosignature, which gives the signed time. A *receipt* is the same note with a cosignature of the holder's
node added: at that time the node had the whole stream up to that size.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

from gateway.proof.merkle import HASH
from gateway.proof.note import (
    COSIGNATURE,
    ED25519,
    MalformedNoteError,
    Note,
    SigningKey,
    UnsignedNoteError,
    Verified,
    VerifierKey,
    check_name,
    decode64,
    encode64,
)

LARGEST = 2**63 - 1
"""Most entries of a stream."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a tree (C2SP tlog-checkpoint)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        return "\n".join([self.origin, str(self.size), encode64(self.root), *self.extensions, ""])

    @classmethod
    def parse(cls, text: str) -> Self:
        """The checkpoint that a note's text states. Raises MalformedNoteError."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise MalformedNoteError("a checkpoint has three lines or more, none of them empty")
        origin, size, root, *extensions = lines
        check_name(origin)
        decoded = decode64(root)
        if len(decoded) != HASH:
            raise MalformedNoteError(f"a checkpoint's root has {HASH} bytes, not {len(decoded)}")
        return cls(origin, decimal(size), decoded, tuple(extensions))


@dataclass(frozen=True, slots=True)
class Seal:
    """A checkpoint that the sender signed at `time` (POSIX seconds), with the whole note as published."""

    checkpoint: Checkpoint
    time: int
    note: bytes

    @property
    def size(self) -> int:
        """Entries it covers."""
        return self.checkpoint.size

    @property
    def root(self) -> bytes:
        """Root over their leaves."""
        return self.checkpoint.root


@dataclass(frozen=True, slots=True)
class Receipt:
    """A seal that the node named `node` countersigned at `time` (POSIX seconds)."""

    seal: Seal
    node: str
    time: int


def write_seal(checkpoint: Checkpoint, key: SigningKey, time: int) -> bytes:
    """The sender's seal, as published. `time` is POSIX seconds; it must be later than that of the seal before."""
    text = checkpoint.text
    return Note(text, (key.sign(text, ED25519), key.sign(text, COSIGNATURE, time))).to_bytes()


def open_seal(octets: bytes, stream: str, senders: Collection[VerifierKey]) -> Seal:
    """The seal of a stream, checked against the trusted keys of its sender.

    Raises MalformedNoteError, UnknownKeyError, UnsignedNoteError (one of the two lines is missing) or
    WrongSignatureError.
    """
    return open_signed(octets, stream, senders)[0]


def open_signed(octets: bytes, stream: str, senders: Collection[VerifierKey]) -> tuple[Seal, VerifierKey]:
    """The seal as `open_seal` gives it, and the key that stated its time. Raises as `open_seal`."""
    note = Note.parse(octets)
    checkpoint = Checkpoint.parse(note.text)
    signer = signer_of(note.verify(senders))
    if checkpoint.origin != stream:
        raise MalformedNoteError(f"a checkpoint of {checkpoint.origin} stands in the place of one of {stream}")
    return Seal(checkpoint, signer.time, octets), signer.key


def countersign(octets: bytes, node: SigningKey, time: int) -> bytes:
    """The receipt: a checked seal with the node's cosignature added. Raises MalformedNoteError."""
    note = Note.parse(octets)
    return Note(note.text, (*note.signatures, node.sign(note.text, COSIGNATURE, time))).to_bytes()


def open_receipt(
    octets: bytes, stream: str, senders: Collection[VerifierKey], nodes: Collection[VerifierKey]
) -> list[Receipt]:
    """What the holders' nodes confirm with a countersigned seal, one receipt per line of theirs.

    That the size and root are those of the sender's own tree is for the caller to compare. Raises as `open_seal`;
    UnknownKeyError also when no trusted node countersigned.
    """
    seal = open_seal(octets, stream, senders)
    held = Note.parse(octets).verify(key for key in nodes if key.type == COSIGNATURE)
    return [Receipt(seal, signature.key.name, signature.time) for signature in held]


def decimal(text: str) -> int:
    """A number from 0 to 2^63 - 1, written without leading zeros. Raises MalformedNoteError."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19) or (text[0] == "0" and text != "0"):
        raise MalformedNoteError(f"not a decimal number without leading zeros: {text[:40]!r}")
    if int(text) > LARGEST:
        raise MalformedNoteError(f"number too large: {text}")
    return int(text)


def signer_of(held: Sequence[Verified]) -> Verified:
    """The cosignature of a key that also signed the text itself; of two such keys the first one's.

    Raises UnsignedNoteError where one of the two lines is missing, MalformedNoteError where a key states two times.
    """
    signers = {signature.key.public for signature in held if signature.key.type == ED25519}
    times = [signature for signature in held if signature.key.type == COSIGNATURE and signature.key.public in signers]
    if not times:
        raise UnsignedNoteError(f"the sender's {'signed time' if signers else 'signature'} is missing")
    if len({signature.key for signature in times}) < len(times):
        raise MalformedNoteError("the sender states two times")
    return times[0]
