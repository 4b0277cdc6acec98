"""How long a tag was what: its readings against time, in columns. Pure.

A reading counts from its time until the next one, but never beyond what is known: not while its source was not heard
of or within a gap, not behind such a time, and not beyond the tag's own longest silence. What is Bad or Uncertain, and
time in which nothing was monitored, are kinds of their own; they are never within limits, nor part of a mean.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from gateway.alarm.condition import Condition
from gateway.archive.reporting import Readings
from gateway.completeness import Interval, merged
from schemas.records import AlarmPriority
from schemas.status import is_bad, is_good

Times = NDArray[np.int64]
Spans = NDArray[np.int64]
"""A row for each: begin, end; in order, none overlaps another. UTC microseconds."""
NO_SPANS: Spans = np.empty((0, 2), dtype=np.int64)


class Spell(IntEnum):
    """What a stretch of time was. NO_LEVEL: a good value, but no level was in force."""

    WITHIN = 0
    ALERT = 1
    ACTION = 2
    NO_LEVEL = 3
    UNCERTAIN = 4
    BAD = 5
    UNMONITORED = 6


@dataclass(frozen=True, slots=True)
class Said:
    """What a text tag said: `word[n]` from `time[n]` (UTC microseconds, ascending) on; None where it is not known."""

    time: Times
    word: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """What decides beside the readings whether a value counts. `absent` are times in which nothing is known.

    `silence` is how long a reading counts at most, microseconds. `said` are the room's states, by their tag.
    """

    absent: Spans = field(default_factory=lambda: NO_SPANS)
    silence: int | None = None
    levels: Sequence[Condition] = ()
    said: Mapping[str, Said] | None = None


@dataclass(frozen=True, slots=True)
class Spells:
    """A period without a hole and without overlap: `begin` (UTC microseconds), `length` (microseconds), `spell`.

    `value` is the one that counts there; it means something only where `usable`.
    """

    begin: Times
    length: Times
    value: NDArray[np.float64]
    spell: NDArray[np.int8]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Where there is a good value."""
        return self.spell <= Spell.NO_LEVEL

    def durations(self) -> dict[Spell, int]:
        """Microseconds of each kind; together the whole period."""
        sums = np.bincount(self.spell, weights=self.length, minlength=len(Spell))  # exact up to 285 years
        return {spell: round(float(sums[spell])) for spell in Spell}

    def spans(self, where: NDArray[np.bool_]) -> Spans:
        """The stretches of which this is true; those that touch are one."""
        edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(np.int8)))
        first, last = edges[::2], edges[1::2] - 1
        return np.stack([self.begin[first], self.begin[last] + self.length[last]], axis=1)


def spans_of(intervals: Iterable[Interval]) -> Spans:
    """The same time as columns."""
    return np.array(merged(intervals), dtype=np.int64).reshape(-1, 2)


def joined(parts: Sequence[Spans], near: int = 0) -> Spans:
    """The spans of parts that follow each other; those that are no more than `near` microseconds apart are one."""
    spans = np.concatenate([NO_SPANS, *parts])
    if not len(spans):
        return spans
    first = np.flatnonzero(np.concatenate([[True], spans[1:, 0] - spans[:-1, 1] > near]))
    last = np.append(first[1:], len(spans)) - 1
    return np.stack([spans[first, 0], spans[last, 1]], axis=1)


def spells(readings: Readings, begin: int, end: int, around: Around) -> Spells:
    """The period begin ≤ time < end (UTC microseconds; not empty), cut wherever something changes.

    Readings in order of time may begin before the period: the last one before it counts into it.
    """
    time, expires = readings.time, _expiry(readings.time, around.silence)
    absent = around.absent.reshape(-1)
    cuts = [time, expires[:-1][expires[:-1] < time[1:]], expires[-1:], absent]
    cuts += [said.time for said in (around.said or {}).values()]
    edges = _edges(cuts, begin, end)
    at = edges[:-1]
    if not len(time):
        return Spells(at, np.diff(edges), np.full(len(at), np.nan), np.full(len(at), Spell.UNMONITORED, dtype=np.int8))
    row = np.searchsorted(time, at, side="right") - 1
    known = (row >= 0) & (at < expires[row]) & _heard(time[row], at, absent)
    value = readings.value[row]
    spell = judged(value, readings.status[row], at, around)
    spell[~known] = Spell.UNMONITORED
    return Spells(at, np.diff(edges), value, spell)


def judged(value: NDArray[np.float64], status: NDArray[np.uint32], at: Times, around: Around) -> NDArray[np.int8]:
    """What each value is at its moment (UTC microseconds), by its status and the levels that are in force then."""
    good = is_good(status)
    spell = _against_levels(value, at, around)
    spell[~good] = Spell.UNCERTAIN
    spell[is_bad(status) | (good & ~np.isfinite(value))] = Spell.BAD
    return spell


def _expiry(time: Times, silence: int | None) -> Times:
    """Until when each reading counts at most, were there no next one."""
    return np.full(len(time), np.iinfo(np.int64).max) if silence is None else time + silence


def _heard(time: Times, at: Times, absent: Times) -> NDArray[np.bool_]:
    """Not in an absence, nor behind one that began after the reading: nobody knows what the value did meanwhile."""
    passed = np.searchsorted(absent, at, side="right")
    last = np.concatenate([[np.iinfo(np.int64).min], absent[::2]])[(passed + 1) // 2]
    heard: NDArray[np.bool_] = (passed % 2 == 0) & (time >= last)
    return heard


def _edges(cuts: Sequence[Times], begin: int, end: int) -> Times:
    """Where something may change, each moment once, from begin to end."""
    inside = [cut[(cut > begin) & (cut < end)] for cut in cuts]
    every = np.concatenate([[begin], *inside, [end]]).astype(np.int64)
    edges: Times = np.sort(every, kind="stable")  # fast, since they are runs that are in order
    first: NDArray[np.bool_] = np.concatenate([[True], np.diff(edges) > 0])
    return edges[first]


def _against_levels(value: NDArray[np.float64], at: Times, around: Around) -> NDArray[np.int8]:
    """An action level goes before an alert level."""
    spell = np.full(len(value), Spell.NO_LEVEL, dtype=np.int8)
    beyond = {Spell.ALERT: np.zeros(len(value), dtype=np.bool_), Spell.ACTION: np.zeros(len(value), dtype=np.bool_)}
    for level in around.levels:
        in_force = _in_force(level, at, around.said or {})
        spell[in_force] = Spell.WITHIN
        which = Spell.ALERT if level.priority is AlarmPriority.ALERT else Spell.ACTION
        beyond[which] |= in_force & (level.side * (value - level.limit) > 0)
    for which, where in beyond.items():
        spell[where] = which
    return spell


def _in_force(level: Condition, at: Times, said: Mapping[str, Said]) -> NDArray[np.bool_]:
    """Not in a state of the room in which it is suppressed; where nobody tells the state, it is in force."""
    states = said.get(level.state_tag) if level.state_tag and level.suppressed_in else None
    if states is None or not len(states.time):
        return np.ones(len(at), dtype=np.bool_)
    suppressed = np.array([False, *(word in level.suppressed_in for word in states.word)])
    return ~suppressed[np.searchsorted(states.time, at, side="right")]
