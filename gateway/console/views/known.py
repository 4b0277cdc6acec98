"""What there is to do and how far things are proven, as the archive told it last. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.agreement.due import AgreedDue
from gateway.agreement.in_force import Signed
from gateway.archive.judged import BatchFindings
from gateway.archive.queries import FoundBefore
from gateway.batches.standing import BatchStanding, OpenEvents, Phase
from gateway.console.views.lacking import LastDay
from gateway.console.views.streams import Numbers
from gateway.deviations.draft import Draft
from gateway.review.review import Tally

CANDIDATES = 10
"""How many batches that have ended are shown with the answers of their rules, the newest."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the archive knows of numbers, and the findings that put records in doubt, the newest first."""

    numbers: Numbers
    doubts: Sequence[FoundBefore]


@dataclass(frozen=True, slots=True)
class DraftWaits:
    """A draft that nobody raised yet, and until when it is due; None where no agreement says that."""

    draft: Draft
    due: AgreedDue | None


@dataclass(frozen=True, slots=True)
class FindingsWait:
    """Findings of a batch that stand; `due` is of its results out of specification, while none was raised."""

    found: BatchFindings
    due: AgreedDue | None


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do. `batches` are all, the newest first; `tallies` of those that were counted."""

    batches: Sequence[BatchStanding] = ()
    findings: Sequence[FindingsWait] = ()
    drafts: Sequence[DraftWaits] = ()
    events: Mapping[str, OpenEvents] = field(default_factory=dict)
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    signed: Signed = field(default_factory=lambda: Signed(()))
    day: LastDay = field(default_factory=LastDay)
    problem: str | None = None
    """Why the agreements cannot be read."""

    @property
    def candidates(self) -> list[BatchStanding]:
        """The batches that have ended, the newest first."""
        return [one for one in self.batches if one.phase is Phase.ENDED]
