"""Which batches there are."""

from dataclasses import replace

from gateway.batches.archived import assembled
from gateway.batches.exceptions import is_over
from gateway.batches.listed import Known, Listed, ListedPage, Wanted, listed
from gateway.batches.missing import Verdict
from gateway.batches.pieces import missing_pieces
from gateway.batches.standing import Phase, batch_standings
from schemas.context import Assignment, PlaceKind
from schemas.exported import OrderStatus, StepEvent
from schemas.records import AlarmEvent, AlarmPriority, AlarmState
from tests.gateway.batches.records import (
    ASSAY,
    BATCH,
    CLEARED,
    DEVIATION,
    ISSUED,
    MASTERS,
    ORDER,
    PRODUCT,
    RECORDS,
    WEIGHED,
    another,
    at,
    corrected,
    step,
    stored,
)  # fmt: skip
from tests.gateway.console.stage import SITE
from tests.gateway.messages import alarm


def test_a_batch_is_listed_with_what_is_known_of_it() -> None:
    """Records of any kind name it, a weighing too."""
    (found,) = listed(stored([*RECORDS, corrected(ASSAY)]), Known()).batches
    assert found == Listed(
        BATCH, PRODUCT, False, OrderStatus.COMPLETED, Phase.ENDED, at(-30), at(800), 12, 1, 1, 0, 0, None
    )  # fmt: skip
    assert [one.number for one in listed(stored([WEIGHED]), Known()).batches] == [BATCH]


def test_a_number_of_two_products_is_listed_twice_and_what_tells_none_apart() -> None:
    """Unless both are codes of the same product."""
    archive = stored([ORDER, another(ORDER, product="P-9"), another(ISSUED, product=None)])
    assert [(one.product, one.shared, one.records) for one in listed(archive, Known()).batches] == [
        (None, True, 1), (PRODUCT, True, 1), ("P-9", True, 1),
    ]  # fmt: skip
    assert [(one.product, one.shared, one.records) for one in listed(archive, Known({"P-9": PRODUCT})).batches] == [
        (PRODUCT, False, 3)
    ]


def test_the_newest_are_listed_and_a_corrected_number_only_where_it_is_now() -> None:
    """No batch stays that a correction took everything from."""
    old = another(ORDER, batch="240501A", time=at(-9999))
    archive = stored([old, ORDER, corrected(ORDER, batch="240612A")])
    assert [one.number for one in listed(archive, Known()).batches] == ["240612A", "240501A"]
    assert [one.number for one in listed(archive, Known(), count=1).batches] == ["240612A"]


def test_batches_are_chosen_by_how_far_they_are() -> None:
    """As the overview tells it of each."""
    many = {status: another(ORDER, batch=status.value, key=status.value, status=status) for status in OrderStatus}
    archive = stored(many.values())
    phases = {one.number: one.phase for one in listed(archive, Known()).batches}
    assert phases == {one.number: one.phase for one in batch_standings(archive, {})}
    for phase in Phase:
        chosen = listed(archive, Known(), Wanted(phase=phase)).batches
        assert {one.number for one in chosen} == {number for number, one in phases.items() if one is phase}


def test_what_is_at_work_runs_whatever_its_order_says() -> None:
    """A step that began and did not end."""
    planned = another(ORDER, batch="NEXT", key="next", status=OrderStatus.PLANNED)
    begun = step("weigh", StepEvent.STARTED, 5, batch="NEXT")
    assert [one.phase for one in listed(stored([planned]), Known()).batches] == [Phase.PLANNED]
    assert [one.phase for one in listed(stored([planned, begun]), Known()).batches] == [Phase.RUNNING]


def test_batches_are_chosen_by_their_exceptions() -> None:
    """An open quality event, an alarm in the room while it was there, as assigned or as its steps say; no alert."""
    quiet = another(ORDER, batch="QUIET", key="quiet")
    stay = Assignment(
        system="agent",
        key="f1",
        batch="LOUD",
        place_kind=PlaceKind.ROOM,
        place="F1",
        began=at(0),
        ended=at(60),
        time=at(0),
    )
    loud = [another(ORDER, batch="LOUD", key="loud"), stay]
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, at(30), alarm=quiet.id, since=at(29))
    archive = stored([*RECORDS, DEVIATION, quiet, *loud, replace(raised, room="F1")])
    with_, without = (listed(archive, Known(), Wanted(exceptions=one)).batches for one in (True, False))
    assert {one.number: (one.alarms, one.open) for one in with_} == {BATCH: (1, 1), "LOUD": (1, 0)}
    assert [one.number for one in without] == ["QUIET"]
    softer = replace(raised, room="F1", priority=AlarmPriority.ALERT)
    assert listed(stored([*loud, softer]), Known(), Wanted(exceptions=True)).of == 0


def test_batches_are_chosen_by_missing_pieces_once_these_were_counted() -> None:
    """What was not counted is neither with nor without; of a batch that runs nothing is missing yet."""
    runs = another(ORDER, batch="RUNS", key="runs", status=OrderStatus.STARTED)
    archive = stored([*(one for one in RECORDS if one is not CLEARED), runs])
    assert listed(archive, Known(), Wanted(missing=True)).of == listed(archive, Known(), Wanted(missing=False)).of == 0
    pieces = missing_pieces(archive, MASTERS, [BATCH, "RUNS"], at(1000))
    assert pieces == {(BATCH, PRODUCT): 1, ("RUNS", PRODUCT): 0}
    assert [one.number for one in listed(archive, Known({}, pieces), Wanted(missing=True)).batches] == [BATCH]
    assert [one.number for one in listed(archive, Known({}, pieces), Wanted(missing=False)).batches] == ["RUNS"]


def test_pieces_counted_for_many_are_those_of_each() -> None:
    """As the page of the batch has them, whichever record is lost."""
    for lost in RECORDS:
        archive = stored([one for one in RECORDS if one is not lost])
        pieces = missing_pieces(archive, MASTERS, [BATCH], at(1000))
        for whole in assembled(archive, SITE, MASTERS, BATCH, at(1000)):
            missing = sum(one.verdict is Verdict.MISSING for one in whole.answers)
            assert pieces[BATCH, whole.batch.product] == (missing if is_over(whole) else 0)
        archive.close()


def test_a_list_is_told_a_part_at_a_time_with_how_many_there_are() -> None:
    """Behind the last there is none, and only those that may be named."""
    archive = stored([another(ORDER, batch=f"B{n}", key=f"B{n}", time=at(n)) for n in range(5)])
    page = listed(archive, Known(), count=2, first=2)
    assert ([one.number for one in page.batches], page.of) == (["B2", "B1"], 5)
    assert listed(archive, Known(), count=2, first=6) == ListedPage([], 5)
    named = listed(archive, Known(), Wanted(numbers={"B1", "B9"}))
    assert ([one.number for one in named.batches], named.of) == (["B1"], 1)
    assert listed(archive, Known(), Wanted(numbers=[])).of == 0
