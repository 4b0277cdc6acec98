"""What is missing, in figures."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.console.views.display import DAY, HOUR
from gateway.console.views.lacking import Lacking, LastDay, LostNumbers, lacking
from gateway.console.views.streams import Numbers, stream_row
from gateway.intake.inspection import Standing
from gateway.intake.live import Live
from schemas.records import Gap
from tests.gateway.console.stage import NOW
from tests.gateway.messages import frame, gap, message

STREAM = "cmo-a.line-3.holder-b.measurements.v1"


def told(gaps: Sequence[Gap], *, heard: int = NOW, first: int = NOW - 9 * DAY) -> Lacking:
    """Of one source that was last heard of then."""
    live = Live()
    live.apply([message(frame({"F1.DP.M1": 14.0}, received=heard), 1)])
    return lacking(live, LastDay(gaps, {"ems": first}), (), NOW)


@pytest.mark.parametrize(
    ("gaps", "percent"),
    [
        ([], 100.0),
        ([gap(NOW - 12 * HOUR, NOW - 6 * HOUR)], 75.0),
        ([replace(gap(NOW - 12 * HOUR, NOW - 6 * HOUR), backfilled=True)], 100.0),
        ([gap(NOW - 30 * HOUR, NOW - 18 * HOUR)], 75.0),
        ([gap(NOW - HOUR, NOW - HOUR + 1)], 99.99),
    ],
)
def test_the_share_of_the_last_day_is_rounded_down(gaps: list[Gap], percent: float) -> None:
    """100 says that nothing is missing; a gap that was filled in is none, one of before counts from the day on."""
    assert told(gaps).percent == percent
    assert told(gaps).gaps == sum(not one.backfilled for one in gaps)


def test_a_source_that_is_silent_lacks_what_it_did_not_tell() -> None:
    """Before any gap is told; from its first record on."""
    assert told([], heard=NOW - 6 * HOUR).percent == 75.0
    assert told([], heard=NOW - 6 * HOUR, first=NOW - 12 * HOUR).percent == 50.0


def test_nothing_read_is_no_share() -> None:
    """Not a hundred per cent, and not nought."""
    assert lacking(Live(), LastDay(), (), NOW).percent is None


def test_streams_with_missing_numbers_are_named() -> None:
    """Others are not."""
    numbers = Numbers({STREAM: [(3, 5), (9, 9)]}, {}, {})
    rows = [stream_row(name, Standing(2, 2, NOW // 1_000_000), numbers, NOW) for name in (STREAM, "other")]
    assert lacking(Live(), LastDay(), rows, NOW).numbers == (LostNumbers(STREAM, ((3, 5), (9, 9)), 4),)
