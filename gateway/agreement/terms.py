"""Duties, notices with their deadlines, retention, audits: what is agreed besides the exchange."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gateway.agreement.parties import PersonId
from gateway.cleanroom.levels import Words
from schemas.settings import Strict

Side = Literal["holder", "cmo", "both"]
Chapter = Annotated[
    str, Field(pattern=r"^(1|2|3(\.[12])?|4(\.[1-4])?|5(\.[1-4])?|6(\.[1-3])?|7(\.(10|[1-9]))?|8(\.[1-3])?|9|10|11)$")
]
"""A row of the responsibility list (107, annex 3)."""


class Responsibility(Strict):
    """A row of the responsibility list (107, annex 3)."""

    chapter: Chapter = Field(description="Number of the row in the official list.")
    by: Side = Field(description="Who is responsible.")
    remark: Words | None = Field(None, description="Remark.")


class DutyName(StrEnum):
    """Duties that an agreement has to give to one side (107, guide 2 to 4, and template)."""

    SUPPLIER_AUDIT = "supplier_audit"
    MATERIAL_PURCHASE = "material_purchase"
    MATERIAL_ACCEPTANCE = "material_acceptance"
    MATERIAL_SAMPLING = "material_sampling"
    MATERIAL_TEST = "material_test"
    MATERIAL_RELEASE = "material_release"
    FINISHED_TEST = "finished_test"
    RETENTION_SAMPLES = "retention_samples"
    STABILITY = "stability"
    FACTORY_RELEASE = "factory_release"
    MARKET_RELEASE = "market_release"
    CHANGE_EVALUATION = "change_evaluation"
    PRODUCT_REVIEW = "product_review"
    COMPLAINTS = "complaints"
    VIGILANCE = "vigilance"
    TRANSPORT = "transport"
    RECALL = "recall"
    SUPERVISION = "supervision"
    AUDIT = "audit"
    ANNUAL_REPORT = "annual_report"
    TRACEABILITY = "traceability"


class Duty(Strict):
    """Who has a duty that is finer than a row of the responsibility list."""

    duty: DutyName = Field(description="Duty.")
    by: Side = Field(description="Whose it is.")
    remark: Words | None = Field(None, description="Remark.")


class NoticeKind(StrEnum):
    """What is told to the other side: the eight kinds of 134 (7), and what 107 and 134 ask besides."""

    DEVIATION = "deviation"
    CHANGE = "change"
    OOS_OOT = "oos_oot"
    QUALIFICATION_VALIDATION = "qualification_validation"
    RETENTION_STABILITY = "retention_stability"
    PHARMACOVIGILANCE = "pharmacovigilance"
    INSPECTION = "inspection"
    CREDIT = "credit"
    COMPLAINT = "complaint"
    RECALL = "recall"
    REFUSAL = "refusal"
    RISK_AFTER_RELEASE = "risk_after_release"
    CO_LINE = "co_line"
    ENVIRONMENT = "environment"
    """A critical excursion while product is open."""
    DOSSIER = "dossier"
    """Batch records after factory release (134 (12))."""
    REGISTRATION = "registration"
    """A change of the registration, told by the holder (107 T3.4)."""
    PRODUCT_REVIEW = "product_review"
    """The yearly review (107 T11.6)."""
    DESTRUCTION = "destruction"
    """The written ask before records are destroyed (107 T9.4)."""


class Unit(StrEnum):
    """How a term is counted."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


class Term(Strict):
    """A length of time. `at_once` needs a number too: what "at once" means (107 G4 (6) 1)."""

    amount: int | None = Field(None, gt=0, le=10000, description="How many.")
    unit: Unit = Field(Unit.WORKING_DAYS, description="Of what.")
    at_once: bool = Field(False, description="Whether the clause says at once; `amount` then says how long that is.")

    @model_validator(mode="after")
    def _something(self) -> "Term":
        if self.amount is None and not self.at_once:
            raise ValueError("give an amount")
        return self


class Deadline(Strict):
    """One step of a notice and its term."""

    step: str = Field(
        description="What is due.", pattern=r"^[a-z_]{1,32}$", examples=["told", "investigated", "closed"]
    )
    by: Side = Field("cmo", description="Who owes it.")
    classes: tuple[str, ...] = Field((), description="Of which classes; all where empty.", examples=[["critical"]])
    term: Term | None = Field(None, description="How long; the profile's term where left out.")
    clause: str = Field(description="Clause of the agreement or rule.", examples=["11.5"])
    before: bool = Field(False, description="Whether it is counted back from what is planned: so long before it.")


class Notice(Strict):
    """A kind of notice: who tells whom, how, until when (134 (7))."""

    kind: NoticeKind = Field(description="Kind.")
    by: Side = Field(description="Who raises it.")
    persons: tuple[PersonId, ...] = Field(min_length=1, description="Who is told, by id.")
    methods: tuple[Literal["gateway", "email", "phone", "letter"], ...] = Field(min_length=1, description="How.")
    deadlines: tuple[Deadline, ...] = Field(min_length=1, description="Steps and terms.")


class Retention(Strict):
    """How long records are kept (107 T9.4, T17; HB 112)."""

    after_expiry_years: float = Field(
        ge=0, le=200, allow_inf_nan=False, description="Years after the expiry of the batch."
    )
    inspection_papers_years: float = Field(
        ge=0, le=200, allow_inf_nan=False, description="Years that papers of inspections are kept."
    )
    ask_before_months: int = Field(
        ge=0, le=240, description="Months before the end at which the holder is asked in writing."
    )
    samples_after_expiry_years: float = Field(
        1, ge=0, le=200, allow_inf_nan=False, description="Retention samples of the product: years after expiry."
    )
    materials_after_release_years: float = Field(
        2, ge=0, le=200, allow_inf_nan=False, description="Retention samples of materials: years after release."
    )


AuditRight = Literal["systems", "procedures", "documents", "records", "facilities", "persons"]


class Audits(Strict):
    """Audits by the holder (107 T13, 134 (5))."""

    every_months: int = Field(gt=0, description="At most so many months between two audits.")
    for_cause: bool = Field(True, description="At once for cause.")
    plan_within: Term = Field(description="Corrective plan after the audit.")
    check_within: Term = Field(description="Holder's check after it is done.")
    remote: bool = Field(False, description="Whether a part may be remote (134 (14)).")
    visit_every_months: int | None = Field(
        None, gt=0, description="At most so many months between two visits on site (134 (5) for sterile products)."
    )
    rights: tuple[AuditRight, ...] = Field((), description="What the holder may see at any time (134 (6)).")


class Signatory(Strict):
    """Who signs the agreement."""

    side: Literal["holder", "cmo"] = Field(description="For whom.")
    person: PersonId = Field(description="Who, by id.")
    stage: Literal["drafted", "reviewed", "approved"] = Field(description="As what (107 T19).")
    key: str | None = Field(None, description="Name of the signatory's key; those that approve sign the file.")


class Revision(Strict):
    """A row of the version history (107 T18)."""

    version: int = Field(ge=1, description="Version.")
    day: date = Field(description="Date.")
    summary: Words = Field(description="What changed.")
