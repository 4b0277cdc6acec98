"""What the clauses give each holder, case by case."""

from dataclasses import replace
from uuid import uuid4

from gateway.agreement.routing.counting import PERIOD
from gateway.agreement.routing.reason import Reason
from schemas.exported import BatchStep, QualityEvent, QualityMatter, StepEvent, TestResult
from schemas.records import Alarm, AlarmEvent, AlarmState, Condition, ConditionReport, Gap, GapCause
from schemas.status import Reason as Doubt
from tests.gateway.agreement.routing.making import (
    BEGIN,
    LINE,
    Version,
    Versions,
    agreement,
    at,
    clause,
    frame,
    plant,
    router,
    signed,
    stay,
    table,
    told,
)  # fmt: skip

ROOMS = {"F1.T": "F1", "F2.T": "F2", "WFI.T": None}
TAGS, PLANT = table(ROOMS), plant(ROOMS)
FILLING = clause("E-1", rooms=["F1"], before=30, after=20)
ANNING, BAIYAO = agreement("anning", {"PA": ()}, FILLING), agreement("baiyao", {"PB": ["pb"]}, FILLING)
TWO = signed(ANNING, BAIYAO)


def who(where: object, tag: str, minute: float) -> list[str]:
    """The holders of one sample."""
    return sorted(told(where, frame(TAGS, [(tag, 1.0, minute)])))  # type: ignore[arg-type] # a router


def test_margins_reach_from_a_stay_to_the_next_batch_of_another_holder() -> None:
    """30 minutes before, 20 after; batch B of the other holder comes 10 minutes after A has gone."""
    where = router(TWO, PLANT, stay("A", "PA", "F1", 100, 200), stay("B", "pb", "F1", 210, 300))
    expected = {
        69: [], 70: ["anning"], 99: ["anning"], 100: ["anning"], 199: ["anning"], 299: ["baiyao"], 319: ["baiyao"],
        320: [],
    }  # fmt: skip
    assert {minute: who(where, "F1.T", minute) for minute in expected} == expected
    between = [who(where, "F1.T", minute) for minute in (200, 205, 209, 210, 211, 219)]
    assert between == [["anning", "baiyao"]] * 3 + [["baiyao"]] * 3


def test_no_margin_reaches_over_a_batch_of_another_holder() -> None:
    """A short stay of another within the margins: what lies behind it is not the first one's."""
    where = router(TWO, PLANT, stay("A", "PA", "F1", 100, 200), stay("B", "PB", "F1", 205, 206),
                   stay("X", None, "F1", 90, 91))  # fmt: skip
    assert who(where, "F1.T", 207) == ["baiyao"]
    assert who(where, "F1.T", 89) == []
    assert who(where, "F1.T", 92) == ["anning"]


def test_two_holders_with_one_generic_name_are_told_apart_by_the_internal_code() -> None:
    """Both products are called the same; a code that both claim is nobody's."""
    where = router(TWO, PLANT, stay("A", "PA", "F1", 0, 10), stay("B", "PB", "F1", 20, 30))
    assert (who(where, "F1.T", 5), who(where, "F1.T", 25)) == (["anning"], ["baiyao"])
    both = signed(ANNING, agreement("baiyao", {"PA": (), "PB": ()}, FILLING))
    assert who(router(both, PLANT, stay("A", "PA", "F1", 0, 10)), "F1.T", 5) == []


def test_shared_rooms_go_to_all_and_other_rooms_to_nobody() -> None:
    """Water is exchanged always, with both; room F2 with nobody."""
    water = clause("E-2", tags=["WFI.*"], when="always")
    anning, baiyao = agreement("anning", {"PA": ()}, FILLING, water), agreement("baiyao", {"PB": ()}, water)
    where = router(signed(anning, baiyao), PLANT)
    got = told(where, frame(TAGS, [("WFI.T", 1.0, 0), ("F2.T", 1.0, 0), ("F1.T", 1.0, 0)]))
    assert got == {"anning": ["WFI.T"], "baiyao": ["WFI.T"]}
    assert where.counts.unassigned == 1


def test_a_version_changes_within_a_frame_by_the_time_of_each_sample() -> None:
    """Version 2 ends the exchange of F1 and begins that of F2, at minute 50."""
    second = agreement("anning", {"PA": ()}, clause("E-9", rooms=["F2"], when="always"), version=2)
    versions = Versions((Version(agreement("anning", {"PA": ()}, clause("E-1", rooms=["F1"], when="always")),
                                 ends=at(50)), Version(second, begins=at(50))))  # fmt: skip
    where = router(versions, PLANT)
    rows = [("F1.T", 1.0, 49.99), ("F2.T", 2.0, 49.99), ("F2.T", 3.0, 50.0), ("F1.T", 4.0, 50.0), ("F1.T", 5.0, 40.0)]
    assert told(where, frame(TAGS, rows)) == {"anning": ["F1.T", "F2.T", "F1.T"]}


