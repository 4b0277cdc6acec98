"""The quick way to a frame's octets: the same octets."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.columnar import sample_bytes
from schemas.frame import NO_TIME, Frame, TagTable
from schemas.status import Reason
from schemas.template import Templates

TABLES = [
    TagTable(("a", "b", "c", "d"), ("Pa", "Pa", "Pa", "Pa")),
    TagTable(("a", "longer", "室压", "d"), ("Pa", "Cel", "{#}/m3", "1"), rooms=("M1", None, "C1", None)),
]
ROWS = [[0, 1, 2, 3], [0, 2], [3, 3, 0]]
EDGES = [(1 << 48) - 1, 1 << 48, (1 << 55) - 1, 1 << 55, 0, -1, NO_TIME, 2**63 - 1]
TIMES = st.integers(0, 2**56) | st.sampled_from(EDGES) | st.integers(1_500_000_000_000_000, 2_500_000_000_000_000)
USUAL = st.integers(1_500_000_000_000_000, 2_500_000_000_000_000)
VALUES = st.floats(allow_nan=False) | st.sampled_from([0.0, -0.0, float("inf")])


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Mostly of the common form, of few tables and rows, so that templates are used, and left."""
    tag = np.array(draw(st.sampled_from(ROWS)), dtype=np.int32)
    size, odd = len(tag), draw(st.sampled_from(["", "", "", "value", "status", "reason", "raw", "time", "beside"]))
    made = Frame(
        source="ems",
        tags=draw(st.sampled_from(TABLES)),
        tag=tag,
        value=np.array(draw(st.lists(VALUES, min_size=size, max_size=size))),
        status=np.zeros(size, dtype=np.uint32),
        reason=np.zeros(size, dtype=np.uint8),
        source_time=np.array(draw(st.lists(USUAL, min_size=size, max_size=size)), dtype=np.int64),
        received=0,
    )
    if draw(st.booleans()):
        made = replace(made, raw=np.array(draw(st.lists(VALUES, min_size=size, max_size=size))))
    if draw(st.booleans()):
        made = replace(made, source_time=np.full(size, NO_TIME))
    row = draw(st.integers(0, size - 1))
    if odd == "value":
        made.value[row] = np.nan
    elif odd == "status":
        made.status[row] = draw(st.integers(1, 2**32 - 1))
    elif odd == "reason":
        made.reason[row] = Reason.STALE
    elif odd == "time":
        made.source_time[row] = draw(TIMES)
    elif odd == "raw":
        return replace(made, raw=np.array([1.5, *[np.nan] * (size - 1)]))
    elif odd == "beside":
        return replace(made, beside={row: draw(st.text(max_size=9) | st.booleans() | st.integers(0, 2**62))})
    return made


@given(st.lists(frames(), max_size=12))
def test_any_series_of_frames_gives_the_octets_of_the_general_way(series: list[Frame]) -> None:
    """Whatever came before, and however often the same rows come again."""
    templates = Templates()
    for frame in series:
        assert templates.sample_bytes(frame) == sample_bytes(frame)


def test_a_time_of_every_length_that_a_template_takes_is_right() -> None:
    """Each bit of it stands where it belongs."""
    times = [1 << bit for bit in range(48, 55)] + [(1 << 48) | (1 << bit) for bit in range(48)]
    templates, tags = Templates(), TABLES[0]
    for time in [times[0], *times]:
        one = Frame(
            source="ems", tags=tags, tag=np.array([1], dtype=np.int32), value=np.array([1.0]),
            status=np.zeros(1, dtype=np.uint32), reason=np.zeros(1, dtype=np.uint8),
            source_time=np.array([time]), received=0,
        )  # fmt: skip
        assert templates.sample_bytes(one) == sample_bytes(one)


def test_tables_that_are_no_longer_used_are_forgotten() -> None:
    """A configuration that is read again and again makes new ones."""
    templates, (one, *_) = Templates(), TABLES
    for _ in range(200):
        tags = TagTable(one.names, one.units)
        frame = Frame(
            source="ems", tags=tags, tag=np.array([1], dtype=np.int32), value=np.array([1.0]),
            status=np.zeros(1, dtype=np.uint32), reason=np.zeros(1, dtype=np.uint8),
            source_time=np.array([1 << 50]), received=0,
        )  # fmt: skip
        templates.sample_bytes(frame)
    assert len(templates._known) == 64
