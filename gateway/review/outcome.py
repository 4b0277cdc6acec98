"""What a rule answers about a record: passed, failed or not evaluable, with what it expected and what it found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from schemas.exported import Exported
from schemas.records import Weighing

Subject = Exported | Weighing
"""A record that can be judged."""
Value = str | int | float | date | datetime
"""What fills a text; a datetime is in UTC."""
_FINDINGS = UUID("6a0f4f4e-5f0c-4b0c-9d3e-0d6f5d1c8a77")


class Code(StrEnum):
    """Names of the rules, and of the findings that they make."""

    OUT_OF_SPECIFICATION = "OUT_OF_SPECIFICATION"
    CONCLUSION_CONTRADICTED = "CONCLUSION_CONTRADICTED"
    CORRECTED_INTO_LIMITS = "CORRECTED_INTO_LIMITS"
    OUT_OF_TREND = "OUT_OF_TREND"
    STABILITY_OUT_OF_TREND = "STABILITY_OUT_OF_TREND"
    SHELF_LIFE_NOT_SUPPORTED = "SHELF_LIFE_NOT_SUPPORTED"
    UNIT_NOT_AGREED = "UNIT_NOT_AGREED"
    SPECIFICATION_NOT_AGREED = "SPECIFICATION_NOT_AGREED"
    RESULT_BEFORE_SAMPLE = "RESULT_BEFORE_SAMPLE"
    BALANCE_OUTSIDE = "BALANCE_OUTSIDE"
    LABELS_UNACCOUNTED = "LABELS_UNACCOUNTED"
    SUPPLIER_NOT_APPROVED = "SUPPLIER_NOT_APPROVED"
    MATERIAL_EXPIRED = "MATERIAL_EXPIRED"
    MATERIAL_NOT_RELEASED = "MATERIAL_NOT_RELEASED"
    OUT_OF_CALIBRATION = "OUT_OF_CALIBRATION"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    SAME_PERSON = "SAME_PERSON"
    KEYED_UNCHECKED = "KEYED_UNCHECKED"
    STEP_ORDER = "STEP_ORDER"
    STEP_NOT_AS_PLANNED = "STEP_NOT_AS_PLANNED"
    MASTER_RECORD_NOT_AGREED = "MASTER_RECORD_NOT_AGREED"
    BATCH_NUMBER_TWICE = "BATCH_NUMBER_TWICE"
    EXPIRY_NOT_AGREED = "EXPIRY_NOT_AGREED"


class Severity(StrEnum):
    """What a finding asks for: an answer, or attention (GMP 312 (24), (25))."""

    ACTION = "ACTION"
    ALERT = "ALERT"


class Verdict(StrEnum):
    """The three answers. What is missing makes a rule not evaluable; it never passes."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    NOT_EVALUABLE = "NOT_EVALUABLE"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: its key below `review` in the words, and what fills it."""

    key: str
    fields: tuple[tuple[str, Value], ...] = ()


def said(key: str, /, **fields: Value) -> Said:
    """A sentence with its fields."""
    return Said(key, tuple(sorted(fields.items())))


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer of one rule; `beside` are the other records that it rests on."""

    verdict: Verdict
    expected: Said
    found: tuple[Said, ...]
    severity: Severity | None = None
    beside: tuple[Subject, ...] = ()


def passed(expected: Said, *found: Said, beside: Iterable[Subject] = ()) -> Judged:
    """It is as it should be."""
    return Judged(Verdict.PASSED, expected, found, None, tuple(beside))


def failed(
    expected: Said, *found: Said, severity: Severity = Severity.ACTION, beside: Iterable[Subject] = ()
) -> Judged:
    """It is not as it should be."""
    return Judged(Verdict.FAILED, expected, found, severity, tuple(beside))


def not_evaluable(expected: Said, *found: Said, beside: Iterable[Subject] = ()) -> Judged:
    """It cannot be told; `found` says what is missing."""
    return Judged(Verdict.NOT_EVALUABLE, expected, found, None, tuple(beside))


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What is judged by which rule. `key` names the thing in `system` whatever its version; of a weighing, its id."""

    code: Code
    kind: str
    system: str
    key: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A rule's answer about a record; a finding where it failed. `time` is UTC microseconds."""

    place: Place
    judged: Judged
    subject: Subject

    @property
    def id(self) -> UUID:
        """The same in every run: made of the rule and the record."""
        return uuid5(_FINDINGS, f"{self.place.code} {self.subject.id}")

    @property
    def records(self) -> tuple[UUID, ...]:
        """Ids of the record that was judged and of those that the answer rests on."""
        return tuple(dict.fromkeys([self.subject.id, *(one.id for one in self.judged.beside)]))

    @property
    def batch(self) -> str | None:
        """The batch that the record belongs to."""
        return self.subject.batch

    @property
    def time(self) -> int | None:
        """When the record says that it happened."""
        return self.subject.time


def place_of(code: Code, subject: Subject) -> Place:
    """Where the answer of this rule about this record stands."""
    if isinstance(subject, Weighing):
        return Place(code, "Weighing", subject.source, str(subject.id))
    return Place(code, type(subject).__name__, subject.system, subject.key)
