"""Steps that were computed again against those that were reported: what differs, and what nobody here can tell. Pure.

Both come in the order of time and wait for each other only shortly, so memory is bounded by what differs. A step of the
past does not tell when it was found: it waits until the end, and where it may be of before or after the window
(`sure`), it is compared, but makes no difference by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.alarm.condition import Condition
from gateway.alarm.retrospect import SUFFIX
from gateway.replaying.again import by_person
from gateway.replaying.clock import TICK
from schemas.records import Alarm, AlarmEvent, AlarmKind

WAIT = 60.0
"""Seconds that one side waits for the other; a step of the same kind within them has another time."""
_EDGE = round(TICK * 1e6)


class Kind(StrEnum):
    """What a difference is."""

    MISSING = "missing at the CMO"
    NOT_COMPUTED = "not computed here"
    OTHER_TIME = "other time"
    OTHER_LIMITS = "other limits"
    NOT_EVALUABLE = "not evaluable"


@dataclass(frozen=True, slots=True)
class Difference:
    """One step on which the two do not agree; `time` is the reported one where there is one, UTC microseconds."""

    kind: Kind
    condition: str
    event: AlarmEvent
    time: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Waiting:
    step: Alarm
    since: float
    why: str | None
    sure: bool


class Comparison:
    """Takes the steps of both sides; `tell` gets each difference. Instants in monotonic seconds.

    `begin` and `end` are the edges of the window, UTC microseconds: what lies on one is on either side of it.
    """

    def __init__(
        self,
        agreed: Mapping[str, Condition],
        why_not: Callable[[str], str | None],
        tell: Callable[[Difference], None],
        *,
        begin: int,
        end: int,
    ) -> None:
        self._agreed, self._why_not, self._tell = agreed, why_not, tell
        self._first, self._last = begin + _EDGE, end - _EDGE
        self._computed, self._reported = (defaultdict[str, list[_Waiting]](list) for _ in range(2))
        self._unsure: dict[str, str] = {}
        self.matched = 0

    def unsure(self, condition: str, why: str) -> None:
        """Where the alarm of this condition stands is not known here, until both say the same again.

        Where that of a live one is not known, that of the same in the past is not either.
        """
        self._unsure[condition] = why

    def computed(self, step: Alarm, at: float, *, sure: bool = True) -> None:
        """A step of the engine here."""
        if not self._met(step, self._reported, mine=False):
            self._computed[step.condition].append(self._waiting(step, at, sure=sure))

    def reported(self, step: Alarm, at: float, *, sure: bool = True) -> None:
        """A step that the CMO reported."""
        if not self._met(step, self._computed, mine=True):
            self._reported[step.condition].append(self._waiting(step, at, sure=sure))

    def _waiting(self, step: Alarm, at: float, *, sure: bool) -> _Waiting:
        name = step.condition
        unsure = self._unsure.get(name) or self._unsure.get(_live(name))
        inside = step.retrospective or self._first < step.time < self._last
        return _Waiting(step, at, self._why_not(name) or unsure, sure and inside)

    def settle(self, at: float) -> None:
        """Tell what waited for too long."""
        self._end(lambda one: not one.step.retrospective and at - one.since > WAIT)

    def close(self) -> None:
        """Tell all that waits."""
        self._end(lambda _: True)

    def _met(self, step: Alarm, others: Mapping[str, list[_Waiting]], *, mine: bool) -> bool:
        waiting = others.get(step.condition, [])
        for at, other in enumerate(waiting):
            if other.step.event is step.event and abs(other.step.time - step.time) <= round(TICK * 1e6) + 1:
                del waiting[at]
                self._pair(*((step, other.step) if mine else (other.step, step)))
                return True
        return False

    def _pair(self, reported: Alarm, computed: Alarm) -> None:
        self.matched += 1
        for name in (reported.condition, _live(reported.condition)):
            self._unsure.pop(name, None)
        if text := other_limits(reported, computed):
            self._say(Kind.OTHER_LIMITS, reported, text, self._why_not(reported.condition))

    def _end(self, over: Callable[[_Waiting], bool]) -> None:
        for name in {*self._reported, *self._computed}:
            reported, computed = self._reported[name], self._computed[name]
            for one in [one for one in reported if over(one)]:
                reported.remove(one)
                if one.sure:
                    self._unmatched(one, computed)
            for one in [one for one in computed if over(one)]:
                computed.remove(one)
                if one.sure:
                    self._say(Kind.MISSING, one.step, _limits_text(one.step), one.why)
            for side in (self._reported, self._computed):
                if not side[name]:
                    del side[name]

    def _unmatched(self, waiting: _Waiting, computed: list[_Waiting]) -> None:
        step, why = waiting.step, waiting.why
        near = [
            one for one in computed if one.step.event is step.event and abs(one.step.time - step.time) <= WAIT * 1e6
        ]
        agreed = self._agreed.get(_live(step.condition))
        text = None if agreed is None else _not_agreed(step, agreed)
        for one in near[:1]:
            computed.remove(one)
        if text:
            self._say(Kind.OTHER_LIMITS, step, text, why)
        elif near:
            late = (step.time - near[0].step.time) / 1e6
            self._say(Kind.OTHER_TIME, step, f"reported {abs(late):.1f} s {'after' if late > 0 else 'before'}", why)
        else:
            detail = f"by {step.actor}" if by_person(step) else _limits_text(step)
            self._say(Kind.NOT_COMPUTED, step, detail, why)

    def _say(self, kind: Kind, step: Alarm, detail: str, why: str | None) -> None:
        found = (Kind.NOT_EVALUABLE, why) if why else (kind, detail)
        self._tell(Difference(found[0], step.condition, step.event, step.time, found[1]))


def _live(name: str) -> str:
    """The condition that one in the past is of."""
    return name.removesuffix(SUFFIX)


def other_limits(reported: Alarm, computed: Alarm) -> str:
    """What was in force at the CMO and is not what was agreed; empty where all is the same."""
    names = ["limit", "deadband", "unit"]
    if reported.kind is not AlarmKind.UNKNOWN:  # else it is older than these fields
        names += ["off_delay", "window", "allowed", "priority", "profile"]
    found = [name for name in names if getattr(reported, name) != getattr(computed, name)]
    if abs(reported.on_delay - computed.on_delay) > TICK:
        found.append("on_delay")
    return ", ".join(f"{name} {getattr(reported, name)}, agreed {getattr(computed, name)}" for name in found)


def _not_agreed(step: Alarm, agreed: Condition) -> str:
    """As `other_limits`, where no step was computed to compare with. A delay for a door may be longer."""
    names = [name for name in ("limit", "deadband", "unit") if getattr(step, name) != getattr(agreed, name)]
    if agreed.doors is None and abs(step.on_delay - agreed.on_delay) > TICK:
        names.append("on_delay")
    return ", ".join(f"{name} {getattr(step, name)}, agreed {getattr(agreed, name)}" for name in names)


def _limits_text(step: Alarm) -> str:
    value = "no value" if step.value is None else f"{step.value:g} {step.unit}"
    return f"{value}, limit {step.limit:g} {step.unit}"
