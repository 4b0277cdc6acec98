"""What a check rests on: the keys that it is given, and statements that carry their trust on. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.proof.findings import Finding
from gateway.proof.keyring import KeyRing
from gateway.proof.keys import Role, role_of
from gateway.proof.note import Note, VerifierKey
from gateway.proof.statement import Sender, parse


@dataclass(frozen=True, slots=True)
class Trust:
    """`statements` are signed notes from files; each counts only by the trusted keys. Nothing else is believed."""

    keys: tuple[VerifierKey, ...]
    statements: tuple[bytes, ...] = ()

    def ring(self, sender: Sender) -> KeyRing:
        """The keys of a sender."""
        ring = KeyRing(sender, self.keys)
        for octets in self.statements:
            if parse(Note.parse(octets).text).sender == sender:
                ring.take(octets, 0)
        return ring

    def nodes(self, party: str | None = None) -> list[VerifierKey]:
        """The keys by which nodes sign, those of one party or of all."""
        nodes = [key for key in self.keys if role_of(key.name) is Role.NODE]
        return [key for key in nodes if party in {None, key.name.partition("/")[0]}]

    def idle(self) -> Iterable[Finding]:
        """The statements that are none, or that count nothing. Raises NoteError for what is no statement at all."""
        rings: dict[Sender, KeyRing] = {}
        for octets in self.statements:
            sender = parse(Note.parse(octets).text).sender
            finding = rings.setdefault(sender, KeyRing(sender, self.keys)).take(octets, 0)
            if finding is not None:
                yield finding
