"""A source of files as the agent drives it: portions, counts, and what it says when the share or the ledger fails."""

import asyncio
import time
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from adapters.contract import NotAskedError, SourceError, TakesFiles
from adapters.exports.settings import FolderSettings
from adapters.exports.source import FolderSource
from adapters.exports.ways.folder import Folder
from adapters.exports.worker import Worker
from schemas.frame import Frame
from schemas.records import GapCause
from tests.adapters.exports.driving import Agent
from tests.adapters.exports.taking import put, settings

ROWS = [("A", "1"), ("B", "2"), ("A", "1")]


def an_agent(wanted: FolderSettings) -> Agent:
    return Agent(FolderSource(wanted))


async def test_the_tags_count_what_became_of_the_rows(tmp_path: Path) -> None:
    """Of all files, over all lives of the agent."""
    put(tmp_path, "a.csv", ROWS, modified=1)
    put(tmp_path, "a.txt", [], modified=2)
    wanted = settings(tmp_path, poll_interval=0.1)
    agent = an_agent(wanted)
    assert isinstance(agent.source, TakesFiles)
    counts = {"RowsRead": 3, "Records": 2, "Repeats": 1, "FilesRead": 1, "FilesRefused": 1, "Unaccounted": 0}
    await agent.until(counts)
    assert [len(one.records) for one in agent.portions] == [2]
    later = an_agent(wanted)
    later.mark = agent.mark
    await later.until(counts)
    assert later.portions == []
    assert later.first == agent.counts  # at once, so that no alarm returns for a moment
    assert later.source.files["refused"] == (("a.txt", "no mapping fits its name"),)


async def test_f72_a_share_that_goes_away_is_a_loss_and_comes_back(tmp_path: Path) -> None:
    """The device is unreachable, in the supervisor's words; nothing is taken twice afterwards."""
    put(tmp_path, "a.csv", ROWS)
    agent = an_agent(settings(tmp_path, poll_interval=0.1))
    await agent.until({"Records": 2})
    (tmp_path / "in").rename(tmp_path / "away")
    with pytest.raises(SourceError, match="is no folder; is the share mounted") as caught:
        await agent.until({"Records": 3})
    assert caught.value.cause is GapCause.DEVICE_UNREACHABLE
    (tmp_path / "away").rename(tmp_path / "in")
    put(tmp_path, "b.csv", [("C", "3")])
    await agent.until({"Records": 3, "RowsRead": 4})


async def test_without_a_journal_it_only_looks(tmp_path: Path) -> None:
    """For `cmo-edge read` and `check`: nothing is taken, kept or made."""
    put(tmp_path, "a.csv", ROWS)
    source = FolderSource(settings(tmp_path, poll_interval=0.1))
    await source.connect()
    reports = source.frames()
    assert isinstance(await anext(reports), Frame)
    await source.close()
    assert not (tmp_path / "kept").exists()
    with pytest.raises(NotAskedError):
        await source.again("a.csv")


async def test_a_file_is_read_again_when_it_is_asked_for(tmp_path: Path) -> None:
    """By its name or the begin of its hash; what is not there is none."""
    put(tmp_path, "a.csv", ROWS)
    agent = an_agent(settings(tmp_path, poll_interval=0.1))
    await agent.until({"Records": 2})
    await agent.source.connect()
    assert await agent.source.again("a.csv") == 1
    assert await agent.source.again("b.csv") == 0
    assert await agent.source.dismiss("a.csv", "not refused") == 0
    await agent.source.close()
    await agent.until({"RowsRead": 6, "Repeats": 4})


async def test_a_disk_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The source is lost, and tried again."""
    wanted = settings(tmp_path)
    (tmp_path / "kept").write_text("in the way")
    with pytest.raises(SourceError, match="files cannot be read or kept"):
        await an_agent(wanted).until({})


async def test_a_share_that_hangs_is_silent_and_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event loop goes on, the source is lost after its silence, and works once the share answers."""
    put(tmp_path, "a.csv", ROWS)
    hanging, real = Event(), Folder.check

    def check(folder: Folder) -> None:
        hanging.wait(300)
        real(folder)

    monkeypatch.setattr(Folder, "check", check)
    agent = an_agent(settings(tmp_path, poll_interval=0.1, silence=0.6))
    began = time.monotonic()
    with pytest.raises(SourceError, match=r"no sign of life for 0\.6 s") as caught:
        await agent.until({"Records": 2})
    assert time.monotonic() - began < 120
    assert caught.value.cause is GapCause.DEVICE_SILENT
    hanging.set()
    await agent.until({"Records": 2})


async def test_a_thread_gives_outcomes_and_errors() -> None:
    """In order, one after the other."""
    worker, order = Worker("test"), list[int]()
    await asyncio.gather(*(worker.do(partial(order.append, one), 5) for one in range(5)))
    assert order == [0, 1, 2, 3, 4]
    assert await worker.do(lambda: 7, 5) == 7
    with pytest.raises(ZeroDivisionError):
        await worker.do(lambda: 1 // 0, 5)
