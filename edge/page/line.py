"""The line as the agent told it at one moment. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from gateway.alarm.states import active
from gateway.archive.latest import Latest
from gateway.archive.lives import AlarmLife
from gateway.intake.live import Live
from gateway.intake.newest import Newest
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmMeaning, AlarmPriority, AlarmState, Gap, GapCause
from schemas.status import Reason, StatusCode

ANSWERED = {AlarmState.ACKNOWLEDGED, AlarmState.LATCHED_ACKNOWLEDGED}
_SILENCE = UUID("6ad6a39e-4bb0-4b41-9d63-0d0f5ac0a0a7")


@dataclass(frozen=True, slots=True)
class Line:
    """Readings and alarms; `time` is when the agent answered, UTC microseconds."""

    time: int
    readings: tuple[Latest, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    status: Mapping[str, Any] = field(default_factory=dict)

    def live(self) -> Live:
        """For the views that the console has too.

        The agent itself says of a lost device that it is lost; a source that it no longer has is not heard of.
        """
        known = {self.status.get("sender"), *(source["name"] for source in self.status.get("sources", ()))}
        return Live(
            readings=Newest(self.readings),
            contacts={one.source: self.time for one in self.readings if one.source in known},
            alarms={alarm.alarm: _life(alarm) for alarm in self.alarms},
        )

    def silent(self) -> Live:
        """The agent does not answer any more: no value counts, alarms stand as they were."""
        live = self.live()
        gaps = [_gap(source, self.time) for source in {one.source for one in self.readings}]
        live.gaps = {gap.gap: gap for gap in gaps}
        return live


def line_of(
    readings: Mapping[str, Sequence[Any]], alarms: Iterable[Mapping[str, Any]], status: Mapping[str, Any], time: int
) -> Line:
    """What the agent answered to `readings`, `alarms` and `status`."""
    told = tuple(alarm_of(alarm) for alarm in alarms)
    names = [name for name in readings if name != "room"]
    rows = zip(*(readings[name] for name in names), strict=True)
    found = [Latest(**dict(zip(names, row, strict=True))) for row in rows]
    stale = {alarm.tag for alarm in told if alarm.kind is AlarmKind.STALE and active(alarm.state)}
    return Line(time, tuple(_stale(one) if one.tag in stale else one for one in found), told, status)


def alarm_of(told: Mapping[str, Any]) -> Alarm:
    """The record as it was before it was made plain."""
    return Alarm(
        **{
            **told,
            "alarm": UUID(told["alarm"]),
            "id": UUID(told["id"]),
            "head": UUID(told["head"]) if told["head"] else None,
            "event": AlarmEvent(told["event"]),
            "state": AlarmState(told["state"]),
            "kind": AlarmKind(told["kind"]),
            "priority": AlarmPriority(told["priority"]),
            "meaning": AlarmMeaning(told["meaning"]) if told["meaning"] else None,
        }
    )


def _stale(reading: Latest) -> Latest:
    """A value past its maximum silence is none."""
    return replace(reading, value=None, other=None, status=int(StatusCode.BAD_NO_DATA), reason=Reason.STALE.name)


def _life(alarm: Alarm) -> AlarmLife:
    return AlarmLife(alarm, raised=alarm.since, acknowledged=alarm if alarm.state in ANSWERED else None)


def _gap(source: str, began: int) -> Gap:
    return Gap(
        gap=uuid5(_SILENCE, source), source=source, tags=(), began=began, cause=GapCause.OTHER,
        detail="the agent does not answer",
    )  # fmt: skip
