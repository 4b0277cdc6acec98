"""The access log on disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from gateway.access.log import AccessLog
from gateway.access.wanted import WantedAccess
from gateway.journal.journal import Journal
from gateway.outbox import Outbox
from gateway.proof.merkle import Tree
from schemas.access import Access, Act, Outcome

EVER = WantedAccess(0, 1 << 62)


def look(time: int, name: str = "Li Na", batch: str | None = None) -> Access:
    return Access(time=time, node="holder-b", act=Act.OPENED, outcome=Outcome.DONE, name=name, batch=batch)


@asynccontextmanager
async def running(file: Path) -> AsyncIterator[AccessLog]:
    outbox = Outbox(file)
    made = AccessLog(outbox, "holder-b", "cmo-a")
    writing = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await outbox.close()


async def test_looks_are_numbered_across_restarts_and_stand_in_a_tree(tmp_path: Path) -> None:
    """What was told before the end is written at the end; the file is its owner's alone."""
    file = tmp_path / "access.journal"
    async with running(file) as log:
        log.tell(look(1))
        await log.settled()
        for time in range(2, 701):
            log.tell(look(time))
    async with running(file) as log:
        log.tell(look(701, "Wang Fang", "B"))
        await log.settled()
        found = log.find(EVER, 10_000)
        assert [kept.access.time for kept in found] == list(range(701, 0, -1))
        numbers = [kept.number for kept in found]
        assert numbers == list(range(numbers[0], numbers[0] - 701, -1))
        stream = log.stream
    assert file.stat().st_mode & 0o077 == 0
    journal, tree = Journal(file, limit=1 << 50), Tree()
    tree.extend(b"".join(entry.leaf for entry in journal.entries(stream, 0, 10_000)))
    assert journal.heads()[stream].root == tree.root()
    journal.close()


@pytest.mark.parametrize(
    ("wanted", "times"),
    [
        (EVER, [4, 3, 2, 1]), (WantedAccess(2, 3), [3, 2]), (WantedAccess(0, 9, person="wang"), [4, 2]),
        (WantedAccess(0, 9, batch="B"), [2]), (WantedAccess(0, 9, person="nobody"), []),
    ],
)  # fmt: skip
async def test_looks_are_found_by_person_batch_and_time(tmp_path: Path, wanted: WantedAccess, times: list[int]) -> None:
    """The newest first, no more than asked for."""
    async with running(tmp_path / "access.journal") as log:
        for one in (look(1), look(2, "Wang Fang", "B"), look(3), look(4, "WANG Wei", "C")):
            log.tell(one)
        await log.settled()
        assert [kept.access.time for kept in log.find(wanted, 10)] == times
        assert [kept.access.time for kept in log.find(wanted, 1)] == times[:1]
