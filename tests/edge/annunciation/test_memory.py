"""Who was told what, over a restart."""

import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from edge.annunciation.calling import Mark
from edge.annunciation.memory import Memory


def test_what_was_told_is_there_in_the_next_life(tmp_path: Path) -> None:
    """Each once; what belongs to calls that are over is forgotten."""
    one, other = Mark(uuid4(), 0, "a@b.example"), Mark(uuid4(), 1, "pager")
    Memory(tmp_path / "told").remember([one, other])
    Memory(tmp_path / "told").remember([one])
    assert sorted(Memory(tmp_path / "told").told()) == sorted([one, other])
    Memory(tmp_path / "told").keep({one.call})
    assert Memory(tmp_path / "told").told() == [one]


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    """For the annunciation to go on without it."""
    (tmp_path / "told").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(sqlite3.Error):
        Memory(tmp_path / "told").told()
