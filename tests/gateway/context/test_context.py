"""The time lines of places, and the assignments that tell them: whatever is said in whatever order."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.context.claims import Word, spans_of
from gateway.context.context import Context
from gateway.context.reassignment import given as gives
from gateway.context.reassignment import held, taken
from gateway.context.telling import PROMPT
from gateway.context.timeline import EVER, Place
from schemas.context import Assignment, PlaceKind
from schemas.exported import BatchOrder, BatchStep, EquipmentUse, Exported, OrderStatus, Origin, StepEvent, Use

MINUTE = 60_000_000
NOW = 10_000 * MINUTE
F1, FL3 = Place(PlaceKind.ROOM, "F1"), Place(PlaceKind.EQUIPMENT, "FL3")


def step(batch: str, event: StepEvent, minute: int, key: str | None = None, **more: Any) -> BatchStep:
    facts: dict[str, Any] = {"product": "P", "step": "OP40", "room": "F1", "equipment": "FL3"} | more
    key = key or f"{batch}|{event}|{minute}"
    return BatchStep(system="mes", key=key, batch=batch, event=event, time=minute * MINUTE, **facts)


def of(*records: Exported) -> Context:
    context = Context("line-3", "line-3")
    for one in records:
        context.take(one)
    return context


def line(context: Context, place: Place = F1) -> list[tuple[str, int, int | None]]:
    """Batch, first and last minute of what is so."""
    return [(one.batch, one.began // MINUTE, None if one.ended == EVER else one.ended // MINUTE)
            for one in context.stays(place)]  # fmt: skip


def newest(told: Iterable[Assignment]) -> dict[str, Assignment]:
    """By key, as a reader takes them: the highest version, in whatever order they came."""
    found: dict[str, Assignment] = {}
    for one in told:
        if one.key not in found or found[one.key].version < one.version:
            found[one.key] = one
    return found


def read(told: Iterable[Assignment], place: Place = F1) -> list[tuple[str, int, int | None]]:
    """The time line that a reader has of the assignments alone."""
    rows = [(one.batch, one.began // MINUTE, None if one.ended is None else one.ended // MINUTE)
            for one in newest(told).values() if one.place == place.name and not one.withdrawn]  # fmt: skip
    return sorted(rows, key=lambda row: (row[1], row[2] or EVER, row[0]))


STEPS = [
    version
    for batch, begin in (("A", 0), ("B", 30), ("A", 60))
    for event, minute in ((StepEvent.STARTED, begin), (StepEvent.HELD, begin + 5), (StepEvent.COMPLETED, begin + 20))
    for version in [step(batch, event, minute)]
]
CORRECTED = replace(STEPS[3], id=uuid4(), version=2, replaces=STEPS[3].id, batch="C", by="li", why="wrong batch")
USE = EquipmentUse(
    system="mes", key="L1", batch="B", product="P", equipment="FL3", use=Use.PRODUCTION, began=25 * MINUTE,
    time=45 * MINUTE,
)  # fmt: skip
CLEANED = replace(USE, id=uuid4(), key="L2", use=Use.CLEANING, began=0, time=24 * MINUTE)
ORDER = BatchOrder(system="mes", key="PO", batch="C", product="P", status=OrderStatus.COMPLETED, time=55 * MINUTE)
ALL: list[Exported] = [*STEPS, CORRECTED, USE, CLEANED, ORDER]
WORDS = [(5, "A"), (24, ""), (28, None), (31, "D"), (70, "A")]
Step = tuple[str, Any]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_order_doubled_and_late_gives_the_same_time_line(data: st.DataObject) -> None:
    """Records and words of tags come as they like, and settle when they like; a reader has the same in the end."""
    said: list[Step] = [*(("record", one) for one in ALL), *(("word", one) for one in WORDS)]
    again = data.draw(st.lists(st.sampled_from(said[: len(ALL)]), max_size=6))
    shuffled = data.draw(st.permutations([*said[: len(ALL)], *again]))
    words = list(said[len(ALL) :])  # a tag speaks in the order of time
    order = data.draw(st.lists(st.booleans(), min_size=len(shuffled), max_size=len(shuffled)))
    plain, mixed = Context("line-3", None), Context("line-3", None)
    told: dict[int, list[Assignment]] = {0: [], 1: []}
    coming = list[Step]()
    for turn, one in zip(order, shuffled, strict=True):
        coming += [words.pop(0)] if turn and words else []
        coming.append(one)
    for at, (context, stream) in enumerate(((plain, said), (mixed, coming + words))):
        for kind, one in stream:
            if kind == "record":
                again_ = replace(one, id=uuid4())  # read again, a row is another record with the same words
                context.take(again_)
            else:
                context.hear(F1, one[0] * MINUTE, one[1])
            if data.draw(st.booleans()):
                told[at] += context.settle(NOW)
        told[at] += context.settle(NOW)
    assert line(plain) == line(mixed)
    assert line(plain, FL3) == line(mixed, FL3)
    for at, context in ((0, plain), (1, mixed)):
        told[at] = data.draw(st.permutations(told[at]))
        assert read(told[at]) == sorted(line(context), key=lambda row: (row[1], row[2] or EVER, row[0]))
        assert read(told[at], FL3) == sorted(line(context, FL3), key=lambda row: (row[1], row[2] or EVER, row[0]))
        assert context.settle(NOW) == []


def test_the_time_line_is_what_the_records_say() -> None:
    """A correction moved the first step of B to C, whose end its order tells; a log of cleaning holds no batch."""
    context = of(*ALL)
    context.settle(NOW)
    assert line(context) == [("A", 0, 20), ("C", 30, 55), ("B", 35, 50), ("A", 60, 80)]
    assert line(context, FL3) == [("A", 0, 20), ("B", 25, 50), ("C", 30, 55), ("A", 60, 80)]


def test_a_step_that_goes_on_is_open_and_ends_with_a_new_version() -> None:
    """The second version names the first, and takes what lies behind the end."""
    context = of(STEPS[0])
    first = next(one for one in context.settle(3_000_000) if one.place == "F1")
    assert (first.batch, first.version, first.ended, first.late, first.replaces) == ("A", 1, None, False, None)
    assert gives(first) == [(0, EVER)]
    assert context.batch_in(F1, 5 * MINUTE) == "A"
    context.take(STEPS[2])
    second = next(one for one in context.settle(20 * MINUTE + PROMPT) if one.place == "F1")
    assert (second.key, second.version, second.replaces) == (first.key, 2, first.id)
    assert (second.ended, second.late) == (20 * MINUTE, False)
    assert (taken(second), gives(second), held(second)) == ([(20 * MINUTE, EVER)], [], [(0, 20 * MINUTE)])
    assert context.batch_in(F1, 21 * MINUTE) is None


def test_a_late_record_moves_time_from_one_batch_to_another() -> None:
    """What was A's is B's: A's assignment is withdrawn, B has a new one, both late and with who and why."""
    context = of(*(step("A", event, minute, key=str(minute)) for event, minute in
                   ((StepEvent.STARTED, 0), (StepEvent.COMPLETED, 20))))  # fmt: skip
    first = {one.place: one for one in context.settle(30 * MINUTE)}
    for event, minute in ((StepEvent.STARTED, 0), (StepEvent.COMPLETED, 20)):
        wrong = step("B", event, minute, key=str(minute), version=2, by="wang", why="keyed for the wrong batch")
        context.take(wrong)
    told = [one for one in context.settle(300 * MINUTE) if one.place == "F1"]
    withdrawn, new = sorted(told, key=lambda one: one.batch)
    assert (withdrawn.batch, withdrawn.withdrawn, withdrawn.version) == ("A", True, 2)
    assert withdrawn.replaces == first["F1"].id
    assert (taken(withdrawn), gives(withdrawn)) == ([(0, 20 * MINUTE)], [])
    assert (new.batch, new.version, gives(new)) == ("B", 1, [(0, 20 * MINUTE)])
    assert withdrawn.late
    assert new.late
    assert (new.by, new.why) == ("wang", "mes: BatchStep 20 v2: keyed for the wrong batch")
    assert (withdrawn.by, withdrawn.why) == ("wang", "mes: a record of another batch")


