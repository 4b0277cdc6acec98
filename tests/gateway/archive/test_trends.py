"""Trends from cells and from readings: the same picture, whatever was rolled up, came late or was put right."""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive import levels
from gateway.archive.archive import Archive
from gateway.archive.levels import LEVELS
from gateway.archive.trends import Trend
from gateway.intake.inspection import Inspected
from gateway.intake.message import Batch
from schemas.frame import TagTable
from schemas.status import StatusCode
from tests.gateway.holder import LONG, START, Holder, Sent
from tests.gateway.messages import SECOND, frame, message

MINUTES, HOURS, DAYS = (level.width for level in LEVELS)
CELL = MINUTES


@dataclass(frozen=True, slots=True)
class Made:
    """A reading that is stored."""

    tag: str
    time: int
    value: float
    status: int


MADE = st.builds(
    Made,
    tag=st.sampled_from(["a", "b"]),
    time=st.integers(-5 * CELL, 15 * CELL)
    | st.integers(-5, 15).map(lambda cell: cell * CELL)
    | st.integers(-4 * DAYS, 4 * DAYS)
    | st.integers(-100, 100).map(lambda cell: cell * HOURS)
    | st.integers(-3, 3).map(lambda cell: cell * DAYS),
    value=st.floats(-50, 50),
    status=st.sampled_from([0, 0, 0, StatusCode.UNCERTAIN, StatusCode.BAD_SENSOR_FAILURE]),
)


def stored(archive: Archive, made: list[Made], first: int = 0) -> None:
    """One frame each, a batch each."""
    for number, one in enumerate(made, first):
        sample = frame({one.tag: one.value}, received=SECOND, source_time=one.time, status=one.status)
        archive.store([message(sample, number)])


def drawn(trend: Trend) -> set[tuple[int, float]]:
    return {(t, v) for t, v in zip(trend.time.tolist(), trend.value.tolist(), strict=True) if not np.isnan(v)}


@settings(deadline=None, max_examples=25)
@given(
    st.lists(MADE, min_size=1, max_size=40),
    st.integers(1, 30),
    st.integers(-6 * CELL, 8 * CELL) | st.integers(-5 * DAYS, 4 * DAYS),
    st.integers(1, 16 * CELL) | st.integers(1, 9 * DAYS),
    st.integers(1, 8),
)
def test_no_dip_is_lost_whether_rolled_up_or_not(
    made: list[Made], roll: int, begin: int, length: int, parts: int
) -> None:
    """For each reading there is a drawn one as low, and one as high, no farther away than a part and a cell.

    Cells are no longer than parts.
    """
    end = begin + length
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(levels, "ROLL", roll)
        archive = Archive(None)
        stored(archive, made)
    found = archive.trends(["a", "b", "unknown"], begin, end, parts)
    width = 2 * -(-length // parts)
    for tag in ("a", "b"):
        within = [one for one in made if one.tag == tag and begin <= one.time < end]
        trend = found[tag]
        assert trend.exact == (len(within) <= 2 * parts)
        assert (np.diff(trend.time) >= 0).all()
        assert max(trend.status, default=0) == max((one.status for one in within), default=0)
        if trend.exact:
            rows = zip(trend.time.tolist(), trend.value.tolist(), trend.status.tolist(), strict=True)
            assert sorted(rows) == sorted((one.time, one.value, one.status) for one in within)
            continue
        assert len(trend.time) <= 2 * parts
        points, fit = drawn(trend), {(one.time, one.value) for one in within if one.status < StatusCode.BAD}
        assert points <= fit
        for time, value in fit:
            assert any(abs(t - time) <= width and v <= value for t, v in points)
            assert any(abs(t - time) <= width and v >= value for t, v in points)
    assert len(found["unknown"].time) == 0
    archive.close()


def test_many_trends_at_once_are_those_of_each() -> None:
    """In one question."""
    archive = Archive(None)
    values = {f"t{n}": float(n) for n in range(9)}
    archive.store([message(frame(values, received=at * SECOND), at) for at in range(50)])
    for name, trend in archive.trends(list(values), 0, 40 * SECOND, 10).items():
        one = archive.trend(name, 0, 40 * SECOND, 10)
        assert drawn(trend) == drawn(one)
        assert set(trend.value) == {values[name]}


def test_a_tag_that_moved_to_another_room_keeps_one_trend() -> None:
    """Its readings before and after have different numbers in the archive."""
    archive = Archive(None)
    before, after = frame({"dp": 1.0}, received=SECOND), frame({"dp": 2.0}, received=2 * SECOND)
    moved = replace(after, tags=TagTable(("dp",), ("Pa",), rooms=("F2",)))
    archive.store([message(before, 0), message(moved, 1)])
    assert archive.trend("dp", 0, 9 * SECOND, 10).value.tolist() == [1.0, 2.0]
    assert archive.rows("SELECT room FROM samples ORDER BY time") == [(None,), ("F2",)]


def test_what_a_seal_refutes_leaves_the_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rolled up or not, the forged extreme is gone and the genuine ones stay."""
    monkeypatch.setattr(levels, "ROLL", 1)
    sent, holder = Sent(9), Holder()
    begin, end = START * SECOND - 2 * CELL, START * SECOND + 2 * CELL
    forged = sent.forged(5)
    holder.take([*sent.messages[:4], forged, *sent.messages[4:]])
    assert holder.archive.trend("dp", begin, end, 1).value.tolist() == [1.0, 10_001.0]
    holder.take(seals=[sent.seal(9, holder.moment())])
    holder.take(wait=LONG)
    assert holder.values() == [float(n) for n in range(1, 10)]
    assert holder.archive.trend("dp", begin, end, 1).value.tolist() == [1.0, 9.0]
    assert holder.archive.rows("SELECT sum(count) FROM cells_of_minutes") == [(9,)]


def test_an_archive_that_is_opened_again_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No reading is in two cells or in none, and numbers are not given twice."""
    monkeypatch.setattr(levels, "ROLL", 4)
    made = [Made("a", at * SECOND, float(at), 0) for at in range(30)]
    for first in range(0, 30, 5):
        archive = Archive(tmp_path / "a.duckdb")
        stored(archive, made[first : first + 5], first)
        archive.close()
    archive = Archive(tmp_path / "a.duckdb")
    assert archive.rows("SELECT sum(count), count(*) FROM cells_of_minutes") == [(28, 7)]
    assert archive.rows("SELECT count(DISTINCT id), count(*) FROM frames") == [(30, 30)]
    assert archive.rows("SELECT count(*) FROM tags") == [(1,)]
    trend = archive.trend("a", -2 * CELL, 2 * CELL, 2)
    assert drawn(trend) == {(0, 0.0), (29 * SECOND, 29.0)}
    archive.close()


def test_what_a_failed_transaction_numbered_is_numbered_anew() -> None:
    """The tags it met are not taken for stored."""
    archive, one = Archive(None), message(frame({"dp": 1.0}, received=SECOND), 0)
    broken = Inspected(Batch(), messages=[one], rings={"sender": None})  # type: ignore[dict-item] # NOT NULL
    with pytest.raises(duckdb.Error):
        archive.store_inspected(broken)
    assert archive.rows("SELECT * FROM samples") == []
    archive.store([one])
    assert archive.rows("SELECT tag, value FROM samples") == [("dp", 1.0)]
    assert [latest.value for latest in archive.latest()] == [1.0]
