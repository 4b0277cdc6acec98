"""How long a tag was what: every moment of a period counts once, and only what is known to be good is within limits."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gateway.alarm.condition import Condition
from gateway.archive.reporting import Readings
from gateway.completeness import merged
from gateway.reports.spells import Around, Said, Spell, Spells, joined, spans_of, spells
from schemas.records import AlarmKind, AlarmPriority
from schemas.status import StatusCode

GOOD, UNCERTAIN, BAD = 0, int(StatusCode.UNCERTAIN), int(StatusCode.BAD)
ACTION = Condition(tag="dp", kind=AlarmKind.LOW, limit=10.0, unit="Pa")
ALERT = replace(ACTION, limit=12.0, priority=AlarmPriority.ALERT, label="LOW.ALERT")
IN_USE = replace(ACTION, kind=AlarmKind.HIGH, limit=20.0, state_tag="state", suppressed_in=frozenset({"off"}))
LEVELS = (ACTION, ALERT, IN_USE)
BEGIN, END = 100, 200


def readings(*rows: tuple[int, float, int]) -> Readings:
    time, value, status = zip(*rows, strict=True) if rows else ((), (), ())
    return Readings(np.array(time, dtype=np.int64), np.array(value, dtype=float), np.array(status, dtype=np.uint32))


def said(*rows: tuple[int, str | None]) -> dict[str, Said]:
    return {"state": Said(np.array([time for time, _ in rows], dtype=np.int64), tuple(word for _, word in rows))}


def lengths(found: Spells) -> dict[Spell, int]:
    return {spell: length for spell, length in found.durations().items() if length}


def holes(found: Spells) -> list[tuple[int, int]]:
    """When there was no good value."""
    return [(begin, end) for begin, end in found.spans(~found.usable).tolist()]


def test_a_reading_counts_until_the_next_one() -> None:
    """Also the one from before the period; the limit itself is kept."""
    rows = readings((90, 15.0, GOOD), (120, 11.0, GOOD), (150, 9.0, GOOD), (160, 10.0, GOOD), (190, 12.0, GOOD))
    found = spells(rows, BEGIN, END, Around(levels=LEVELS))
    assert lengths(found) == {Spell.WITHIN: 30, Spell.ALERT: 60, Spell.ACTION: 10}


def test_what_is_not_good_is_told_apart() -> None:
    """Bad, Uncertain, and a good status without a number; each until the next reading."""
    rows = readings((100, 15.0, BAD), (110, 15.0, UNCERTAIN), (130, np.nan, GOOD), (160, np.inf, GOOD), (170, 15.0, 0))
    found = spells(rows, BEGIN, END, Around(levels=LEVELS))
    assert lengths(found) == {Spell.BAD: 50, Spell.UNCERTAIN: 20, Spell.WITHIN: 30}
    assert holes(found) == [(100, 170)]


def test_nothing_lasts_over_an_absence() -> None:
    """The value is known again with the next reading, or with one whose device's clock puts it within the absence."""
    rows = readings((100, 15.0, GOOD), (180, 15.0, GOOD))
    assert lengths(spells(rows, BEGIN, END, Around(spans_of([(120, 140)]), levels=LEVELS))) == {
        Spell.WITHIN: 40, Spell.UNMONITORED: 60
    }  # fmt: skip
    late = readings((100, 15.0, GOOD), (138, 15.0, GOOD))
    assert lengths(spells(late, BEGIN, END, Around(spans_of([(120, 140)]), levels=LEVELS))) == {
        Spell.WITHIN: 80, Spell.UNMONITORED: 20
    }  # fmt: skip


def test_a_value_past_its_longest_silence_is_missing() -> None:
    """However long its source is heard of."""
    rows = readings((100, 15.0, GOOD), (110, 15.0, GOOD), (150, 9.0, GOOD))
    found = spells(rows, BEGIN, END, Around(silence=20, levels=LEVELS))
    assert lengths(found) == {Spell.WITHIN: 30, Spell.ACTION: 20, Spell.UNMONITORED: 50}
    assert holes(found) == [(130, 150), (170, 200)]


def test_without_a_reading_all_is_missing() -> None:
    """And without a level nothing is within limits."""
    assert lengths(spells(readings(), BEGIN, END, Around(levels=LEVELS))) == {Spell.UNMONITORED: 100}
    assert lengths(spells(readings((300, 1.0, GOOD)), BEGIN, END, Around())) == {Spell.UNMONITORED: 100}
    assert lengths(spells(readings((90, 1.0, GOOD)), BEGIN, END, Around())) == {Spell.NO_LEVEL: 100}