def test_a_time_that_is_not_believed_does_not_decide() -> None:
    """The device's clock is a day off; the agent's counts."""
    where = router(TWO, PLANT, stay("A", "PA", "F1", 0, 10))
    assert told(where, frame(TAGS, [("F1.T", 1.0, 1440)], received=5, doubt=Doubt.TIME)) == {"anning": ["F1.T"]}


def test_what_a_holder_does_not_get_of_its_rooms_is_counted_by_room_and_reason() -> None:
    """Batch B is there for 3 samples, then none; the period is over with the first sample of the next."""
    where = router(TWO, PLANT, stay("B", "PB", "F1", 0, 10))
    for minute in (1, 2, 3):
        where.shares(frame(TAGS, [("F1.T", 1.0, minute), ("F2.T", 1.0, minute)], received=minute))
    where.shares(frame(TAGS, [("F1.T", 1.0, 35)], received=4))
    counted = {(one.bucket.holder, one.bucket.room, one.bucket.reason, one.samples)
               for one in where.counts.due(at(4) + PERIOD)}  # fmt: skip
    assert counted == {
        ("anning", "F1", Reason.OTHER_BATCH, 3), ("anning", "F1", Reason.NO_BATCH, 1),
        ("baiyao", "F1", Reason.NO_BATCH, 1),
    }  # fmt: skip
    assert not list(where.counts.due(at(4) + 2 * PERIOD))


def an_alarm(minute: float, **said: object) -> Alarm:
    """Of F1.T."""
    given = {
        "alarm": uuid4(), "condition": "F1.T.HIGH", "tag": "F1.T", "event": AlarmEvent.RAISED, "unit": "1",
        "state": AlarmState.UNACKNOWLEDGED, "time": at(minute), "since": at(minute), "limit": 1.0, "deadband": 0.0,
        "on_delay": 0.0, "room": "F1", "line": LINE,
    }  # fmt: skip
    return Alarm(**given | said)  # type: ignore[arg-type] # by name


def got(where: object, record: object) -> list[str]:
    """The holders of a record."""
    return [one.decision.holder for one in where.sent(record, BEGIN)]  # type: ignore[attr-defined] # a router


def test_who_got_an_alarms_first_step_gets_its_last_one() -> None:
    """The batch was moved to another room in the books before the alarm returned."""
    first = stay("A", "PA", "F1", 0, 100)
    where = router(TWO, PLANT, first)
    alarm = an_alarm(5)
    assert got(where, alarm) == ["anning"]
    where.learn(replace(first, version=2, withdrawn=True))
    later = replace(alarm, event=AlarmEvent.RETURNED, state=AlarmState.NORMAL, time=at(9), id=uuid4())
    assert [(one.decision.holder, one.decision.reason) for one in where.sent(later, BEGIN)] == [("anning", Reason.LIFE)]
    assert got(where, an_alarm(6)) == []


def test_an_alarm_names_to_each_holder_its_own_batches_only() -> None:
    """Two batches are in the room, of two holders."""
    where = router(TWO, PLANT, stay("A", "PA", "F1", 0, 100), stay("B", "PB", "F1", 0, 100))
    sent = {one.decision.holder: one.record for one in where.sent(an_alarm(5, batch="A, B"), BEGIN)}
    assert {holder: getattr(record, "batch", "") for holder, record in sent.items()} == {"anning": "A", "baiyao": "B"}


def test_a_gap_goes_to_whoever_gets_any_of_its_tags_in_its_time() -> None:
    """A source with F1 and F2 was away from minute 5 to 40; each learns of its own tags. The agent's own go to all."""
    where = router(TWO, PLANT, stay("A", "PA", "F1", 0, 10))
    gap = Gap(gap=uuid4(), source="ems", tags=("F1.T", "F2.T"), began=at(5), ended=at(40), cause=GapCause.OTHER,
              detail="", line=LINE)  # fmt: skip
    (sent,) = where.sent(gap, BEGIN)
    assert (sent.decision.holder, getattr(sent.record, "tags", ())) == ("anning", ("F1.T",))
    assert got(where, replace(gap, tags=())) == ["anning"]
    assert got(where, replace(gap, gap=uuid4(), began=at(31))) == []
    assert got(where, replace(gap, gap=uuid4(), source="edge", tags=())) == ["anning", "baiyao"]


