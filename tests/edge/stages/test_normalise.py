"""Normalise: the device's number in the tag's unit, and nothing silently good."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import TagSettings
from edge.stages.normalise import Normalise
from schemas.frame import Beside, Frame, Row, TagTable, frame_of
from schemas.records import GapCause
from schemas.status import Reason, StatusCode
from tests.gateway.messages import frame, gap


def through(tag: TagSettings, value: float | Beside | None, status: int = 0) -> Row:
    sample = frame({tag.name: value}, received=1, status=status, reason=Reason.SOURCE if status else Reason.NONE)
    (out,) = Normalise({"ems": [tag]})(sample)
    assert isinstance(out, Frame)
    return out.row(0)


def test_a_number_is_scaled_and_its_raw_value_kept() -> None:
    """Scale and offset give device_unit, the unit follows."""
    got = through(TagSettings(name="t", unit="Pa", device_unit="mbar", scale=0.1, offset=-1.0), 12.0)
    assert got.value == pytest.approx(20.0)
    assert (got.raw, got.unit, got.status) == (12.0, "Pa", 0)


def test_an_unchanged_number_has_no_raw_value() -> None:
    """`raw` says that something was changed."""
    assert through(TagSettings(name="t", unit="Pa"), 12.0).raw is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_fa2_a_good_number_that_is_none_becomes_bad(value: float) -> None:
    """F-A2: limits and means never see it."""
    got = through(TagSettings(name="t"), value)
    assert (got.value, got.status, got.reason) == (None, StatusCode.BAD_OUT_OF_RANGE, Reason.NOT_A_NUMBER)


@pytest.mark.parametrize("value", [-50.1, 1e38, 51])
def test_fa2_a_number_out_of_the_instruments_range_becomes_bad_and_is_kept_raw(value: float) -> None:
    """F-A2, also for integers."""
    got = through(TagSettings(name="t", unit="Pa", range=(-50, 50)), value)
    assert (got.value, got.raw, got.reason) == (None, float(value), Reason.RANGE)
    assert got.status == StatusCode.BAD_OUT_OF_RANGE


def test_a_bad_status_of_the_device_stays_as_it_was() -> None:
    """F04: the code is kept, a value inside does not count, and is kept raw."""
    got = through(TagSettings(name="t", range=(0, 1)), 7.0, StatusCode.BAD_SENSOR_FAILURE)
    assert (got.value, got.raw, got.status, got.reason) == (None, 7.0, StatusCode.BAD_SENSOR_FAILURE, Reason.SOURCE)


@given(st.booleans() | st.text(max_size=5) | st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=5))
def test_what_is_no_double_passes_exactly(value: Beside) -> None:
    """F07: beyond 2^53, text and booleans are not touched where no scale or range is set."""
    got = through(TagSettings(name="t"), value)
    assert (got.value, type(got.value), got.status) == (value, type(value), 0)


@given(st.floats(), st.sampled_from([0, StatusCode.UNCERTAIN, StatusCode.BAD]))
def test_nothing_becomes_better_on_the_way(value: float, status: int) -> None:
    """Severity never falls, and a value is there only when the status is not Bad."""
    got = through(TagSettings(name="t", scale=2.0, range=(-10, 10)), value, status)
    assert got.status >> 30 >= status >> 30
    assert (got.value is None) == (got.status >> 31 == 1)


def test_a_gap_passes() -> None:
    """Stages pass what they do not speak of."""
    record = replace(gap(1, None), cause=GapCause.OTHER)
    assert list(Normalise({})(record)) == [record]


def test_columns_of_different_tags_are_scaled_each_by_its_own() -> None:
    """One frame, several tags, several samples of one."""
    stage = Normalise({"ems": [TagSettings(name="a", scale=2.0), TagSettings(name="b", offset=1.0)]})
    sample = replace(
        frame({"a": 1.0, "b": 1.0}, received=1),
        tag=np.array([0, 1, 0], dtype=np.int32), value=np.array([1.0, 2.0, 3.0]), status=np.zeros(3, dtype=np.uint32),
        reason=np.zeros(3, dtype=np.uint8), source_time=np.zeros(3, dtype=np.int64),
    )  # fmt: skip
    (out,) = stage(sample)
    assert isinstance(out, Frame)
    assert out.value.tolist() == [2.0, 3.0, 6.0]


NUMBER = st.floats() | st.sampled_from([float("nan"), float("inf"), 0.0, -0.0, 1.7976931348623157e308, 49.9, 50.1])
TAGS = st.builds(
    TagSettings,
    name=st.just("t"),
    unit=st.just("Pa"),
    device_unit=st.sampled_from([None, "mbar"]),
    scale=st.sampled_from([1.0, 0.1, 1e300]),
    offset=st.sampled_from([0.0, -1.0]),
    range=st.sampled_from([None, (-50.0, 50.0)]),
)


@given(st.lists(NUMBER, min_size=1, max_size=6), TAGS)
def test_a_sample_comes_out_the_same_whatever_stands_beside_it(numbers: list[float], tag: TagSettings) -> None:
    """Among Good samples alone, and beside a Bad one."""
    rows = [(0, number, 0, Reason.NONE, None) for number in numbers]
    table = TagTable((tag.name, "other"), (tag.device_unit or tag.unit, "1"))

    def out(*more: tuple[int, None, int, Reason, None]) -> list[Row]:
        given_frame = frame_of("ems", table, [*rows, *more], received=1)
        (made,) = Normalise({"ems": [tag, TagSettings(name="other")]})(given_frame)
        assert isinstance(made, Frame)
        return [replace(row, value=repr(row.value)) for row in list(made.rows())[: len(rows)]]

    assert out() == out((1, None, StatusCode.BAD, Reason.SOURCE, None))
