"""What the evidence page asks the archive."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive.archive import Archive
from gateway.archive.evidence import findings_between, first_records, held, leaves_only, told_missing
from gateway.intake.inspection import Inspected, Received
from gateway.intake.message import Batch
from gateway.proof.findings import Code, Finding
from tests.gateway.messages import SECOND, frame, gap, message

STREAM = "cmo-a.line-3.holder-b.measurements.v1"


def finding(code: Code, first: int, last: int, found: float) -> Finding:
    return Finding(code, STREAM, first, last, "not in the topic", found)


def archive_with(*findings: Finding, numbers: tuple[int, ...] = ()) -> Archive:
    """An archive with these findings, and these numbers by their leaf hash alone."""
    archive = Archive(None)
    received = [Received(STREAM, number, bytes([number % 256]) * 32, None) for number in numbers]
    archive.store_inspected(Inspected(Batch(), findings=list(findings), received=received))
    return archive


def test_findings_of_a_period_come_newest_first_and_no_more_than_asked() -> None:
    """The begin belongs to the period, the end does not."""
    archive = archive_with(*(finding(Code.ALTERED, number, number, float(number)) for number in range(1, 7)))
    found = findings_between(archive, 2 * SECOND, 6 * SECOND, 10)
    assert [row.first for row in found] == [5, 4, 3, 2]
    assert [row.first for row in findings_between(archive, 0, 10 * SECOND, 2)] == [6, 5]


def test_a_sources_records_begin_with_its_first_frame_or_a_gap_before_it() -> None:
    """A source that never delivered has its gap."""
    archive = Archive(None)
    archive.store(
        [
            message(frame({"dp": 1.0}, received=9 * SECOND, source="scale"), 0),
            message(frame({"dp": 1.0}, received=7 * SECOND, source="scale"), 1),
            message(gap(3 * SECOND, None), 2),
            message(frame({"dp": 1.0}, received=5 * SECOND), 3),
        ]
    )
    assert first_records(archive) == {"scale": 7 * SECOND, "ems": 3 * SECOND}


def test_only_missing_numbers_are_told_as_missing() -> None:
    """By stream, in order; a finding that names no number tells none."""
    archive = archive_with(
        finding(Code.MISSING, 9, 9, 2.0), finding(Code.MISSING, 2, 4, 3.0), finding(Code.ALTERED, 5, 6, 1.0),
        finding(Code.MISSING, 0, 0, 1.0),
    )  # fmt: skip
    assert told_missing(archive) == {STREAM: [(2, 4), (9, 9)]}


@settings(deadline=None, max_examples=25)
@given(st.sets(st.integers(1, 40)), st.integers(1, 40), st.integers(1, 40))
def test_runs_of_numbers_held_are_the_numbers_between(numbers: set[int], one: int, other: int) -> None:
    """Each run as long as it can be, within what was told."""
    first, last = sorted((one, other))
    archive = archive_with(numbers=tuple(sorted(numbers)))
    (runs,) = held(archive, {STREAM: [(first, last)]}).values()
    assert [n for low, high in runs for n in range(low, high + 1)] == sorted(n for n in numbers if first <= n <= last)
    assert all(high + 1 < low for (_, high), (low, _) in pairwise(runs))


def test_numbers_without_their_content_are_counted() -> None:
    """They prove that something was there, not what."""
    assert leaves_only(archive_with(numbers=(1, 2, 5))) == {STREAM: 3}
    assert leaves_only(archive_with()) == {}
