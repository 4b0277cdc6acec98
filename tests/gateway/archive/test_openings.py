"""What is withheld, and what opens it, as the archive keeps it."""

from dataclasses import replace
from typing import Any

from gateway.archive.archive import Archive
from gateway.archive.exported import current
from gateway.archive.openings import commitments_of, openings_of
from gateway.archive.weighings import weighings_of
from gateway.redaction.redact import Reason, redact
from schemas.exported import Conclusion, LineClearance
from schemas.withheld_fields import commitments_in
from tests.gateway.messages import sent, weighing

STREAM = "cmo-a.line-3.holder-b.batches.v1"
HOME = "cmo-a.line-3.cmo-a.openings.v1"
CLEARANCE = LineClearance(
    system="mes", key="k", batch="B-1", room="F3", stage="filling", conclusion=Conclusion.PASS, time=7, previous="C-9"
)


def test_a_reader_finds_nothing_where_something_is_withheld_and_is_told_so() -> None:
    """Not the value, and no crash either: rules that need it have nothing to judge."""
    hidden, _ = redact(CLEARANCE, STREAM, {"previous": Reason("E-7"), "stage": Reason("E-7", "███")})
    archive = Archive(None)
    archive.store([sent(STREAM, 1, hidden, 0)])
    (kept,) = current(archive, LineClearance, batch="B-1")
    assert (kept.record.previous, kept.record.stage, kept.record.room) == (None, "███", "F3")  # type: ignore[attr-defined]
    told = {one.field: one for one in commitments_of(archive, CLEARANCE.id)}
    assert {name: (one.clause, one.words, one.stream, one.number) for name, one in told.items()} == {
        "previous": ("E-7", None, STREAM, 1),
        "stage": ("E-7", "███", STREAM, 1),
    }
    assert told["previous"].digest == commitments_in(hidden)["previous"].digest.hex()
    assert not any(one.sealed for one in told.values())
    assert openings_of(archive, CLEARANCE.id) == []


def test_a_weighing_without_its_operator_is_kept() -> None:
    """As any other of which nobody said who weighed."""
    taken = replace(weighing(7), batch="B-1")
    hidden, _ = redact(taken, STREAM.replace("batches", "weighings"), {"operator": Reason("E-6")})
    archive = Archive(None)
    archive.store([sent(STREAM, 1, hidden, 0)])
    (kept,) = weighings_of(archive, "B-1")
    assert kept.operator is None
    assert [one.field for one in commitments_of(archive, taken.id)] == ["operator"]


def test_openings_are_kept_in_the_archive_of_who_withheld() -> None:
    """As they were sealed; one that comes twice counts once."""
    _, openings = redact(CLEARANCE, STREAM, {"previous": Reason("E-7"), "room": Reason("E-7")})
    archive = Archive(None)
    every: list[Any] = [*openings, openings[0]]
    archive.store([sent(HOME, number, one, number) for number, one in enumerate(every, 1)])
    assert sorted(openings_of(archive, CLEARANCE.id), key=lambda one: one.id) == sorted(
        openings, key=lambda one: one.id
    )
