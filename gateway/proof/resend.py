"""A request to send numbers of a stream again: a signed note by the recipient's node. Pure.

Its text is four lines: the title, the stream, the first and the last number. The node's timestamped cosignature (C2SP
tlog-cosignature, type 0x04) tells when it was asked, so that an old request that is replayed can be told from a new
one.
It is neither numbered nor sealed: what asks for the missing must not itself be in need of being asked for.
"""

from collections.abc import Collection
from dataclasses import dataclass

from gateway.proof.checkpoint import decimal
from gateway.proof.note import COSIGNATURE, MalformedNoteError, Note, SigningKey, VerifierKey, check_name

TITLE = "cmo.v1/resend"
MOST = 10_000
"""Most numbers that one request may ask for."""


@dataclass(frozen=True, slots=True)
class Resend:
    """Numbers `first` to `last` of a stream, both included."""

    stream: str
    first: int
    last: int

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{TITLE}\n{self.stream}\n{self.first}\n{self.last}\n"


def write_resend(request: Resend, node: SigningKey, time: int) -> bytes:
    """The request as published, signed at `time`, POSIX seconds."""
    return Note(request.text, (node.sign(request.text, COSIGNATURE, time),)).to_bytes()


def open_resend(octets: bytes, nodes: Collection[VerifierKey]) -> tuple[Resend, int]:
    """The request of a trusted node and its time, POSIX seconds. Raises NoteError."""
    note = Note.parse(octets)
    held = note.verify(key for key in nodes if key.type == COSIGNATURE)
    title, *lines = note.text.removesuffix("\n").split("\n")
    if title != TITLE or len(lines) != 3:
        raise MalformedNoteError("not a request to send again")
    check_name(lines[0])
    request = Resend(lines[0], decimal(lines[1]), decimal(lines[2]))
    if not 1 <= request.first <= request.last < request.first + MOST:
        raise MalformedNoteError(f"asks for numbers {request.first} to {request.last}; at most {MOST} in order")
    return request, max(signature.time for signature in held)
