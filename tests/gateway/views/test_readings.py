"""What may be said of a tag: never silently good."""

from dataclasses import replace
from uuid import uuid4

import pytest

from gateway.cleanroom.levels import Level, Levels, Limit
from gateway.intake.live import Live
from gateway.views.readings import Reading, Status, Why, reading
from gateway.views.sources import Contact, sources
from schemas.codec import Record
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmPriority, AlarmState, Gap, GapCause
from schemas.status import Reason, StatusCode
from tests.gateway.messages import SECOND, alarm, frame, message

NOW = 1_000 * SECOND
LIMIT = Limit(low=10.0)


def live(*records: Record) -> Live:
    found = Live()
    found.apply([message(record, offset) for offset, record in enumerate(records)])
    return found


def at(now: int, *records: Record, limit: Limit | None = LIMIT) -> Reading:
    return reading("dp", limit, live(*records), now)


def hole(tags: tuple[str, ...], source: str = "ems") -> Gap:
    return Gap(gap=uuid4(), source=source, tags=tags, began=NOW - 60 * SECOND, cause=GapCause.DEVICE_SILENT, detail="")


def test_a_good_fresh_value_is_shown() -> None:
    """With its number and no reason."""
    found = at(NOW, frame({"dp": 12.5}, received=NOW - SECOND))
    assert (found.status, found.value, found.why) == (Status.GOOD, 12.5, None)


def test_a_state_in_words_is_as_good_as_a_number() -> None:
    """A text with a good status is a reading."""
    found = at(NOW, frame({"dp": "Execute"}, received=NOW - SECOND), limit=None)
    assert (found.status, found.value, found.text) == (Status.GOOD, None, "Execute")


@pytest.mark.parametrize(("age", "status"), [(15, Status.GOOD), (15.1, Status.NOT_LIVE)])
def test_a_value_counts_for_15_seconds_after_its_source_was_heard_of(age: float, status: Status) -> None:
    """Then it is gone, with the time of the last contact."""
    found = at(NOW, frame({"dp": 12.5}, received=NOW - int(age * SECOND)))
    assert found.status is status
    assert (found.value is None) == (status is Status.NOT_LIVE)


def test_a_source_without_news_keeps_its_values_alive() -> None:
    """An empty frame says that the device answers and nothing changed."""
    found = at(NOW, frame({"dp": 12.5}, received=NOW - 60 * SECOND), frame({}, received=NOW - SECOND))
    assert (found.status, found.value) == (Status.GOOD, 12.5)


def test_a_clock_that_is_ahead_makes_no_value_fresh() -> None:
    """No age can be told, so nothing is good."""
    found = at(NOW, frame({"dp": 12.5}, received=NOW + 3600 * SECOND))
    assert (found.status, found.value, found.why) == (Status.NOT_LIVE, None, Why.AHEAD)


@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [
        (StatusCode.BAD_NO_COMMUNICATION, Reason.SOURCE, Status.NO_READING),
        (StatusCode.UNCERTAIN, Reason.UNSTABLE, Status.UNCERTAIN),
        (StatusCode.UNCERTAIN_LAST_USABLE_VALUE, Reason.STALE, Status.STALE),
    ],
)
def test_a_value_whose_status_is_not_good_is_not_shown(code: StatusCode, reason: Reason, status: Status) -> None:
    """Whatever number came with it, and also within its limit."""
    found = at(NOW, frame({"dp": 12.5}, received=NOW, status=code, reason=reason))
    assert (found.status, found.value, found.why, found.reason) == (status, None, Why.STATUS, reason.name)


@pytest.mark.parametrize(
    ("tags", "source", "status"),
    [
        (("dp",), "ems", Status.NOT_LIVE),
        ((), "ems", Status.NOT_LIVE),
        (("other",), "ems", Status.GOOD),
        (("dp",), "scale", Status.GOOD),
    ],
)
def test_an_open_gap_hides_the_values_it_speaks_of(tags: tuple[str, ...], source: str, status: Status) -> None:
    """One without tags speaks of the whole source."""
    found = at(NOW, frame({"dp": 12.5}, received=NOW), hole(tags, source))
    assert found.status is status


def test_a_tag_that_was_never_read_has_no_reading() -> None:
    """It is not fine for want of a fault."""
    assert (at(NOW).status, at(NOW).why) == (Status.NO_READING, Why.NEVER)


