"""A person's electronic signature on a record: what is signed, in words, and what it is worth. Pure.

The signature is a signed note (C2SP) in the record itself, so it can be neither taken out nor put on another one (21
CFR 11.70): its text names the record, the SHA-256 of the record without its signature, the printed name, the meaning
and the time (11.50). It bears one timed line by the person's key, which is opened for this one signature.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Self
from uuid import UUID

from gateway.proof.keys import Role, role_of
from gateway.proof.note import (
    COSIGNATURE,
    MalformedNoteError,
    Note,
    Signature,
    SigningKey,
    UnsignedNoteError,
    VerifierKey,
    WrongSignatureError,
)
from schemas.codec import encode, kind_of
from schemas.notices import NoticeEvent, NoticeStep

TITLE = "cmo.v1/signature"
SECOND = 1_000_000
TOLERANCE = 300
"""Seconds that the time of a signature may differ from its record's."""


class Meaning(StrEnum):
    """What a signature stands for (21 CFR 11.50(a)(3))."""

    AUTHORED = "AUTHORED"
    RECEIVED = "RECEIVED"
    REVIEWED = "REVIEWED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    RESPONSIBLE = "RESPONSIBLE"


MEANINGS: Mapping[NoticeEvent, Meaning] = {
    NoticeEvent.RAISED: Meaning.AUTHORED,
    NoticeEvent.RECEIVED: Meaning.RECEIVED,
    NoticeEvent.CLASSIFIED: Meaning.REVIEWED,
    NoticeEvent.INVESTIGATED: Meaning.AUTHORED,
    NoticeEvent.APPROVED: Meaning.APPROVED,
    NoticeEvent.REFUSED: Meaning.REFUSED,
    NoticeEvent.IMPLEMENTED: Meaning.RESPONSIBLE,
    NoticeEvent.CLOSED: Meaning.APPROVED,
    NoticeEvent.WITHDRAWN: Meaning.RESPONSIBLE,
}
"""What the signature under a step of a notice stands for."""


class Fault(StrEnum):
    """Why a signature is worth nothing."""

    UNSIGNED = "UNSIGNED"
    UNREADABLE = "UNREADABLE"
    OTHER_RECORD = "OTHER_RECORD"
    """It was made under another record."""
    ALTERED = "ALTERED"
    """The record is not as it was when it was signed."""
    OTHER_NAME = "OTHER_NAME"
    MEANING = "MEANING"
    """It stands for something else than this step."""
    TIME = "TIME"
    """Its time is not the record's."""
    UNKNOWN_KEY = "UNKNOWN_KEY"
    """No signatory of the party said whose key it is."""
    NOT_YET = "NOT_YET"
    ENDED = "ENDED"
    """The person did not sign for the party any more."""
    ROLE = "ROLE"
    """The person does not sign in this role."""
    FORGED = "FORGED"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed. `time` is POSIX seconds; `digest` is 64 hex digits."""

    kind: str
    record: UUID
    digest: str
    meaning: Meaning
    name: str
    time: int

    @property
    def text(self) -> str:
        """The text of the note."""
        moment = datetime.fromtimestamp(self.time, UTC).isoformat().replace("+00:00", "Z")
        lines = [TITLE, f"{self.kind} {self.record}", f"sha256 {self.digest}", self.meaning.value, self.name, moment]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The statement that a note's text makes. Raises ValueError."""
        title, what, digest, meaning, name, moment, *rest = text.split("\n")
        kind, _, record = what.partition(" ")
        time = round(datetime.fromisoformat(moment).timestamp())
        made = cls(kind, UUID(record), digest.removeprefix("sha256 "), Meaning(meaning), name, time)
        if title != TITLE or rest != [""] or made.text != text:
            raise ValueError("not as it was written")
        return made


def statement(step: NoticeStep) -> Statement:
    """What a person signs under a step. Raises KeyError for a step that bears no signature, ValueError for a name that
    cannot be printed in a line.
    """
    if not step.name or not step.name.isprintable():
        raise ValueError("a signature prints the name of its person")
    meaning = MEANINGS[step.event]
    return Statement(kind_of(step), step.id, _digest(step), meaning, step.name, step.time // SECOND)


def sign(step: NoticeStep, key: SigningKey) -> NoticeStep:
    """The step with the person's signature. As `statement` raises."""
    made = statement(step)
    note = Note(made.text, (key.sign(made.text, COSIGNATURE, made.time),))
    return replace(step, signature=note.to_bytes().decode())


@dataclass(frozen=True, slots=True)
class Terms:
    """What a key may: whose it is, in which roles and when; UTC microseconds, `until` is not among them."""

    party: str
    account: str
    name: str
    roles: frozenset[str]
    since: int
    until: int | None


Whose = Callable[[VerifierKey, int], Terms | None]
"""What held of a person's key at a time, UTC microseconds; None for one of which no signatory said anything."""


def fault_of(step: NoticeStep, keys: Callable[[str, bytes], VerifierKey | None], whose: Whose) -> Fault | None:
    """What speaks against the signature under a step; None where it holds.

    `keys` finds a key by name and id among those that were published.
    """
    if step.signature is None:
        return Fault.UNSIGNED
    try:
        note = Note.parse(step.signature.encode())
        said = Statement.parse(note.text)
    except (MalformedNoteError, UnsignedNoteError, ValueError):
        return Fault.UNREADABLE
    (line, *more) = note.signatures
    key = None if more or role_of(line.name) is not Role.PERSON else keys(line.name, line.id)
    return _said(step, said) or _by(step, note.text, line, key, whose)


def _said(step: NoticeStep, said: Statement) -> Fault | None:
    """Whether the text is about this record."""
    checks = (
        ((said.kind, said.record) != (kind_of(step), step.id), Fault.OTHER_RECORD),
        (said.digest != _digest(step), Fault.ALTERED),
        (said.name != step.name, Fault.OTHER_NAME),
        (said.meaning is not MEANINGS.get(step.event), Fault.MEANING),
        (said.time != step.time // SECOND, Fault.TIME),
    )
    return next((fault for true, fault in checks if true), None)


def _by(step: NoticeStep, text: str, line: Signature, key: VerifierKey | None, whose: Whose) -> Fault | None:
    """Whether the line is the person's who may sign it."""
    terms = None if key is None else whose(key, step.time)
    if key is None or terms is None or terms.party != step.party or not line.name.startswith(f"{step.party}/"):
        return Fault.UNKNOWN_KEY
    try:
        time = key.verify(text, line.blob)
    except (MalformedNoteError, WrongSignatureError):
        return Fault.FORGED
    checks = (
        (not key.suite.timed or abs(time - step.time // SECOND) > TOLERANCE, Fault.TIME),
        ((terms.account, terms.name) != (step.account, step.name), Fault.OTHER_NAME),
        (step.time < terms.since, Fault.NOT_YET),
        (terms.until is not None and step.time >= terms.until, Fault.ENDED),
        (not step.roles or not set(step.roles) <= terms.roles, Fault.ROLE),
    )
    return next((fault for true, fault in checks if true), None)


def _digest(step: NoticeStep) -> str:
    return sha256(encode(replace(step, signature=None))).hexdigest()
