"""A batch out of an archive: whatever came when, it is the same."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.batches.archived import Whole, assembled
from gateway.batches.batch import Batch
from gateway.batches.missing import Verdict
from schemas.codec import Record
from schemas.exported import EquipmentUse, MaterialMovement, OrderStatus, Signature, TestResult
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.batches.records import (
    ASSAY,
    BATCH,
    CLEARED,
    ISSUED,
    MASTERS,
    ORDER,
    PRODUCT,
    RECEIVED,
    RECORDS,
    SIGNED,
    STERILISED,
    WEIGHED,
    analysed,
    another,
    at,
    corrected,
    stored,
)
from tests.gateway.console.stage import SITE
from tests.gateway.messages import alarm as alarm_step
from tests.gateway.messages import frame, gap, message

NOW = at(1000)
PLACES = {"stream", "number"}
TOLD: tuple[Record, ...] = (
    *RECORDS,
    (first := corrected(ASSAY, value=98.8, reported="98.8")),
    corrected(first, version=3, value=98.9, reported="98.9"),
    corrected(CLEARED, batch="240612A"),
    another(ISSUED, lot="RM-2", quantity=1.0),
)


def wholes(records: Sequence[Record], number: str = BATCH) -> list[Whole]:
    return assembled(stored(records), SITE, MASTERS, number, NOW)


def placeless(view: Any) -> Any:
    """The view without the numbers under which its records stand here."""
    if is_dataclass(view):
        return type(view), [placeless(getattr(view, one.name)) for one in fields(view) if one.name not in PLACES]
    if isinstance(view, tuple | list):
        return [placeless(one) for one in view]
    return {key: placeless(one) for key, one in view.items()} if isinstance(view, dict) else view


EXPECTED = placeless(wholes(TOLD))


@settings(max_examples=15, deadline=None)
@given(st.permutations(TOLD), st.lists(st.sampled_from(TOLD), max_size=8))
def test_late_doubled_and_reordered_records_give_the_same_batch(order: list[Record], again: list[Record]) -> None:
    """Corrections may come before what they correct, and everything may come several times."""
    assert placeless(wholes([*order, *again])) == EXPECTED


@settings(max_examples=5, deadline=None)
@given(st.permutations(TOLD), st.integers(1, len(TOLD) - 1))
def test_what_is_late_changes_the_batch_only_until_it_is_there(order: list[Record], cut: int) -> None:
    """A batch that was looked at while records were missing is the same afterwards."""
    archive = stored(order[:cut])
    assembled(archive, SITE, MASTERS, BATCH, NOW)
    archive.store([message(one, offset) for offset, one in enumerate(order[cut:], cut)])
    assert placeless(assembled(archive, SITE, MASTERS, BATCH, NOW)) == EXPECTED


def test_a_batch_that_has_everything_is_whole() -> None:
    """Each thing that its master batch record wants is there."""
    (whole,) = wholes(RECORDS)
    assert {one.verdict for one in whole.answers} == {Verdict.PRESENT}
    assert (whole.batch.product, whole.batch.products, whole.corrections) == (PRODUCT, (PRODUCT,), ())
    assert [run.step for run in whole.runs] == ["weigh", "fill"]
    assert [one.stay.room for one in whole.rooms] == ["M1", "F1"]


def test_a_number_that_nothing_names_is_no_batch() -> None:
    """Not an empty one."""
    assert wholes(RECORDS, "240699Z") == []


def test_records_beside_a_batch_are_found_by_lot_equipment_room_and_key() -> None:
    """They name no batch of their own; those of other lots and times stay away."""
    lot_test = analysed("Identity", "S-9", 100.0, key="lot", batch=None, product=None, material="API", lot="RM-1")
    plate = analysed("Plate", "S-10", 0.0, key="plate", batch=None, product=None, point="F1", sampled=at(60))
    later = analysed("Plate", "S-11", 0.0, key="plate 2", batch=None, product=None, point="F1", sampled=at(500))
    strange = analysed("Identity", "S-12", 100.0, key="other", batch=None, product=None, material="SUGAR", lot="RM-1")
    old = another(STERILISED, began=at(-400 * 24 * 60), time=at(-400 * 24 * 60 + 5))
    (whole,) = wholes([*RECORDS, lot_test, plate, later, strange, old])
    batch = whole.batch
    assert {one.record.key for one in batch.near(TestResult)} == {ASSAY.key, plate.key, lot_test.key}
    assert [one.record for one in batch.near(MaterialMovement)] == [ISSUED, RECEIVED]
    assert [one.record for one in batch.near(Signature)] == [SIGNED]
    assert [one.record for one in batch.near(EquipmentUse)] == [STERILISED]


def test_a_number_of_two_products_is_two_batches() -> None:
    """What names no product belongs to neither; nothing of one passes for the other."""
    other = another(ORDER, product="P-009", status=OrderStatus.STARTED, master_record=None)
    unsure = another(CLEARED, product=None, stage="packing")
    first, second = wholes([*RECORDS, other, unsure])
    assert (first.batch.product, second.batch.product) == (PRODUCT, "P-009")
    for one in (first.batch, second.batch):
        assert one.products == (PRODUCT, "P-009")
        assert [told.record for many in one.unassigned.values() for told in many] == [unsure]
        assert (one.weighings, [w.id for w in one.unassigned_weighings]) == ((), [WEIGHED.id])
    assert names(second.batch) == {other.id}
    assert other.id not in names(first.batch)


def names(batch: Batch) -> set[UUID]:
    return {one.record.id for many in batch.records.values() for one in many}


def test_two_codes_of_one_product_are_one_batch() -> None:
    """The list of master batch records says which codes are the same."""
    (whole,) = wholes([*RECORDS, another(ASSAY, sample="S-2", product="INJ-2")])
    assert whole.batch.products == (PRODUCT,)
    assert len(whole.results) == 2


def test_the_environment_is_that_of_the_rooms_while_the_batch_was_there() -> None:
    """Readings, alarms and gaps before and after are others'; a reading that is not good has no extreme."""
    raised = alarm_step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, at(60), alarm=UUID(int=1), since=at(59))
    records: list[Record] = [
        frame({"F1.DP.M1": 14.0}, received=at(29)),
        frame({"F1.DP.M1": 12.0}, received=at(40)),
        frame({"F1.DP.M1": 3.0}, received=at(50), status=0x80000000, reason=1),
        frame({"F1.DP.M1": 13.0}, received=at(60)),
        frame({"F1.DP.M1": 20.0}, received=at(210)),
        replace(raised, room="F1"),
        replace(raised, room="C1", alarm=UUID(int=2), id=UUID(int=3)),
        replace(gap(at(70), at(80)), tags=("F1.DP.M1",)),
        replace(gap(at(70), at(80)), tags=("C9.Other",)),
        gap(at(210), at(220)),
    ]
    (whole,) = wholes([*RECORDS, *records])
    room = whole.rooms[1]
    assert (room.stay.room, room.stay.began, room.stay.ended, room.known) == ("F1", at(30), at(200), True)
    (pressure,) = (one for one in room.measured if one.tag == "F1.DP.M1")
    assert (pressure.good, pressure.other, pressure.least, pressure.most) == (2, 1, 12.0, 13.0)
    (silent,) = (one for one in room.measured if one.tag == "F1.Temperature")
    assert (silent.good, silent.least, silent.limits) == (0, None, False)
    assert [life.last.alarm for life in room.alarms] == [UUID(int=1)]
    assert [one.began for one in room.gaps] == [at(70)]
