"""Drafts out of the archive, with the doors."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from gateway.archive.archive import Archive
from gateway.deviations.archived import doors_open, draft_for, draft_with, drafts, unraised
from gateway.deviations.draft import DoorOpen
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.batches.records import DEVIATION
from tests.gateway.console.stage import SITE
from tests.gateway.deviations.test_draft import ONE, step
from tests.gateway.messages import SECOND, frame, message

DOOR = "Door.F1-M1"
RAISED = step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 110 * SECOND, since=100 * SECOND)
RETURNED = step(AlarmEvent.RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED, 160 * SECOND, since=100 * SECOND)
NOW = 999 * SECOND


def door(*words: tuple[int, bool]) -> Archive:
    archive = Archive(None)
    archive.store([message(frame({DOOR: said}, received=at * SECOND), at) for at, said in words])
    return archive


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "a.duckdb"
    archive = Archive(file)
    archive.store(
        [
            message(frame({DOOR: True}, received=90 * SECOND), 0),
            message(RAISED, 1),
            message(frame({DOOR: False}, received=120 * SECOND), 2),
            message(RETURNED, 3),
        ]
    )
    archive.close()
    return file


def test_a_draft_is_the_same_after_a_restart(file: Path) -> None:
    """It is derived from the records: by period, by its id, and by its alarm."""
    for _ in range(2):
        archive = Archive(file)
        (found,) = drafts(archive, SITE, 0, NOW, NOW)
        assert found.id == RAISED.id
        assert found.doors == (DoorOpen(DOOR, 90 * SECOND, 120 * SECOND),)
        assert draft_with(archive, SITE, found.id, NOW) == found
        assert draft_for(archive, ONE, NOW) == found.id
        archive.close()


def test_another_record_of_the_alarm_names_no_draft(file: Path) -> None:
    """One alarm, one draft, one id."""
    archive = Archive(file)
    assert draft_with(archive, SITE, RETURNED.id, NOW) is None
    assert draft_with(archive, SITE, UUID(int=7), NOW) is None
    assert drafts(archive, SITE, 500 * SECOND, 600 * SECOND, NOW)  # not acknowledged, so open still
    archive.close()


@pytest.mark.parametrize(
    ("words", "spans"),
    [
        ([(50, True), (90, False)], []),
        ([(50, False), (110, True), (130, False)], [(110, 130)]),
        ([(50, True)], [(50, None)]),
        ([(105, True), (108, False), (110, True), (300, False)], [(105, 108), (110, None)]),
        ([(200, True)], []),
    ],
)
def test_a_door_counts_for_as_long_as_it_stood_open_in_the_breach(
    words: list[tuple[int, bool]], spans: list[tuple[int, int | None]]
) -> None:
    """What it said last before counts too; it may be sent only when it changes."""
    found = doors_open(door(*words), SITE, "F1", 100 * SECOND, 160 * SECOND)
    seen = [(one.began // SECOND, None if one.ended is None else one.ended // SECOND) for one in found]
    assert seen == spans
    assert doors_open(door(*words), SITE, "C1", 100 * SECOND, 160 * SECOND) == []


def test_a_draft_waits_until_a_quality_event_completes_it(file: Path) -> None:
    """And one of an alarm before the period does not."""
    archive = Archive(file)
    (found,) = unraised(archive, 0, NOW, 9)
    assert (found.id, found.batches) == (RAISED.id, ("240611A",))
    assert unraised(archive, 111 * SECOND, NOW, 9) == []
    assert unraised(archive, 0, NOW, 0) == []
    raised = replace(DEVIATION, draft=str(RAISED.id))
    archive.store([message(raised, 9)])
    assert unraised(archive, 0, NOW, 9) == []
    archive.close()
