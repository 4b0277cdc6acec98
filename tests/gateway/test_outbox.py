"""What a node has to send, on its disk."""

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from gateway.journal.entries import Draft
from gateway.outbox import Outbox
from schemas.codec import encode
from schemas.notices import NoticeEvent, NoticeKind, NoticeStep

STREAM = "cmo-a.cmo-a.holder-b.notices.v1"


def draft(time: int = 1) -> Draft:
    one = uuid4()
    step = NoticeStep(
        id=one, notice=one, number="DEV-26-001", kind=NoticeKind.DEVIATION, event=NoticeEvent.RAISED, time=time,
        party="cmo-a",
    )  # fmt: skip
    return Draft(STREAM, "NoticeStep", str(one).encode(), time, encode(step))


async def test_what_was_said_is_on_the_disk_and_who_sends_it_is_told(tmp_path: Path) -> None:
    """The file is its owner's alone, and another life goes on with the numbers."""
    told = list[int]()
    for life in (1, 2):
        outbox = Outbox(tmp_path / "box" / "node.journal")
        outbox.written = lambda: told.append(1)
        await outbox.append([draft(), draft()])
        assert outbox.journal.size(STREAM) == 2 + 2 * life  # two schemas go before
        await outbox.close()
    assert told == [1, 1]
    assert (tmp_path / "box" / "node.journal").stat().st_mode & 0o077 == 0


async def test_two_that_write_at_once_wait_for_each_other_and_a_cancelled_one_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is closed only after it."""
    outbox = Outbox(tmp_path / "node.journal")
    real, begun, go, at_once = outbox.journal.append, asyncio.Event(), Event(), list[int]()
    loop, running = asyncio.get_running_loop(), list[int]()

    def slow(drafts: Any) -> Any:
        running.append(1)
        at_once.append(len(running))
        loop.call_soon_threadsafe(begun.set)
        go.wait(60)
        running.pop()
        return real(drafts)

    monkeypatch.setattr(outbox.journal, "append", slow)
    first, second = (asyncio.create_task(outbox.append([draft()])) for _ in range(2))
    await begun.wait()
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    closing = asyncio.create_task(outbox.close())
    go.set()
    await second
    await closing
    assert at_once == [1, 1]
    again = Outbox(tmp_path / "node.journal")
    assert again.journal.size(STREAM) == 4
    await again.close()


async def test_what_could_not_be_written_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes nothing of it."""
    outbox = Outbox(tmp_path / "node.journal")
    told = list[int]()
    outbox.written = lambda: told.append(1)

    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(outbox.journal, "append", broken)
        with pytest.raises(sqlite3.OperationalError, match="full"):
            await outbox.append([draft()])
    assert (told, outbox.journal.size(STREAM)) == ([], 0)
    await outbox.close()
