"""Alarms of the line in words, and what a person may do with each. Pure."""

from collections.abc import Iterable

from edge.annunciation.calling import beacon_wanted
from edge.answers import COMMANDS
from gateway.alarm.states import SIGNED, TRANSITIONS, active
from gateway.archive.lives import QUIET
from gateway.languages import Words
from gateway.views.alarms import is_low
from gateway.views.display import Clock, bound_text, quantity
from schemas.records import Alarm, AlarmKind, AlarmPriority, AlarmState

OFFERED = ("acknowledge", "reset", "shelve", "unshelve", "return_to_service")
"""What the page offers. Taking out of service has no end, and is left to the engineer."""
NUMBERS = {AlarmKind.LOW, AlarmKind.HIGH, AlarmKind.LOW_LOW, AlarmKind.HIGH_HIGH, AlarmKind.REVERSED, AlarmKind.UNKNOWN}
"""Kinds whose limit is one of the value."""
DATA = {
    AlarmKind.STALE, AlarmKind.FLAT_LINE, AlarmKind.OUT_OF_RANGE, AlarmKind.BAD_STATUS, AlarmKind.CALIBRATION_OVERDUE,
}  # fmt: skip
"""Kinds where the wire is at fault, or the instrument, and not the room."""
URGENCY = (
    AlarmState.UNACKNOWLEDGED, AlarmState.LATCHED_UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED,
    AlarmState.ACKNOWLEDGED, AlarmState.LATCHED_ACKNOWLEDGED,
)  # fmt: skip


def asking(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Those that ask for something: nobody's first, then actions before alerts, then the newest."""
    open_ = [alarm for alarm in alarms if alarm.state not in QUIET]
    return sorted(
        open_, key=lambda one: (URGENCY.index(one.state), one.priority is AlarmPriority.ALERT, -one.since)
    )  # fmt: skip


def held(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Shelved, suppressed by design and out of service, in this order."""
    order = (AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE)
    return sorted((alarm for alarm in alarms if alarm.state in order), key=lambda one: order.index(one.state))


def offers(alarm: Alarm) -> list[str]:
    """The requests that the agent would not refuse in this state."""
    return [do for do in OFFERED if (alarm.state, COMMANDS[do]) in TRANSITIONS]


def calling(alarms: Iterable[Alarm]) -> list[str]:
    """What sounds: the ids of what the beacon is lit for."""
    return sorted(str(alarm.alarm) for alarm in alarms if beacon_wanted([alarm]))


def tone(alarm: Alarm) -> str:
    """Which shape and colour it has."""
    if alarm.kind in DATA:
        return "data"
    return "alert" if alarm.priority is AlarmPriority.ALERT else "action"


def outlined(alarm: Alarm) -> bool:
    """Whether somebody answered it."""
    return alarm.state in {AlarmState.ACKNOWLEDGED, AlarmState.LATCHED_ACKNOWLEDGED} or alarm.state in QUIET


def title(alarm: Alarm, name: str, say: Words) -> str:
    """What is wrong, such as `F1 → M1 below the action limit`."""
    if alarm.room is None and alarm.unit == "1":
        return name  # a yes or no of the agent's own, whose name says what is wrong
    return say(f"line.kinds.{alarm.kind}", name=name, level=say(f"line.levels.{alarm.priority}"))


def detail(alarm: Alarm, say: Words) -> str:
    """Value and limit when it was last told, the room's batch; empty where there is no number."""
    parts = []
    if alarm.value is not None and alarm.unit != "1":
        parts.append(quantity(alarm.value, alarm.unit, alarm.limit))
    if alarm.kind in NUMBERS and alarm.unit != "1":
        parts.append(bound_text(alarm.limit, alarm.unit, say, low=is_low(alarm)))
    if alarm.doubt:
        parts.append(say(f"reason.{alarm.doubt}"))
    if alarm.batch:
        parts.append(say("line.batch", batch=alarm.batch))
    return " · ".join(parts)


def said(alarm: Alarm, say: Words, clock: Clock) -> str:
    """Who did the latest step and why, what the name stands for, and until when it holds; empty where nobody did."""
    parts = [say("line.until", time=clock.stamp(alarm.until))] if alarm.until else []
    if alarm.actor:
        told = {"who": alarm.actor, "time": clock.stamp(alarm.time), "why": alarm.comment or ""}
        if alarm.meaning is None:
            parts.append(say("line.by", **told))
        else:
            parts.append(say("line.signed", meaning=say(f"signature.{alarm.meaning}"), **told))
    return " · ".join(parts)


def stands_for(do: str, say: Words) -> str:
    """What the name of the person who does it will stand for."""
    return say("line.stands_for", meaning=say(f"signature.{SIGNED[COMMANDS[do]]}"))


def counts(alarms: Iterable[Alarm]) -> dict[str, int]:
    """How many limits are broken now, by tone."""
    found = {"action": 0, "alert": 0, "data": 0}
    for alarm in alarms:
        if active(alarm.state):
            found[tone(alarm)] += 1
    return found
