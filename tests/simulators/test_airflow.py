import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulators.airflow import FAN_LIMIT, Network, controlled_flow, orifice_flow


def of(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values)


def test_orifice_flow_is_that_of_the_equation() -> None:
    """By q = C·A·√(2Δp/ρ) 0.01 m² at 15 Pa pass 0.65 · 0.01 · 5 m/s."""
    assert np.allclose(orifice_flow(of(0.01), of(15.0)), 0.65 * 0.01 * 5.0, rtol=1e-6)


@given(st.just(0.0) | st.floats(1e-9, 500) | st.floats(-500, -1e-9))
def test_orifice_flow_is_odd_and_in_the_direction_of_the_difference(difference: float) -> None:
    """The same opening passes the same air both ways."""
    there, back = orifice_flow(of(0.01), of(difference)), orifice_flow(of(0.01), of(-difference))
    assert there == -back
    assert np.sign(there) == np.sign(difference)


def test_a_flow_controller_holds_its_flow_and_gives_up_at_its_limit() -> None:
    """Up to half of the limit the set point is delivered, at the limit nothing."""
    flows = controlled_flow(np.full(4, 2.0), of(-50, FAN_LIMIT / 2, FAN_LIMIT * 0.75, FAN_LIMIT))
    assert flows[0] == flows[1] == 2.0
    assert 0 < flows[2] < 2.0
    assert flows[3] == 0


areas = st.floats(1e-3, 3.0)
flows = st.floats(0, 3.0)


@given(st.lists(st.tuples(areas, areas, flows, flows), min_size=2, max_size=8), st.floats(-100, 100))
def test_the_balance_closes_in_any_chain_of_rooms(rooms: list[tuple[float, float, float, float]], guess: float) -> None:
    """Whatever the openings and fans, and from any start: pressures are found at which no air is left over."""
    count = len(rooms)
    doors, envelopes, supply, exhaust = (np.array(column) for column in zip(*rooms, strict=True))
    network = Network(
        rooms=count,
        start=np.concatenate([np.arange(count - 1), np.arange(count)]),
        end=np.concatenate([np.arange(1, count), np.full(count, count)]),
    )
    area = np.concatenate([doors[:-1], envelopes])
    pressure = network.solve(area, supply, exhaust, np.full(count, guess))
    assert np.max(np.abs(network.imbalance(pressure, area, supply, exhaust))) < 1e-6
    assert np.all(np.abs(pressure) <= FAN_LIMIT)


def test_more_supply_than_exhaust_raises_a_room_above_the_outside() -> None:
    """The sign of a room's surplus is the sign of its pressure."""
    network = Network(rooms=1, start=np.array([0]), end=np.array([1]))
    surplus = network.solve(of(0.02), of(0.10), of(0.05), of(0.0))
    deficit = network.solve(of(0.02), of(0.05), of(0.10), of(0.0))
    assert surplus[0] > 0
    assert np.isclose(surplus[0], -deficit[0])