def test_a_devices_own_alarm_is_decided_by_the_only_room_of_its_device() -> None:
    """One device measures F1 alone; of one that measures several rooms it is not known where it was."""
    where = plant(ROOMS, sources={"one": ("F1.T",), "several": ("F1.T", "F2.T")})
    by = router(TWO, where, stay("A", "PA", "F1", 0, 10))
    told_of = Condition(source="one", report=ConditionReport.TOLD, condition="c", event=b"1", received=at(1),
                        retain=True)  # fmt: skip
    assert got(by, told_of) == ["anning"]
    assert got(by, replace(told_of, source="several")) == []


def test_a_record_that_names_a_batch_goes_to_the_holder_of_its_product_alone() -> None:
    """By what is known of the batch; one of which nothing is known goes to nobody."""
    where = router(TWO, PLANT, products={"A": "PA", "B": "pb"})
    step = BatchStep(system="mes", key="1", batch="B", step="s", event=StepEvent.STARTED, time=at(0), room="F1")
    assert got(where, step) == ["baiyao"]
    assert got(where, replace(step, batch="Z")) == []
    assert where.decide(replace(step, batch="Z"), "anning", BEGIN).reason is Reason.UNKNOWN_PRODUCT
    assert where.decide(step, "nobody", BEGIN).reason is Reason.NOT_IN_FORCE


def test_a_product_and_a_batch_of_two_holders_in_one_record_are_nobodys() -> None:
    """The QMS has the wrong product, or the wrong batch: neither is guessed. Two products of one holder are its own."""
    where = router(TWO, PLANT, products={"A": "PA", "B": "pb"})
    event = QualityEvent(system="qms", key="D", what=QualityMatter.DEVIATION, reference="D", title="t", status="open",
                         batch="B", product="PA", room="F1", time=at(0))  # fmt: skip
    assert got(where, event) == []
    assert where.decide(event, "anning", BEGIN).reason is Reason.OTHER_HOLDER
    assert got(where, replace(event, product="PB")) == ["baiyao"]
    assert got(where, replace(event, batch="Z")) == ["anning"]


def test_a_result_of_a_room_belongs_to_the_batch_of_its_sampling() -> None:
    """A settle plate is read days later, when another holder's batch is there; without its time it is nobody's."""
    where = router(TWO, PLANT, stay("A", "PA", "F1", 0, 100), stay("B", "PB", "F1", 5000, 5100))
    plate = TestResult(system="lims", key="1", sample="S", test="CFU", reported="0", status="final", point="F1",
                       sampled=at(50), tested=at(4900), time=at(5050))  # fmt: skip
    assert got(where, plate) == ["anning"]
    assert where.times(plate) == (at(50), at(50))
    assert got(where, replace(plate, sampled=None)) == []


def test_an_event_of_a_room_goes_to_whoever_was_there_while_it_was_open() -> None:
    """Who was told that it was opened is told how it was closed."""
    where = router(TWO, PLANT, stay("A", "PA", "F1", 0, 100), stay("B", "PB", "F1", 5000, 5100))
    event = QualityEvent(system="qms", key="D", what=QualityMatter.DEVIATION, reference="D", title="t", status="open",
                         room="F1", opened=at(50), time=at(51))  # fmt: skip
    assert got(where, event) == ["anning"]
    assert got(where, replace(event, status="closed", time=at(900))) == ["anning"]


def test_who_comes_while_an_alarm_or_a_gap_lasts_is_told_of_it_once() -> None:
    """The room was in alarm, and a source away, before the batch came; what is over, or elsewhere, is not told."""
    where = router(TWO, PLANT)
    alarm, over = an_alarm(5, since=at(4)), an_alarm(6)
    gap = Gap(gap=uuid4(), source="ems", tags=("F1.T", "F2.T"), began=at(7), cause=GapCause.OTHER, detail="", line=LINE)
    for one in (alarm, over, replace(over, state=AlarmState.NORMAL), an_alarm(5, tag="F2.T", room="F2"), gap):
        assert got(where, one) == []
    assert where.joining(at(50)) == []
    where.learn(stay("A", "PA", "F1", 100))
    told_of = [(one.id, sent.decision.holder, getattr(sent.record, "tags", ()))
               for one, some in where.joining(at(100)) for sent in some]  # fmt: skip
    assert told_of == [(alarm.id, "anning", ()), (gap.id, "anning", ("F1.T",))]
    assert where.joining(at(101)) == []
    assert got(where, replace(gap, ended=at(120))) == ["anning"]
