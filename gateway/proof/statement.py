"""Statements: what is said about the keys and the life of a sender, as signed notes. Pure, strict in what is read.

They stand among the seals, unnumbered, under the message key `<party>.<sender>`. A statement's text is a title and
lines; there is one way of writing each. Whoever has to sign makes two lines, as on a seal: an Ed25519 signature and a
timestamped cosignature (C2SP tlog-cosignature, type 0x04). That a statement is genuine does not say that it counts:
`keyring` decides that.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from gateway.proof.checkpoint import decimal, signer_of
from gateway.proof.keys import IDENTIFIER, Role, key_name
from gateway.proof.merkle import HASH
from gateway.proof.note import (
    COSIGNATURE,
    ED25519,
    MalformedNoteError,
    Note,
    SigningKey,
    UnknownKeyError,
    VerifierKey,
    check_name,
    decode64,
    encode64,
)

MOST_KEYS = 8
"""Most verifier keys of one list: two kinds of signature for each of four private keys."""
MOST_STREAMS = 256
"""Most streams of a closing."""
LONGEST = 2000
"""Longest text in words, in characters."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender of a party, written `<party>.<sender>`."""

    party: str
    id: str

    def __post_init__(self) -> None:
        if not (IDENTIFIER.fullmatch(self.party) and IDENTIFIER.fullmatch(self.id)):
            raise MalformedNoteError(f"not a sender's name: {str(self)[:80]!r}")

    def __str__(self) -> str:
        """As in a statement and its message key."""
        return f"{self.party}.{self.id}"

    @property
    def key_name(self) -> str:
        """Name of the keys that seal for it."""
        return key_name(self.party, Role.SENDER, self.id)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The sender that `text` names. Raises MalformedNoteError."""
        party, _, identifier = text.partition(".")
        return cls(party, identifier)


@dataclass(frozen=True, slots=True)
class Start:
    """The sender began a life; `epoch` is UTC microseconds. Of two that run, the one with the later epoch goes on."""

    TITLE: ClassVar = "cmo.v1/start"
    sender: Sender
    epoch: int

    @property
    def lines(self) -> list[str]:
        """What follows title and sender."""
        return [str(self.epoch)]

    @classmethod
    def read(cls, sender: Sender, lines: Sequence[str]) -> Self:
        """The statement with these lines. Raises MalformedNoteError."""
        _counted(lines, 1)
        return cls(sender, decimal(lines[0]))


@dataclass(frozen=True, slots=True)
class Rotation:
    """From `since` (POSIX seconds) on the keys `new` seal in the place of the keys `old`."""

    TITLE: ClassVar = "cmo.v1/rotation"
    sender: Sender
    since: int
    old: tuple[VerifierKey, ...]
    new: tuple[VerifierKey, ...]

    def __post_init__(self) -> None:
        _check_keys(self.old, self.sender)
        _check_keys(self.new, self.sender)
        if {key.public for key in self.old} & {key.public for key in self.new}:
            raise MalformedNoteError("a key does not follow itself")

    @property
    def lines(self) -> list[str]:
        """What follows title and sender."""
        return [str(self.since), *(f"old {key}" for key in self.old), *(f"new {key}" for key in self.new)]

    @classmethod
    def read(cls, sender: Sender, lines: Sequence[str]) -> Self:
        """The statement with these lines. Raises MalformedNoteError."""
        _counted(lines, 1, 2 * MOST_KEYS)
        old, new = _keys("old ", lines[1:]), _keys("new ", lines[1:])
        return cls(sender, decimal(lines[0]), old, new)


@dataclass(frozen=True, slots=True)
class LastKnown:
    """Where a stream ends: its last known number, 0 if it has none, and the root over all entries, where known."""

    stream: str
    size: int
    root: bytes | None = None

    def __post_init__(self) -> None:
        check_name(self.stream)
        if self.root is not None and len(self.root) != HASH:
            raise MalformedNoteError(f"a root has {HASH} bytes, not {len(self.root)}")

    def __str__(self) -> str:
        """As in a closing, without the word before it."""
        return f"{self.stream} {self.size}" + ("" if self.root is None else f" {encode64(self.root)}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `text` writes. Raises MalformedNoteError."""
        stream, *rest = text.split(" ")
        if not 1 <= len(rest) <= 2:
            raise MalformedNoteError(f"not the end of a stream: {text[:80]!r}")
        return cls(stream, decimal(rest[0]), decode64(rest[1]) if rest[1:] else None)


