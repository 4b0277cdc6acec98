import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.compare.counting import Samples, count, count_polls

CYCLES = np.arange(10, dtype=np.int64) * 100_000 + 1_000_000
VARIABLES = 4
WHOLE = (0, 10_000_000)


def samples(*rows: tuple[int, int], after: int = 20_000) -> Samples:
    """From pairs of variable and source time, each appended `after` microseconds later."""
    variable, times = (np.array([row[at] for row in rows], dtype=np.int64) for at in (0, 1))
    return Samples(variable.astype(np.int32), times, times + after)


def every() -> list[tuple[int, int]]:
    return [(variable, int(at)) for at in CYCLES for variable in range(1, VARIABLES + 1)]


def test_everything_that_arrived_once_is_neither_lost_nor_duplicated() -> None:
    found = count(samples(*every()), CYCLES, VARIABLES, WHOLE)
    assert (found.expected, found.lost, found.duplicated, found.appended) == (40, 0, 0, 40)
    assert (found.p50, found.p99) == (20, 20)


@given(st.data())
def test_what_is_taken_away_is_lost_and_what_is_repeated_is_duplicated(data: st.DataObject) -> None:
    """Of each at once, in any order."""
    gone = data.draw(st.sets(st.sampled_from(every()), max_size=39))
    left = [row for row in every() if row not in gone]
    again = data.draw(st.lists(st.sampled_from(left), max_size=20))
    found = count(samples(*data.draw(st.permutations([*left, *again]))), CYCLES, VARIABLES, WHOLE)
    assert (found.lost, found.duplicated) == (len(gone), len(again))


def test_only_what_was_made_in_the_window_counts() -> None:
    """Appended is counted by the broker's time, lost by the source's."""
    window = (int(CYCLES[2]), int(CYCLES[5]))
    found = count(samples(*every()), CYCLES, VARIABLES, window)
    assert (found.expected, found.lost, found.appended) == (12, 0, 12)
    late = count(samples(*every(), after=150_000), CYCLES, VARIABLES, window)
    assert (late.lost, late.appended, late.p50) == (0, 12, 150)


def test_samples_that_the_server_did_not_make_are_not_counted() -> None:
    """The agent's own tags are variable 0; a first value may be older than the load."""
    strange = [(0, int(CYCLES[0])), (1, int(CYCLES[0]) + 1), (1, int(CYCLES[-1]) + 5)]
    found = count(samples(*every(), *strange), CYCLES, VARIABLES, WHOLE)
    assert (found.lost, found.duplicated) == (0, 0)


def test_a_run_without_samples_has_lost_all() -> None:
    found = count(Samples.joined([]), CYCLES, VARIABLES, WHOLE)
    assert (found.expected, found.lost, found.appended) == (40, 40, 0)
    assert np.isnan(found.p99)


@pytest.mark.parametrize(("polls", "lost"), [(10, 0), (9, 0), (7, 8)])
def test_polls_that_are_missing_are_lost_but_one_at_the_ends(polls: int, lost: int) -> None:
    rows = [(variable, 1_000_000 + poll * 100_000) for poll in range(polls) for variable in range(1, VARIABLES + 1)]
    found = count_polls(samples(*rows), VARIABLES, (1_000_000, 2_000_000), 0.1)
    assert (found.expected, found.lost, found.duplicated) == (36, lost, 0)
