"""What happens in the plant while a batch is made."""

from itertools import pairwise

import pytest

from simulators.batch.course import Reading, breaches, run
from tests.simulators.batch.made import SEED, course, site


def test_one_seed_gives_one_course() -> None:
    """Sensors, weighings, counts and times are the same."""
    assert run(*site(), SEED) == course()


def test_operations_follow_each_other() -> None:
    """None begins before the one before it has ended."""
    spans = [course().operations[one.id] for one in site()[1].operations]
    assert all(before.ended <= after.began for before, after in pairwise(spans))
    assert all(span.began < span.ended for span in spans)


def test_what_the_balance_showed_is_what_the_sensor_said() -> None:
    """At the moment of each weighing; rounded to what a balance of two places shows."""
    loads = {reading.at: reading.values["balance-w1.load"] for reading in course().readings}
    assert len(course().weighings) == sum(one.weighed for one in site()[1].materials)
    for one in course().weighings:
        assert one.grams == pytest.approx(loads[one.at], abs=0.005)
        assert one.shown == f"{one.grams:.2f}"


def test_counts_are_those_of_the_line() -> None:
    """From the last reading of the filling, and as many as were planned."""
    last = course().readings[-1].values
    assert (course().filled, course().rejected) == (last["FL3.Good"], last["FL3.Reject"])
    assert course().filled + course().rejected >= site()[1].product.vials


def test_phases_of_the_dryer_are_those_that_it_told() -> None:
    """Each reading within a phase has its name, and the recipe was run once, in its order."""
    told = [span for operation, span in course().phases if operation == "OP50"]
    dryer = site()[0].freeze_dryer
    assert dryer is not None
    assert [span.id for span in told] == [phase.name for phase in dryer.recipe]
    for reading in course().readings:
        for span in told:
            if span.began <= reading.at < span.ended:
                assert reading.values["FD3.Phase"] == span.id


def test_the_line_was_held_while_it_said_so() -> None:
    """One hold, with the machine standing in it."""
    (held,) = course().holds
    inside = [one for one in course().readings if held.began <= one.at < held.ended]
    assert inside
    assert {one.values["FL3.State"] for one in inside} == {"Held"}


def test_the_open_door_lost_a_differential() -> None:
    """The breach is where the door was open, and nowhere else."""
    (breach,) = course().breaches
    assert breach.tag == "M1.DP.C1"
    open_ = [one.at for one in course().readings if one.values["Door.M1-C1"]]
    assert open_[0] <= breach.began < open_[-1] <= breach.ended


def test_a_breach_has_to_last() -> None:
    """Ten seconds are none; forty are one, with their lowest value."""
    series = [(0, 12.0), (10, 9.0), (20, 12.0), (30, 8.0), (50, 3.0), (70, 12.0)]
    readings = [Reading(at, {"M1.DP.C1": value}) for at, value in series]
    (breach,) = breaches(readings, {"M1.DP.C1": 10})
    assert (breach.began, breach.ended, breach.lowest) == (30, 70, 3.0)
