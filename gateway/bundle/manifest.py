"""The manifest: a signed note (C2SP signed-note) whose text lists each file's SHA-256 as `sha256sum` does. Pure.

Its first line is a remark to `sha256sum`, and tells this note from all others that a node's key signs. It bears two
lines of one key, as a seal does: Ed25519, which every tool for signed notes checks, and a timestamped cosignature.
"""

import re
from collections.abc import Collection, Mapping

from gateway.proof.note import (
    COSIGNATURE,
    ED25519,
    MalformedNoteError,
    Note,
    SigningKey,
    UnsignedNoteError,
    Verified,
    VerifierKey,
)

TITLE = "# cmo.v1/manifest"
_LINE = re.compile(r"([0-9a-f]{64})  ([ -~]+)")


def write_manifest(digests: Mapping[str, str], key: SigningKey, time: int) -> bytes:
    """The manifest of files by their SHA-256, in hexadecimal, signed at `time`, POSIX seconds."""
    text = _text(digests)
    return Note(text, (key.sign(text, ED25519), key.sign(text, COSIGNATURE, time))).to_bytes()


def read_manifest(octets: bytes) -> tuple[Note, dict[str, str]]:
    """The note, not yet checked, and each listed path with its SHA-256. Raises NoteError."""
    note = Note.parse(octets)
    matches = [_LINE.fullmatch(line) for line in note.text.split("\n")]
    digests = {match[2]: match[1] for match in matches if match}
    if _text(digests) != note.text:
        raise MalformedNoteError("is not as it was written")
    return note, digests


def signature_of(note: Note, keys: Collection[VerifierKey]) -> Verified:
    """Who signed it, and when. No other line than the two of one key may stand there: nothing would vouch for it.

    Raises UnknownKeyError, WrongSignatureError, UnsignedNoteError.
    """
    held = note.verify(keys)
    if [one.key.type for one in held] != [ED25519, COSIGNATURE] or len(note.signatures) != len(held):
        raise UnsignedNoteError("does not bear one signature and one signed time")
    if held[0].key.public != held[1].key.public:
        raise UnsignedNoteError("bears the signature of one key and the time of another")
    return held[1]


def _text(digests: Mapping[str, str]) -> str:
    return "".join([f"{TITLE}\n", *(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))])
