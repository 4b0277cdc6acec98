"""Alarm steps in the archive: every field, what is put aside, and what followed from what."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import pytest

from gateway.archive.archive import Archive, ArchiveError
from gateway.archive.choosing import EVERY, Chosen
from gateway.intake.live import Live
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmMeaning, AlarmPriority, AlarmState
from tests.gateway.messages import alarm, message

E, S = AlarmEvent, AlarmState


def archive_of(*steps: Alarm) -> Archive:
    archive = Archive(None)
    archive.store([message(step, at) for at, step in enumerate(steps)])
    return archive


def live_of(*steps: Alarm) -> Live:
    live = Live()
    live.apply([message(step, at) for at, step in enumerate(steps)])
    return live


def test_a_step_comes_back_with_every_field() -> None:
    """As the line told it."""
    step = replace(
        alarm(E.SHELVED, S.SHELVED, 9, alarm=uuid4()), kind=AlarmKind.DURATION, priority=AlarmPriority.ALERT,
        off_delay=2.0, window=3600.0, allowed=300.0, profile="cn-gmp-2010 v3", duration=12.5, room="F1", line="line-3",
        room_state="in_operation", batch="240611A", retrospective=True, group="ahu-1", first_out=False, head=uuid4(),
        until=99, held="wang.li: filter change", actor="wang.li", comment="filter change",
        meaning=AlarmMeaning.APPROVAL, doubt="TIME",
    )  # fmt: skip
    assert archive_of(step).alarm_steps(step.alarm) == [step]


def test_what_is_put_aside_is_not_open() -> None:
    """Shelved or suppressed, with or without an alarm before; the live view says the same, also after a restart."""
    raised, one, two, over = uuid4(), uuid4(), uuid4(), uuid4()
    steps = [
        alarm(E.SUPPRESSED, S.SUPPRESSED, 1, alarm=one),
        alarm(E.RAISED, S.UNACKNOWLEDGED, 2, alarm=two),
        alarm(E.SHELVED, S.SHELVED, 3, alarm=two),
        alarm(E.PASSED, S.SUPPRESSED, 4, alarm=one),
        alarm(E.SUPPRESSED, S.SUPPRESSED, 5, alarm=over),
        alarm(E.UNSUPPRESSED, S.NORMAL, 6, alarm=over),
        alarm(E.RAISED, S.UNACKNOWLEDGED, 7, alarm=raised),
    ]
    archive, live = archive_of(*steps), live_of(*steps)
    assert archive.held_alarms() == [steps[0], steps[2]]
    for known in (live, Live.of(archive)):
        assert known.held == {one: steps[0], two: steps[2]}
        assert list(known.alarms) == [raised]


def test_what_followed_stands_by_the_first_of_its_group() -> None:
    """In the order in which it was raised, without the first itself."""
    first, second, other = uuid4(), uuid4(), uuid4()
    steps = [
        replace(alarm(E.RAISED, S.UNACKNOWLEDGED, 1, alarm=first), head=first, first_out=True),
        replace(alarm(E.RAISED, S.UNACKNOWLEDGED, 2, alarm=second), head=first, first_out=False),
        alarm(E.RAISED, S.UNACKNOWLEDGED, 3, alarm=other),
        alarm(E.RETURNED, S.RETURNED_UNACKNOWLEDGED, 4, alarm=second),
    ]
    (life,) = archive_of(*steps).consequences(first)
    assert (life.last.alarm, life.raised, life.returned) == (second, 2, 4)


def test_the_steps_of_a_period_begin_with_what_stood_before() -> None:
    """So that it is known what was active all the while."""
    standing = uuid4()
    steps = [
        alarm(E.RAISED, S.UNACKNOWLEDGED, 1, alarm=standing),
        alarm(E.ACKNOWLEDGED, S.ACKNOWLEDGED, 2, alarm=standing),
        alarm(E.RAISED, S.UNACKNOWLEDGED, 15, alarm=uuid4(), tag="other"),
        alarm(E.RETURNED, S.NORMAL, 20, alarm=standing),
    ]
    assert archive_of(*steps).alarm_steps_between(10, 20) == steps[1:3]


ONE, TWO, THREE = uuid4(), uuid4(), uuid4()
THREE_ALARMS = [
    replace(alarm(E.RAISED, S.UNACKNOWLEDGED, 1, alarm=ONE, since=1, tag="F1.DP.M1"), room="F1", batch="240611A"),
    replace(alarm(E.RAISED, S.UNACKNOWLEDGED, 2, alarm=TWO, since=2, tag="M1.DP.C1"), room="M1",
            priority=AlarmPriority.ALERT),
    replace(alarm(E.ACKNOWLEDGED, S.ACKNOWLEDGED, 3, alarm=TWO, since=2, tag="M1.DP.C1"), room="M1", actor="Wang Li",
            priority=AlarmPriority.ALERT, comment="100% door_held"),
    replace(alarm(E.RAISED, S.UNACKNOWLEDGED, 4, alarm=THREE, since=4, tag="Scale.CalibrationOverdue"),
            priority=AlarmPriority.ACTION),
    replace(alarm(E.SHELVED, S.SHELVED, 5, alarm=THREE, since=4, tag="Scale.CalibrationOverdue"),
            priority=AlarmPriority.ACTION),
]  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (EVERY, {ONE, TWO, THREE}),
        (Chosen(room="F1"), {ONE}),
        (Chosen(room="X9"), set()),
        (Chosen(priority=AlarmPriority.ACTION), {ONE, THREE}),
        (Chosen(priority=AlarmPriority.ALERT), {TWO}),
        (Chosen(states=(S.UNACKNOWLEDGED,)), {ONE}),
        (Chosen(states=(S.ACKNOWLEDGED, S.SHELVED)), {TWO, THREE}),
        (Chosen(batch="240611A"), {ONE}),
        (Chosen(batch="240611"), set()),
        (Chosen(text="wang"), {TWO}),
        (Chosen(text="0% DOOR_"), {TWO}),
        (Chosen(text="%"), {TWO}),
        (Chosen(text="_"), {TWO}),
        (Chosen(text="calibration"), {THREE}),
        (Chosen(text="air lock", named=("F1.DP.M1", "M1.DP.C1")), {ONE, TWO}),
        (Chosen(text="'; DROP TABLE alarms; --"), set()),
        (Chosen(room="M1", priority=AlarmPriority.ALERT, text="door"), {TWO}),
        (Chosen(room="F1", priority=AlarmPriority.ALERT), set()),
    ],
)
def test_alarms_are_chosen_in_the_database(chosen: Chosen, found: set[UUID]) -> None:
    """By room, priority, state and batch as they are, by a text wherever it stands; without a priority as an action."""
    archive = archive_of(*THREE_ALARMS)
    assert {life.last.alarm for life in archive.alarms(0, 100, chosen)} == found
    assert archive.standing_alarms(chosen) == found


def test_what_is_over_does_not_stand() -> None:
    """It is still among the alarms of its time."""
    over = replace(alarm(E.RETURNED, S.NORMAL, 9, alarm=TWO, since=2, tag="M1.DP.C1"), room="M1")
    archive = archive_of(*THREE_ALARMS, over)
    assert archive.standing_alarms(Chosen(room="M1")) == frozenset()
    assert [life.last.alarm for life in archive.alarms(5, 100, Chosen(room="M1", states=(S.NORMAL,)))] == [TWO]
    assert archive.alarms(10, 100, Chosen(room="M1")) == []


def test_a_file_of_the_layout_before_is_refused(tmp_path: Path) -> None:
    """Its alarms have fewer columns; the topics have them all."""
    file = tmp_path / "a.duckdb"
    with duckdb.connect(str(file)) as old:
        old.execute("CREATE TABLE readings (value DOUBLE)")
    with pytest.raises(ArchiveError, match=r"made by another version; move it away"):
        Archive(file)
