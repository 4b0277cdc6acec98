"""What a verifier may find: a closed list. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.proof.note import NoteError, UnknownKeyError, UnsignedNoteError


class Code(StrEnum):
    """What is wrong. Each is only said when it is shown, by a seal wherever one is needed."""

    MISSING = "missing"
    """A seal counts these numbers, and the topic does not hold them."""
    DUPLICATE = "duplicate"
    """The same entry again under its number, byte for byte; dropped and counted."""
    ALTERED = "altered"
    """An entry, a number or a note is not what the sender sealed."""
    REORDERED = "reordered"
    """Genuine entries that did not arrive in the order of their numbers."""
    FORKED = "forked"
    """The sender's key signed two histories of the stream."""
    UNSIGNED = "unsigned"
    """No signature where one has to be, or an entry that no seal counts though later seals came."""
    WRONG_KEY = "wrong_key"
    """Signed, but by no key that is trusted for this stream."""
    LATE_SEAL = "late_seal"
    """Entries come and seals do not, or a seal was long under way."""
    SILENT_STREAM = "silent_stream"
    """Neither entries nor seals come."""
    STALE_SEAL = "stale_seal"
    """A genuine seal whose signed time is not later than that of the seal before."""
    AFTER_CLOSING = "after_closing"
    """Entries or seals beyond the number, or from the time on, at which a signatory closed the stream."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about the numbers `first` to `last`; both are 0 where a message does not tell its number.

    `found` is the verifier's time (UTC seconds). For an entry that was refused `leaf` is its leaf hash, so that its
    bytes can be told from others of the number, and `sealed` the leaf hash that the seal proves, where it is known.
    """

    code: Code
    stream: str
    first: int
    last: int
    text: str
    found: float
    leaf: bytes | None = None
    sealed: bytes | None = None

    @property
    def alarms(self) -> bool:
        """Whether somebody has to look; a repeat is only counted."""
        return self.code != Code.DUPLICATE

    def __str__(self) -> str:
        """One line."""
        numbers = f" number {self.first}" if self.first == self.last else f" numbers {self.first} to {self.last}"
        return f"{self.code}: {self.stream}{numbers if self.last else ''}: {self.text}"


def code_of(error: NoteError) -> Code:
    """What a note is that could not be opened."""
    if isinstance(error, UnsignedNoteError):
        return Code.UNSIGNED
    return Code.WRONG_KEY if isinstance(error, UnknownKeyError) else Code.ALTERED
