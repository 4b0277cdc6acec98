"""Numbers that did not come, and of which batch they may be."""

from collections.abc import Mapping
from dataclasses import replace

from gateway.archive.archive import Archive
from gateway.batches.archived import assembled
from gateway.batches.numbers import Counted, Lost, Unsealed, counted, line_of
from gateway.intake.inspection import Inspected, Standing
from gateway.intake.message import Batch
from gateway.proof.findings import Code, Finding
from schemas.codec import Record
from tests.gateway.batches.records import BATCH, MASTERS, ORDER, RECORDS, another, at
from tests.gateway.console.stage import SITE
from tests.gateway.messages import frame, message

NOW = at(1000)
RECORDS_OF, MEASURED = "cmo-a.line-3.holder-b.records.v1", "cmo-a.line-3.holder-b.measurements.v1"
OTHER = "cmo-a.line-5.holder-b.records.v1"
BEFORE = another(ORDER, batch="OTHER", key="before", time=at(-5000))
AFTER = another(ORDER, batch="OTHER", key="after", time=at(5000))


def told(
    streams: Mapping[str, Mapping[int, Record]], missing: Mapping[str, tuple[int, int]], *, sealed: bool = True
) -> Counted:
    """Of the batch where these records stand under these numbers and those are missing."""
    archive = Archive(None)
    places = [(stream, number, record) for stream, many in streams.items() for number, record in many.items()]
    messages = [
        replace(message(record, at_), stream=stream, number=number)
        for at_, (stream, number, record) in enumerate(places)
    ]
    archive.store(messages)
    findings = [Finding(Code.MISSING, stream, *run, "", 0.0) for stream, run in missing.items()]
    received = {stream: missing[stream][0] - 1 if stream in missing else max(many) for stream, many in streams.items()}
    standings = {stream: Standing(last, last if sealed else 0, 1) for stream, last in received.items()}
    states = dict.fromkeys(standings, b"")
    archive.store_inspected(Inspected(Batch(()), findings=findings, standings=standings, states=states))
    (whole,) = assembled(archive, SITE, MASTERS, BATCH, NOW)
    found = counted(archive, whole, over=True, now=NOW)
    archive.close()
    return found


def own(*, first: int = 10, without: int = 0) -> dict[int, Record]:
    """The batch's records from that number on, with one number left out."""
    numbers = [number for number in range(first, first + len(RECORDS) + 1) if number != without][: len(RECORDS)]
    return dict(zip(numbers, RECORDS, strict=True))


def test_a_number_missing_among_its_own_may_be_of_the_batch() -> None:
    """Between its records, and next to the first of them."""
    found = told({RECORDS_OF: own(without=12)}, {RECORDS_OF: (12, 12)})
    assert (found.whole, found.lost) == (0, (Lost(RECORDS_OF, 12, 12),))
    assert told({RECORDS_OF: own(first=2)}, {RECORDS_OF: (1, 1)}).lost == (Lost(RECORDS_OF, 1, 1),)


def test_what_is_missing_long_before_or_after_is_not_of_it() -> None:
    """What stands before and behind it tells when it was made."""
    early = {1: BEFORE, 3: replace(BEFORE, key="early", id=AFTER.id)}
    assert told({RECORDS_OF: early | own()}, {RECORDS_OF: (2, 2)}).lost == ()
    late = {100: AFTER, 102: another(AFTER, key="late")}
    assert told({RECORDS_OF: own() | late}, {RECORDS_OF: (101, 101)}).lost == ()


def test_readings_that_are_missing_at_its_time_may_be_of_it() -> None:
    """Of its own line; a number after which nothing came is of nobody knows when."""
    before, behind = (frame({"F1.DP.M1": 14.0}, received=at(minute)) for minute in (10, 20))
    streams: dict[str, Mapping[int, Record]] = {RECORDS_OF: own(), MEASURED: {1: before, 5: behind}}
    assert told(streams, {MEASURED: (2, 4)}).lost == (Lost(MEASURED, 2, 4),)
    old = [frame({"F1.DP.M1": 14.0}, received=at(minute)) for minute in (-900, -800)]
    assert told(streams | {MEASURED: dict(zip((1, 5), old, strict=True))}, {MEASURED: (2, 4)}).lost == ()


def test_another_line_says_nothing_of_it() -> None:
    """However much of that is missing."""
    assert told({RECORDS_OF: own(), OTHER: {1: BEFORE, 3: AFTER}}, {OTHER: (2, 2)}).lost == ()
    assert line_of(OTHER) == "cmo-a.line-5"


def test_until_a_seal_counts_its_last_record_nobody_can_tell() -> None:
    """Only a seal says how many there are."""
    last = 9 + len(RECORDS)
    assert told({RECORDS_OF: own()}, {}, sealed=False) == Counted(0, (), (Unsealed(RECORDS_OF, last, 0),))
    assert told({RECORDS_OF: own()}, {}) == Counted(1, (), ())
