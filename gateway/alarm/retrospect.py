"""Samples that come afterwards, out of a device's own memory, judged by their source times.

An excursion found so is a *retrospective* alarm, a life of its own beside the live one: `<condition>.RETROSPECTIVE`,
raised and returned by the times of the samples, and acknowledged like any other. Kinds that go by values take part;
rooms' states suppress nothing, because what was out of use then is for a person to judge. A door excuses only where it
stands in the same frame. Nothing is known behind the last sample: what is not over then, is over as far as is known.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gateway.alarm.condition import STATUS_KINDS, Condition
from gateway.alarm.context import Context, Groups, InRoom, nobody_knows
from gateway.alarm.instant import Instant
from gateway.alarm.limits import Limits
from gateway.alarm.looking import BY_COLUMN, beside_tags, limits_of, sample_of, word
from gateway.alarm.watch import Watch
from schemas.frame import NO_TIME, Frame
from schemas.records import Alarm
from schemas.status import is_good

SUFFIX = ".RETROSPECTIVE"
SETTLED = 60.0
"""Seconds without a further frame out of a device's memory, after which it has told all."""


class _Past:
    """A condition in the past; `at` is the time of its last sample, `heard` when that came here, monotonic."""

    def __init__(self, condition: Condition, in_room: InRoom) -> None:
        self.context = Context(in_room)
        self.watch = Watch(condition, self.context, Groups(), retrospective=True)
        self.at: Instant | None = None
        self.heard: float | None = None

    def look(self, frame: Frame, row: int, at: Instant, *, good: bool) -> Iterator[Alarm]:
        """One sample. One that is older than the last begins another time, of which nothing is known before."""
        if self.at is not None and at.wall < self.at.wall:
            yield from self.close()
        yield from self.watch.due(at)
        yield from self.watch.take(self.watch.judge.look(sample_of(frame, row, good=good, judged=good), at), at)
        self.at = at

    def close(self) -> Iterator[Alarm]:
        """Nothing more comes of this time."""
        if self.at is not None and self.watch.breached:
            yield from self.watch.close(self.at)


class Retrospect:
    """All conditions in the past."""

    def __init__(self, in_room: InRoom = nobody_knows) -> None:
        self._in_room = in_room
        self._pasts: dict[str, _Past] = {}
        self.go_by([])

    def go_by(self, conditions: Iterable[Condition]) -> None:
        """Judge by these from now on; what is open stays."""
        judged = [_in_the_past(one) for one in conditions if one.kind not in BY_COLUMN | STATUS_KINDS]
        self._conditions = {one.name: one for one in judged}
        self._by_tag = dict[str, list[str]]()
        for one in judged:
            self._by_tag.setdefault(one.tag, []).append(one.name)
        self._doors = beside_tags(judged)
        self._limits: Limits = limits_of(judged, self._doors)
        for past in self._pasts.values():
            self._settle(past)

    def judge(self, frame: Frame, numbers: NDArray[np.bool_], now: Instant) -> Iterator[Alarm]:
        """The steps of a frame out of a device's memory; `numbers` says which rows have a Good number."""
        rows = self._limits.telling(frame, numbers)
        times = np.where(frame.source_time == NO_TIME, frame.received, frame.source_time)
        names = [frame.tags.names[tag] for tag in frame.tag]
        good = is_good(frame.status)
        doors = Context()
        touched = dict[str, _Past]()
        for row in sorted(rows.tolist(), key=lambda row: (times[row], names[row] not in self._doors)):
            name, at = names[row], _at(int(times[row]))
            if name in self._doors:
                doors.take(name, word(frame, row) if good[row] else None, at)
            for past in self._of(name):
                touched[past.watch.condition.name] = past
                past.context.adopt(doors)
                past.heard, past.watch.line = now.monotonic, frame.tags.line
                past.watch.room = frame.tags.rooms[frame.tag[row]]
                yield from past.look(frame, row, at, good=bool(good[row]))
        for past in touched.values():
            self._settle(past)

    def tick(self, now: Instant) -> Iterator[Alarm]:
        """What is over, as far as is known."""
        for past in self._pasts.values():
            if past.heard is None:
                past.heard = now.monotonic
            if past.watch.breached and now.monotonic - past.heard >= SETTLED:
                yield from past.close()
                self._settle(past)

    def restore(self, alarm: Alarm) -> None:
        """Go on after a restart, given the last step of a condition in the past; others are left alone."""
        if alarm.condition in self._conditions:
            past = self._past(alarm.condition)
            past.at = _at(alarm.time)
            past.watch.restore(alarm, past.at)
            self._settle(past)

    def known(self, name: str) -> Watch | None:
        """The watch of a condition in the past, where one was found."""
        past = self._pasts.get(name)
        return None if past is None else past.watch

    def watches(self) -> Iterator[Watch]:
        """All that were found."""
        return (past.watch for past in self._pasts.values())

    def _of(self, tag: str) -> list[_Past]:
        return [self._past(name) for name in self._by_tag.get(tag, ())]

    def _past(self, name: str) -> _Past:
        past = self._pasts.get(name)
        if past is None:
            past = self._pasts[name] = _Past(self._conditions[name], self._in_room)
        return past

    def _settle(self, past: _Past) -> None:
        tag = past.watch.condition.tag
        if tag in self._by_tag:
            known = [self._pasts[name] for name in self._by_tag[tag] if name in self._pasts]
            self._limits.tell(tag, busy=any(one.watch.busy for one in known))


def _in_the_past(condition: Condition) -> Condition:
    return replace(
        condition, label=f"{condition.label or condition.kind.value}{SUFFIX}", latched=False, group=None,
        suppressed_in=frozenset(),
    )  # fmt: skip


def _at(time: int) -> Instant:
    """Source times are the only clock of the past; seconds from a day in it keep their microseconds."""
    return Instant(time, (time - 1_700_000_000_000_000) / 1e6)
