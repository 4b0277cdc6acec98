"""Which version of each agreement holds when: only what both parties signed, and nothing in doubt.

A version holds from 00:00 of its first day, in its zone, until the next one begins or its own last day is over (107
T17). One that takes the place of another holds at the earliest from when the last signatory signed it: nobody can have
acted on it before. What is not signed by both, or contradicts what holds already, is a finding; what held goes on.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.agreement import signing
from gateway.agreement.agreement import Agreement
from gateway.agreement.loading import files_in, load_agreement
from gateway.agreement.signing import ENDING
from gateway.cleanroom.levels import Words
from gateway.configuration import ConfigurationError
from gateway.configuration import Finding as Fault
from gateway.proof.note import VerifierKey


class Doubt(StrEnum):
    """Why a file does not count, besides the faults of its signatures."""

    NOT_AN_AGREEMENT = "not_an_agreement"
    SAME_VERSION = "same_version"
    OTHER_PARTIES = "other_parties"
    SUPERSEDED = "superseded"
    OVERLAPPING = "overlapping"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a file does not count; `code` is of `Doubt` or `signing.Fault`."""

    file: Path
    code: str
    words: Words


@dataclass(frozen=True, slots=True)
class SignedVersion:
    """A version that both signed. It holds when begins ≤ moment < ends, UTC microseconds; None is no end."""

    agreement: Agreement
    file: Path
    sha256: str
    """Of the file's octets, 64 hex digits."""
    begins: int
    ends: int | None = None
    signed: tuple[signing.Signed, ...] = ()

    def holds(self, moment: int) -> bool:
        """Whether it is in force then, UTC microseconds."""
        return self.begins <= moment and (self.ends is None or moment < self.ends)

    @property
    def codes(self) -> set[tuple[str, str]]:
        """Manufacturer and code of each of its products."""
        products = self.agreement.products
        return {(self.agreement.cmo.id, code) for one in products for code in (one.code, *one.also)}


@dataclass(frozen=True, slots=True)
class Signed:
    """All versions that ever hold, by their begin, and what was found."""

    versions: tuple[SignedVersion, ...]
    findings: tuple[Finding, ...] = ()

    def at(self, moment: int) -> tuple[SignedVersion, ...]:
        """The versions in force at a moment, UTC microseconds: at most one of each agreement."""
        return tuple(one for one in self.versions if one.holds(moment))

    def boundaries(self) -> tuple[int, ...]:
        """The moments at which a version begins or ends, rising, UTC microseconds."""
        ends = {one.ends for one in self.versions if one.ends is not None}
        return tuple(sorted(ends | {one.begins for one in self.versions}))

    def next_boundary(self, moment: int) -> int | None:
        """The first of them after a moment; None where there is none."""
        boundaries = self.boundaries()
        index = bisect_right(boundaries, moment)
        return boundaries[index] if index < len(boundaries) else None

    def before(self, version: SignedVersion) -> SignedVersion | None:
        """The version whose place this one takes."""
        same = [one for one in self.versions if one.agreement.agreement == version.agreement.agreement]
        return max((one for one in same if one.begins < version.begins), key=lambda one: one.begins, default=None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agreement's file as it was read, with the signed note beside it."""

    file: Path
    agreement: Agreement
    octets: bytes
    note: bytes | None


def signed_agreements(folder: Path, trust: Iterable[VerifierKey]) -> Signed:
    """The versions in a folder that both parties signed. `trust` are keys from files; those of signatories are picked.

    Nothing is raised for what a file holds: each fault is a finding. Raises ConfigurationError where the folder cannot
    be read, or has no agreement.
    """
    if not folder.is_dir():
        raise ConfigurationError([Fault(str(folder), 1, "is no folder; name the one with the agreements")])
    return signed_files(files_in([folder]), trust)


def signed_files(files: Iterable[Path], trust: Iterable[VerifierKey]) -> Signed:
    """The versions among these files that both parties signed; raises nothing for what a file holds."""
    found: list[Candidate] = []
    findings: list[Finding] = []
    for file in files:
        try:
            found.append(_candidate(file))
        except (ConfigurationError, OSError) as error:
            told = str(error).replace("\n", "; ")
            findings.append(_finding(file, Doubt.NOT_AN_AGREEMENT, f"is no agreement: {told}", f"不是协议文件：{told}"))
    signed = versions_of(found, list(trust))
    return replace(signed, findings=(*findings, *signed.findings))


def versions_of(candidates: Iterable[Candidate], trust: Sequence[VerifierKey]) -> Signed:
    """The versions among these that count, and what is wrong with the others. Pure."""
    findings: list[Finding] = []
    good: list[SignedVersion] = []
    ordered = sorted(candidates, key=lambda one: (one.agreement.agreement, one.agreement.version, str(one.file)))
    for _, same in groupby(ordered, key=lambda one: one.agreement.agreement):
        good += _signed_versions(list(same), trust, findings)
    versions = _in_their_time(good, findings)
    return Signed(tuple(sorted(versions, key=lambda one: (one.begins, one.agreement.agreement))), tuple(findings))


def _candidate(file: Path) -> Candidate:
    octets = file.read_bytes()
    agreement = load_agreement(file)
    if file.read_bytes() != octets:
        raise OSError(f"{file}: changed while it was read")
    beside = file.with_name(file.name + ENDING)
    return Candidate(file, agreement, octets, beside.read_bytes() if beside.is_file() else None)


def _signed_versions(
    candidates: Sequence[Candidate], trust: Sequence[VerifierKey], findings: list[Finding]
) -> list[SignedVersion]:
    """Of one agreement, rising: each version is checked against the keys of the last one that counted."""
    counted: list[SignedVersion] = []
    for _, same in groupby(candidates, key=lambda one: one.agreement.version):
        before = counted[-1].agreement if counted else None
        held = [one for item in same if (one := _checked(item, trust, before, findings)) is not None]
        if len({one.sha256 for one in held}) > 1:
            names = ", ".join(str(one.file) for one in held)
            findings += [
                _finding(
                    one.file,
                    Doubt.SAME_VERSION,
                    f"one of several of one version: {names}",
                    f"同一版本有多个文件：{names}",
                )
                for one in held
            ]
        elif held:
            counted.append(held[0])
    return counted


def _checked(
    item: Candidate, trust: Sequence[VerifierKey], before: Agreement | None, findings: list[Finding]
) -> SignedVersion | None:
    agreement = item.agreement
    if before is not None and (before.holder.id, before.cmo.id) != (agreement.holder.id, agreement.cmo.id):
        en, zh = f"other parties than in version {before.version}", f"双方与第 {before.version} 版不同"
        findings.append(_finding(item.file, Doubt.OTHER_PARTIES, en, zh))
        return None
    verdict = signing.verify(agreement, item.octets, item.note, trust, before)
    findings += [Finding(item.file, one.fault, one.words) for one in verdict.findings]
    if verdict.findings:
        return None
    begins = begin_of(agreement)
    if before is not None:
        begins = max(begins, verdict.time * 1_000_000)
    ends = _end_of(agreement)
    if ends is not None and ends <= begins:
        findings.append(_finding(item.file, Doubt.OVER, "its last day is over before it begins", "生效前已过终止日期"))
        return None
    return SignedVersion(agreement, item.file, signing.digest_of(item.octets), begins, ends, verdict.signed)


def begin_of(agreement: Agreement) -> int:
    """00:00 of its first day, in its zone, UTC microseconds."""
    return _midnight(agreement.effective, agreement.zone)


def _end_of(agreement: Agreement) -> int | None:
    return None if agreement.until is None else _midnight(agreement.until + timedelta(days=1), agreement.zone)


def _midnight(day: date, zone: str) -> int:
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp()) * 1_000_000


