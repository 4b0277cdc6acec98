"""What every adapter offers: settings, and a source that connects, reports frames and is acknowledged.

The life of a source, as the agent drives it, again and again until the agent ends:

    connect() ──▶ frames() ──▶ frame, frame, … ──▶ SourceError ──▶ close() ──▶ pause ──▶ connect()
                                  └─ acknowledge(frame) once it is safe

An adapter reports what the device says, in the device's own unit, with an OPC UA StatusCode and a reason; scaling,
units and context come later in the pipeline. It never raises for one tag: a tag that cannot be read is a Bad sample in
a frame. It raises `SourceError` when the whole device is lost, at the latest `silence` seconds after its last answer
(plus what one request takes to fail). While the device is alive but has nothing new to say it reports an empty frame
at least every second, or at each poll where it is polled more slowly, so that an old value can be told from a dead
device. An empty frame always stands for an answer of the device, never for a timer of ours.

What every device can get wrong in the same way (a value that stands still, a clock that is wrong, a calibration that is
over) is found behind the adapters, in one place; an adapter marks what only it can see: another unit, reason UNIT,
and another device, reason IDENTITY.

What a device kept while nobody read it comes as frames with `backfilled`, between the live ones and never in their way.
When a device's memory was read over a whole break, `Filled` says so. Gaps of single tags and the device's own alarms
stand among the frames too.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, Self, runtime_checkable

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from adapters.tools import NO_TOOLS, Tools
from schemas.exported import Exported
from schemas.frame import Frame, TagTable
from schemas.records import Condition, Gap, GapCause, Weighing, WeighingMethod
from schemas.settings import Identifier, Strict
from schemas.units import Unit, conversion


def _range_of_text(given: object) -> object:
    return given.split("..") if isinstance(given, str) else given


def ascending(given: tuple[float, float]) -> tuple[float, float]:
    """A range as it is. Raises ValueError when its ends are the wrong way round."""
    if not given[0] < given[1]:
        raise ValueError("the first number of a range is the smaller one")
    return given


class TagSettings(Strict):
    """One tag. An adapter adds where the device keeps it."""

    name: str = Field(min_length=1, max_length=128, description="Tag name, unique in the agent.", examples=["F1.DP.M1"])
    unit: Unit = Field("1", description="Unit of the value that is sent, a UCUM code.")
    device_unit: Unit | None = Field(
        None, description="Unit in which the device gives it, where that differs from `unit`."
    )
    scale: float = Field(1.0, description="Factor from the device's number to `device_unit`.")
    offset: float = Field(0.0, description="Added after `scale`, in `device_unit`.")
    range: Annotated[tuple[float, float], BeforeValidator(_range_of_text), AfterValidator(ascending)] | None = Field(
        None,
        description="What the instrument can measure, in `unit`; a value outside is Bad, reason RANGE. In a CSV file "
        "-50..50.",
        examples=[[-50, 50]],
    )
    stale_after: float | None = Field(
        None,
        gt=0,
        le=31_622_400,
        description="Seconds without a change after which a value that has to move is Uncertain, reason STALE, with "
        "the device's time of its last change.",
    )
    calibration_due: date | None = Field(
        None,
        description="Last day, in the plant's time zone, on which the calibration is valid; then there is an alarm.",
        examples=["2027-03-31"],
    )
    overdue: Literal["uncertain", "keep"] = Field(
        "uncertain",
        description="What is made of values after `calibration_due`: `uncertain`, reason CALIBRATION, or `keep` them "
        "as they are. The alarm comes either way.",
    )

    @model_validator(mode="after")
    def _converts(self) -> Self:
        conversion(self.device_unit or self.unit, self.unit)
        return self


Said = Annotated[str, Field(min_length=1, max_length=128)]


class WeighingTrigger(Strict):
    """A tag of another source whose change asks a balance for a weighing, and the tags that say for what."""

    source: Identifier = Field(description="The source that asks.", examples=["mes"])
    tag: Said = Field(
        description="Takes one weighing when it becomes true, or as an integer changes to anything but 0. Only Good "
        "values count, and the first one after a break is no change.",
        examples=["BALANCE.TAKE"],
    )
    batch: Said | None = Field(None, description="Text tag of that source with the batch that the weighing is for.")
    lot: Said | None = Field(None, description="Text tag of that source with the lot of the material.")
    operator: Said | None = Field(None, description="Text tag of that source with who weighs.")
    second: Said | None = Field(None, description="Text tag of that source with who checks it.")

    @property
    def context(self) -> Mapping[str, str]:
        """The tags that are given, by what they say of the weighing."""
        given = {name: getattr(self, name) for name in ("batch", "lot", "operator", "second")}
        return {name: tag for name, tag in given.items() if tag is not None}


class SourceSettings(Strict):
    """One device. An adapter adds its address and narrows `tags`."""

    type: str = Field(description="Which adapter.", examples=["opcua", "modbus", "mt-sics"])
    name: Identifier = Field(description="Name of the source, unique in the agent.")
    silence: float = Field(
        2.0, gt=0, le=3600, description="Seconds without any answer after which the device counts as lost."
    )

    clock_tolerance: float = Field(
        60.0,
        ge=0,
        le=86_400,
        description="Seconds that a source time may be ahead of the agent's clock; beyond, and where it goes back, the "
        "value is Uncertain, reason TIME.",
    )

    def check_silence(self, setting: str, interval: float) -> None:
        """Raises ValueError when the pause between two answers would already look like a loss. Seconds."""
        if self.silence < 2 * interval:
            raise ValueError(
                f"silence ({self.silence:g} s) must be at least twice {setting} ({interval:g} s), "
                "or every pause looks like a loss"
            )

    @property
    def look_interval(self) -> float | None:
        """Seconds between two looks at a value, here or at a server that samples (F-A7); None where it tells itself."""
        return None

    @property
    def weighing_trigger(self) -> WeighingTrigger | None:
        """What else asks this source for weighings of record; it stands in the configuration as `weighing.trigger`."""
        return None

    @property
    def own_folder(self) -> Path | None:
        """Where the source keeps what it must have for itself."""
        return None

    @property
    def zero_tags(self) -> tuple[str, ...]:
        """Tags on which anything above 0 is an alarm, whatever the site says."""
        return ()

    @property
    def all_tags(self) -> tuple[TagSettings, ...]:
        """Every tag of the source, in the order of its TagTable, whatever the adapter calls the setting."""
        raise NotImplementedError


def tag_table(settings: SourceSettings) -> TagTable:
    """The tags as the device gives them: in `device_unit` where it is set, else in `unit`."""
    tags = settings.all_tags
    return TagTable(tuple(tag.name for tag in tags), tuple(tag.device_unit or tag.unit for tag in tags))


class SourceError(Exception):
    """The whole device is lost; a new connection is the remedy.

    `cause` goes into the gap record, `detail` is one line for a person that names what was seen. It is not tried again
    before `pause` seconds are over: a device that counts wrong passwords would lock the account.
    """

    def __init__(self, cause: GapCause, detail: str, *, pause: float = 0.0) -> None:
        super().__init__(detail)
        self.cause = cause
        self.detail = detail
        self.pause = pause


@dataclass(frozen=True, slots=True)
class Filled:
    """The device's own memory was read over the break that began at `began`, without a hole.

    `began` is the time of receipt of the last report before the break, UTC microseconds: where its gap begins.
    """

    began: int


@dataclass(frozen=True, slots=True)
class Portion:
    """Records of other systems that go into the journal with one commit, and the source's mark with them.

    The source is asked for its next report once that commit is there, so it need not be told. After a break the mark
    says how far it got.
    """

    source: str
    records: tuple[Exported, ...]
    mark: str


Report = Frame | Gap | Condition | Weighing | Filled | Portion
"""What a source says; most say frames only."""


class Source(Protocol):
    """One connected device. Not safe for concurrent use; one task drives it."""

    @property
    def tags(self) -> TagTable:
        """All tags of the source, with the units the device gives them in."""

    async def connect(self) -> None:
        """Open the connection and prove that the device answers. Raises SourceError."""

    def frames(self) -> AsyncIterator[Report]:
        """Report until the device is lost, then raise SourceError. The first frames name every tag once."""

    async def acknowledge(self, frame: Frame) -> None:
        """The frame is safe: the device may forget it."""

    async def close(self) -> None:
        """Give back everything the connection holds. Never raises, also after a failed connect."""


@runtime_checkable
class Recognises(Protocol):
    """A source whose device says who it is.

    Who it was is kept by the agent from one life to the next (`recognise`, before the first connect). When another
    one answers, values are Uncertain, reason IDENTITY, until a person accepts it (`recognise` with what `identity`
    gives), which takes effect without a new connection.
    """

    @property
    def identity(self) -> Mapping[str, str]:
        """What the device said of itself last, by name; empty before it said anything."""

    def recognise(self, identity: Mapping[str, str]) -> bool:
        """This is the device that is meant; False where the configuration says another, which it then stays."""


class WeighingRequest(Strict):
    """Who wants a weight of record, and for what."""

    method: WeighingMethod = Field(description="How it is taken.")
    operator: Said | None = Field(None, description="Who weighs.")
    second: Said | None = Field(None, description="Who checks it.")
    lot: Said | None = Field(None, description="Lot of the material.")
    batch: Said | None = Field(None, description="Batch it is for.")
    tare: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="The container, in the unit that the balance shows."
    )


class NotAskedError(Exception):
    """The source cannot do what it is asked; the message says why, in a line."""


@runtime_checkable
class Weighs(Protocol):
    """A source that takes weighings of record. Ones that nobody asked for (print key) stand among its reports."""

    async def weigh(self, request: WeighingRequest) -> Weighing:
        """A weight asked for now: a weighing in any case, also when it is refused. Raises NotAskedError."""


@runtime_checkable
class TakesFiles(Protocol):
    """A source whose records stand in files that are kept, so that they can be read again."""

    def resume(self, mark: Callable[[], Awaitable[str | None]]) -> None:
        """Before the first connect: what gives the mark that came with the last portion in the journal.

        A source that is not told it takes nothing and only looks.
        """

    @property
    def files(self) -> Mapping[str, Any]:
        """How it stands, for people: rows and files by what became of them, and the file under way."""

    async def again(self, file: str) -> int:
        """Read a kept file once more, named by the begin of its SHA-256; gives how many mappings are for it.

        Raises NotAskedError.
        """

    async def dismiss(self, file: str, reason: str) -> int:
        """What was refused of a file needs nothing more; gives for how many mappings. Raises NotAskedError."""


@dataclass(slots=True)
class Exchanges:
    """What became of the questions on a line, of one device, since the agent started.

    `asked` is 0 where a device only sends by itself; what makes sense of that is `answered`. `malformed` is what came
    damaged (checksum, parity, length, no line of the dialect) or from somebody else. A question that the connection's
    own end left open is only `asked`.
    """

    asked: int = 0
    answered: int = 0
    timed_out: int = 0
    malformed: int = 0

    @property
    def failed(self) -> int:
        """How many went wrong."""
        return self.timed_out + self.malformed

    @property
    def ended(self) -> int:
        """How many ended, well or not."""
        return self.answered + self.failed


@runtime_checkable
class Counts(Protocol):
    """A source that counts what becomes of its questions, so that a line that gets worse is seen before it fails."""

    @property
    def exchanges(self) -> Exchanges:
        """The counts as they stand; they go on over all connections."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A protocol: how it is described in a configuration and what serves it.

    `retains` says that its devices keep what is not acknowledged, so that reading may wait without a loss. With
    `waits` it always does, whatever `journal_full` says: what it brings would push measurements out of the journal.
    `tools` are what it offers to the engineer's commands.
    """

    settings: type[SourceSettings]
    source: Callable[[Any], Source]
    retains: bool = False
    waits: bool = False
    tools: Tools = NO_TOOLS


def now() -> int:
    """The agent's wall clock, UTC microseconds."""
    return time.time_ns() // 1000
