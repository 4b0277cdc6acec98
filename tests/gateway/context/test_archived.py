"""Assignments in an archive: which batch was where, then and by what is known now; and what alarms touched."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st

from gateway.archive.choosing import Chosen
from gateway.batches.archived import assembled
from gateway.context.archived import all_versions, assignments, batches_in, late
from gateway.context.context import Context
from gateway.context.reassignment import given, taken
from gateway.context.timeline import Place
from gateway.masters import NO_MASTERS
from schemas.codec import Record
from schemas.context import Assignment, PlaceKind
from schemas.exported import BatchStep, StepEvent
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.batches.records import at, stored
from tests.gateway.console.stage import SITE
from tests.gateway.messages import alarm, frame

F1 = Place(PlaceKind.ROOM, "F1")
ALARM = UUID(int=7)


def step(batch: str, event: StepEvent, minute: float, version: int = 1, product: str = "P-1") -> BatchStep:
    return BatchStep(
        system="mes", key=f"{event}|{minute:g}", version=version, batch=batch, product=product, step="fill",
        event=event, time=at(minute), room="F1", by="wang" if version > 1 else None,
    )  # fmt: skip


def sent(*, corrected: bool) -> tuple[list[Record], list[Assignment]]:
    """What an agent sent of a batch that the MES calls A at first, and B hours later; and what it assigned."""
    context = Context("line-3", "line-3")
    told = list[Assignment]()
    for event, minute in ((StepEvent.STARTED, 0), (StepEvent.COMPLETED, 60)):
        context.take(step("A", event, minute))
        told += context.settle(at(minute))
    if corrected:
        for event, minute in ((StepEvent.STARTED, 0), (StepEvent.COMPLETED, 60)):
            context.take(step("B", event, minute, version=2, product="P-2"))
        told += context.settle(at(600))
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, at(30), alarm=ALARM, since=at(30))
    back = alarm(AlarmEvent.RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED, at(31), alarm=ALARM, since=at(30))
    steps = [replace(one, room="F1", batch="A") for one in (raised, back)]
    return [frame({"F1.DP.M1": 9.0}, received=at(30)), *steps, *told], told


def test_a_late_correction_gives_to_one_batch_what_it_withdraws_from_the_other() -> None:
    """Each has its record with the version that it replaces, who and why, marked late; readings and alarms stay."""
    records, _ = sent(corrected=True)
    archive = stored(records)
    (lost, gained) = late(archive, at(500), at(700))
    assert (lost.batch, lost.product, lost.version, lost.withdrawn, lost.by) == ("A", "P-1", 3, True, "wang")
    assert (gained.batch, gained.product, gained.version, gained.withdrawn) == ("B", "P-2", 1, False)
    assert taken(lost) == given(gained) == [(at(0), at(60))]
    assert [one.id for one in all_versions(archive, lost)] == _ids(records, "A")
    assert lost.replaces == _ids(records, "A")[1]
    assert archive.rows("SELECT value FROM readings") == [(9.0,)]
    assert [one.batch for one in archive.alarm_steps(ALARM)] == ["A", "A"], "what was told stays"


def _ids(records: list[Record], batch: str) -> list[UUID]:
    return [one.id for one in records if isinstance(one, Assignment) and one.batch == batch]


@given_(st.permutations(range(7)), st.integers(0, 6))
@settings(max_examples=15, deadline=None)
def test_which_batch_was_there_is_the_same_whatever_came_when(order: list[int], doubled: int) -> None:
    """By what is known now, and by what was known before the correction."""
    records, told = sent(corrected=True)
    assert len(records) == 7
    archive = stored([records[at_] for at_ in [*order, doubled]])
    assert batches_in(archive, F1, at(10), at(20)) == ["B"]
    assert batches_in(archive, F1, at(10), at(20), known=at(599)) == ["A"]
    assert batches_in(archive, F1, at(61), at(70)) == []
    assert batches_in(archive, F1, at(61), at(70), known=at(59)) == ["A"], "no end was known yet"
    assert assignments(archive, batch="A") == []
    (stay,) = assignments(archive, batch="B")
    assert stay == told[-1]


def test_an_alarm_touched_the_batch_that_was_there_by_what_is_known_now() -> None:
    """The list, its filter, and a batch's own page go by the correction."""
    before, after = (stored(sent(corrected=corrected)[0]) for corrected in (False, True))
    assert [life.batch for life in before.alarms(at(0), at(90))] == ["A"]
    assert [life.batch for life in after.alarms(at(0), at(90))] == ["B"]
    assert [life.batch for life in after.alarms(at(0), at(90), Chosen(batch="B"))] == ["B"]
    assert before.alarms(at(0), at(90), Chosen(batch="B")) == []
    (whole,) = assembled(after, SITE, NO_MASTERS, "B", at(1000))
    (room,) = whole.rooms
    assert (room.stay.room, room.stay.began, room.stay.ended) == ("F1", at(0), at(60))
    assert [life.last.alarm for life in room.alarms] == [ALARM]


def test_a_batch_that_only_a_tag_names_has_its_rooms() -> None:
    """Where there is no MES, its environment is all that is known of it."""
    context = Context("line-3", "line-3")
    context.hear(F1, at(0), "A")
    archive = stored(context.settle(at(0)))
    (whole,) = assembled(archive, SITE, NO_MASTERS, "A", at(30))
    assert [(one.stay.room, one.stay.ended) for one in whole.rooms] == [("F1", None)]
    assert assembled(archive, SITE, NO_MASTERS, "B", at(30)) == []
