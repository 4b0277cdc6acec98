"""Marks of sources: in the journal with the records that they stand for, or not at all."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

from gateway.journal import committer
from gateway.journal.committer import Committer
from gateway.journal.journal import Draft, Journal, Numbered
from gateway.journal.room import DAY
from schemas.codec import encode, kind_of
from schemas.exported import TestResult
from tests.gateway.journal.test_journal import GAPS, MIB, STREAM, draft, times
from tests.support.eventually import eventually

RESULTS = "cmo-a.line-3.holder-b.results.v1"


def result(number: int) -> Draft:
    record = TestResult(
        system="lims", key=str(number), sample="S", test="T", reported="1", status="final", time=number
    )  # fmt: skip
    return Draft(RESULTS, kind_of(record), b"lims", number, encode(record))


def test_a_mark_is_committed_with_its_records(tmp_path: Path) -> None:
    """The last one of each source is read back, in the journal's next life too."""
    journal = Journal(tmp_path / "j.db", limit=MIB)
    assert journal.mark("lims") is None
    journal.append([result(1)], {"lims": "one"})
    journal.append([result(2)], {"lims": "two", "wms": "first"})
    journal.close()
    journal = Journal(tmp_path / "j.db", limit=MIB)
    assert (journal.mark("lims"), journal.mark("wms")) == ("two", "first")
    assert times(journal, RESULTS) == [1, 2]
    journal.close()


def test_a_mark_of_an_append_that_failed_was_never_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither were its records."""
    journal = Journal(tmp_path / "j.db", limit=MIB)
    journal.append([result(1)], {"lims": "one"})

    def failing(now: int) -> list[Numbered]:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(journal, "_make_room", failing)
        with pytest.raises(sqlite3.OperationalError):
            journal.append([result(2)], {"lims": "two"})
    assert (journal.mark("lims"), times(journal, RESULTS)) == ("one", [1])
    journal.close()


def test_marks_survive_the_salvage_of_a_damaged_journal(tmp_path: Path) -> None:
    """Nothing is taken twice because an entry was damaged."""
    file = tmp_path / "j.db"
    journal = Journal(file, limit=MIB)
    journal.append([result(1)], {"lims": "one"})
    journal.close()
    db = sqlite3.connect(file)
    db.execute("UPDATE entries SET octets = x'00' WHERE kind = 'TestResult'")
    db.commit()
    db.close()
    journal = Journal(file, limit=MIB)
    assert (journal.salvaged, journal.mark("lims")) == (True, "one")
    journal.close()


def test_an_export_of_times_to_come_hides_no_absence(tmp_path: Path) -> None:
    """The journal's newest time is never beyond the moment at which it was taken."""
    clock = [5 * DAY]
    journal = Journal(tmp_path / "j.db", limit=MIB, clock=lambda: int(clock[0]))
    journal.append([result(9 * int(DAY))])
    assert journal.last_time() == 5 * DAY
    journal.close()


class Full(Journal):
    """A journal whose disk has only its reserve left, while `full`."""

    full = True

    def append(self, drafts: Sequence[Draft], marks: Mapping[str, str] = MappingProxyType({})) -> list[Numbered]:
        if self.full and self.reserve.held:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return super().append(drafts, marks)

    def has_space(self) -> bool:
        return not self.full


async def test_on_a_full_disk_exports_wait_with_their_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reserve is for alarms and gaps; nothing of an export is given up meanwhile."""
    monkeypatch.setattr(committer, "RETRY", 0.01)
    monkeypatch.setattr(committer, "WAITING", 2)
    journal = Full(tmp_path / "j.db", limit=MIB)
    writing = Committer(journal, lambda: None)
    task = asyncio.create_task(writing.run())
    portions = [writing.offer([result(number)], ("lims", str(number))) for number in range(1, 5)]
    portions.append(writing.offer([], ("lims", "5")))
    gap = writing.offer([draft(1, GAPS)])
    measured = writing.offer([draft(2)])
    await asyncio.wait_for(gap, 60)
    assert not any(one.done() for one in portions)
    assert (journal.mark("lims"), times(journal, GAPS)) == (None, [1])
    journal.full = False
    await asyncio.wait_for(asyncio.gather(*portions), 60)
    assert (journal.mark("lims"), times(journal, RESULTS)) == ("5", [1, 2, 3, 4])
    await eventually(lambda: writing.waiting == 0, within=60)
    assert measured.done() is (times(journal, STREAM) == [2])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    journal.close()
