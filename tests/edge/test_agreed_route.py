"""What goes into whose stream where agreements decide: on a real journal, and what is late."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from edge.agreed_route import AgreedRoute
from edge.late import Late
from edge.recent import Recent
from edge.waiting import Waiting
from gateway.agreement.in_force import Signed, SignedVersion
from gateway.context.context import Context
from gateway.journal.committer import Committer
from gateway.journal.journal import Draft, Journal
from gateway.link.publisher import streams_of
from gateway.redaction.terms import BLACK
from schemas.agreements import AgreementInForce
from schemas.catalogue import KINDS, schema
from schemas.codec import Record, decode
from schemas.context import Assignment
from schemas.exported import (
    BatchOrder,
    BatchStep,
    Conclusion,
    LineClearance,
    OrderStatus,
    QualityEvent,
    QualityMatter,
    StepEvent,
)
from schemas.frame import Frame, Value
from schemas.opening import Opening
from schemas.records import Alarm, AlarmEvent, AlarmState, Condition, ConditionReport
from schemas.withheld import WhyWithheld, Withdrawn, Withheld
from schemas.withheld_fields import shown
from tests.gateway.agreement.routing.making import agreement, at, clause, frame, plant, stay, table
from tests.gateway.messages import alarm

PUBLISHED = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
ROOMS = {"F1.T": "F1", "F1.P": "F1", "F2.T": "F2"}
TAGS = table(ROOMS)
FILLING = clause("E-1", rooms=["F1"], before=30, after=20)
BOOKS = clause("E-7", families=["batches", "quality"])
ANNING, BAIYAO = agreement("anning", {"PA": ()}, FILLING), agreement("baiyao", {"PB": ()}, FILLING, BOOKS)
NONE = -(2**62)


def signed(*versions: SignedVersion) -> Signed:
    return Signed(versions)


def version(one: object, begins: int = NONE, ends: int | None = None) -> SignedVersion:
    return SignedVersion(one, Path("a.yaml"), "0" * 64, begins, ends)  # type: ignore[arg-type] # made for routing


class Line:
    """A route at one line, its clock and what it gave."""

    def __init__(self, folder: Path, versions: Signed | None = None, since: float = -1000) -> None:
        self.minute = 0.0
        versions = versions or signed(version(ANNING), version(BAIYAO))
        holders = sorted({one.agreement.holder.id for one in versions.versions})
        streams = streams_of("cmo-a", "edge", [*holders, "cmo-a"])
        self.recent = Recent(folder / "recent", 2**20, at(since))
        self.waiting = Waiting(folder / "waiting", lambda: at(self.minute))
        self.route = AgreedRoute(
            streams, versions, plant(ROOMS), self.recent, waiting=self.waiting, now=lambda: at(self.minute)
        )
        self.context = Context("edge", "line-3")
        self.route.restore(self.context)
        self.drafts = list[Draft]()

    def take(self, *records: Record, minute: float | None = None) -> None:
        self.minute = self.minute if minute is None else minute
        for one in records:
            self.drafts += self.route(one)

    def got(self, holder: str) -> list[Record]:
        """All that went to one, in its order."""
        return [decode(one.octets, PUBLISHED) for one in self.drafts if one.stream.split(".")[2] == holder]

    def samples(self, holder: str) -> list[tuple[str, float]]:
        """Tag and minute of each sample that one got."""
        return [
            (row.tag, ((row.source_time or 0) - at(0)) / 60e6)
            for one in self.got(holder) if isinstance(one, Frame) for row in one.rows()
        ]  # fmt: skip


class Disk:
    """Takes what is to be written."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def offer(self, drafts: Iterable[Draft]) -> asyncio.Future[None]:
        self._line.drafts += drafts
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


async def catch_up(line: Line) -> None:
    """What was learnt is sent."""
    late = Late(line.route, line.recent, Disk(line))  # type: ignore[arg-type] # takes what a committer takes
    await late.catch_up()


def minute_by_minute(line: Line, first: int, last: int) -> None:
    """A sample of each tag in each minute."""
    for minute in range(first, last):
        line.take(frame(TAGS, [(tag, float(minute), minute) for tag in ROOMS], received=minute), minute=minute)


