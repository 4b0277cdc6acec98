"""Views in words of one language: names of tags, reasons, alarms. Pure."""

from collections.abc import Iterable

from gateway.cleanroom.levels import Level, Levels
from gateway.cleanroom.site import Site
from gateway.languages import Words
from gateway.views.alarms import AlarmRow, HeldRow
from gateway.views.display import Clock, age, bound_text, limit_text, quantity
from gateway.views.readings import Reading, Why
from schemas.records import AlarmPriority
from schemas.status import status_name

HEALTH = (
    *("JournalFilled", "JournalAlmostFull", "RecordsWaiting", "JournalNotWritten", "DiskReserve", "JournalDamaged"),
    "PublishingRefused",
    "AnnunciationFailed",
    *("CertificatesExpiring", "CertificatesExpired"),
)
"""What agents report of themselves, in tags that begin with the sender's name."""


def health_name(tag: str, say: Words) -> str | None:
    """What an agent's own tag is called; None for every other tag."""
    sender, _, name = tag.rpartition(".")
    return say(f"health.{name}", sender=sender) if sender and name in HEALTH else None


def tag_names(site: Site, say: Words) -> dict[str, str]:
    """What the tags of the clean area are called; a tag of the line itself goes by its own name."""
    names = {d.tag: say("room.towards", room=d.room, against=d.against) for d in site.differentials}
    for room in site.rooms:
        names |= {tag: f"{room.id} · {say(f'quantity.{name}')}" for name, tag in room.tags.items()}
    return names | {d.tag: say("door.between", a=d.between[0], b=d.between[1]) for d in site.doors}


def value_text(reading: Reading, say: Words) -> str:
    """The value with its unit, or `?`."""
    if reading.value is None:
        return reading.text or say("no_value")
    bounds = (reading.limit.low, reading.limit.high) if reading.limit else ()
    return quantity(reading.value, reading.unit, *bounds)


def why_text(reading: Reading, say: Words, clock: Clock, now: int) -> str:
    """Why the reading is not good and since when; empty for a good one."""
    lasting = age(now - reading.since, say) if reading.since is not None else ""
    match reading.why:
        case None:
            return ""
        case Why.GAP:
            return say("why.gap", cause=say(f"cause.{reading.reason}"), age=lasting)
        case Why.STATUS:
            status = status_name(reading.code or 0)
            return say("why.status", reason=say(f"reason.{reading.reason}"), status=status, age=lasting)
        case Why.AHEAD:
            return say("why.ahead", source=reading.source, age=age((reading.since or now) - now, say))
        case Why.ALARM:
            return say("why.alarm", time=clock.stamp(reading.since or now))
        case _:
            return say(f"why.{reading.why}", source=reading.source, age=lasting)


def monitored_text(reading: Reading, say: Words) -> str:
    """The levels that stand on the tag, or that none does. A limit that is no level is that of a reversed flow."""
    levels, limit = reading.levels, reading.limit
    if not levels.all:
        return limit_text(limit, say) if limit else say("unmonitored")
    if limit is not None and not levels.action:
        levels = Levels(action=(limit,), alert=levels.alert)
    return levels_text(levels, limit.unit if limit else reading.unit, say)


def levels_text(levels: Levels, unit: str, say: Words) -> str:
    """`action ≥ 18 °C, ≤ 26 °C; alert ≤ 24 °C`, each with the states of the room in which it is in force."""
    told = [(name, one) for name, one in (("action", levels.action), ("alert", levels.alert)) if one]
    return "; ".join(say(f"limit.{name}", limits=_bounds(one, unit, say)) for name, one in told)


def _bounds(levels: Iterable[Level], unit: str, say: Words) -> str:
    texts = []
    for level in levels:
        text = bound_text(level.number, unit, say, low=level.low is not None)
        states = ", ".join(say(f"room_state.{state}") for state in level.states or ())
        texts.append(say("limit.in_states", limit=text, states=states) if states else text)
    return ", ".join(texts)


def limit_of(row: AlarmRow, say: Words) -> str:
    """The limit that the alarm broke, as it was in force."""
    return bound_text(row.limit, row.unit, say, low=row.low)


def beyond_text(row: AlarmRow, say: Words) -> str:
    """The farthest value against the limit; where the limit is not one of the value, the value alone."""
    if row.numeric:
        return say("alarms.farthest", value=alarm_number(row.extreme, row, say), limit=limit_of(row, say))
    return "" if row.extreme is None or row.unit == "1" else alarm_number(row.extreme, row, say)


def alarm_title(row: AlarmRow | HeldRow, name: str, say: Words) -> str:
    """What broke, such as `F1 → M1 below the action limit`; outside the rooms a limit is no action limit."""
    if row.room is None and row.unit == "1":
        return name  # a yes or no of the agent's own, whose name says what is wrong
    priority = AlarmPriority.ALERT if row.priority is AlarmPriority.ALERT else AlarmPriority.ACTION
    level = say(f"alarms.levels.{AlarmPriority.UNKNOWN if row.room is None else priority}")
    return say(f"alarms.kinds.{row.kind}", name=name, level=level)


def alarm_number(value: float | None, row: AlarmRow, say: Words) -> str:
    """A value of the alarm with its unit."""
    return say("alarms.no_number") if value is None else quantity(value, row.unit, row.limit)
