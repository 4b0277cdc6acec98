"""What runs and what has ended."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.batches.standing import BatchStanding, Phase, batch_standings, record_marks
from schemas.context import Assignment, PlaceKind
from schemas.exported import OrderStatus, StepEvent
from tests.gateway.batches.records import (
    BATCH,
    ORDER,
    PRODUCT,
    RECORDS,
    STEPS,
    another,
    at,
    corrected,
    step,
    stored,
)  # fmt: skip

STAY: dict[str, Any] = {"system": "line-3", "place_kind": PlaceKind.ROOM, "batch": BATCH, "time": at(30)}


def test_a_batch_whose_order_is_completed_has_ended() -> None:
    """With no step and no room, also where a step was never told to have ended."""
    archive = stored([*RECORDS, step("pack", StepEvent.STARTED, 210)])
    assert batch_standings(archive, {}) == [
        BatchStanding(BATCH, PRODUCT, None, Phase.ENDED, None, None, None, at(-30), at(210))
    ]


def test_what_runs_is_the_step_that_began_last_and_has_not_ended() -> None:
    """In words where there are some, with its begin and the room where the batch stands."""
    stay = Assignment(key="s1", place="M1", began=at(25), **STAY)
    started = corrected(ORDER, status=OrderStatus.STARTED)
    filling = replace(STEPS[2], name="Filling")
    (found,) = batch_standings(stored([ORDER, started, *STEPS[:2], filling, stay]), {})
    assert (found.phase, found.step, found.step_since, found.room) == (Phase.RUNNING, "Filling", at(30), "M1")
    ended = corrected(stay, ended=at(40))
    (found,) = batch_standings(stored([started, *STEPS, stay, ended]), {})
    assert (found.phase, found.step, found.room) == (Phase.RUNNING, None, None)


def test_a_step_that_is_done_again_runs_again_and_one_told_in_one_moment_has_ended() -> None:
    """By the last event of the step."""
    started = corrected(ORDER, status=OrderStatus.STARTED)
    again = step("fill", StepEvent.REPEATED, 220)
    (found,) = batch_standings(stored([started, *STEPS, again]), {})
    assert (found.step, found.step_since) == ("fill", at(220))
    moment = (step("label", StepEvent.COMPLETED, 5), step("label", StepEvent.STARTED, 5))
    (found,) = batch_standings(stored([started, *moment]), {})
    assert found.step is None


@pytest.mark.parametrize(
    ("status", "phase"),
    [(OrderStatus.PLANNED, Phase.PLANNED), (OrderStatus.RELEASED, Phase.PLANNED),
     (OrderStatus.CANCELLED, Phase.CANCELLED), (OrderStatus.OTHER, Phase.ENDED)],
)  # fmt: skip
def test_an_order_says_how_far_a_batch_is(status: OrderStatus, phase: Phase) -> None:
    """What begins although it was only planned runs."""
    order = corrected(ORDER, status=status)
    assert [one.phase for one in batch_standings(stored([order]), {})] == [phase]
    begun = [one.phase for one in batch_standings(stored([order, STEPS[0]]), {})]
    assert begun == [Phase.CANCELLED if phase is Phase.CANCELLED else Phase.RUNNING]


def test_two_products_of_a_number_stand_apart_and_two_codes_of_one_together() -> None:
    """What names no product is the only product's."""
    archive = stored([ORDER, another(ORDER, product="P-9", line="line-5"), *STEPS])
    assert {(one.product, one.line) for one in batch_standings(archive, {})} == {(PRODUCT, None), ("P-9", "line-5")}
    assert [one.product for one in batch_standings(archive, {"P-9": PRODUCT})] == [PRODUCT]
    nameless = stored([ORDER, step("fill", StepEvent.STARTED, 3, product=None)])
    assert [one.product for one in batch_standings(nameless, {})] == [PRODUCT]


def test_one_more_record_of_a_batch_changes_its_mark() -> None:
    """A weighing too; records of others do not."""
    before = record_marks(stored([ORDER, *STEPS]))
    assert record_marks(stored(RECORDS))[BATCH] != before[BATCH]
    beside = another(ORDER, batch="240612B")
    assert record_marks(stored([ORDER, *STEPS, beside]))[BATCH] == before[BATCH]
