"""Which conditions can be judged again at all, by the tags that are here. Pure."""

from collections.abc import Collection, Iterable, Mapping

from gateway.alarm.condition import Condition
from gateway.alarm.retrospect import SUFFIX


def needed(condition: Condition) -> list[str]:
    """The tags whose values decide about the alarm; which batch was in the room does not."""
    own = [condition.tag] if not condition.members else []
    state = [condition.state_tag] if condition.suppressed_in and condition.state_tag else []
    return [*own, *(condition.doors.tags if condition.doors else ()), *state]


def not_evaluable(conditions: Iterable[Condition], tags: Collection[str]) -> dict[str, str]:
    """Names of the conditions that cannot be judged with these tags, each with the reason."""
    all_ = {one.name: one for one in conditions}
    found: dict[str, str] = {}
    for name, one in all_.items():
        if absent := [tag for tag in needed(one) if tag not in tags]:
            found[name] = f"{', '.join(absent)} not in the archive"
    for name, one in all_.items():
        if bad := [member for member in one.members if member in found]:
            found.setdefault(name, f"{', '.join(bad)} not evaluable")
    return found


def reason_for(name: str, agreed: Mapping[str, Condition], found: Mapping[str, str]) -> str | None:
    """Why nothing can be said of a condition, also of one in the past; None where it can be judged."""
    base = name.removesuffix(SUFFIX)
    return found.get(base) if base in agreed else "not among the agreed limits"
