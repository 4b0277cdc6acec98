"""Into the journal: a fault of the disk is said, waited out, and costs only what is counted."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

from gateway.journal import committer
from gateway.journal.committer import Committer
from gateway.journal.journal import Draft, Journal, Numbered
from tests.gateway.journal.test_journal import GAPS, MIB, draft, times
from tests.support.eventually import eventually


class Faulty(Journal):
    """A journal on a disk that is full while `full`."""

    full = True

    def append(self, drafts: Sequence[Draft], marks: Mapping[str, str] = MappingProxyType({})) -> list[Numbered]:
        if self.full:
            raise sqlite3.OperationalError("database or disk is full")
        return super().append(drafts, marks)


async def test_what_waits_for_a_full_disk_is_written_when_it_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault is said meanwhile; measurements beyond the bound are given up, counted, and never called safe."""
    monkeypatch.setattr(committer, "RETRY", 0.01)
    monkeypatch.setattr(committer, "WAITING", 3)
    journal, woken = Faulty(tmp_path / "j.db", limit=MIB), asyncio.Event()
    writing = Committer(journal, woken.set)
    task = asyncio.create_task(writing.run())
    other = "cmo-a.line-3.holder-c.measurements.v1"
    shared = draft(1)
    lost = writing.offer([shared, Draft(other, shared.kind, shared.key, shared.time, shared.octets)])
    kept = [writing.offer([draft(number, stream)]) for number, stream in ((2, GAPS), (3, GAPS), (4, GAPS))]
    await eventually(lambda: writing.problem, within=60)
    assert "full" in str(writing.problem)
    await eventually(lambda: writing.waiting == 3, within=60)
    told = writing.take_lost()
    assert (told["ems"].samples, told["ems"].began, told["ems"].ended) == (1, 1, 1)
    journal.full = False
    await asyncio.wait_for(asyncio.gather(*kept), 60)
    assert (writing.problem, writing.waiting, woken.is_set()) == (None, 0, True)
    assert times(journal, GAPS) == [2, 3, 4]
    assert not lost.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    journal.close()
