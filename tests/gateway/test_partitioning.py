"""A node writes the partitions of its own archive while it goes on storing."""

import asyncio
from pathlib import Path

import pytest

from gateway import partitioning
from gateway.archive.archive import Archive
from gateway.archive.partitions import MANIFEST, manifest_in
from gateway.partitioning import Partitioning
from tests.gateway.messages import frame, message
from tests.support.eventually import eventually

START = 1_781_140_000_000_000


async def test_what_came_since_is_written_at_the_next_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the folder could not be written at first."""
    monkeypatch.setattr(partitioning, "EVERY", 0.01)
    folder, archive = tmp_path / "out", Archive(None)
    folder.write_text("a file is in the way")
    archive.store([message(frame({"a": 1.0}, received=START), 0)])
    partitions = Partitioning(archive, folder)
    partitions._write()
    folder.unlink()
    task = asyncio.create_task(partitions.run())

    def rows() -> int:
        return sum(one.rows for one in manifest_in(folder)) if (folder / MANIFEST).exists() else 0

    await eventually(lambda: rows() == 1, within=60)
    archive.store([message(frame({"a": 1.0}, received=START + 1), 1)])
    await eventually(lambda: rows() == 2, within=60)
    task.cancel()
    await asyncio.wait([task])
    archive.close()
