"""What the agent itself missed, as records."""

import pytest

from edge.own_gaps import OwnGaps
from gateway.alarm.instant import Instant
from gateway.journal.lost import Lost
from schemas.records import GapCause

START = 1_700_000_000_000_000
SOURCES = ("ems", "plc")


def later(wall: float, monotonic: float) -> Instant:
    """So many seconds after the first look, by each clock."""
    return Instant(START + round(wall * 1e6), 5.0 + monotonic)


@pytest.mark.parametrize(("wall", "said"), [(61.0, "+60.0"), (-59.0, "-60.0")])
def test_fa6_a_clock_that_steps_is_a_gap_with_the_size_of_the_step(wall: float, said: str) -> None:
    """One second of the monotonic clock passed, the wall clock jumped."""
    (gap,) = OwnGaps("line-3").between(later(0, 0), later(wall, 1), SOURCES)
    assert (gap.source, gap.cause, gap.lost) == ("line-3", GapCause.CLOCK_STEPPED, 0)
    assert gap.detail == f"the agent's clock stepped by {said} s"
    assert gap.ended is not None
    assert gap.began <= gap.ended


def test_clocks_that_go_alike_are_no_gap() -> None:
    """A little drift between two looks is none either."""
    assert list(OwnGaps("line-3").between(later(0, 0), later(1.0009, 1), SOURCES)) == []


def test_a_time_in_which_the_agent_was_held_up_is_a_gap_of_every_source() -> None:
    """A machine that was paused: both clocks went on, and nobody looked."""
    gaps = list(OwnGaps("line-3").between(later(0, 0), later(20, 20), SOURCES))
    assert [(gap.source, gap.cause, gap.estimated) for gap in gaps] == [
        ("ems", GapCause.AGENT_STOPPED, True),
        ("plc", GapCause.AGENT_STOPPED, True),
    ]
    assert {(gap.began, gap.ended) for gap in gaps} == {(START, START + 20_000_000)}


def test_the_time_between_two_lives_is_a_gap_of_every_source() -> None:
    """From the last record of the one to the begin of the other."""
    gaps = list(OwnGaps("line-3").absence(START, START + 5, SOURCES))
    assert [(gap.source, gap.began, gap.ended) for gap in gaps] == [(name, START, START + 5) for name in SOURCES]


def test_what_made_room_is_a_gap_of_its_source_with_its_tags_and_how_much() -> None:
    """Tags in order, whatever the set's."""
    lost = {"ems": Lost(START, START + 9, samples=300, tags={"b", "a"})}
    (gap,) = OwnGaps("line-3").made_room(lost)
    assert (gap.source, gap.tags, gap.lost, gap.cause) == ("ems", ("a", "b"), 300, GapCause.BUFFER_FULL)
    assert (gap.began, gap.ended) == (START, START + 9)
