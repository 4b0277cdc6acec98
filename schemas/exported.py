"""What other systems' exports say, as records in memory: test results, movements of material, documents.

Fields that only name something are text as the source system has them; times are UTC microseconds; units are UCUM
codes. `version` counts from 1 within `key`; one above names in `replaces` the record before it, which stays.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID, uuid4


class Origin(StrEnum):
    """How a value came to be (74 art. 15)."""

    DIRECT = "DIRECT"
    EXPORTED = "EXPORTED"
    KEYED = "KEYED"
    SCANNED = "SCANNED"


class Movement(StrEnum):
    """What happened to a lot of material."""

    RECEIPT = "RECEIPT"
    SAMPLING = "SAMPLING"
    TEST = "TEST"
    RELEASE = "RELEASE"
    ISSUE = "ISSUE"
    RETURN = "RETURN"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exported:
    """What each of them has. `second` is who checked a keyed value; `by` and `why` belong to a correction."""

    system: str
    key: str
    version: int = 1
    replaces: UUID | None = None
    by: str | None = None
    why: str | None = None
    origin: Origin = Origin.EXPORTED
    second: str | None = None
    batch: str | None = None
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult(_Exported):
    """A result as reported; `number` and `qualifier` (<, ≤, =, ≥, >) are derived, None where it is no number."""

    __test__ = False  # no test class, whatever pytest makes of the name

    sample: str
    test: str
    reported: str
    status: str
    number: float | None = None
    qualifier: str | None = None
    unit: str | None = None
    product: str | None = None
    specification: str | None = None
    specification_version: str | None = None
    low: float | None = None
    high: float | None = None
    conclusion: str | None = None
    method: str | None = None
    analyst: str | None = None
    approver: str | None = None
    sampled: int | None = None
    tested: int | None = None
    approved: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialMovement(_Exported):
    """A movement of a lot; `quantity` is in `unit`, `batch` the one that it was issued to or returned from."""

    movement: Movement
    material: str
    lot: str
    quantity: float
    unit: str
    time: int
    supplier: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(_Exported):
    """A document of an index; `sha256` is 64 hex digits of its content, `place` where it is kept."""

    document: str
    document_version: str
    sha256: str
    place: str
    status: str
    title: str | None = None


Exported = TestResult | MaterialMovement | Document