@dataclass(frozen=True, slots=True)
class Closing:
    """A signatory ends a sender, whose key is revoked or whose box is dead or replaced.

    From `time` (POSIX seconds) on nothing of it counts any more, and at no time anything beyond the last known numbers.
    A stream that is not named ends at 0. `reason` and `unknown` are words for people.
    """

    TITLE: ClassVar = "cmo.v1/closing"
    sender: Sender
    time: int
    keys: tuple[VerifierKey, ...]
    streams: tuple[LastKnown, ...]
    reason: str
    unknown: str

    def __post_init__(self) -> None:
        _check_keys(self.keys, self.sender)
        if len(self.streams) > MOST_STREAMS:
            raise MalformedNoteError(f"a closing names at most {MOST_STREAMS} streams")
        if len({end.stream for end in self.streams}) < len(self.streams):
            raise MalformedNoteError("a closing names a stream once")
        if any(not end.stream.startswith(f"{self.sender}.") for end in self.streams):
            raise MalformedNoteError(f"a closing of {self.sender} names a stream of another")
        for words in (self.reason, self.unknown):
            if not 1 <= len(words) <= LONGEST or not words.isprintable() or words != words.strip():
                raise MalformedNoteError(f"reason and what is unknown are one line each of 1 to {LONGEST} characters")

    @property
    def lines(self) -> list[str]:
        """What follows title and sender."""
        keys = (f"key {key}" for key in self.keys)
        streams = (f"stream {end}" for end in self.streams)
        return [str(self.time), *keys, *streams, f"reason {self.reason}", f"unknown {self.unknown}"]

    @classmethod
    def read(cls, sender: Sender, lines: Sequence[str]) -> Self:
        """The statement with these lines. Raises MalformedNoteError."""
        _counted(lines, 4, 3 + MOST_KEYS + MOST_STREAMS)
        time, *middle, reason, unknown = lines
        streams = tuple(map(LastKnown.parse, _behind("stream ", middle)))
        words = reason.removeprefix("reason "), unknown.removeprefix("unknown ")
        return cls(sender, decimal(time), _keys("key ", middle), streams, *words)


Statement = Start | Rotation | Closing

KINDS: Mapping[str, Callable[[Sender, Sequence[str]], Statement]] = {
    Start.TITLE: Start.read,
    Rotation.TITLE: Rotation.read,
    Closing.TITLE: Closing.read,
}
"""Title → how the lines after title and sender are read."""


def text_of(statement: Statement) -> str:
    """The text that is signed."""
    return "\n".join([statement.TITLE, str(statement.sender), *statement.lines, ""])


def parse(text: str) -> Statement:
    """The statement that a note's text makes, in its one way of writing. Raises MalformedNoteError."""
    title, *lines = text.removesuffix("\n").split("\n")
    read = KINDS.get(title)
    if read is None or not lines:
        raise MalformedNoteError(f"not a statement: {title[:80]!r}")
    statement = read(Sender.parse(lines[0]), lines[1:])
    if text_of(statement) != text:
        raise MalformedNoteError("a statement is not written in its canonical form")
    return statement


def write_statement(statement: Statement, keys: Sequence[SigningKey], time: int) -> bytes:
    """The note as published, signed at `time`, POSIX seconds.

    `keys` sign: the sender's for a start, the old one and the new one for a rotation, a signatory's for a closing.
    """
    text = text_of(statement)
    signatures = [line for key in keys for line in (key.sign(text, ED25519), key.sign(text, COSIGNATURE, time))]
    return Note(text, tuple(signatures)).to_bytes()


def open_statement(octets: bytes, trusted: Collection[VerifierKey]) -> tuple[Statement, int]:
    """A statement that is signed by whom it has to be, and the time of the first one's signature, POSIX seconds.

    `trusted` are keys of any role; the right ones are picked. Raises MalformedNoteError, UnknownKeyError,
    UnsignedNoteError (one of two lines is missing) or WrongSignatureError.
    """
    note = Note.parse(octets)
    statement = parse(note.text)
    times = [signer_of(note.verify(keys)).time for keys in _signers(statement, trusted)]
    return statement, times[0]


def _signers(statement: Statement, trusted: Collection[VerifierKey]) -> list[Collection[VerifierKey]]:
    """For each who has to sign, the keys of which one must have done it."""
    match statement:
        case Start():
            return [[key for key in trusted if key.name == statement.sender.key_name]]
        case Rotation():
            if not set(statement.old) <= set(trusted):
                raise UnknownKeyError(f"the key of {statement.sender} that is replaced is not a trusted one")
            return [statement.old, statement.new]
        case Closing():
            prefix = f"{statement.sender.party}/{Role.SIGNATORY}/"
            return [[key for key in trusted if key.name.startswith(prefix)]]


def _counted(lines: Sequence[str], least: int, more: int = 0) -> None:
    if not least <= len(lines) <= least + more:
        raise MalformedNoteError("a statement has too few or too many lines")


def _behind(word: str, lines: Sequence[str]) -> list[str]:
    return [line.removeprefix(word) for line in lines if line.startswith(word)]


def _keys(word: str, lines: Sequence[str]) -> tuple[VerifierKey, ...]:
    return tuple(map(VerifierKey.parse, _behind(word, lines)))


def _check_keys(keys: Sequence[VerifierKey], sender: Sender) -> None:
    if not 1 <= len(keys) <= MOST_KEYS or len(set(keys)) < len(keys):
        raise MalformedNoteError(f"a statement lists 1 to {MOST_KEYS} keys, each once")
    if any(key.name != sender.key_name for key in keys):
        raise MalformedNoteError(f"a key that is listed is not one of {sender}")
