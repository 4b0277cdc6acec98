"""What persons did at a console, as records: who looked at what, when and from where (74 art. 22(3)(4))."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated
from uuid import UUID, uuid4

from schemas.derived import Time


class Act(StrEnum):
    """What a person did."""

    OTHER = "OTHER"
    SIGNED_IN = "SIGNED_IN"
    SIGNED_OUT = "SIGNED_OUT"
    OPENED = "OPENED"
    QUERIED = "QUERIED"
    DOWNLOADED = "DOWNLOADED"
    ACCOUNT_CHANGED = "ACCOUNT_CHANGED"


class Outcome(StrEnum):
    """What came of it."""

    OTHER = "OTHER"
    DONE = "DONE"
    REFUSED = "REFUSED"
    NOT_FOUND = "NOT_FOUND"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An access: one page opened, one question of a program, one file taken, one attempt to sign in."""

    id: Annotated[UUID, "Record id: random, given once, equal in all copies of this record."] = field(
        default_factory=uuid4
    )
    time: Annotated[Time, "When."]
    node: Annotated[str, "The node whose console it was: name of its party."]
    act: Annotated[Act, "OPENED a page, QUERIED by a program, DOWNLOADED a file, or what else was done."]
    outcome: Annotated[Outcome, "DONE; REFUSED for want of rights; NOT_FOUND; FAILED."]
    address: Annotated[str | None, "Network address that it came from; null for a command on the node's machine."] = (
        None
    )
    account: Annotated[str | None, "Who: name of the account; null where an attempt named none that exists."] = None
    name: Annotated[str | None, "The person's name, as the account has it."] = None
    roles: Annotated[tuple[str, ...], "The person's roles at that time."] = ()
    path: Annotated[str, "What: path of the page or of the question, without its language."] = ""
    query: Annotated[str, "The rest of that address: period, filter, tag, as asked."] = ""
    batch: Annotated[str | None, "Batch that it names."] = None
    alarm: Annotated[str | None, "Alarm that it names."] = None
    room: Annotated[str | None, "Room that it names."] = None
    tag: Annotated[str | None, "Tag that it names."] = None
    reason: Annotated[str | None, "Why it was refused or what was changed, in a line."] = None


KINDS: dict[str, type] = {"Access": Access}
"""Kinds of this module; `python -m schemas` writes their schemas."""
