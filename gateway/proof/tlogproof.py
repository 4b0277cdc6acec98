"""Proofs that stand alone: the `.tlog-proof` files of C2SP tlog-proof. Pure, strict in what is read.

One says that an entry stands at an index of a log, and carries the checkpoint that proves it. Stream number n has index
n - 1.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from gateway.proof.checkpoint import Seal, decimal, open_seal
from gateway.proof.merkle import HASH, ProofError, verify_inclusion
from gateway.proof.note import MAX_NOTE, MalformedNoteError, VerifierKey, decode64, encode64

HEADER = "c2sp.org/tlog-proof@v1"
LONGEST = 63
"""Most hashes of a proof: the height of a tree of 2^63 leaves."""


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An inclusion proof with its checkpoint. `extra` is not authenticated by anything."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """The file."""
        head = [HEADER] if self.extra is None else [HEADER, f"extra {encode64(self.extra)}"]
        lines = [*head, f"index {self.index}", *map(encode64, self.hashes), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, octets: bytes) -> Self:
        """The proof in a file. Raises MalformedNoteError."""
        head, blank, checkpoint = octets.partition(b"\n\n")
        if len(octets) > 2 * MAX_NOTE or not blank or not head.isascii():
            raise MalformedNoteError("not a proof: no head of ASCII lines, an empty line and a checkpoint")
        header, *lines = head.decode().split("\n")
        if header != HEADER:
            raise MalformedNoteError(f"not a proof: its first line is not {HEADER}")
        extra = decode64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
        if not lines or not lines[0].startswith("index "):
            raise MalformedNoteError("not a proof: the line with the index is missing")
        hashes = tuple(decode64(line) for line in lines[1:])
        if len(hashes) > LONGEST or any(len(value) != HASH for value in hashes):
            raise MalformedNoteError(f"not a proof: more than {LONGEST} hashes, or one that has not {HASH} bytes")
        return cls(decimal(lines[0].removeprefix("index ")), hashes, checkpoint, extra)

    def verify(self, leaf: bytes, stream: str, senders: Collection[VerifierKey]) -> Seal:
        """The seal that proves that the entry with this leaf hash has number `index` + 1 in the stream.

        Raises ProofError when the leaf is another, and as `open_seal` when the checkpoint is not the sender's.
        """
        seal = open_seal(self.checkpoint, stream, senders)
        try:
            verify_inclusion(leaf, self.index, seal.size, self.hashes, seal.root)
        except ProofError as error:
            raise ProofError(f"{stream} number {self.index + 1}: {error}") from error
        return seal