def _in_their_time(good: Sequence[SignedVersion], findings: list[Finding]) -> list[SignedVersion]:
    """What holds from which moment to which: the versions in the order in which they begin."""
    done: list[SignedVersion] = []
    now: dict[str, SignedVersion] = {}
    for begins, group in groupby(sorted(good, key=_order), key=lambda one: one.begins):
        new: dict[str, SignedVersion] = {}
        for one in group:
            late = new.get(one.agreement.agreement) or now.get(one.agreement.agreement)
            if late is not None and late.agreement.version > one.agreement.version:
                findings.append(_superseded(one, late))
            else:
                if late is not None and late.begins == begins:
                    findings.append(_superseded(late, one))
                new[one.agreement.agreement] = one
        _without_overlaps({name: one for name, one in now.items() if one.holds(begins)}, new, findings)
        done += [_ended(old, begins) for name, old in now.items() if name in new]
        now |= new
    return [*done, *now.values()]


def _ended(old: SignedVersion, begins: int) -> SignedVersion:
    """It ends when the next one begins, or with its own last day."""
    return old if old.ends is not None and old.ends < begins else replace(old, ends=begins)


def _order(one: SignedVersion) -> tuple[int, str, int]:
    return one.begins, one.agreement.agreement, one.agreement.version


def _without_overlaps(now: dict[str, SignedVersion], new: dict[str, SignedVersion], findings: list[Finding]) -> None:
    """Take out of `new` what names a product that another agreement in force then has too."""
    while True:
        both = now | new
        pairs = ((new[name], one) for name in new for other, one in both.items() if other != name)
        clashes = {one.agreement.agreement: (one, other) for one, other in pairs if one.codes & other.codes}
        if not clashes:
            return
        for name, (one, other) in clashes.items():
            codes = ", ".join(sorted(code for _, code in one.codes & other.codes))
            id_ = other.agreement.agreement
            en, zh = f"product {codes} is in agreement {id_} too", f"产品 {codes} 同时在协议 {id_} 中"
            findings.append(_finding(one.file, Doubt.OVERLAPPING, en, zh))
            del new[name]


def _superseded(one: SignedVersion, by: SignedVersion) -> Finding:
    number = by.agreement.version
    en = f"version {one.agreement.version} never holds: version {number} takes its place before"
    return _finding(one.file, Doubt.SUPERSEDED, en, f"第 {one.agreement.version} 版不生效：已被第 {number} 版取代")


def _finding(file: Path, code: Doubt, en: str, zh: str) -> Finding:
    return Finding(file, code, Words(en=en, zh=zh))
