"""Particles per cubic metre: rolling sums against a count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cleanroom.particles import Samples, last_cubic_metre, last_minute, volume

CUBIC_FOOT = 28.3
PAUSE = 5.0


def samples(
    counts: list[float], *, seconds: float = 60.0, bad: tuple[int, ...] = (), late: tuple[int, ...] = ()
) -> Samples:
    """Samples one after the other; before those in `late` there is a pause of an hour."""
    size = len(counts)
    pauses = np.isin(np.arange(size), late) * 3600.0
    good = ~np.isin(np.arange(size), bad)
    return Samples(
        ended=np.cumsum((seconds + pauses) * 1e6).astype(np.int64), seconds=np.full(size, seconds),
        count=np.array(counts, dtype=np.float64), volume=volume(CUBIC_FOOT, np.full(size, seconds)), good=good,
    )  # fmt: skip


def test_one_minute_at_a_cubic_foot_is_multiplied_by_35_3() -> None:
    """1 m³ / 28.3 L."""
    rolling = last_minute(samples([0, 100]), PAUSE)
    assert rolling.per_m3.tolist() == pytest.approx([0, 100 * 1000 / CUBIC_FOOT])
    assert rolling.whole.all()


def test_a_cubic_metre_takes_36_minutes_at_a_cubic_foot() -> None:
    """Until then its air is not whole; 35 minutes are 0.99 m³."""
    rolling = last_cubic_metre(samples([1.0] * 40), PAUSE)
    assert rolling.whole.tolist() == [False] * 35 + [True] * 5
    assert rolling.per_m3.tolist() == pytest.approx([1000 / CUBIC_FOOT] * 40)


def test_a_count_leaves_the_cubic_metre_with_its_air() -> None:
    """One particle is there for 36 samples."""
    rolling = last_cubic_metre(samples([0.0] * 40 + [1.0] + [0.0] * 40), PAUSE)
    assert np.flatnonzero(rolling.per_m3 > 0).tolist() == [*range(40, 76)]


def test_a_minute_of_samples_of_ten_seconds_has_six_of_them() -> None:
    """Each with a sixth of the air."""
    rolling = last_minute(samples([6, 0, 0, 0, 0, 0, 0], seconds=10), PAUSE)
    assert rolling.whole.tolist() == [False] * 5 + [True, True]
    assert rolling.per_m3[-2:].tolist() == pytest.approx([6 * 1000 / CUBIC_FOOT, 0])


def test_air_with_a_fault_is_not_clean_air() -> None:
    """Its zero does not thin out the particles before it, it has no value, and around it nothing is whole."""
    rolling = last_cubic_metre(samples([10.0] * 36 + [0.0] + [10.0] * 37, bad=(36,)), PAUSE)
    assert np.isnan(rolling.per_m3[36])
    assert np.delete(rolling.per_m3, 36).tolist() == pytest.approx([10 * 1000 / CUBIC_FOOT] * 73)
    assert np.flatnonzero(rolling.whole).tolist() == [35, 72, 73]


def test_after_a_pause_the_air_is_whole_when_all_of_it_is_newer() -> None:
    """What stood in the room meanwhile nobody counted."""
    rolling = last_cubic_metre(samples([1.0] * 100, late=(50,)), PAUSE)
    assert np.flatnonzero(~rolling.whole).tolist() == [*range(35), *range(50, 85)]


def by_hand(one: Samples, row: int, amount: list[float], target: float) -> tuple[float, bool]:
    """Backwards, sample by sample."""
    air = count = reached = 0.0
    whole, rest = True, row
    while reached < target - 1e-9 and rest >= 0:
        if one.good[rest]:
            air, count, reached = air + one.volume[rest], count + one.count[rest], reached + amount[rest]
        else:
            whole = False
        begin = one.ended[rest] / 1e6 - one.seconds[rest]
        if reached < target - 1e-9 and rest > 0 and begin - one.ended[rest - 1] / 1e6 > PAUSE:
            whole = False
        rest -= 1
    value = count / air if one.good[row] else float("nan")
    return value, bool(one.good[row]) and whole and reached >= target - 1e-9


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 120), st.booleans(), st.booleans()), min_size=1, max_size=60)
)
def test_rolling_sums_are_those_of_a_look_backwards(rows: list[tuple[int, int, bool, bool]]) -> None:
    """For any counts, lengths, faults and pauses."""
    counts, lengths, faults, pauses = (np.array(column) for column in zip(*rows, strict=True))
    seconds = lengths.astype(np.float64)
    ended = np.cumsum((lengths + 100 * pauses) * 1_000_000).astype(np.int64)
    one = Samples(ended, seconds, counts.astype(np.float64), volume(CUBIC_FOOT, seconds), ~faults)
    for rolling, amount, target in (
        (last_minute(one, PAUSE), one.seconds, 60.0),
        (last_cubic_metre(one, PAUSE), one.volume, 1.0),
    ):
        for row in range(len(one)):
            value, whole = by_hand(one, row, amount.tolist(), target)
            assert rolling.per_m3[row] == pytest.approx(value, nan_ok=True)
            assert rolling.whole[row] == whole
