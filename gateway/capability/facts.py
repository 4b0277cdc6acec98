"""What the archive and the agreements say of a period: the ground of a capability report. Pure.

All times are UTC microseconds, periods begin ≤ time < end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.archive.withheld import NotSent
from gateway.cleanroom.levels import Words
from schemas.records import Gap

READINGS = "Frame"
"""The kind under which readings are counted: one for each sample, not for each frame."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """So many records of a kind that a source gave, by how they came to be; of frames the readings.

    `origin` is one of `schemas.exported.Origin`; `checked` whether a second person checked what was keyed by hand.
    """

    source: str
    kind: str
    origin: str
    checked: bool
    count: int


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """A source by all that is in the archive: when it was first and last heard of, and which agent reads it.

    `serials` are the serial numbers that its records tell, `files` how many exported files of the period it named.
    """

    source: str
    sender: str
    first: int
    last: int | None
    tags: int = 0
    serials: tuple[str, ...] = ()
    files: int = 0


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """A stream as it is here. `expected` is the highest number that a seal, a receipt or an entry speaks of.

    `here` are numbers in the archive, `leaves_only` those of them whose content is not. `sealed` and `confirmed_at` are
    None where there is none. `touches` says that numbers that are not here in full may be of the period.
    """

    stream: str
    expected: int
    here: int
    leaves_only: int
    verified: int
    sealed: int | None
    confirmed: int
    confirmed_at: int | None
    touches: bool

    @property
    def missing(self) -> int:
        """Numbers that are not in the archive."""
        return max(0, self.expected - self.here)

    @property
    def lacking(self) -> int:
        """Numbers whose content is not known, where it may be of the period."""
        return self.missing + self.leaves_only if self.touches else 0

    @property
    def sender(self) -> str:
        """The agent or node that sends it."""
        return self.stream.split(".")[1] if self.stream.count(".") >= 4 else self.stream


@dataclass(frozen=True, slots=True)
class Clause:
    """A kind of record that a clause of an agreement in force wants exchanged; `fields` of it are withheld."""

    agreement: str
    version: int
    clause: str
    text: Words
    family: str
    kind: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an agreement that both signed and that holds at some time of the period."""

    agreement: str
    version: int
    begins: int
    ends: int | None
    remote: bool
    sterile: tuple[str, ...]
    """Codes of its sterile products."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """The agreements of a period; `doubts` are files that do not count."""

    versions: tuple[Version, ...]
    clauses: tuple[Clause, ...]
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class Looks:
    """How many persons of a party looked how often; its console told it."""

    party: str
    persons: int
    looks: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from source to here over the newest readings: half of them, and all but one in a hundred."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report is made of, as known at `until`.

    `agreed` is None where the node has no agreements to look at. `arrived` counts records of a kind in the period, of
    frames the readings. `undated` are records without a time, which belong to no period. `found` counts findings of
    the verifier by code. `held` is how long conditions of alarms were not in force together, of `conditions` many.
    """

    begin: int
    end: int
    until: int
    sources: Sequence[SourceSeen]
    recorded: Sequence[Recorded]
    arrived: dict[str, int]
    undated: dict[str, int]
    gaps: Sequence[Gap]
    streams: Sequence[StreamSeen]
    found: dict[str, int]
    agreed: Agreed | None
    batches: int
    withheld: Sequence[NotSent]
    withdrawn: int
    looks: Sequence[Looks]
    conditions: int
    held: int
    alarms: int
    latency: Latency | None = None
