"""A batch on its time line, and its fields in words."""

from dataclasses import replace
from uuid import UUID

import pytest

from gateway.batches.archived import Whole, assembled
from gateway.languages import Language, words_in
from gateway.views.batches import changed_text, limits_text, record_fields, timeline
from gateway.views.display import Clock
from schemas.codec import Record
from schemas.exported import QualityEvent, StepEvent, TestResult
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.batches.records import ASSAY, BATCH, DEVIATION, MASTERS, RECORDS, STEPS, at, step, stored
from tests.gateway.console.stage import SITE
from tests.gateway.messages import alarm

CLOCK, SAY = Clock.of("Asia/Shanghai"), words_in(Language.EN)


def whole(*records: Record) -> Whole:
    (found,) = assembled(stored(records), SITE, MASTERS, BATCH, at(1000))
    return found


def test_the_axis_spans_all_that_happened_and_lanes_stand_in_their_order() -> None:
    """Rooms as the batch went through them, then the sorts of things."""
    line = timeline(whole(*RECORDS), {}, SAY, at(1000))
    assert line is not None
    assert [lane.key for lane in line.lanes] == ["M1", "F1", "clearances", "weighings", "tests", "materials", "events"]
    pieces = [piece for lane in line.lanes for piece in lane.pieces]
    assert line.begin < min(piece.began for piece in pieces)
    assert line.end > max(piece.ended or piece.began for piece in pieces)


def test_what_has_no_end_is_open_and_what_was_not_as_planned_has_a_mark() -> None:
    """No end is made up for a step that runs or a deviation that is open."""
    line = timeline(whole(step("fill", StepEvent.STARTED, 0), step("fill", StepEvent.HELD, 5), DEVIATION), {}, SAY, 0)
    assert line is not None
    assert [(lane.key, piece.tone, piece.open) for lane in line.lanes for piece in lane.pieces] == [
        ("F1", "alert", True), ("events", "alert", True),
    ]  # fmt: skip


def test_an_alarm_that_lasts_still_does_not_stretch_the_axis() -> None:
    """Months later the batch can still be seen."""
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, at(60), alarm=UUID(int=1), since=at(59))
    found = timeline(whole(*RECORDS, replace(raised, room="F1")), {}, SAY, at(1_000_000))
    assert found is not None
    assert "alarms" in [lane.key for lane in found.lanes]
    assert found.end < at(1000)


def test_the_test_of_a_lot_weeks_before_is_not_on_the_line() -> None:
    """The batch would be a dot at its end."""
    before = replace(ASSAY, id=UUID(int=2), key="lot", batch=None, lot="RM-1", material="API", sampled=at(-50_000))
    found = whole(*RECORDS, before)
    line = timeline(found, {}, SAY, at(1000))
    assert before.id in [one.told.record.id for one in found.results]
    assert line is not None
    assert line.begin > at(-50_000)


def test_without_any_time_there_is_no_line() -> None:
    """Not one from 1970."""
    untimed = replace(ASSAY, time=None, sampled=None)
    assert timeline(whole(untimed), {}, SAY, 0) is None


def test_every_field_that_says_something_is_told_in_words() -> None:
    """Codes in the language, times in the plant's zone, numbers with all their digits."""
    told = list(record_fields(replace(ASSAY, value=99.12345678), CLOCK, SAY))
    assert "sampled: 2026-06-11 11:16:40 UTC+8" in told
    assert "conclusion: passes" in told
    assert "number: 99.12345678" in told
    assert not [text for text in told if text.startswith("analyst")]
    assert "结论：合格" in list(record_fields(ASSAY, CLOCK, words_in(Language.ZH)))


@pytest.mark.parametrize(
    ("kind", "name", "value", "text"),
    [
        (TestResult, "value", -1.5, "\N{MINUS SIGN}1.5"),
        (TestResult, "value", None, "–"),
        (TestResult, "", None, ""),
        (QualityEvent, "closed", at(0), "2026-06-11 09:06:40 UTC+8"),
    ],
)
def test_old_and_new_values_are_told_as_fields_are(kind: type, name: str, value: object, text: str) -> None:
    """What was not there is a dash."""
    assert changed_text(kind, name, value, CLOCK, SAY) == text


def test_limits_are_told_with_their_sides() -> None:
    """None is said to be none."""
    assert limits_text(95.0, None, "%", SAY) == "≥ 95 %"
    assert limits_text(None, None, "%", SAY) == "no limits told"


def test_steps_of_no_room_have_a_lane_too() -> None:
    """They are not left out."""
    line = timeline(whole(replace(STEPS[0], room=None), STEPS[2]), {}, SAY, 0)
    assert line is not None
    assert [lane.key for lane in line.lanes] == ["", "F1"]