def test_beyond_the_limit_is_delayed_until_the_line_raises_the_alarm() -> None:
    """The delay hides nothing; the engine at the line alone decides on alarms."""
    low = frame({"dp": 8.0}, received=NOW)
    assert at(NOW, low).status is Status.DELAYED
    assert at(NOW, low, limit=None).status is Status.GOOD
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW, alarm=uuid4(), since=NOW - SECOND)
    assert (at(NOW, low, raised).status, at(NOW, low, raised).since) == (Status.ACTION, NOW - SECOND)


def test_an_alarm_stays_while_its_value_is_lost() -> None:
    """The reading has no value, and still names the alarm."""
    one = uuid4()
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW - 60 * SECOND, alarm=one)
    found = at(NOW, frame({"dp": 8.0}, received=NOW - 60 * SECOND), raised)
    assert (found.status, found.value, found.alarm) == (Status.NOT_LIVE, None, one)


def test_a_returned_alarm_is_no_longer_on_the_value() -> None:
    """It waits in the list for its acknowledgement."""
    returned = alarm(AlarmEvent.RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED, NOW, alarm=uuid4())
    assert at(NOW, frame({"dp": 12.0}, received=NOW), returned).status is Status.GOOD


@pytest.mark.parametrize(
    ("limit", "margin"), [(Limit(low=10.0), 2.5), (Limit(high=10.0), -2.5), (Limit(high=-5.0), -17.5), (None, None)]
)
def test_the_margin_is_positive_inside_the_limit(limit: Limit | None, margin: float | None) -> None:
    """For a low and for a high limit, also below zero."""
    assert at(NOW, frame({"dp": 12.5}, received=NOW), limit=limit).margin == margin


def test_sources_tell_their_own_state() -> None:
    """Delivering, silent, or with an open gap."""
    found = live(
        frame({"a": 1.0}, received=NOW),
        frame({"b": 1.0}, received=NOW - 20 * SECOND, source="scale"),
        hole(("c",), "counter"),
    )
    states = {source.name: source.state for source in sources(found, NOW)}
    assert states == {"counter": Contact.GAP, "ems": Contact.LIVE, "scale": Contact.SILENT}


def raised(kind: AlarmKind, priority: AlarmPriority) -> Alarm:
    one = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW, alarm=uuid4(), since=NOW - SECOND)
    return replace(one, kind=kind, priority=priority)


def test_an_alert_is_not_shown_as_an_action() -> None:
    """Of both at once the action counts, in whichever order they came."""
    low = frame({"dp": 10.5}, received=NOW)
    alert, action = raised(AlarmKind.LOW, AlarmPriority.ALERT), raised(AlarmKind.LOW, AlarmPriority.ACTION)
    assert (at(NOW, low, alert).status, at(NOW, low, alert).tone) == (Status.ALERT, "alert")
    assert at(NOW, low, action, alert).status is at(NOW, low, alert, action).status is Status.ACTION


def test_a_value_past_its_silence_is_none() -> None:
    """The line says that it is stale, though its source answers."""
    found = at(NOW, frame({"dp": 12.5}, received=NOW), raised(AlarmKind.STALE, AlarmPriority.ALERT))
    assert (found.status, found.value, found.tone) == (Status.STALE, None, "data")
    broken = raised(AlarmKind.LOW, AlarmPriority.ACTION)
    both = at(NOW, frame({"dp": 8.0}, received=NOW), broken, raised(AlarmKind.STALE, AlarmPriority.ALERT))
    assert (both.status, both.value, both.tone) == (Status.STALE, None, "action")


def test_beyond_a_limit_whose_alarm_is_put_aside_is_said_so() -> None:
    """No alarm is on its way: the room is out of use, or somebody shelved it."""
    held = alarm(AlarmEvent.SUPPRESSED, AlarmState.SUPPRESSED, NOW, alarm=uuid4())
    low = frame({"dp": 2.0}, received=NOW)
    found = at(NOW, low, held)
    assert (found.status, found.why, found.value) == (Status.HELD, Why.HELD, 2.0)
    other = replace(held, priority=AlarmPriority.ALERT, limit=11.0)
    assert at(NOW, low, other).status is Status.DELAYED, "the alarm of another limit says nothing of this one"


def test_a_tag_with_levels_is_monitored() -> None:
    """Also without a single limit that a margin could be told of."""
    levels = Levels(action=(Level(low=18), Level(high=26)))
    assert reading("dp", None, live(), NOW, levels).monitored
    assert not reading("dp", None, live(), NOW).monitored
