from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.soak.schedule import DEATH, HOURS, PER_HOUR, bad_day
from tests.soak.vitals import Vitals, least, slope

LIES = {"ems": ["F01", "F02"], "balance": ["hang", "moving", "overload"]}


@given(st.integers(0, 2**32 - 1))
def test_each_device_does_one_thing_wrong_at_a_time_and_in_the_end_everything(seed: int) -> None:
    """Every half hour of the day has one fault of each device, which begins and ends in it."""
    faults = bad_day(LIES, seed)
    assert faults == bad_day(LIES, seed)
    assert [fault.begins for fault in faults] == sorted(fault.begins for fault in faults)
    for device, lies in LIES.items():
        own = [fault for fault in faults if fault.device == device]
        assert [int(fault.begins * PER_HOUR) for fault in own] == list(range(HOURS * PER_HOUR))
        assert all(one.begins < one.ends < other.begins for one, other in pairwise(own))
        counts = Counter(fault.name for fault in own)
        assert set(counts) == {*lies, DEATH}
        assert max(counts.values()) - min(counts.values()) <= 1


def test_another_seed_is_another_day() -> None:
    """Not the same faults at other moments."""
    assert [fault.name for fault in bad_day(LIES, 1)] != [fault.name for fault in bad_day(LIES, 2)]


def test_what_comes_and_goes_is_not_counted() -> None:
    """The least of each look; a task that is not there once is none."""
    looks = [Vitals(90, 5, 9, 3, {"run": 2, "read": 1}), Vitals(80, 6, 8, 4, {"run": 2})]
    assert least(looks) == Vitals(80, 5, 8, 3, {"run": 2})


def test_a_slope_is_that_of_the_line() -> None:
    """Noise that is alike on both sides does not change it."""
    assert slope([(0, 1.0), (1, 3.0), (2, 5.0)]) == pytest.approx(2)
    assert slope([(0, 1.0), (1, 9.0), (2, 1.0)]) == pytest.approx(0)