def test_a_tag_tells_until_the_mes_does() -> None:
    """The tag's word is told at once; the record that comes afterwards corrects it."""
    context = Context("line-3", None)
    context.hear(F1, 2 * MINUTE, "A")
    (first,) = context.settle(2 * MINUTE)
    assert (first.origin, first.late, first.product, first.why) == (Origin.DIRECT, False, None, "the tag says so")
    context.hear(F1, 22 * MINUTE, "")
    assert [one.ended for one in context.settle(22 * MINUTE)] == [22 * MINUTE]
    context.take(STEPS[0])
    context.take(STEPS[2])
    told = [one for one in context.settle(40 * MINUTE) if one.place == "F1"]
    assert read([first, *told]) == [("A", 0, 22)]
    assert {one.product for one in told if not one.withdrawn} == {"P"}, "the product is known now"


def test_a_break_of_the_tag_ends_no_stay_unless_another_batch_is_there_after_it() -> None:
    """What was there in the break is not known then."""
    assert list(spans_of([Word(1, "A"), Word(5, None), Word(8, "A")])) == [("A", 1, EVER)]
    assert list(spans_of([Word(1, "A"), Word(5, None)])) == [("A", 1, EVER)]
    assert list(spans_of([Word(1, "A"), Word(5, None), Word(8, "B")])) == [("A", 1, 5), ("B", 8, EVER)]


def test_a_restored_context_goes_on_where_it_was() -> None:
    """With what was kept nothing is told anew, and a correction is the next version."""
    context = of(*ALL)
    context.hear(F1, 100 * MINUTE, "D")
    before = context.settle(NOW)
    kept = context.changes()
    assert not context.changes()
    again = Context("line-3", "line-3")
    again.restore(kept.records, kept.words, kept.told)
    assert again.settle(NOW) == []
    assert line(again) == line(context)
    assert again.word(F1) == "D"
    again.take(replace(USE, id=uuid4(), version=2, began=20 * MINUTE))
    (after,) = again.settle(NOW)
    first = next(one for one in before if (one.place, one.batch) == ("FL3", "B"))
    assert (after.key, after.version, after.began) == (first.key, 2, 20 * MINUTE)