def test_a_level_counts_only_in_the_states_in_which_it_is_in_force() -> None:
    """Where nobody tells the state it is in force."""
    rows = readings((100, 25.0, GOOD))
    states = said((90, "on"), (120, "off"), (150, None))
    found = spells(rows, BEGIN, END, Around(levels=(IN_USE,), said=states))
    assert lengths(found) == {Spell.ACTION: 70, Spell.NO_LEVEL: 30}
    assert lengths(spells(rows, BEGIN, END, Around(levels=(IN_USE,), said=said()))) == {Spell.ACTION: 100}


ROWS = st.lists(
    st.tuples(
        st.integers(60, 230), st.sampled_from([9.0, 10.0, 11.0, 15.0, 25.0, np.nan]),
        st.sampled_from([GOOD, GOOD, GOOD, UNCERTAIN, BAD]),
    ),
    max_size=25,
).map(lambda rows: sorted(rows, key=lambda row: row[0]))  # fmt: skip
ABSENT = st.lists(
    st.tuples(st.integers(60, 230), st.integers(60, 230)).map(lambda two: (min(two), max(two))), max_size=4
)
STATES = st.lists(st.tuples(st.integers(60, 230), st.sampled_from(["on", "off", None])), max_size=5).map(
    lambda rows: sorted(rows, key=lambda row: row[0])
)
Rows = list[tuple[int, float, int]]


def plain(
    rows: Rows, moment: int, absent: list[tuple[int, int]], silence: int | None, states: list[tuple[int, str | None]]
) -> Spell:
    """What one moment is, by the rules as they are written, without columns."""
    before = [row for row in rows if row[0] <= moment]
    inside = any(begin <= moment < end for begin, end in absent)
    if not before or inside or (silence is not None and moment >= before[-1][0] + silence):
        return Spell.UNMONITORED
    time, value, status = before[-1]
    if any(time < begin <= moment for begin, _ in merged(absent)):
        return Spell.UNMONITORED
    if status == UNCERTAIN:
        return Spell.UNCERTAIN
    if status == BAD or np.isnan(value):
        return Spell.BAD
    word = next((word for at, word in reversed(states) if at <= moment), None)
    if value < 10 or (value > 20 and word != "off"):
        return Spell.ACTION
    return Spell.ALERT if value < 12 else Spell.WITHIN


@given(ROWS, ABSENT, st.none() | st.integers(1, 60), STATES)
def test_every_moment_is_what_the_rules_say(
    rows: Rows, absent: list[tuple[int, int]], silence: int | None, states: list[tuple[int, str | None]]
) -> None:
    """Moment by moment; the spells leave no hole, do not overlap, and make up the period."""
    found = spells(readings(*rows), BEGIN, END, Around(spans_of(absent), silence, LEVELS, said(*states)))
    assert found.begin[0] == BEGIN
    assert (found.begin[1:] == (found.begin + found.length)[:-1]).all()
    assert sum(found.durations().values()) == END - BEGIN
    told = [Spell(one) for one in np.repeat(found.spell, found.length).tolist()]
    assert told == [plain(rows, moment, absent, silence, states) for moment in range(BEGIN, END)]
    without = {moment for begin, end in holes(found) for moment in range(begin, end)}
    assert without == {BEGIN + at for at, one in enumerate(told) if one > Spell.NO_LEVEL}


@given(ROWS, ABSENT, st.none() | st.integers(1, 60), STATES, st.integers(BEGIN + 1, END - 1))
def test_a_period_in_parts_is_the_same_as_whole(
    rows: Rows, absent: list[tuple[int, int]], silence: int | None, states: list[tuple[int, str | None]], cut: int
) -> None:
    """Of the readings before a part its last one is enough."""
    around = Around(spans_of(absent), silence, LEVELS, said(*states))
    early, late = (readings(*(row for row in rows if (row[0] < cut) == before)) for before in (True, False))
    parts = [spells(early, BEGIN, cut, around), spells(early.last.then(late), cut, END, around)]
    whole = spells(readings(*rows), BEGIN, END, around)
    assert {spell: sum(part.durations()[spell] for part in parts) for spell in Spell} == whole.durations()
    found = joined([part.spans(~part.usable) for part in parts])
    assert found.tolist() == whole.spans(~whole.usable).tolist()


def test_spans_that_are_near_are_one() -> None:
    """Touching ones always are; none stays none."""
    spans = spans_of([(0, 10), (12, 20), (30, 40)])
    assert joined([spans[:1], spans[1:]]).tolist() == [[0, 10], [12, 20], [30, 40]]
    assert joined([spans], near=2).tolist() == [[0, 20], [30, 40]]
    assert joined([spans_of([(0, 10)]), spans_of([(10, 20)])]).tolist() == [[0, 20]]
    assert joined([]).tolist() == []
