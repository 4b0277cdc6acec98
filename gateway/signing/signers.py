"""Whose signature counts: what the signatories of each party said of their persons' keys. Pure.

A signatory's key is trusted as for agreements: its public key came in a file that was compared on paper. So no node,
and nobody who rules a topic, can make a person who signs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from gateway.proof.keys import Role, role_of
from gateway.proof.note import (
    MalformedNoteError,
    Note,
    NoteError,
    SigningKey,
    VerifierKey,
)
from gateway.signing.statement import Terms
from schemas.codec import encode
from schemas.signers import Signer

TITLE = "cmo.v1/signer"


def approve(signer: Signer, signatory: SigningKey, time: int) -> Signer:
    """What a signatory says of a person's key, at `time`, POSIX seconds. Raises MalformedNoteError for a name or an
    account of more than one line.
    """
    text = _text(signer)
    return replace(signer, approval=Note(text, (signatory.sign(text, signatory.kinds[-1], time),)).to_bytes().decode())


@dataclass(frozen=True, slots=True)
class _Approved:
    """A statement that holds, and when its signatory made it, POSIX seconds."""

    signer: Signer
    key: VerifierKey
    time: int


class Signers:
    """All that is known of persons' keys.

    A statement holds from its `since` on, and of several that hold at a time the one that was approved last: what was
    signed before a change stays signed, and one that names an earlier day takes back what was signed since.
    """

    def __init__(self, records: Iterable[Signer], trusted: Iterable[VerifierKey]) -> None:
        known = list(trusted)
        self._said: dict[VerifierKey, list[_Approved]] = {}
        self.refused: list[Signer] = []
        """Statements that no trusted signatory of the party approved."""
        for one in records:
            held = _approved(one, known)
            if held is None:
                self.refused.append(one)
            else:
                self._said.setdefault(held.key, []).append(held)
        for said in self._said.values():
            said.sort(key=lambda held: (held.time, held.signer.id))
        self._keys = {(key.name, key.id): key for key in self._said}

    def key(self, name: str, id_: bytes) -> VerifierKey | None:
        """The key of that name and id; None for one of which nothing was said."""
        return self._keys.get((name, id_))

    def terms(self, key: VerifierKey, at: int) -> Terms | None:
        """What held of a key at that time, UTC microseconds; before all statements, what the first one says."""
        said = self._said.get(key)
        if not said:
            return None
        holding = [held.signer for held in said if held.signer.since <= at]
        return _terms(holding[-1] if holding else min((held.signer for held in said), key=lambda one: one.since))

    def holding(self, at: int) -> list[Terms]:
        """Who may sign at that time, by name of the key."""
        told = (self.terms(key, at) for _, key in sorted(self._keys.items()))
        return [one for one in told if one and one.since <= at and (one.until is None or at < one.until)]


def _terms(one: Signer) -> Terms:
    return Terms(one.party, one.account, one.name, frozenset(one.roles), one.since, one.until)


def _approved(one: Signer, trusted: Iterable[VerifierKey]) -> _Approved | None:
    try:
        key = VerifierKey.parse(one.key)
        note = Note.parse(one.approval.encode())
    except NoteError:
        return None
    mine = key.suite.timed and role_of(key.name) is Role.PERSON and key.name.startswith(f"{one.party}/")
    signatories = [
        known for known in trusted if role_of(known.name) is Role.SIGNATORY and known.name.startswith(f"{one.party}/")
    ]
    if not mine or note.text != _text(one):
        return None
    try:
        held = note.verify(signatories)
    except (NoteError, MalformedNoteError):
        return None
    times = [line.time for line in held if line.key.suite.timed]
    return _Approved(one, key, max(times)) if times else None


def _text(signer: Signer) -> str:
    """All fields but the approval, by their digest, and in words what a signatory has to read."""
    digest = sha256(encode(replace(signer, approval=""))).hexdigest()
    roles = ",".join(signer.roles)
    until = "-" if signer.until is None else str(signer.until)
    lines = [TITLE, signer.key, signer.account, signer.name, roles, f"{signer.since} {until}", f"sha256 {digest}"]
    if any("\n" in line for line in lines):
        raise MalformedNoteError("a name or an account has more than one line")
    return "".join(f"{line}\n" for line in lines)