async def test_the_line_clearance_before_a_batch_is_sent_once_the_batch_is_known(tmp_path: Path) -> None:
    """Of the 40 minutes before its stay the last 30, marked late, from what was kept; the manufacturer has all once."""
    line = Line(tmp_path)
    minute_by_minute(line, 0, 40)
    assert line.samples("anning") == []
    line.take(stay("A", "PA", "F1", 40), minute=40)
    await catch_up(line)
    minute_by_minute(line, 40, 42)
    expected = [(tag, float(minute)) for minute in range(10, 42) for tag in ("F1.T", "F1.P")]
    assert line.samples("anning") == expected
    assert [one.late for one in line.got("anning") if isinstance(one, Frame)] == [True] * 30 + [False] * 2
    assert (line.samples("baiyao"), len(line.samples("cmo-a"))) == ([], 42 * 3)


async def test_what_moves_to_another_batch_is_sent_to_its_holder_and_withdrawn_from_the_first(tmp_path: Path) -> None:
    """The MES corrects: from minute 10 it was batch B of the other holder, which learns nothing of A."""
    line, first = Line(tmp_path), stay("A", "PA", "F1", 0)
    line.take(first)
    minute_by_minute(line, 0, 20)
    shorter = replace(first, version=2, ended=at(10), was_began=at(0), time=at(20))
    line.take(shorter, stay("B", "PB", "F1", 10), minute=20)
    await catch_up(line)
    assert line.samples("baiyao") == [(tag, float(minute)) for minute in range(10, 20) for tag in ("F1.T", "F1.P")]
    spans = [(one.holder, one.room, one.began, one.ended, one.assignment)
             for one in line.got("anning") if isinstance(one, Withdrawn)]  # fmt: skip
    assert spans == [("anning", "F1", at(10), at(20), None)]  # found with B, whose assignment is not told
    assert not [one for one in line.got("baiyao") if isinstance(one, Withdrawn)]
    octets = b"".join(one.octets for one in line.drafts if ".baiyao." in one.stream)
    assert b"PA" not in octets


async def test_what_was_not_kept_is_told_instead(tmp_path: Path) -> None:
    """The agent began at minute 20; of what it gave from minute 5 on it has nothing."""
    line = Line(tmp_path, since=20)
    line.take(stay("A", "PA", "F1", 35, 50), minute=60)
    await catch_up(line)
    told = [one for one in line.got("anning") if isinstance(one, Withheld)]
    assert [(one.reason, one.room, one.began, one.time, one.samples) for one in told] == [
        (WhyWithheld.NOT_KEPT, "F1", at(5), at(20), None)
    ]


async def test_what_was_kept_outlives_the_agent(tmp_path: Path) -> None:
    """The second life sends what the first has read; the torn end of a file is left out."""
    line = Line(tmp_path)
    minute_by_minute(line, 0, 5)
    line.recent.flush()
    file = max((tmp_path / "recent").glob("*.recent"))
    file.write_bytes(file.read_bytes()[:-7])
    line = Line(tmp_path, since=6)
    line.take(stay("A", "PA", "F1", 6), minute=6)
    await catch_up(line)
    assert line.samples("anning") == [(tag, float(minute)) for minute in range(4) for tag in ("F1.T", "F1.P")]
    assert line.recent.since == at(0)


def test_what_was_on_its_way_when_the_agent_was_killed_is_told(tmp_path: Path) -> None:
    """Found, noted, not sent: the next life says so once."""
    line = Line(tmp_path)
    minute_by_minute(line, 0, 10)
    line.take(stay("A", "PA", "F1", 5), minute=10)
    for expected in ([("anning", WhyWithheld.NOT_KEPT, at(-25), at(10))], []):
        line = Line(tmp_path)
        line.take(*line.route.due())
        told = [one for one in line.got("anning") if isinstance(one, Withheld)]
        assert [(one.holder, one.reason, one.began, one.time) for one in told] == expected


def test_the_oldest_that_was_kept_goes_beyond_the_limit(tmp_path: Path) -> None:
    """`since` then tells from when on nothing is missing."""
    recent = Recent(tmp_path / "recent", 64_000, 0)
    for number in range(200):
        recent.keep(bytes(1000), number, number)
    kept = [one.first for one in recent.between(0, 200, recent.position)]
    assert kept == list(range(kept[0], 200))
    assert 50 < len(kept) < 70
    assert recent.since == kept[0] - 1


