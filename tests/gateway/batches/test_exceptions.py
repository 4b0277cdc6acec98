"""Review by exception: what does not pass is spelt out, and what is missing never passes."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from gateway.batches.archived import assembled
from gateway.batches.exceptions import ORDER as ORDER_OF
from gateway.batches.exceptions import RuleAnswer, chosen
from gateway.batches.grades import Grade, OfBatch
from gateway.batches.missing import Part
from gateway.batches.reviewed import reviewed
from gateway.review.archived import Archived
from gateway.review.history import Context
from gateway.review.outcome import Code, Verdict
from gateway.review.review import Count, counts, review_all
from gateway.review.settings import Agreed
from schemas.codec import Record
from schemas.exported import OrderStatus, Origin
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.batches.records import (
    ASSAY,
    BATCH,
    CLEARED,
    DEVIATION,
    MASTERS,
    ORDER,
    RECORDS,
    analysed,
    at,
    corrected,
    stored,
)
from tests.gateway.console.stage import SITE
from tests.gateway.messages import alarm, frame, gap

NOW = at(1000)
ZONE = ZoneInfo("Asia/Shanghai")
RUNNING = replace(ORDER, status=OrderStatus.STARTED)
WHOLE = RECORDS


def rules(records: Sequence[Record]) -> dict[str, RuleAnswer]:
    archive = stored(records)
    (whole,) = assembled(archive, SITE, MASTERS, BATCH, NOW)
    found = {one.code: one for one in reviewed(archive, whole, Agreed(masters=MASTERS), ZONE, NOW)}
    archive.close()
    return found


def test_a_whole_batch_passes_where_there_is_something_to_judge() -> None:
    """Each part of the master batch record; its rooms were not measured, so nobody says that they were in limits."""
    found = rules(WHOLE)
    assert {found[part].verdict for part in Part if part in found} == {Verdict.PASSED}
    assert found[OfBatch.ROOM_READINGS].verdict is Verdict.NOT_EVALUABLE
    assert found[Code.OUT_OF_TREND].verdict is not Verdict.PASSED
    assert set(Code) < set(found)


def test_records_that_are_there_already_are_judged_as_those_that_are_asked_for() -> None:
    """Record by record what the review of everything says, also of corrected ones."""
    archive = stored([*WHOLE, corrected(ASSAY, reported="91.0", value=91.0), analysed("Assay", "S-9", 80.0)])
    (whole,) = assembled(archive, SITE, MASTERS, BATCH, NOW)
    agreed = Agreed(masters=MASTERS)
    expected = counts(review_all(Context(Archived(archive), agreed, ZONE), BATCH))
    found = {one.code: one for one in reviewed(archive, whole, agreed, ZONE, NOW)}
    assert {
        code: Count(found[code].passed, len(found[code].failed), len(found[code].not_evaluable)) for code in Code
    } == expected
    archive.close()


def test_what_has_not_come_is_missing_only_once_the_batch_is_over() -> None:
    """While it runs it cannot be told."""
    gone = tuple(one for one in WHOLE if one is not CLEARED)
    assert rules(gone)[Part.CLEARANCE].verdict is Verdict.FAILED
    running = tuple(RUNNING if one is ORDER else one for one in gone)
    assert rules(running)[Part.CLEARANCE].verdict is Verdict.NOT_EVALUABLE


def test_what_differs_fails_with_its_cases() -> None:
    """A result out of its limits, a correction that says nothing of who, an open deviation."""
    wrong = analysed("Assay", "S-9", 80.0)
    silent = replace(corrected(CLEARED), by=None, why=None)
    found = rules([*WHOLE, wrong, silent, DEVIATION])
    assert found[Code.OUT_OF_SPECIFICATION].verdict is Verdict.FAILED
    assert len(found[Code.OUT_OF_SPECIFICATION].failed) == 1
    assert (found[OfBatch.CORRECTIONS].verdict, len(found[OfBatch.CORRECTIONS].failed)) == (Verdict.FAILED, 1)
    assert found[OfBatch.EVENTS].verdict is Verdict.FAILED


def test_an_alarm_in_its_room_and_a_hole_in_the_readings_are_exceptions() -> None:
    """While it was there: an action alarm fails, a gap makes the readings not evaluable."""
    readings = [frame({"F1.DP.M1": 14.0, "F1.Temperature": 20.0}, received=at(minute)) for minute in range(-10, 300, 2)]
    broken = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, at(12), alarm=ORDER.id, since=at(11), tag="F1.DP.M1")
    found = rules([*WHOLE, *readings, replace(broken, room="F1"), replace(gap(at(20), at(25)), tags=("F1.DP.M1",))])
    assert found[OfBatch.ROOM_ALARMS].verdict is Verdict.FAILED
    assert found[OfBatch.ROOM_READINGS].verdict is Verdict.NOT_EVALUABLE


def test_a_system_that_was_away_is_an_exception_with_what_was_keyed_meanwhile() -> None:
    """Of systems that said nothing of the batch it is none."""
    keyed = replace(analysed("Water", "S-3", 1.0), origin=Origin.KEYED, time=at(61), second="wang")
    away = replace(gap(at(60), at(65)), source=ASSAY.system, tags=())
    found = rules([*WHOLE, keyed, away, replace(gap(at(60), at(65)), source="ems-9", tags=())])[OfBatch.INTERFACES]
    assert found.verdict is Verdict.FAILED
    assert [[one.record.id for one in case.keyed] for case in found.failed] == [[keyed.id]]  # type: ignore[union-attr]


def test_what_was_keyed_while_a_system_was_away_is_told_also_once_the_gap_was_filled_in() -> None:
    """Two accounts of the same time stand beside each other; a gap that was filled in and hid nothing is none."""
    keyed = replace(analysed("Water", "S-3", 1.0), origin=Origin.KEYED, time=at(61), second="wang")
    filled = replace(gap(at(60), at(65)), source=ASSAY.system, tags=(), backfilled=True)
    assert rules([*WHOLE, keyed, filled])[OfBatch.INTERFACES].verdict is Verdict.FAILED
    assert rules([*WHOLE, filled])[OfBatch.INTERFACES].verdict is Verdict.PASSED


def test_the_critical_stand_first_within_each_answer() -> None:
    """A rule that fails before one that cannot be told, and of those that fail the weightiest first."""
    wrong = replace(analysed("Assay", "S-9", 80.0), unit="g/l")
    found = list(rules([one for one in WHOLE if one is not CLEARED] + [wrong, DEVIATION]).values())
    places = [(ORDER_OF.index(one.verdict), list(Grade).index(one.grade)) for one in found]
    assert places == sorted(places)
    assert {one.grade for one in chosen(found, Verdict.FAILED)} >= {Grade.CRITICAL, Grade.MAJOR}
    assert {(one.verdict, one.grade) for one in chosen(found, Verdict.FAILED, Grade.MAJOR)} == {
        (Verdict.FAILED, Grade.MAJOR)
    }


def test_nothing_passes_for_want_of_data() -> None:
    """No reading in its rooms, versions that did not come, a system that is away now."""
    assert rules(WHOLE)[OfBatch.ROOM_ALARMS].verdict is Verdict.NOT_EVALUABLE
    third = replace(corrected(CLEARED, version=4), by="li", why="typo")
    assert rules([*WHOLE, third])[OfBatch.CORRECTIONS].verdict is Verdict.NOT_EVALUABLE
    running = tuple(RUNNING if one is ORDER else one for one in WHOLE)
    away = replace(gap(at(940), None), source=RUNNING.system, tags=())
    assert rules([*running, away])[OfBatch.INTERFACES].verdict is Verdict.FAILED


def test_no_rule_about_the_master_record_begins_to_pass_when_a_record_is_lost() -> None:
    """Whichever is lost, but the order: without it nobody knows which list holds."""
    passed = {code for code, one in rules(WHOLE).items() if one.verdict is Verdict.PASSED}
    for lost in WHOLE:
        if lost is not ORDER:
            after = rules([one for one in WHOLE if one is not lost])
            assert {part for part in Part if part in after and after[part].verdict is Verdict.PASSED} <= passed


@pytest.mark.parametrize("code", OfBatch)
def test_every_rule_says_what_asks_for_it(code: str) -> None:
    """A clause, or an obligation of the list."""
    assert rules(WHOLE)[code].source
