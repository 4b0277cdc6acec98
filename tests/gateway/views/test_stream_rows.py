"""A stream a page of numbers at a time."""

from dataclasses import replace

import pytest

from gateway.archive.archive import Archive
from gateway.intake.inspection import Inspected, Received, Standing
from gateway.intake.message import Batch
from gateway.proof.findings import Code, Finding
from gateway.views.brief import Figure
from gateway.views.display import Clock
from gateway.views.stream_rows import PAGE, Asked, Here, StreamPage, asked_of, stream_page
from gateway.views.streams import Verdict
from schemas.catalogue import schema
from schemas.records import Schema
from tests.gateway.messages import SECOND, frame, sent

STREAM = "plant-a.line-3.mah.measurements.v1"
CLOCK = Clock.of("Asia/Shanghai")
NOW = 1_781_150_602 * SECOND


def holding(*numbers: int) -> Archive:
    """An archive with readings under these numbers, one a second."""
    archive = Archive(None)
    archive.store([sent(STREAM, n, frame({"dp": 7.5, "t": 20.0}, received=n * SECOND), n) for n in numbers])
    return archive


def page(archive: Archive, asked: Asked = Asked(), *, received: int, verified: int = 0) -> StreamPage:  # noqa: B008
    standing = Standing(received, verified, NOW // SECOND if verified else None)
    return stream_page(STREAM, standing, asked, NOW)(archive)


def numbers(view: StreamPage) -> list[int]:
    return [row.first for row in view.rows]


def test_the_newest_page_comes_first_and_leads_to_every_other() -> None:
    """Each number once, from the newest to the first, and back."""
    archive = holding(*range(1, 131))
    view, seen = page(archive, received=130), list[int]()
    assert view.newer is None
    while True:
        seen += numbers(view)
        if view.older is None:
            break
        view = page(archive, Asked(to=view.older), received=130)
    assert seen == list(range(130, 0, -1))
    assert view.newer == 30 + PAGE


def test_a_record_says_what_it_is_about_and_whether_a_seal_proves_it() -> None:
    """The first figures with their units; what no seal counts yet is not proven."""
    view = page(holding(1, 2), received=2, verified=1)
    newest, oldest = view.rows
    assert (newest.proven, oldest.proven) == (False, True)
    assert newest.brief is not None
    assert newest.brief.time == 2 * SECOND
    assert newest.brief.figures == (Figure("dp", 7.5, "Pa"), Figure("t", 20.0, "Pa"))
    assert newest.size is not None
    assert len(newest.leaf or "") == 64


def test_numbers_that_did_not_come_stand_in_their_place_as_one_row() -> None:
    """Told as missing where a seal counts them, as not here where none does."""
    archive = holding(1, 2, 6, 9)
    archive.store_inspected(Inspected(Batch(), findings=[Finding(Code.MISSING, STREAM, 3, 4, "", 1.0)]))
    view = page(archive, received=2)
    found = [(row.first, row.last, row.here) for row in view.rows]
    assert found == [
        (9, 9, Here.RECORD), (7, 8, Here.NOTHING), (6, 6, Here.RECORD), (5, 5, Here.NOTHING), (3, 4, Here.MISSING),
        (2, 2, Here.RECORD), (1, 1, Here.RECORD),
    ]  # fmt: skip
    assert view.stream.verdict is Verdict.MISSING
    assert view.last == 9


def test_a_leaf_hash_alone_and_what_cannot_be_read_say_so() -> None:
    """A number whose content made room has no size and nothing to read."""
    archive = holding(1)
    wrong = replace(sent(STREAM, 3, frame({"dp": 7.5}, received=1), 3), entry=b"nonsense", record=None)
    unread = Received(STREAM, 3, bytes(32), wrong)
    archive.store_inspected(Inspected(Batch(), received=[Received(STREAM, 2, b"\1" * 32, None), unread]))
    view = page(archive, received=3)
    assert [row.here for row in view.rows] == [Here.UNREADABLE, Here.LEAF, Here.RECORD]
    assert view.rows[1].size is None
    assert view.rows[1].leaf == "01" * 32


def test_one_kind_is_shown_by_itself() -> None:
    """With the way to the pages beside it; numbers between are no holes."""
    archive = holding(2, 3, 5)
    known = schema("Frame")
    archive.store([sent(STREAM, n, Schema(fingerprint=known.fingerprint, text=known.text), n) for n in (1, 4)])
    view = page(archive, Asked(kind="Schema"), received=5)
    assert numbers(view) == [4, 1]
    assert (view.older, view.newer) == (None, None)
    assert numbers(page(archive, Asked(to=3, kind="Schema"), received=5)) == [1]
    assert page(archive, Asked(to=3, kind="Schema"), received=5).newer == 4
    assert view.kinds == ("Frame", "Schema")


def test_a_time_stands_in_the_middle_of_its_page() -> None:
    """And where every record is older, the newest page says that nothing was found."""
    archive = holding(*range(1, 201))
    view = page(archive, Asked(at=100 * SECOND), received=200)
    assert view.found == 100
    assert numbers(view)[0] > 100 > numbers(view)[-1]
    later = page(archive, Asked(at=900 * SECOND), received=200)
    assert later.found is None
    assert numbers(later)[0] == 200


def test_an_empty_stream_is_a_page_without_rows() -> None:
    """Nothing older, nothing newer."""
    view = page(Archive(None), received=0)
    assert (view.rows, view.older, view.newer, view.stream.verdict) == ([], None, None, Verdict.UNSEALED)


def test_the_address_says_which_page() -> None:
    """Times without a zone are the plant's."""
    assert asked_of({}, CLOCK) == Asked()
    assert asked_of({"to": "12", "kind": "Frame"}, CLOCK) == Asked(to=12, kind="Frame")
    assert asked_of({"at": "2026-06-11T12:03:22"}, CLOCK) == Asked(at=NOW)


@pytest.mark.parametrize("query", [{"to": "-1"}, {"to": "x"}, {"to": "9" * 20}, {"at": "noon"}, {"kind": "Nothing"}])
def test_an_unclear_address_is_refused(query: dict[str, str]) -> None:
    """Instead of showing something else."""
    with pytest.raises(ValueError, match=r"."):
        asked_of(query, CLOCK)
