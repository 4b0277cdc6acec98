"""Both parties' signatures on an agreement: a signed note beside the file, over the very octets of the file. Pure.

The note's text names the agreement, its version and first day, and the SHA-256 of the file; every signatory that
approves signs it, once. Whose key counts:

- it is trusted: given from files that were compared on paper, or listed in the version before, which both had signed;
- it is listed among its party's keys in the version before, or, where that has not, in the version itself, and the day
  of the signature lies within its dates there. So a new key is brought in by a version that the old one signs.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

from gateway.agreement.agreement import Agreement
from gateway.agreement.parties import Party
from gateway.cleanroom.levels import Words
from gateway.proof.keys import Role, fingerprint, role_of
from gateway.proof.note import (
    SUITES,
    MalformedNoteError,
    Note,
    Signature,
    SigningKey,
    UnsignedNoteError,
    VerifierKey,
    WrongSignatureError,
)
from schemas.errors import ToldError

TITLE = "cmo.v1/agreement"
ENDING = ".signatures"
"""Follows the name of the agreement's file."""
_LATEST = 253_402_214_400
"""The last day that a calendar has, POSIX seconds."""


Listed = list[tuple[VerifierKey, date, date | None]]
"""Keys with their first and last days."""


class SigningError(ToldError):
    """The agreement cannot be signed with this key; one line says why and what to do."""


class Fault(StrEnum):
    """Why a version does not count as signed by both."""

    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"
    ALTERED = "altered"
    MISSING_PARTY = "missing_party"
    UNKNOWN_KEY = "unknown_key"
    UNLISTED_KEY = "unlisted_key"
    WRONG_ROLE = "wrong_role"
    WRONG_SIGNATURE = "wrong_signature"
    OUTSIDE_DATES = "outside_dates"
    DOUBLED = "doubled"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, in words for people."""

    fault: Fault
    words: Words


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed with which key; `time` is POSIX seconds."""

    side: str
    key: VerifierKey
    time: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the signatures are worth: in force only where there is no finding."""

    signed: tuple[Signed, ...]
    findings: tuple[Finding, ...]

    @property
    def time(self) -> int:
        """When the last of them signed, POSIX seconds."""
        return max((one.time for one in self.signed), default=0)


def digest_of(octets: bytes) -> str:
    """SHA-256 of a file's octets, 64 hex digits."""
    return sha256(octets).hexdigest()


def text_of(agreement: Agreement, octets: bytes) -> str:
    """The text that is signed; `octets` are those of the agreement's file."""
    lines = [TITLE, agreement.agreement, str(agreement.version), str(agreement.effective), digest_of(octets)]
    return "".join(f"{line}\n" for line in lines)


def sign(agreement: Agreement, octets: bytes, key: SigningKey, time: int, note: bytes | None = None) -> bytes:
    """The signed note with this key's signature added, made at `time`, POSIX seconds. Raises SigningError."""
    text = text_of(agreement, octets)
    if key.name not in signatories(agreement):
        known = ", ".join(sorted(signatories(agreement)))
        raise SigningError(f"{key.name} approves nothing here; those that do are {known}")
    try:
        before = Note.parse(note).signatures if note is not None else ()
        if note is not None and Note.parse(note).text != text:
            raise SigningError("the signatures that are there are over another text; the file was changed after them")
        lines = tuple(key.sign(text, kind, time if _timed(key, kind) else 0) for kind in key.kinds)
    except MalformedNoteError as error:
        raise SigningError(f"the signatures that are there cannot be read: {error}") from error
    if {(line.name, line.id) for line in before} & {(line.name, line.id) for line in lines}:
        raise SigningError(f"{key.name} has signed it already")
    return Note(text, (*before, *lines)).to_bytes()


def signatories(agreement: Agreement) -> dict[str, str]:
    """Names of the keys that sign the file, and for which side."""
    return {one.key: one.side for one in agreement.signatories if one.stage == "approved" and one.key}


def listed_keys(agreement: Agreement) -> Listed:
    """The signatories' keys that it lists, with their first and last days; such as cannot be read are left out."""
    found: Listed = []
    for party in (agreement.holder, agreement.cmo):
        for one in party.keys:
            try:
                key = VerifierKey.parse(one.key)
            except MalformedNoteError:
                continue
            if role_of(key.name) is Role.SIGNATORY and _of(key.name, party):
                found.append((key, one.since, one.until))
    return found


def fingerprints(agreement: Agreement) -> list[tuple[str, str]]:
    """Name and fingerprint of each signatory's key that it lists, to be compared on paper."""
    return [(key.name, fingerprint(key)) for key, _, _ in listed_keys(agreement)]


def verify(
    agreement: Agreement,
    octets: bytes,
    note: bytes | None,
    trusted: Iterable[VerifierKey],
    before: Agreement | None = None,
) -> Verdict:
    """What the signed note beside the file is worth.

    `trusted` are keys from files, of any role and name; `before` is the version that held until then, where there is
    one, and that both had signed.
    """
    if note is None:
        return _bad(Fault.UNSIGNED, "It bears no signatures.", "没有签名。")
    try:
        parsed = Note.parse(note)
    except UnsignedNoteError:
        return _bad(Fault.UNSIGNED, "It bears no signatures.", "没有签名。")
    except MalformedNoteError as error:
        return _bad(Fault.UNREADABLE, f"The signatures cannot be read: {error}.", f"签名无法读取：{error}。")
    if parsed.text != text_of(agreement, octets):
        return _bad(Fault.ALTERED, "The file is not the one that was signed.", "文件与所签文件不一致。")
    return _Check(agreement, parsed, list(trusted), before).verdict()