def test_a_record_waits_for_the_product_of_its_batch(tmp_path: Path) -> None:
    """The step comes before the order that tells the product; the manufacturer has it once."""
    line = Line(tmp_path)
    step = BatchStep(system="mes", key="1", batch="B", step="s", event=StepEvent.STARTED, time=at(0), line="line-3")
    order = BatchOrder(system="mes", key="2", batch="B", product="PB", status=OrderStatus.STARTED, line="line-3",
                       time=at(0))  # fmt: skip
    for one in (step, order):
        line.context.take(one)
        line.drafts += line.route.all([one])
    assert [type(one).__name__ for one in line.got("baiyao")] == ["AgreementInForce", "BatchOrder", "BatchStep"]
    assert Counter(type(one).__name__ for one in line.got("cmo-a"))["BatchStep"] == 1
    assert [type(one).__name__ for one in line.got("anning")] == ["AgreementInForce"]


def test_a_record_waits_through_restarts(tmp_path: Path) -> None:
    """Sent by the life that hears of the product, once, and no more by those after it."""
    step = BatchStep(system="mes", key="1", batch="B", step="s", event=StepEvent.STARTED, time=at(0), line="line-3")
    other = replace(step, id=uuid4(), key="3", batch="C")
    order = BatchOrder(system="mes", key="2", batch="B", product="PB", status=OrderStatus.STARTED, line="line-3",
                       time=at(0))  # fmt: skip
    Line(tmp_path).take(step, other)
    with (tmp_path / "waiting").open("ab") as file:
        file.write(b"torn by a power cut")
    line = Line(tmp_path)
    line.context.take(order)
    line.take(order, minute=1)
    assert [one.id for one in line.got("baiyao") if isinstance(one, BatchStep)] == [step.id]
    assert line.route.status()["without_product"] == 1  # type: ignore[index] # of an agreed route
    assert len(Waiting(tmp_path / "waiting", lambda: at(1))) == 2, "a kill now would send it again"
    line.minute = 3
    line.route.due()
    assert len(Waiting(tmp_path / "waiting", lambda: at(3))) == 1


def test_of_too_many_that_wait_the_oldest_batch_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays the manufacturer's alone; a disk that is away is no reason to stop."""
    monkeypatch.setattr("edge.waiting.MOST", 3)
    waiting = Waiting(tmp_path / "waiting", lambda: 0)
    steps = [
        BatchStep(system="mes", key=str(n), batch=f"B{n // 2}", step="s", event=StepEvent.STARTED, time=n)
        for n in range(5)
    ]
    for one in steps:
        waiting.add(one.batch, one)
    assert [waiting.take(f"B{n}") for n in range(3)] == [[], steps[2:4], steps[4:]]
    away = Waiting(tmp_path / "away" / "waiting", lambda: 0)
    away.add("B", steps[0])
    assert away.take("B") == [steps[0]]


def test_a_version_changes_in_the_middle_of_running_streams(tmp_path: Path) -> None:
    """No sample in the wrong version, none lost, and a record on both sides before the first one of the new version."""
    second = agreement("anning", {"PA": ()}, clause("E-9", rooms=["F2"], when="always"), version=2)
    first = agreement("anning", {"PA": ()}, clause("E-1", rooms=["F1"], when="always"))
    versions = signed(version(first, ends=at(50)), version(second, begins=at(50)))
    line, generator = Line(tmp_path, versions), np.random.default_rng(1)
    expected = list[tuple[str, float]]()
    for second_ in range(45 * 60, 55 * 60):
        times = (second_ - generator.integers(0, 90, 3)) / 60  # late by up to 90 s, in any order
        rows = [(tag, 1.0, time) for tag, time in zip(ROOMS, times.tolist(), strict=True)]
        line.take(frame(TAGS, rows, received=second_ / 60), minute=second_ / 60)
        expected += [(tag, time) for tag, _, time in rows if (tag == "F2.T") == (at(time) >= at(50))]
    assert [tag for tag, _ in line.samples("anning")] == [tag for tag, _ in expected]
    assert np.allclose([time for _, time in line.samples("anning")], [time for _, time in expected])
    assert len(line.samples("cmo-a")) == 600 * 3
    for side in ("anning", "cmo-a"):
        records = line.got(side)
        said = [at_ for at_, one in enumerate(records) if isinstance(one, AgreementInForce)]
        new = [at_ for at_, one in enumerate(records) if isinstance(one, Frame) and one.received >= at(50)]
        assert len(said) == 2
        assert said[1] < new[0]


