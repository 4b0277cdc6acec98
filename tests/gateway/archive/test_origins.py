"""From what a page shows back to its record."""

from uuid import UUID, uuid4

import pytest

from gateway.archive.archive import Archive
from gateway.archive.origins import Origin, gap_told, reading_at, record_with
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.messages import SECOND, alarm, frame, gap, sent, weighing

READINGS, OTHER = "plant-a.line-3.mah.measurements.v1", "plant-a.line-3.mah.alarms.v1"
GAP = UUID(int=7)
DAY = 86_400 * SECOND
STEP = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 9, alarm=uuid4())
FRAME = frame({"dp": 1.0, "t": 2.0}, received=100 * DAY)
WEIGHING = weighing(10)


@pytest.fixture
def archive() -> Archive:
    archive = Archive(None)
    archive.store([sent(READINGS, 1, FRAME, 1), sent(READINGS, 2, frame({"dp": 1.5}, received=100 * DAY + SECOND), 2)])
    archive.store([sent(OTHER, 1, STEP, 1), sent(OTHER, 2, WEIGHING, 2)])
    archive.store([sent(OTHER, 3, gap(5, None, gap=GAP), 3), sent(OTHER, 4, gap(5, 8, gap=GAP), 4)])
    return archive


@pytest.mark.parametrize(
    ("tag", "after", "number"),
    [("dp", 0, 1), ("dp", SECOND, 2), ("dp", 2 * SECOND, 2), ("t", SECOND, 1), ("t", 3600 * SECOND, 1)],
)
def test_a_reading_leads_to_the_frame_that_it_came_in(archive: Archive, tag: str, after: int, number: int) -> None:
    """Between two readings to the one before."""
    assert reading_at(archive, tag, 100 * DAY + after) == Origin(READINGS, number)


@pytest.mark.parametrize(("tag", "time"), [("dp", 100 * DAY - 1), ("dp", 102 * DAY), ("nothing", 100 * DAY)])
def test_where_nothing_was_read_there_is_no_record(archive: Archive, tag: str, time: int) -> None:
    """Before the first reading, more than a day after the last, of no tag."""
    assert reading_at(archive, tag, time) is None


@pytest.mark.parametrize(
    ("id_", "place"),
    [
        (STEP.id, Origin(OTHER, 1)),
        (WEIGHING.id, Origin(OTHER, 2)),
        (FRAME.id, Origin(READINGS, 1)),
        (UUID(int=1), None),
    ],
)
def test_a_records_id_leads_to_it_whatever_its_kind(archive: Archive, id_: UUID, place: Origin | None) -> None:
    """An id that no record has leads nowhere."""
    assert record_with(archive, id_) == place


def test_a_gap_leads_to_the_newest_record_about_it(archive: Archive) -> None:
    """The one that tells its end."""
    assert gap_told(archive, GAP) == Origin(OTHER, 4)
    assert gap_told(archive, UUID(int=1)) is None
