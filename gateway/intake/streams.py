"""The streams of one manufacturer to one recipient: a verifier for each, and a key ring for each sender. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial

from gateway.intake.message import Message, SealNote
from gateway.link.topics import stream_named
from gateway.proof.checkpoint import Seal
from gateway.proof.eviction import is_signed
from gateway.proof.findings import Code, Finding
from gateway.proof.keyring import KeyRing
from gateway.proof.note import MalformedNoteError, VerifierKey
from gateway.proof.statement import Sender
from gateway.proof.verifier import Verifier
from schemas.records import Evicted

LeafOf = Callable[[str, int], bytes]
"""The leaf hash that the caller stored for a number of a stream."""


class Streams:
    """Made as streams and senders are met; `states` and `rings` are what they remembered before a restart."""

    def __init__(
        self,
        parties: tuple[str, str],
        trusted: Collection[VerifierKey],
        leaf_of: LeafOf,
        states: Mapping[str, bytes],
        rings: Mapping[str, bytes],
    ) -> None:
        self._parties = parties
        self._trusted = trusted
        self._leaf_of = leaf_of
        self._rings: dict[str, KeyRing] = {}
        self._verifiers: dict[str, Verifier] = {}
        self._proven: list[Seal] = []
        for sender, state in rings.items():
            self._ring(Sender.parse(sender), state)
        for name, state in states.items():
            self.verifier(name, state)

    def __iter__(self) -> Iterator[tuple[str, Verifier]]:
        return iter(self._verifiers.items())

    def __getitem__(self, name: str) -> Verifier:
        return self._verifiers[name]

    def verifier(self, name: str, state: bytes | None = None) -> Verifier | None:
        """The verifier of a stream; None where the name is none of a stream between the two."""
        known = self._verifiers.get(name)
        stream = stream_named(name)
        if known is not None or stream is None or (stream.origin, stream.recipient) != self._parties:
            return known
        ring = self._ring(Sender(stream.origin, stream.sender))
        leaf_of = partial(self._leaf_of, name)
        made = Verifier(name, ring, leaf_of, state=state, proven=self._proven.append)
        self._verifiers[name] = made
        return made

    def vouched(self, message: Message) -> bool:
        """False for hashes in the place of entries that the sender did not sign for."""
        stream, record = stream_named(message.stream), message.record
        if stream is None or not isinstance(record, Evicted):
            return True
        keys = self._ring(Sender(stream.origin, stream.sender)).keys
        return is_signed(record.note, stream.name, record.first, record.leaves, keys)

    def take_note(self, note: SealNote, now: float) -> Finding | None:
        """A note from the topic of seals, in its order: a seal, or a statement of a sender."""
        verifier = self.verifier(note.stream)
        if verifier is not None:
            verifier.take_seal(note.octets, now)
            return None
        try:
            sender = Sender.parse(note.stream)
        except MalformedNoteError:
            sender = None
        if sender is None or sender.party != self._parties[0]:
            text = "a note among the seals bears the key of no stream and no sender"
            return Finding(Code.ALTERED, note.stream[:120], 0, 0, text, now)
        return self._ring(sender).take(note.octets, now)

    def proven(self) -> list[Seal]:
        """The seals that came to be proven since the last call; those of one stream by their sizes."""
        proven = self._proven.copy()
        self._proven.clear()
        return proven

    def rings(self) -> dict[str, bytes]:
        """What the key rings remember, by sender."""
        return {sender: ring.state() for sender, ring in self._rings.items()}

    def _ring(self, sender: Sender, state: bytes | None = None) -> KeyRing:
        if str(sender) not in self._rings:
            self._rings[str(sender)] = KeyRing(sender, self._trusted, state)
        return self._rings[str(sender)]