def test_a_version_that_comes_while_the_agent_runs_holds_from_its_first_moment(tmp_path: Path) -> None:
    """Also within a frame; what is known of batches and of their numbers in text goes on, and both sides are told."""
    line = Line(tmp_path)
    line.take(stay("A-7001", "PA", "F1", 0), stay("B-8001", "PB", "F2", 0))
    wider = agreement("anning", {"PA": ()}, clause("E-1", rooms=["F1", "F2"], when="always"), version=2)
    two, one = version(wider, begins=at(10)), version(ANNING, ends=at(10))
    line.route.renew(signed(one, version(BAIYAO), two))
    line.take(frame(TAGS, [("F2.T", 1.0, 8), ("F1.T", 2.0, 9), ("F2.T", 3.0, 9)], received=9), minute=9)
    rows: list[tuple[str, Value, float]] = [("F2.T", 4.0, 9.5), ("F2.T", 5.0, 10.5), ("F2.T", "B-8001 runs", 10.6)]
    line.take(frame(TAGS, rows, received=11), minute=11)
    assert line.samples("anning") == [("F1.T", 9.0), ("F2.T", 10.5)]
    told = [one for one in line.got("anning") if isinstance(one, AgreementInForce)]
    assert [one.agreement_version for one in told] == [1, 1, 2]
    kept = [type(one).__name__ for one in line.got("anning")]
    assert kept[-2:] == ["AgreementInForce", "Frame"]


def test_a_version_that_cannot_be_gone_by_changes_nothing(tmp_path: Path) -> None:
    """What holds goes on."""
    line = Line(tmp_path)
    line.take(stay("A-7001", "PA", "F1", 0))
    hidden = {"kind": "TestResult", "field": "system", "why": {"en": "w", "zh": "w"}}
    bad = agreement("anning", {"PA": ()}, clause("E-1", rooms=["F2"], withheld=[hidden]), version=2)
    with pytest.raises(ValueError, match=r"TestResult\.system"):
        line.route.renew(signed(version(ANNING, ends=at(1)), version(BAIYAO), version(bad, begins=at(1))))
    line.take(frame(TAGS, [("F1.T", 2.0, 3), ("F2.T", 3.0, 3)], received=3), minute=3)
    assert line.samples("anning") == [("F1.T", 3.0)]


async def test_all_goes_into_one_journal_and_the_manufacturers_alarm_is_the_last(tmp_path: Path) -> None:
    """Streams of three recipients, numbered; what the journal keeps of an alarm is the manufacturer's copy."""
    line = Line(tmp_path)
    journal = Journal(tmp_path / "j.db", limit=2**24)
    committer = Committer(journal, lambda: None)
    line.take(stay("A", "PA", "F1", 0))
    minute_by_minute(line, 0, 3)
    task = asyncio.create_task(committer.run())
    try:
        await committer.offer(line.drafts)
    finally:
        task.cancel()
    sizes = {name: journal.size(f"cmo-a.edge.{name}.measurements.v1") for name in ("anning", "baiyao", "cmo-a")}
    assert sizes == {"anning": 5, "baiyao": 0, "cmo-a": 5}  # two schemas each
    journal.close()


def test_no_record_names_another_holders_batch_and_what_was_left_out_can_be_opened(tmp_path: Path) -> None:
    """A line clearance names the batch before; a text tag tells of it; the opening stays with the manufacturer."""
    line = Line(tmp_path)
    line.take(stay("A-7001", "PA", "F1", 0, 10), stay("B-8001", "PB", "F1", 20))
    clearance = LineClearance(
        system="mes", key="1", batch="B-8001", product="PB", room="F1", stage="filling", previous="A-7001",
        conclusion=Conclusion.PASS, time=at(19), line="line-3",
    )  # fmt: skip
    line.take(clearance, frame(TAGS, [("F1.T", "after A-7001", 21), ("F1.P", "clean", 21)], received=21), minute=21)
    assert len([one for one in line.got("baiyao") if isinstance(one, LineClearance)]) == 1
    assert line.samples("baiyao") == [("F1.P", 21.0)]
    assert b"A-7001" not in b"".join(one.octets for one in line.drafts if ".baiyao." in one.stream)
    (opening,) = [one for one in line.got("cmo-a") if isinstance(one, Opening)]
    assert (opening.record, opening.field, "A-7001" in opening.disclosed) == (clearance.id, "previous", True)
    assert not [one for one in line.got("anning") if isinstance(one, LineClearance | Opening)]


