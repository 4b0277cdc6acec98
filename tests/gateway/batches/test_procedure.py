"""Steps as they ran, and the rooms of a batch."""

import pytest

from gateway.archive.exported import Kept
from gateway.batches.batch import batches
from gateway.batches.procedure import runs, stays
from schemas.exported import BatchStep, StepEvent
from tests.gateway.batches.records import BATCH, at, step

S = StepEvent


def ran(*steps: BatchStep) -> list[tuple[str, int | None, int | None, int]]:
    (batch,) = batches(BATCH, [Kept(one, "s", 1) for one in steps], [], {})
    return [(run.step, run.began, run.ended, len(run.events)) for run in runs(batch.of(BatchStep))]


def test_a_step_runs_from_its_start_to_its_completion_with_what_happened_between() -> None:
    """Held and restarted is one run."""
    found = ran(*(step("fill", event, minute) for minute, event in
                  enumerate((S.STARTED, S.HELD, S.RESTARTED, S.COMPLETED))))  # fmt: skip
    assert found == [("fill", at(0), at(3), 4)]


def test_a_repeated_step_is_a_run_of_its_own() -> None:
    """So is one that starts again after its end."""
    found = ran(step("fill", S.STARTED, 0), step("fill", S.COMPLETED, 1), step("fill", S.REPEATED, 2),
                step("fill", S.COMPLETED, 3), step("fill", S.STARTED, 4))  # fmt: skip
    assert found == [("fill", at(0), at(1), 2), ("fill", at(2), at(3), 2), ("fill", at(4), None, 1)]


def test_start_and_end_in_the_same_moment_are_one_run() -> None:
    """Whatever their keys."""
    found = ran(step("fill", S.COMPLETED, 0, key="a"), step("fill", S.STARTED, 0, key="b"))
    assert found == [("fill", at(0), at(0), 2)]


def test_an_end_without_a_start_tells_no_begin() -> None:
    """It is not made up."""
    assert ran(step("fill", S.COMPLETED, 5)) == [("fill", None, at(5), 1)]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("a", 0, 10), ("b", 5, 20), ("c", 30, 40)], [(0, 20), (30, 40)]),
        ([("a", 0, 10), ("b", 10, 20)], [(0, 20)]),
        ([("a", 0, 60), ("b", 5, 20)], [(0, 60)]),
        ([("a", 0, None), ("b", 5, 20)], [(0, None)]),
    ],
)
def test_steps_in_a_room_that_overlap_are_one_stay(
    steps: list[tuple[str, int, int | None]], expected: list[tuple[int, int | None]]
) -> None:
    """The time between two stays is not the batch's; a step without an end is one that lasts."""
    records = [step(name, S.STARTED, begin) for name, begin, _ in steps]
    records += [step(name, S.COMPLETED, end) for name, _, end in steps if end is not None]
    (batch,) = batches(BATCH, [Kept(one, "s", 1) for one in records], [], {})
    found = [(stay.began, stay.ended) for stay in stays(batch)]
    assert found == [(at(begin), None if end is None else at(end)) for begin, end in expected]


def test_a_skipped_step_was_in_no_room() -> None:
    """It did not happen."""
    (batch,) = batches(BATCH, [Kept(step("fill", S.SKIPPED, 0), "s", 1)], [], {})
    assert stays(batch) == []
