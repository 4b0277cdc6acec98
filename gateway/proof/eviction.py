"""Evictions: the sender's word that of some numbers only their leaf hashes are left. Pure.

A leaf hash proves where an entry stood, not what it said. Whoever administers the topic could put hashes in the place
of entries, and every seal would still hold; so hashes count only with a signed note of the sender: a title, the stream,
the first number, how many, and the SHA-256 of the hashes in their order.
"""

from collections.abc import Collection, Sequence
from hashlib import sha256

from gateway.proof.note import ED25519, MalformedNoteError, Note, NoteError, SigningKey, VerifierKey, encode64

TITLE = "cmo.v1/evicted"


def _text(stream: str, first: int, leaves: Sequence[bytes]) -> str:
    return f"{TITLE}\n{stream}\n{first}\n{len(leaves)}\n{encode64(sha256(b''.join(leaves)).digest())}\n"


def write_eviction(stream: str, first: int, leaves: Sequence[bytes], key: SigningKey) -> bytes:
    """The note for the numbers from `first` on, whose leaf hashes these are."""
    text = _text(stream, first, leaves)
    return Note(text, (key.sign(text, ED25519),)).to_bytes()


def check_eviction(
    octets: bytes, stream: str, first: int, leaves: Sequence[bytes], keys: Collection[VerifierKey]
) -> None:
    """Raises NoteError unless one of the sender's keys signed just this."""
    note = Note.parse(octets)
    if note.text != _text(stream, first, leaves):
        raise MalformedNoteError("the note speaks of other numbers or hashes")
    note.verify(key for key in keys if key.type == ED25519)


def is_signed(octets: bytes, stream: str, first: int, leaves: Sequence[bytes], keys: Collection[VerifierKey]) -> bool:
    """Whether the sender signed just this."""
    try:
        check_eviction(octets, stream, first, leaves, keys)
    except NoteError:
        return False
    return True
