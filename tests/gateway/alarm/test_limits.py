"""Which samples have to be looked at."""

import numpy as np

from gateway.alarm.limits import Limits
from schemas.frame import Frame
from tests.gateway.messages import frame


def rows(limits: Limits, of: Frame) -> list[int]:
    return [int(row) for row in limits.telling(of, of.status == 0)]


def test_samples_within_their_limits_and_of_tags_without_one_are_left_out() -> None:
    """The narrowest of several limits counts; the limit itself is kept."""
    limits = Limits([("dp", -1, 10.0), ("dp", -1, 8.0), ("dp", 1, 30.0), ("rh", 1, 65.0)])
    assert rows(limits, frame({"dp": 10.0, "rh": 65.0, "t": 99.0}, received=0)) == []
    assert rows(limits, frame({"dp": 9.0, "rh": 65.1, "t": 99.0}, received=0)) == [0, 1]
    assert rows(limits, frame({"t": 99.0, "dp": 30.1}, received=0)) == [1]


def test_a_busy_tag_is_looked_at_whatever_it_says() -> None:
    """Also where it is not Good."""
    limits = Limits([("dp", -1, 10.0)])
    limits.tell("dp", busy=True)
    assert rows(limits, frame({"dp": None}, received=0, status=1 << 31)) == [0]
    limits.tell("dp", busy=False)
    assert rows(limits, frame({"dp": None}, received=0, status=1 << 31)) == []


def test_all_samples_of_a_tag_that_breaks_a_limit_in_the_frame_are_looked_at() -> None:
    """In their order: the one that comes back may stand behind the one that breaks it."""
    limits, one = Limits([("dp", -1, 10.0)]), frame({"dp": 12.0}, received=0)
    burst = Frame(
        source="ems", tags=one.tags, tag=np.zeros(3, dtype=np.int32), value=np.array([12.0, 4.0, 12.0]),
        status=np.zeros(3, dtype=np.uint32), reason=np.zeros(3, dtype=np.uint8),
        source_time=np.zeros(3, dtype=np.int64), received=0,
    )  # fmt: skip
    assert rows(limits, burst) == [0, 1, 2]
