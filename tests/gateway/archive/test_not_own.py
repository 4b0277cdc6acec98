"""What a holder did not get, as the archive adds it up."""

from gateway.archive.archive import Archive
from gateway.archive.not_own import NotOwn, Withdrawal, not_own, withdrawals
from schemas.withheld import WhyWithheld, Withdrawn, Withheld
from tests.gateway.messages import SECOND, sent

STREAM = "cmo-a.line-3.holder-b.gaps.v1"
TEN = 600 * SECOND


def withheld(period: int, samples: int | None, reason: WhyWithheld = WhyWithheld.OTHER_BATCH) -> Withheld:
    return Withheld(
        system="line-3", key=f"{period} {reason}", holder="holder-b", room="F1", clause="qa v1 E-1", reason=reason,
        samples=samples, began=period * TEN, time=(period + 1) * TEN,
    )  # fmt: skip


def test_counts_of_periods_are_added_up_by_room_clause_and_reason() -> None:
    """Each record once however often it came; of periods outside none; an unknown number makes the sum unknown."""
    archive, one = Archive(None), withheld(1, 7)
    others = [withheld(2, None, WhyWithheld.NOT_KEPT), withheld(2, 2, WhyWithheld.NO_BATCH)]
    some = [one, one, withheld(2, 5), withheld(9, 3), *others]
    archive.store([sent(STREAM, number, record, number) for number, record in enumerate(some, 1)])
    found = {row.reason: row for row in not_own(archive, TEN, 3 * TEN)}
    assert found[WhyWithheld.OTHER_BATCH] == NotOwn(
        "holder-b", "F1", "qa v1 E-1", WhyWithheld.OTHER_BATCH, 12, TEN, 3 * TEN
    )
    assert {reason: row.samples for reason, row in found.items()} == {
        WhyWithheld.OTHER_BATCH: 12, WhyWithheld.NOT_KEPT: None, WhyWithheld.NO_BATCH: 2,
    }  # fmt: skip
    assert not_own(archive, 3 * TEN, 9 * TEN) == []


def test_withdrawn_times_are_those_that_reach_into_the_period() -> None:
    """The latest first."""
    archive = Archive(None)
    spans = [(1, 2), (3, 4), (8, 9)]
    records = [
        Withdrawn(
            system="line-3", key=str(began), holder="holder-b", room="F1", clause="qa v1 E-1", began=began * TEN,
            ended=ended * TEN, time=20 * TEN,
        )
        for began, ended in spans
    ]  # fmt: skip
    archive.store([sent(STREAM, number, record, number) for number, record in enumerate(records, 1)])
    assert withdrawals(archive, 0, 5 * TEN) == [
        Withdrawal("holder-b", "F1", "qa v1 E-1", 3 * TEN, 4 * TEN, 20 * TEN),
        Withdrawal("holder-b", "F1", "qa v1 E-1", 1 * TEN, 2 * TEN, 20 * TEN),
    ]
