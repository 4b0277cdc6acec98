"""Quality communication as records: every step of a notice, with who said it, to what, and the signature (134 (7))."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated
from uuid import UUID, uuid4

from schemas.derived import Time


class NoticeKind(StrEnum):
    """What a notice is about: the eight kinds of 134 (7), and what 107, 134 and the GMP ask besides."""

    OTHER = "OTHER"
    DEVIATION = "DEVIATION"
    CHANGE = "CHANGE"
    OOS_OOT = "OOS_OOT"
    QUALIFICATION_VALIDATION = "QUALIFICATION_VALIDATION"
    RETENTION_STABILITY = "RETENTION_STABILITY"
    PHARMACOVIGILANCE = "PHARMACOVIGILANCE"
    INSPECTION = "INSPECTION"
    CREDIT = "CREDIT"
    COMPLAINT = "COMPLAINT"
    CAPA = "CAPA"
    RECALL = "RECALL"
    REFUSAL = "REFUSAL"
    RISK_AFTER_RELEASE = "RISK_AFTER_RELEASE"
    CO_LINE = "CO_LINE"
    REWORK = "REWORK"
    REGISTRATION = "REGISTRATION"
    DESTRUCTION = "DESTRUCTION"


class NoticeEvent(StrEnum):
    """What a step does; which are possible when, and whose they are, is the life cycle of the kind."""

    OTHER = "OTHER"
    RAISED = "RAISED"
    RECEIVED = "RECEIVED"
    CLASSIFIED = "CLASSIFIED"
    ASKED = "ASKED"
    ANSWERED = "ANSWERED"
    ADDED = "ADDED"
    INVESTIGATED = "INVESTIGATED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    IMPLEMENTED = "IMPLEMENTED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"
    REMINDED = "REMINDED"
    OVERDUE = "OVERDUE"


class NoticeClass(StrEnum):
    """Class of risk, in rising order after OTHER; companies have words of their own for them (GMP 249)."""

    OTHER = "OTHER"
    MINOR = "MINOR"
    MAJOR = "MAJOR"
    CRITICAL = "CRITICAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeStep:
    """A step in the life of a notice between the parties. Nothing is overwritten: what holds follows from all steps.

    A person's step bears the person's signature over all its other fields; REMINDED and OVERDUE are the node's own and
    bear none.
    """

    id: Annotated[UUID, "Record id: random, given once, equal in all copies of this record."] = field(
        default_factory=uuid4
    )
    notice: Annotated[UUID, "The notice: id of the step that raised it, in that step its own."]
    after: Annotated[
        tuple[UUID, ...], "The last steps that whoever made it saw; empty where it raises the notice."
    ] = ()
    number: Annotated[str, "Number of the notice for people, as whoever raised it gave it."]
    kind: Annotated[NoticeKind, "What the notice is about."]
    event: Annotated[NoticeEvent, "What this step does."]
    time: Annotated[Time, "When, by the clock of the node at which it was made."]
    party: Annotated[str, "The party whose step it is: name of its node."]
    to: Annotated[tuple[str, ...], "The other parties that get it."] = ()
    grade: Annotated[NoticeClass | None, "Class of risk, as this party sees it from this step on."] = None
    title: Annotated[str, "What it is, in a line; of the step that raises it."] = ""
    text: Annotated[str, "What is said."] = ""
    question: Annotated[UUID | None, "The ASKED step that this one answers."] = None
    task: Annotated[str | None, "What is due, of the agreement's steps: in REMINDED and OVERDUE."] = None
    due: Annotated[Time | None, "When `task` is or was due."] = None
    clause: Annotated[str | None, "Clause that says so."] = None
    products: Annotated[tuple[str, ...], "Products, by the manufacturer's code."] = ()
    batches: Annotated[tuple[str, ...], "Batches that it touches."] = ()
    rooms: Annotated[tuple[str, ...], "Rooms."] = ()
    equipment: Annotated[tuple[str, ...], "Equipment."] = ()
    materials: Annotated[tuple[str, ...], "Material lots."] = ()
    evidence: Annotated[tuple[UUID, ...], "Record ids of what it rests on: alarms, results, gaps, documents."] = ()
    attachments: Annotated[tuple[str, ...], "SHA-256 of attached files, 64 hex digits each."] = ()
    agreement: Annotated[str | None, "The quality agreement that it follows."] = None
    agreement_version: Annotated[int | None, "Its version in force at that time."] = None
    account: Annotated[str | None, "Who: id of the account; null where the node itself."] = None
    name: Annotated[str | None, "The person's name, as the account has it."] = None
    roles: Annotated[tuple[str, ...], "The person's roles at that time."] = ()
    signature: Annotated[str | None, "Signed note over all fields but this one: what, meaning, who, when."] = None


KINDS: dict[str, type] = {"NoticeStep": NoticeStep}
"""Kinds of this module; `python -m schemas` writes their schemas."""
