"""Examine: what can be wrong with a value of any device, found in one place, and told as the agent's own tags.

`doubt.py` has the rules. Of each source the agent tells, when it changes: `<source>.IdentityChanged` (F-A4),
`<source>.UnitChanged` (F-A3) and `<source>.CalibrationOverdue` (F-A9), 0 or 1, with an alarm on each; and
`<source>.ClockOffset` (F-A5), how far the newest device time was ahead of the agent's, in seconds, once in `PERIOD`.
Devices that tell only changes may be silent for long, so the clock of one that seems to be late may be right.
Each frame gets the interval of looking (F-A7) of its source's settings, unless its adapter knows better.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from adapters.contract import SourceSettings
from edge.stages.doubt import Doubts
from gateway.alarm.condition import Condition
from gateway.alarm.instant import Instant
from schemas.codec import Record
from schemas.frame import Frame, TagTable, Value, frame_of
from schemas.records import AlarmKind, AlarmPriority, Refusal, Weighing
from schemas.status import Reason, StatusCode

PERIOD = 60.0
"""Seconds between two reports of a clock's offset."""
FLAGS = {Reason.IDENTITY: "IdentityChanged", Reason.UNIT: "UnitChanged", Reason.CALIBRATION: "CalibrationOverdue"}
KINDS = {Reason.CALIBRATION: AlarmKind.CALIBRATION_OVERDUE}
"""The flags are 0 or 1 and have the limit 0; those that have a kind of their own."""
OFFSET = "ClockOffset"


def conditions(sources: Mapping[str, SourceSettings]) -> list[Condition]:
    """The alarms on the flags of every source, and on what it counts that has to be 0; they return when all is well."""
    flags = [
        Condition(tag=f"{name}.{flag}", kind=KINDS.get(reason, AlarmKind.HIGH), label=AlarmKind.HIGH.value)
        for name, settings in sources.items()
        for reason, flag in _flags(settings).items()
    ]
    zeros = [tag for settings in sources.values() for tag in settings.zero_tags]
    return flags + [Condition(tag=tag, kind=AlarmKind.HIGH, priority=AlarmPriority.ALERT) for tag in zeros]


def tags_of(source: str) -> list[str]:
    """The agent's own tags about a source that alarms can stand on."""
    return [f"{source}.{flag}" for flag in FLAGS.values()]


def identity_condition(source: str) -> str:
    """Name of the alarm on another device behind a source."""
    return f"{source}.{FLAGS[Reason.IDENTITY]}.HIGH"


class _Source:
    """One source: its doubts, and what was told of it."""

    def __init__(self, sender: str, name: str, settings: SourceSettings, zone: ZoneInfo) -> None:
        self.doubts = Doubts(settings.all_tags, settings.clock_tolerance, zone)
        self._interval = settings.look_interval
        self._sender = sender
        self._flags = _flags(settings)
        names = tuple(f"{name}.{what}" for what in (*self._flags.values(), OFFSET))
        self._table = TagTable(names, ("1",) * len(self._flags) + ("s",))
        self._told: dict[int, float] = {}
        self._due = 0.0

    def examine(self, frame: Frame, now: Instant) -> Frame:
        """The frame with its doubts, and how far apart the looks at its values are: nothing in between was seen."""
        examined = self.doubts.examine(frame, now)
        if frame.backfilled or frame.interval is not None:
            return examined
        return replace(examined, interval=self._interval)

    def report(self, now: Instant) -> Iterator[Frame]:
        """What is another than it was told last."""
        values = self._flagged(now)
        if self.doubts.ahead is not None and (not self._due or now.monotonic >= self._due):
            values[len(self._flags)] = self.doubts.ahead / 1e6
            self.doubts.ahead, self._due = None, now.monotonic + PERIOD
        rows: list[tuple[int, Value, int, Reason, int | None]] = [
            (row, value, int(StatusCode.GOOD), Reason.NONE, now.wall)
            for row, value in values.items()
            if self._told.get(row) != value
        ]
        self._told |= values
        if rows:
            yield frame_of(self._sender, self._table, rows, received=now.wall)

    def _flagged(self, now: Instant) -> dict[int, float]:
        """Of each flag that may have changed, by row; none while the device has said nothing."""
        said, rows = self.doubts.reason, enumerate(self._flags)
        heard = self.doubts.changed and bool((said != Reason.COMM).any())
        self.doubts.changed = False
        return {
            row: float(self.doubts.overdue(now.wall) if reason is Reason.CALIBRATION else (said == reason).any())
            for row, reason in rows
            if heard or reason is Reason.CALIBRATION
        }


class Examine:
    """The stage. Frames must carry the tag table of their source, in the order of its settings, and its units."""

    def __init__(
        self, sender: str, sources: Mapping[str, SourceSettings], zone: ZoneInfo, now: Callable[[], Instant]
    ) -> None:
        self._sender = sender
        self._zone = zone
        self._sources: dict[str, _Source] = {}
        for name, settings in sources.items():
            self.configure(name, settings)
        self._now = now

    def configure(self, source: str, settings: SourceSettings | None) -> None:
        """Go by these settings from the source's next frame on; None where there is no such source any more."""
        self._sources.pop(source, None)
        if settings is not None:
            self._sources[source] = _Source(self._sender, source, settings, self._zone)

    def __call__(self, record: Record) -> Iterator[Record]:
        """Frames of devices with their doubts, and behind them what changed at the device.

        A weighing after the last day of calibration does not count; all others pass.
        """
        source = self._sources.get(record.source) if isinstance(record, Frame | Weighing) else None
        match record:
            case Frame() if source is not None:
                now = self._now()
                yield source.examine(record, now)
                yield from source.report(now)
            case Weighing() if source is not None and source.doubts.overdue(record.time):
                why = "the calibration of the balance is overdue"
                detail = f"{record.detail}; {why}" if record.detail else why
                refusals = (*record.refusals, Refusal.CALIBRATION)
                yield replace(record, accepted=False, refusals=refusals, detail=detail)
            case _:
                yield record

    def tick(self) -> Iterator[Frame]:
        """What is due by the clock alone."""
        now = self._now()
        for name, source in self._sources.items():
            yield from source.doubts.stale(name, now)
            yield from source.report(now)


def _flags(settings: SourceSettings) -> dict[Reason, str]:
    """Without a day of calibration nobody knows whether it is overdue."""
    dated = any(tag.calibration_due is not None for tag in settings.all_tags)
    return {reason: name for reason, name in FLAGS.items() if reason is not Reason.CALIBRATION or dated}
