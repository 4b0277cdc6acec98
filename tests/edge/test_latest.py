"""What each tag said last, as columns."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.latest import MOST_FRAMES, Latest
from schemas.frame import Frame, TagTable, bad_frame, frame_of
from schemas.records import Gap, GapCause
from schemas.status import Reason, StatusCode

TABLE = TagTable(("A", "B", "Door"), ("Pa", "Cel", "1"))


def told(*rows: tuple[int, float | bool], received: int, table: TagTable = TABLE) -> Frame:
    return frame_of("ems", table, [(*row, 0, Reason.NONE, received - 1) for row in rows], received=received)


def note(latest: Latest, *frames: Frame) -> None:
    for frame in frames:
        assert list(latest(frame)) == [frame]


def test_the_newest_of_each_tag_is_given_with_its_room() -> None:
    """Numbers as numbers, what is none as text; the answer is JSON."""
    latest = Latest({"A": "F1"})
    note(latest, told((0, 14.0), (1, 20.0), received=5), told((0, 7.5), (2, True), received=9))
    found = latest.columns(["A", "Door", "B", "Nowhere"])
    assert json.loads(json.dumps(found)) == {
        "tag": ["A", "Door", "B"], "room": ["F1", None, None], "source": ["ems"] * 3, "unit": ["Pa", "1", "Cel"],
        "value": [7.5, 1.0, 20.0], "other": [None, "True", None], "status": [0, 0, 0], "reason": ["NONE"] * 3,
        "source_time": [8, 8, 4], "received": [9, 9, 5],
    }  # fmt: skip


def test_a_lost_device_takes_its_values_away() -> None:
    """No old number stands beside a bad status."""
    latest = Latest({})
    lost = bad_frame("ems", TABLE, status=StatusCode.BAD_NO_COMMUNICATION, reason=Reason.COMM, received=9)
    note(latest, told((0, 14.0), received=5), lost)
    assert latest.columns(["A"])["value"] == [None]
    assert latest.columns(["A"])["reason"] == ["COMM"]


def test_what_comes_afterwards_is_not_the_newest() -> None:
    """Out of a device's memory; other records only pass."""
    latest = Latest({})
    late = replace(told((0, 1.0), received=9), backfilled=True)
    note(latest, told((0, 14.0), received=5), late)
    gap = Gap(gap=late.id, source="ems", tags=(), began=1, cause=GapCause.OTHER, detail="")
    assert list(latest(gap)) == [gap]
    assert latest.columns()["value"] == [14.0]


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(-1e6, 1e6)), min_size=1, max_size=40), st.booleans())
def test_it_is_the_last_row_of_each_tag(rows: list[tuple[int, float]], again: bool) -> None:
    """Whether frames share their columns' objects or not, and whenever somebody looks."""
    latest, shared = Latest({}), told((0, 0.0), (1, 0.0), (2, 0.0), received=1)
    note(latest, shared)
    for at, row in enumerate(rows):
        note(latest, told(row, received=at + 2))
        if again and at % 3 == 0:
            latest.columns()
    expected = {0: 0.0, 1: 0.0, 2: 0.0} | dict(rows)
    found = latest.columns(TABLE.names)
    assert dict(zip(found["tag"], found["value"], strict=True)) == {TABLE.names[at]: expected[at] for at in expected}


@pytest.mark.parametrize("count", [MOST_FRAMES - 1, MOST_FRAMES, MOST_FRAMES + 1])
def test_frames_do_not_pile_up(count: int) -> None:
    """Also where nobody ever looks and each has columns of its own."""
    latest = Latest({})
    for at in range(count):
        note(latest, told((0, float(at)), received=at))
    assert latest.waiting < MOST_FRAMES
    assert latest.columns()["value"] == [count - 1.0]