def _of(name: str, party: Party) -> bool:
    return name.startswith(f"{party.id}/")


def _timed(key: SigningKey, kind: bytes) -> bool:
    return key.verifier(kind).suite.timed


def _every_kind(keys: Iterable[VerifierKey]) -> Iterator[VerifierKey]:
    """The keys for every kind of signature that their algorithm makes."""
    for key in keys:
        for kind, suite in SUITES.items():
            if suite.algorithm is key.suite.algorithm:
                yield VerifierKey(key.name, kind, key.public)


def _terms_of(key: VerifierKey, listed: Listed) -> tuple[date, date | None] | None:
    """First and last day of a key in such a list."""
    found = [(since, until) for one, since, until in listed if (one.name, one.public) == (key.name, key.public)]
    return found[0] if found else None


def _bad(fault: Fault, en: str, zh: str) -> Verdict:
    return Verdict((), (Finding(fault, Words(en=en, zh=zh)),))


class _Check:
    """One pass over the signature lines."""

    def __init__(
        self, agreement: Agreement, note: Note, trusted: Sequence[VerifierKey], before: Agreement | None
    ) -> None:
        self._agreement, self._note = agreement, note
        self._before = listed_keys(before) if before else []
        self._own = listed_keys(agreement)
        carried = [key for key, _, _ in self._before]
        self._known = {(key.name, key.id): key for key in _every_kind([*trusted, *carried])}
        self._signed: list[Signed] = []
        self._findings: list[Finding] = []

    def verdict(self) -> Verdict:
        for line in self._note.signatures:
            self._take(line)
        lines = [(line.name, line.id) for line in self._note.signatures]
        for name, identifier in sorted({line for line in lines if lines.count(line) > 1}):
            self._find(Fault.DOUBLED, f"{name} signed twice ({identifier.hex()}).", f"{name} 签名重复。")
        publics = {one.key.public: one.side for one in self._signed}
        if any(publics[one.key.public] != one.side for one in self._signed):
            self._find(Fault.DOUBLED, "One key signed for both parties.", "同一密钥代表双方签名。")
        self._whole()
        return Verdict(tuple(self._signed), tuple(self._findings))

    def _take(self, line: Signature) -> None:
        name, side = line.name, signatories(self._agreement).get(line.name)
        key = self._known.get((name, line.id))
        if role_of(name) is not Role.SIGNATORY or side is None or not _of(name, self._party(side)):
            self._find(
                Fault.WRONG_ROLE, f"{name} is no signatory that approves it.", f"{name} 不是本协议的批准签署人。"
            )
        elif key is None:
            self._find(Fault.UNKNOWN_KEY, f"The key of {name} is not trusted.", f"{name} 的密钥不受信任。")
        else:
            self._judge(line, key, side)

    def _judge(self, line: Signature, key: VerifierKey, side: str) -> None:
        try:
            time = key.verify(self._note.text, line.blob)
        except (MalformedNoteError, WrongSignatureError):
            self._find(Fault.WRONG_SIGNATURE, f"The signature of {key.name} does not fit.", f"{key.name} 的签名不符。")
            return
        if not key.suite.timed:
            return
        terms = _terms_of(key, self._before) or _terms_of(key, self._own)
        day = datetime.fromtimestamp(min(time, _LATEST), UTC).astimezone(ZoneInfo(self._agreement.zone)).date()
        if terms is None:
            en, zh = f"{key.name} signed with a key that is not listed.", f"{key.name} 的签名密钥未列入协议。"
            self._find(Fault.UNLISTED_KEY, en, zh)
        elif day < terms[0] or (terms[1] is not None and day > terms[1]):
            en = f"{key.name} signed on {day}, outside the key's dates."
            self._find(Fault.OUTSIDE_DATES, en, f"{key.name} 于 {day} 签名，不在密钥有效期内。")
        else:
            self._signed.append(Signed(side, key, time))

    def _whole(self) -> None:
        """Every signatory that approves has signed, and there is one on each side."""
        named = signatories(self._agreement)
        done = {one.key.name for one in self._signed}
        for name in sorted(set(named) - done):
            who = self._party(named[name]).name
            self._find(Fault.MISSING_PARTY, f"{name} has not signed it ({who.en}).", f"{name} 未签名（{who.zh}）。")
        for side in {"holder", "cmo"} - set(named.values()):
            who = self._party(side).name
            self._find(Fault.MISSING_PARTY, f"Nobody signs for {who.en}.", f"{who.zh} 没有指定批准签署人的密钥。")

    def _party(self, side: str) -> Party:
        return self._agreement.holder if side == "holder" else self._agreement.cmo

    def _find(self, fault: Fault, en: str, zh: str) -> None:
        self._findings.append(Finding(fault, Words(en=en, zh=zh)))
