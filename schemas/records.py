"""Records that are not measurements, as they stand in memory; fields are explained in the `.avsc` of the same name."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID, uuid4


class AlarmEvent(StrEnum):
    """What happened to an alarm; `gateway.alarm.states` has what follows from it."""

    RAISED = "RAISED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    RETURNED = "RETURNED"
    UNKNOWN = "UNKNOWN"
    PASSED = "PASSED"
    LATCHED = "LATCHED"
    RESET = "RESET"
    SHELVED = "SHELVED"
    UNSHELVED = "UNSHELVED"
    SUPPRESSED = "SUPPRESSED"
    UNSUPPRESSED = "UNSUPPRESSED"
    REMOVED_FROM_SERVICE = "REMOVED_FROM_SERVICE"
    RETURNED_TO_SERVICE = "RETURNED_TO_SERVICE"


class AlarmState(StrEnum):
    """ISA-18.2 states A (normal), B (unacknowledged), C (acknowledged), D (returned to normal, unacknowledged).

    Then E and F (latched, unacknowledged and acknowledged), G (shelved), H (suppressed by design), I (out of service).
    """

    NORMAL = "NORMAL"
    UNACKNOWLEDGED = "UNACKNOWLEDGED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    RETURNED_UNACKNOWLEDGED = "RETURNED_UNACKNOWLEDGED"
    UNKNOWN = "UNKNOWN"
    LATCHED_UNACKNOWLEDGED = "LATCHED_UNACKNOWLEDGED"
    LATCHED_ACKNOWLEDGED = "LATCHED_ACKNOWLEDGED"
    SHELVED = "SHELVED"
    SUPPRESSED = "SUPPRESSED"
    OUT_OF_SERVICE = "OUT_OF_SERVICE"


class AlarmKind(StrEnum):
    """What is watched; `gateway.alarm.condition` says how."""

    LOW = "LOW"
    HIGH = "HIGH"
    LOW_LOW = "LOW_LOW"
    HIGH_HIGH = "HIGH_HIGH"
    RATE_OF_CHANGE = "RATE_OF_CHANGE"
    STALE = "STALE"
    FLAT_LINE = "FLAT_LINE"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    BAD_STATUS = "BAD_STATUS"
    CALIBRATION_OVERDUE = "CALIBRATION_OVERDUE"
    REVERSED = "REVERSED"
    N_OF_M = "N_OF_M"
    DURATION = "DURATION"
    UNKNOWN = "UNKNOWN"


class AlarmPriority(StrEnum):
    """Alert needs attention, action an investigation (GMP 2010, art. 312 (24), (25))."""

    ALERT = "ALERT"
    ACTION = "ACTION"
    UNKNOWN = "UNKNOWN"


class AlarmMeaning(StrEnum):
    """What a name in an alarm step stands for (21 CFR 11.50(a)(3))."""

    RESPONSIBILITY = "RESPONSIBILITY"
    APPROVAL = "APPROVAL"
    REVIEW = "REVIEW"
    UNKNOWN = "UNKNOWN"


class GapCause(StrEnum):
    """Why data are missing."""

    DEVICE_UNREACHABLE = "DEVICE_UNREACHABLE"
    DEVICE_SILENT = "DEVICE_SILENT"
    SUBSCRIPTION_LOST = "SUBSCRIPTION_LOST"
    AGENT_STOPPED = "AGENT_STOPPED"
    CLOCK_STEPPED = "CLOCK_STEPPED"
    QUEUE_OVERFLOW = "QUEUE_OVERFLOW"
    BUFFER_FULL = "BUFFER_FULL"
    JOURNAL_DAMAGED = "JOURNAL_DAMAGED"
    OTHER = "OTHER"


class ConditionReport(StrEnum):
    """How the agent learnt of a device's own alarm."""

    TOLD = "TOLD"
    REFRESHED = "REFRESHED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One step in the life of one alarm. Times are UTC microseconds, durations seconds, numbers in `unit`."""

    alarm: UUID
    condition: str
    tag: str
    event: AlarmEvent
    state: AlarmState
    time: int
    since: int
    limit: float
    deadband: float
    on_delay: float
    unit: str
    value: float | None = None
    extreme: float | None = None
    room: str | None = None
    line: str | None = None
    actor: str | None = None
    comment: str | None = None
    kind: AlarmKind = AlarmKind.UNKNOWN
    priority: AlarmPriority = AlarmPriority.UNKNOWN
    off_delay: float = 0.0
    window: float | None = None
    allowed: float | None = None
    profile: str | None = None
    duration: float | None = None
    room_state: str | None = None
    batch: str | None = None
    retrospective: bool = False
    group: str | None = None
    first_out: bool | None = None
    head: UUID | None = None
    until: int | None = None
    held: str | None = None
    meaning: AlarmMeaning | None = None
    doubt: str | None = None
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be read or delivered. Times are UTC microseconds; `ended` is None while it lasts."""

    gap: UUID
    source: str
    tags: tuple[str, ...]
    began: int
    cause: GapCause
    detail: str
    ended: int | None = None
    estimated: bool = False
    lost: int | None = None
    backfilled: bool = False
    line: str | None = None
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a device's own alarm says. Times are UTC microseconds; `event` is the device's EventId."""

    source: str
    report: ConditionReport
    condition: str
    event: bytes
    received: int
    retain: bool
    branch: str | None = None
    name: str | None = None
    origin: str | None = None
    event_type: str | None = None
    time: int | None = None
    severity: int | None = None
    message: str | None = None
    active: bool | None = None
    acknowledged: bool | None = None
    comment: str | None = None
    line: str | None = None
    id: UUID = field(default_factory=uuid4)


class WeighingMethod(StrEnum):
    """How a weighing was taken."""

    PRINT_KEY = "PRINT_KEY"
    COMMAND = "COMMAND"
    TRIGGER = "TRIGGER"
    OTHER = "OTHER"


class Refusal(StrEnum):
    """What speaks against a weighing."""

    OTHER = "OTHER"
    NO_WEIGHT = "NO_WEIGHT"
    BROKEN = "BROKEN"
    UNSTABLE = "UNSTABLE"
    UNPROVEN = "UNPROVEN"
    UNIT = "UNIT"
    IDENTITY = "IDENTITY"
    CALIBRATION = "CALIBRATION"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    TARE = "TARE"
    SECOND_CHECK = "SECOND_CHECK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """A weighing of record, or why it does not count. Times are UTC microseconds, numbers in `unit` as shown.

    `calibration_due` is in days since 1970-01-01, as Avro's date.
    """

    source: str
    tag: str
    method: WeighingMethod
    accepted: bool
    calibration_due: int
    minimum: float
    low: float
    high: float
    time: int
    refusals: tuple[Refusal, ...] = ()
    detail: str = ""
    gross: float | None = None
    tare: float | None = None
    net: float | None = None
    unit: str | None = None
    stable: bool | None = None
    serial_number: str | None = None
    operator: str | None = None
    second: str | None = None
    second_required: bool = False
    lot: str | None = None
    batch: str | None = None
    raw: bytes | None = None
    requested: int | None = None
    line: str | None = None
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The text of an Avro schema, as an entry of the stream that uses it. `fingerprint` is 8 octets."""

    fingerprint: bytes
    text: str
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evicted:
    """Stands for entries that had to make room: their leaf hashes (32 octets each) from number `first` on.

    `note` is the sender's signed word for it.
    """

    first: int
    leaves: tuple[bytes, ...]
    note: bytes
    id: UUID = field(default_factory=uuid4)
