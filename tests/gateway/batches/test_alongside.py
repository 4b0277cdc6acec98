"""One tag in several batches, laid over each other from where each begins."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gateway.archive.archive import Archive
from gateway.batches.alongside import REFERENCES, SHOWN, Alongside, Asked, alongside
from schemas.context import Assignment, PlaceKind
from schemas.exported import StepEvent
from schemas.status import StatusCode
from tests.gateway.batches.records import at, step, stored
from tests.gateway.messages import SECOND, frame

TAG = "F1.DP.M1"
MINUTE = 60 * SECOND
BATCHES = ("B1", "B2", "B3")
"""Each comes into the room a day after the one before, for an hour."""
DAY = 24 * 3600 * SECOND


def stay(batch: str, day: int, *, minutes: int | None = 60, product: str = "P-002") -> Assignment:
    began = at(0) + day * DAY
    return Assignment(
        key=batch, system="line-3", place_kind=PlaceKind.ROOM, place="F1", batch=batch, product=product, began=began,
        ended=None if minutes is None else began + minutes * MINUTE, time=began,
    )  # fmt: skip


def readings(day: int, values: Sequence[float], *, status: int = 0) -> list[Any]:
    """One a minute from the begin of the stay on."""
    begin = at(0) + day * DAY
    return [frame({TAG: one}, received=begin + n * MINUTE, status=status) for n, one in enumerate(values)]


def plant(**more: Any) -> Archive:
    """Three batches of an hour: 12, 13 and 14 Pa, with a dip and a peak in the first two."""
    records: list[Any] = []
    for day, batch in enumerate(BATCHES):
        values = [12.0 + day] * 60
        if day < 2:
            values[20 + day] = (8.0, 19.0)[day]
        records += [stay(batch, day), *readings(day, values)]
    return stored([*records, *more.get("more", ())])


def asked(*batches: str, step_: str | None = None) -> Asked:
    return Asked(TAG, ("F1",), batches, step_)


def found(archive: Archive, wanted: Asked, now: int = at(0) + 30 * DAY) -> Alongside:
    return alongside(archive, wanted, {"INJ-2": "P-002"}, now)


def test_batches_count_from_where_each_came_into_the_room() -> None:
    """With what each read there; the band has the extremes of the others that had ended, at their distance."""
    view = found(plant(), asked("B3"))
    assert [(one.span.batch, one.span.began) for one in view.curves] == [("B3", at(0) + 2 * DAY)]
    (curve,) = view.curves
    assert curve.figures is not None
    assert (curve.figures.low, curve.figures.high, curve.figures.count) == (14.0, 14.0, 60)
    assert (view.length, view.unit, view.missing) == (60 * MINUTE, "Pa", ())
    assert view.band is not None
    assert view.band.batches == ("B2", "B1")
    read = np.isfinite(view.band.low)
    assert read.sum() == 60
    assert view.band.low[read].min() == 8.0
    assert view.band.high[read].max() == 19.0
    dip, peak = int(np.nanargmin(view.band.low)), int(np.nanargmax(view.band.high))
    assert abs(view.band.time[dip] - 20 * MINUTE) <= MINUTE
    assert abs(view.band.time[peak] - 21 * MINUTE) <= MINUTE


def test_what_is_laid_over_it_is_not_in_the_band() -> None:
    """In the order in which they were asked for, each once; what was never there is told."""
    view = found(plant(), asked("B3", "B1", "B3", "nobody"))
    assert [one.span.batch for one in view.curves] == ["B3", "B1"]
    assert view.band is not None
    assert view.band.batches == ("B2",)
    assert view.missing == ("nobody",)
    assert [one.batch for one in view.others] == ["B2"]


def test_without_a_batch_all_that_were_there_are_offered() -> None:
    """The one that came last first."""
    view = found(plant(), asked())
    assert ([one.batch for one in view.others], view.curves, view.band) == (["B3", "B2", "B1"], (), None)


def test_another_product_is_neither_offered_nor_in_the_band() -> None:
    """Whatever code names the same product counts."""
    more = [stay("X1", 5, product="P-009"), *readings(5, [1.0] * 60), stay("B4", 6, product="INJ-2")]
    view = found(plant(more=more), asked("B3"))
    assert [one.batch for one in view.others] == ["B4", "B2", "B1"]
    assert view.band is not None
    assert np.nanmin(view.band.low) == 8.0


def test_bad_readings_are_in_no_band() -> None:
    """A value that nobody may calculate with."""
    bad = readings(7, [0.0] * 60, status=int(StatusCode.BAD))
    view = found(plant(more=[stay("B4", 7), *bad]), asked("B3"))
    assert view.band is not None
    assert np.nanmin(view.band.low) == 8.0


def test_a_batch_that_runs_is_drawn_up_to_now_and_is_in_no_band() -> None:
    """It has no end yet."""
    archive = plant(more=[stay("B4", 3, minutes=None), *readings(3, [15.0] * 30)])
    now = at(0) + 3 * DAY + 30 * MINUTE
    view = found(archive, asked("B4"), now)
    assert (view.length, view.curves[0].span.ended) == (30 * MINUTE, None)
    beside = found(archive, asked("B3"), now)
    assert beside.band is not None
    assert "B4" not in beside.band.batches


def test_from_a_step_that_all_have_begun() -> None:
    """Each counts from when its own began, to where it ended; one that has not begun it is told."""
    steps = [
        replace(step("fill", event, 0), batch=batch, key=f"{batch}{event}", time=at(0) + day * DAY + minute * MINUTE)
        for day, batch, begin in ((0, "B1", 10), (1, "B2", 15))
        for event, minute in ((StepEvent.STARTED, begin), (StepEvent.COMPLETED, begin + 20))
    ]
    archive = plant(more=steps)
    view = found(archive, asked("B1", "B2", step_="fill"))
    assert view.steps == {"fill": "fill"}
    assert [one.span.began - at(0) for one in view.curves] == [10 * MINUTE, DAY + 15 * MINUTE]
    assert view.length == 20 * MINUTE
    assert found(archive, asked("B1", "B3", step_="fill")).missing == ("B3",)
    assert found(archive, asked("B1", "B3")).steps == {}
    alone = found(archive, asked("B1", step_="fill"))
    assert alone.band is not None
    assert alone.band.batches == ("B2",)


def test_a_room_that_no_agent_assigned_is_the_one_of_the_steps() -> None:
    """As the page of the batch has it."""
    steps = [
        step("fill", event, minute, room="F1") for event, minute in ((StepEvent.STARTED, 0), (StepEvent.COMPLETED, 60))
    ]
    view = found(stored([*steps, *readings(0, [12.0] * 60)]), asked(steps[0].batch or ""))
    assert [(one.span.began, one.span.ended) for one in view.curves] == [(at(0), at(60))]


def test_no_more_are_drawn_or_counted_than_can_be_told_apart() -> None:
    """The newest of those that went before."""
    many = [stay(f"N{day:02}", day) for day in range(40)]
    view = found(stored(many), asked(*(f"N{day:02}" for day in range(9))))
    assert (len(view.curves), view.missing) == (SHOWN, ())
    assert view.band is None
    read = [one for day in range(40) for one in readings(day, [10.0 + day])]
    band = found(stored([*many, *read]), asked("N39"), at(0) + 60 * DAY).band
    assert band is not None
    assert len(band.batches) == REFERENCES
    assert np.nanmin(band.low) == pytest.approx(10.0 + 39 - REFERENCES)
