"""Which batch is where, as records: an agent says it, and corrects it when it learns better."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from schemas import agreements, withheld
from schemas.derived import Time
from schemas.exported import Exported


class PlaceKind(StrEnum):
    """What can hold a batch (ISA-95: a storage or production unit; a room is where it stands)."""

    OTHER = "OTHER"
    ROOM = "ROOM"
    EQUIPMENT = "EQUIPMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(Exported):
    """A time in which a batch is in a room or an equipment: what is measured there in that time is the batch's.

    `system` is the agent that found it, `key` is one for each stay, `time` is when the agent found it. `origin` is
    EXPORTED where the MES says so, KEYED where persons keyed it there, DIRECT where a tag does. A new version takes the
    place of the one before: readings stay as they were sent, what they belong to changes. What of its time the version
    before did not have is given to the batch with it, what only the version before had is withdrawn from the batch.
    """

    batch: Annotated[str, "Batch number."]
    place_kind: Annotated[PlaceKind, "Whether `place` is a room or an equipment."]
    place: Annotated[str, "The room or the equipment."]
    began: Annotated[Time, "From when on the batch is there."]
    time: Annotated[Time, "When the agent found it."]
    ended: Annotated[Time | None, "From when on it is not there any more; null while no end is known."] = None
    withdrawn: Annotated[bool, "True where the batch was never there: nothing of the version before holds."] = False
    late: Annotated[
        bool,
        "True where it changes what readings from more than 5 s before `time` belong to: they were sent before it.",
    ] = False
    was_began: Annotated[Time | None, "`began` of the version before; null where there is none that held."] = None
    was_ended: Annotated[Time | None, "`ended` of the version before; null where it had none."] = None


KINDS: dict[str, type[Exported]] = {"Assignment": Assignment, **withheld.KINDS, **agreements.KINDS}
"""Kinds with what all exported ones have, that no system exports."""
