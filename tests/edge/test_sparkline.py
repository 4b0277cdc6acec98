"""Plots in block characters."""

import math

from hypothesis import given
from hypothesis import strategies as st

from edge.sparkline import BLOCKS, COLUMNS, SECONDS, Trace


def test_a_rising_value_rises_to_the_right() -> None:
    """From the lowest block to the highest over the whole minute."""
    trace = Trace()
    for second in range(60):
        trace.add(float(second), float(second))
    line = trace.line(59.5)
    assert len(line) == COLUMNS
    assert line == "".join(sorted(line))
    assert (line[0], line[-1]) == (BLOCKS[0], BLOCKS[-1])


def test_a_time_without_a_good_value_is_a_hole() -> None:
    """Never a line through it; a value that is not Good leaves one too."""
    trace = Trace()
    for at, value in ((1.0, 5.0), (30.0, None), (58.0, 5.0)):
        trace.add(at, value)
    line = trace.line(60.0)
    assert line.count("▄") == 2
    assert set(line[2:28]) == {" "}


def test_what_is_older_than_the_plot_is_gone() -> None:
    """Also when nothing new came."""
    trace = Trace()
    trace.add(0.0, 1.0)
    assert trace.line(SECONDS + 1).strip() == ""


@given(st.lists(st.tuples(st.floats(0, 100), st.floats() | st.none())))
def test_any_values_make_a_line_of_one_width(points: list[tuple[float, float | None]]) -> None:
    """Also infinite ones, and none."""
    trace = Trace()
    for at, value in sorted(points, key=lambda point: point[0]):
        trace.add(at, value)
    line = trace.line(100.0)
    assert len(line) == COLUMNS
    assert set(line) <= {*BLOCKS, " "}
    if not any(value is not None and math.isfinite(value) for _, value in points):
        assert line.strip() == ""