@pytest.mark.parametrize("told", [None, "PB"])
def test_who_holds_nothing_gets_nothing(tmp_path: Path, told: str | None) -> None:
    """Of a batch of unknown product or of another holder, not even the assignment."""
    line = Line(tmp_path)
    one: Assignment = stay("B", told, "F1", 0)
    line.take(one)
    assert [type(record).__name__ for record in line.got("anning")] == ["AgreementInForce"]
    assert one.id in [record.id for record in line.got("cmo-a")]


def test_the_batch_before_is_withheld_though_nothing_is_known_of_it(tmp_path: Path) -> None:
    """The agent never heard of A-7001; its own batch before the holder may read."""
    line = Line(tmp_path)
    line.take(stay("B-8001", "PB", "F1", 20))
    clearance = LineClearance(
        system="mes", key="1", batch="B-8001", product="PB", room="F1", stage="filling", previous="A-7001",
        conclusion=Conclusion.PASS, time=at(19), line="line-3",
    )  # fmt: skip
    line.context.take(BatchOrder(system="mes", key="3", batch="B-8000", product="PB", status=OrderStatus.STARTED))
    line.take(clearance, replace(clearance, id=uuid4(), key="2", previous="B-8000"), minute=21)
    first, second = (shown(one) for one in line.got("baiyao") if isinstance(one, LineClearance))
    assert (getattr(first, "previous", None), getattr(second, "previous", None)) == (BLACK, "B-8000")
    assert b"A-7001" not in b"".join(one.octets for one in line.drafts if ".baiyao." in one.stream)


def reborn(line: Line, folder: Path) -> Line:
    """The life after: it knows the batches, and what the journal has of alarms and of who got what."""
    journal = Journal(folder / "lives.db", limit=2**24)
    journal.append(line.drafts)
    after = Line(folder)
    after.context, after.minute = line.context, line.minute
    after.route.restore(line.context, journal.latest_alarms(), journal.remembered())
    journal.close()
    return after


def test_an_alarm_that_stood_before_a_restart_comes_with_the_batch_once(tmp_path: Path) -> None:
    """The next life tells the holder whose batch comes into the room; the one after that does not tell it again."""
    line = Line(tmp_path)
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 0, alarm=uuid4(), tag="F1.T")
    line.take(replace(raised, room="F1", line="line-3", since=at(10), time=at(10)), minute=10)
    line = reborn(line, tmp_path)
    came = stay("A-7001", "PA", "F1", 100)
    line.context.take(came)
    line.take(came, minute=100)
    assert [one.id for one in line.got("anning") if isinstance(one, Alarm)] == [raised.id]
    line = reborn(line, tmp_path)
    line.take(stay("A-7002", "PA", "F1", 110), minute=110)
    assert not [one for one in line.got("anning") if isinstance(one, Alarm)]


def test_who_got_the_begin_of_a_devices_alarm_gets_its_end_after_a_restart(tmp_path: Path) -> None:
    """Its end is told when the holder's batch is long gone; then the life is forgotten."""
    line = Line(tmp_path)
    line.route.describe("one", ["F1.T"])
    came = stay("A-7001", "PA", "F1", 0, 20)
    line.context.take(came)
    line.take(came, minute=1)
    begun = Condition(source="one", report=ConditionReport.TOLD, condition="F1.T", event=b"1", received=at(10),
                      time=at(10), retain=True, line="line-3")  # fmt: skip
    over = replace(begun, id=uuid4(), event=b"2", received=at(90), time=at(90), retain=False)
    line.take(begun, minute=10)
    assert [one.id for one in line.got("anning") if isinstance(one, Condition)] == [begun.id]
    line = reborn(line, tmp_path)
    line.route.describe("one", ["F1.T"])
    line.take(over, replace(begun, id=uuid4(), received=at(95), time=at(95)), minute=90)
    assert [one.id for one in line.got("anning") if isinstance(one, Condition)] == [over.id]
    journal = Journal(tmp_path / "lives.db", limit=2**24)
    journal.append(line.drafts)
    assert journal.remembered() == {}
    journal.close()


