"""The key ring of a sender: which keys may seal for it at which signed time, and where its streams end. Pure.

Trust starts in the keys that are given, which come from files, and nowhere else. Statements only carry it on:

- a rotation counts when the old key is in the ring and seals at the time at which it signed the statement, and the new
  key signed too. From `since` on the new keys seal, the old ones no more; an older seal of the old key still holds;
- of two rotations of one key the first one that came counts, so that a stolen key cannot name another successor later;
- a closing counts when a trusted signatory of the party signed it. Of several the smallest number and the earliest time
  count, in whatever order they come.

What counts is remembered as the notes themselves and is checked anew, against the trusted keys, when it is read back.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

from gateway.proof.checkpoint import Seal, open_signed
from gateway.proof.findings import Finding, code_of
from gateway.proof.keys import Role, role_of
from gateway.proof.note import NoteError, UnknownKeyError, VerifierKey
from gateway.proof.statement import Closing, LastKnown, Rotation, Sender, Statement, open_statement

VERSION = 1


@dataclass(frozen=True, slots=True)
class Tenure:
    """When a key seals: from `since` until before `until`, signed times in POSIX seconds."""

    since: float = 0
    until: float = inf

    def covers(self, time: int) -> bool:
        """Whether a seal of this time may be the key's."""
        return self.since <= time < self.until


class Sealed(Protocol):
    """A seal, or what is kept of one: how many entries it counts, and its signed time (POSIX seconds)."""

    @property
    def size(self) -> int:
        """Entries."""
        ...

    @property
    def time(self) -> int:
        """When it was signed."""
        ...


@dataclass(frozen=True, slots=True)
class End:
    """Where a stream was closed: its last number, the root, where known, and the time from which no seal counts."""

    size: int
    root: bytes | None
    time: int

    def bars(self, seal: Sealed) -> bool:
        """Whether the seal is of what counts no more."""
        return seal.size > self.size or seal.time >= self.time


class KeyRing:
    """The keys of one sender.

    `trusted` are keys of any name and role; those of the sender and of its party's signatories are picked. `state` is
    what another ring's `state()` gave; ValueError when it is not.
    """

    def __init__(self, sender: Sender, trusted: Iterable[VerifierKey], state: bytes | None = None) -> None:
        self.sender = sender
        known = list(trusted)
        self._signatories = [key for key in known if _is_signatory(key, sender.party)]
        self._keys = [key for key in known if key.name == sender.key_name]
        self._tenures = {key.public: Tenure() for key in self._keys}
        self._closings: list[Closing] = []
        self._notes: list[bytes] = []
        for note in [] if state is None else _notes(state):
            self.take(note, 0)

    def state(self) -> bytes:
        """The statements that count, for a ring after a restart."""
        return json.dumps({"version": VERSION, "notes": [note.decode() for note in self._notes]}).encode()

    @property
    def keys(self) -> Sequence[VerifierKey]:
        """All keys that seal, sealed once or will seal; `open_seal` knows when."""
        return tuple(self._keys)

    def take(self, octets: bytes, now: float) -> Finding | None:
        """A statement from the topic of seals or from a file, in order; the finding when it is none or counts nothing.

        `now` is the time of the finding, UTC seconds. What came before is no finding.
        """
        if octets in self._notes:
            return None
        try:
            statement, time = open_statement(octets, [*self._keys, *self._signatories])
            self._admit(statement, time)
        except NoteError as error:
            return Finding(code_of(error), str(self.sender), 0, 0, f"a statement: {error}", now)
        if isinstance(statement, Rotation | Closing):
            self._notes.append(octets)
        return None

    def open_seal(self, octets: bytes, stream: str) -> Seal:
        """A seal of one of the sender's streams. Raises as `checkpoint.open_seal`.

        UnknownKeyError also where the key seals no more, or not yet, at the time that the seal states.
        """
        seal, key = open_signed(octets, stream, self._keys)
        tenure = self._tenures[key.public]
        if not tenure.covers(seal.time):
            when = f"was replaced from {tenure.until:.0f} on" if seal.time >= tenure.until else "did not seal yet"
            raise UnknownKeyError(f"signed at {seal.time} by the key {key.id.hex()} of {key.name}, which {when}")
        return seal

    def end_of(self, stream: str) -> End | None:
        """Where a signatory closed the stream; None while it is open."""
        if not self._closings:
            return None
        named = [end for closing in self._closings for end in closing.streams if end.stream == stream]
        last = min(named, key=lambda end: (end.size, end.root is None), default=LastKnown(stream, 0))
        return End(last.size, last.root, min(closing.time for closing in self._closings))

    def _admit(self, statement: Statement, time: int) -> None:
        """Let a genuine statement count. Raises UnknownKeyError where it does not."""
        if statement.sender != self.sender:
            raise UnknownKeyError(f"it is of {statement.sender}, not of {self.sender}")
        if isinstance(statement, Closing):
            self._closings.append(statement)
        elif isinstance(statement, Rotation):
            self._rotate(statement, time)

    def _rotate(self, rotation: Rotation, time: int) -> None:
        old = {key.public: self._tenures[key.public] for key in rotation.old}
        if not all(tenure.until == inf and tenure.covers(time) for tenure in old.values()):
            raise UnknownKeyError("the key that is replaced had been replaced before, or did not seal yet")
        if any(closing.time <= rotation.since for closing in self._closings):
            raise UnknownKeyError("the sender was closed before")
        for public, tenure in old.items():
            self._tenures[public] = Tenure(tenure.since, max(rotation.since, tenure.since))
        for key in rotation.new:
            self._tenures.setdefault(key.public, Tenure(rotation.since))
            if key not in self._keys:
                self._keys.append(key)


def _is_signatory(key: VerifierKey, party: str) -> bool:
    return role_of(key.name) is Role.SIGNATORY and key.name.startswith(f"{party}/")


def _notes(state: bytes) -> list[bytes]:
    try:
        data = json.loads(state)
        if data["version"] == VERSION:
            return [note.encode() for note in data["notes"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a key ring's state: {error}") from error
    raise ValueError(f"not a key ring's state: version {data['version']}, not {VERSION}")
