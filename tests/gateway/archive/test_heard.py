"""When sources were heard of: what is kept of it is what the entries tell, whatever was refuted."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive.archive import Archive
from gateway.archive.evidence import first_records
from gateway.intake.inspection import Correction, Inspected, Received
from gateway.intake.message import Batch, Message
from gateway.proof.merkle import leaf_hash
from tests.gateway.messages import SECOND, frame, sent

STREAM = "cmo-a.line-3.holder-b.measurements.v1"
TIMES = st.integers(1, 6)
ENTRIES = st.lists(st.tuples(st.sampled_from(("ems", "scale")), TIMES), min_size=1, max_size=6)


def told(number: int, source: str, time: int) -> Message:
    return sent(STREAM, number, frame({"dp": 1.0}, received=time * SECOND, source=source), number)


@settings(deadline=None, max_examples=25)
@given(ENTRIES, st.sets(st.integers(0, 5)), st.lists(TIMES, min_size=6, max_size=6))
def test_the_first_and_the_last_time_are_those_of_the_entries(
    entries: list[tuple[str, int]], refuted: set[int], instead: list[int]
) -> None:
    """Refuted ones count no more, and what a seal proves in their place does."""
    archive = Archive(None)
    messages = [told(number, source, time) for number, (source, time) in enumerate(entries, 1)]
    archive.store(messages)
    gone = [one for at, one in enumerate(messages) if at in refuted]
    genuine = [told(one.number or 0, "late", instead[at]) for at, one in enumerate(messages) if at in refuted]
    aside = [replace(one, record=None, problem="rival") for one in genuine]
    corrections = [
        Correction(one.stream, one.number or 0, leaf_hash(two.entry) if at % 2 else None, "a seal proves another")
        for at, (one, two) in enumerate(zip(gone, genuine, strict=True))
    ]
    archive.store_inspected(Inspected(Batch(), messages=aside, corrections=corrections))
    sql = "SELECT source, {}(heard) FROM entries WHERE heard IS NOT NULL GROUP BY source"
    assert archive.contacts() == dict(archive.rows(sql.format("max")))
    assert first_records(archive) == dict(archive.rows(sql.format("min")))
    archive.close()


def test_an_entry_that_is_here_by_its_leaf_alone_tells_no_time() -> None:
    """Nobody knows when it was made."""
    archive = Archive(None)
    archive.store_inspected(Inspected(Batch(), received=[Received("s", 1, b"\1" * 32, None)]))
    assert archive.contacts() == first_records(archive) == {}
    archive.close()