def test_whose_batch_it_is_outlives_the_agent_before_it_was_anywhere(tmp_path: Path) -> None:
    """Only an order names it; in the next life a text that names it is still withheld from the other holder."""
    line = Line(tmp_path)
    line.context.take(BatchOrder(system="mes", key="3", batch="A-7001", product="PA", status=OrderStatus.STARTED))
    line.route.restore(line.context)
    line.take(stay("B-8001", "PB", "F1", 0))
    line.take(frame(TAGS, [("F1.T", "after A-7001", 1), ("F1.P", "B-8001", 1)], received=1), minute=1)
    assert line.samples("baiyao") == [("F1.P", 1.0)]


def test_a_wrong_product_makes_no_batch_anothers(tmp_path: Path) -> None:
    """A deviation names a batch of one holder and a product of the other: neither gets it, nor may read more."""
    line = Line(tmp_path)
    line.context.take(BatchOrder(system="mes", key="3", batch="A-7001", product="PA", status=OrderStatus.STARTED))
    line.take(stay("B-8001", "PB", "F1", 0))
    line.take(
        QualityEvent(system="qms", key="D", what=QualityMatter.DEVIATION, reference="D", title="t", status="open",
                     batch="A-7001", product="PB", time=at(0), line="line-3"),
        frame(TAGS, [("F1.T", "after A-7001", 1), ("F1.P", "B-8001", 1)], received=1), minute=1,
    )  # fmt: skip
    assert line.samples("baiyao") == [("F1.P", 1.0)]
    assert not [one for side in ("anning", "baiyao") for one in line.got(side) if isinstance(one, QualityEvent)]


def test_what_was_withheld_is_told_also_once_the_agreement_has_ended(tmp_path: Path) -> None:
    """The last counts come after the last day."""
    line = Line(tmp_path, signed(version(ANNING, ends=at(15)), version(BAIYAO)))
    line.take(stay("B-8001", "PB", "F1", 0))
    line.take(frame(TAGS, [("F1.T", 1.0, 14)], received=14), minute=14)
    line.minute = 30
    line.take(*line.route.due(), minute=30)
    (told,) = (one for one in line.got("anning") if isinstance(one, Withheld))
    assert (told.reason, told.samples) == (WhyWithheld.OTHER_BATCH, 1)
    assert not [one for one in line.got("baiyao") if isinstance(one, Withheld)]


async def test_an_alarm_is_sent_late_to_its_end_and_the_agent_goes_on_from_none_of_its_copies(tmp_path: Path) -> None:
    """It was raised while a batch was there that is told later, and returned after it; a copy is no last step."""
    line = Line(tmp_path)
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 0, alarm=uuid4(), tag="F1.T")
    raised = replace(raised, room="F1", line="line-3", since=at(10), time=at(10))
    seen = replace(raised, id=uuid4(), event=AlarmEvent.ACKNOWLEDGED, state=AlarmState.ACKNOWLEDGED, time=at(40))
    over = replace(seen, id=uuid4(), event=AlarmEvent.RETURNED, state=AlarmState.NORMAL, time=at(42))
    line.take(raised, seen, over, minute=42)
    line.take(stay("A-7001", "PA", "F1", 9, 11), minute=43)
    await catch_up(line)
    assert [one.id for one in line.got("anning") if isinstance(one, Alarm)] == [raised.id, seen.id, over.id]
    assert not [one for one in line.got("baiyao") if isinstance(one, Alarm)]
    journal = Journal(tmp_path / "j.db", limit=2**24)
    copy = next(one for one in line.drafts if ".anning." in one.stream and one.kind == "Alarm")
    journal.append([*line.drafts, copy])
    assert [one.id for one in journal.latest_alarms()] == [over.id]
    journal.close()


def test_a_batch_that_comes_into_a_room_in_alarm_brings_the_alarm_to_its_holder(tmp_path: Path) -> None:
    """The manufacturer has it once; the other holder, whose batch it is not, has nothing of it."""
    line = Line(tmp_path)
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 0, alarm=uuid4(), tag="F1.T")
    line.take(replace(raised, room="F1", line="line-3", since=at(10), time=at(10)), minute=10)
    line.take(stay("A-7001", "PA", "F1", 100), minute=100)
    told = {side: len([one for one in line.got(side) if isinstance(one, Alarm)])
            for side in ("anning", "baiyao", "cmo-a")}  # fmt: skip
    assert told == {"anning": 1, "baiyao": 0, "cmo-a": 1}
