"""What a holder did not get, and what it got that is not its own any more, as records: an agent says it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from schemas.derived import Time
from schemas.exported import Exported


class WhyWithheld(StrEnum):
    """Why samples of a room that a clause is about did not go to the holder."""

    OTHER = "OTHER"
    NO_BATCH = "NO_BATCH"
    OTHER_BATCH = "OTHER_BATCH"
    OTHER_PRODUCT = "OTHER_PRODUCT"
    UNKNOWN_PRODUCT = "UNKNOWN_PRODUCT"
    NAMES_OTHER = "NAMES_OTHER"
    NOT_KEPT = "NOT_KEPT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld(Exported):
    """Samples that a holder did not get of a room that a clause of its agreement is about.

    `system` is the agent. It says how many, and nothing of whose they were. With NOT_KEPT they are the holder's, but
    that was known only when the agent did not keep them any more: the manufacturer's archive has them.
    """

    holder: Annotated[str, "Who did not get them."]
    room: Annotated[str | None, "Room; null for tags that belong to none."] = None
    clause: Annotated[str | None, "Agreement, version and clause that withheld them; null where none did."] = None
    reason: Annotated[WhyWithheld, "Why."]
    samples: Annotated[int | None, "How many; null where that is not known."] = None
    began: Annotated[Time, "From when on they were received; with NOT_KEPT, measured."]
    time: Annotated[Time, "Until before when."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Exported):
    """A time in which what was measured in a room turned out not to be the holder's: what it got of it is not its own.

    `system` is the agent. Alarms and gaps that it got stay.
    """

    holder: Annotated[str, "Who got it."]
    room: Annotated[str | None, "Room; null for tags that belong to none."] = None
    clause: Annotated[str, "Agreement, version and clause by which it was sent."]
    assignment: Annotated[str | None, "Key of the assignment by which it turned out."] = None
    assignment_version: Annotated[int | None, "Its version."] = None
    began: Annotated[Time, "From when on."]
    ended: Annotated[Time, "Until before when."]
    time: Annotated[Time, "When the agent found it."]


KINDS: dict[str, type[Exported]] = {"Withheld": Withheld, "Withdrawn": Withdrawn}
