"""A bundle on the disk: whole or not there, and nothing outside its folder is read."""

import os
from pathlib import Path

import pytest

from gateway.bundle import directory
from gateway.bundle.contents import BundleError
from gateway.bundle.directory import read_bundle, write_bundle

FILES = {"checkpoint": b"seal", "entries/0000000001.avro": b"\xc3\x01", "manifest": b""}


def silent(_: int) -> None:
    """Tell nobody."""


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Into a new folder or an empty one; each file is told."""
    (tmp_path / "empty").mkdir()
    for name in ("new", "empty"):
        told: list[int] = []
        write_bundle(FILES, tmp_path / name, told.append)
        assert read_bundle(tmp_path / name, told.append) == (FILES, [])
        assert sum(told) == 2 * len(FILES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "new"]


def test_a_folder_with_anything_in_it_is_refused(tmp_path: Path) -> None:
    """And stays as it is; so does a file, and a link."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "report.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name, why in (("full", "not empty"), ("file", "no folder"), ("link", "no folder"), ("a/b", "make it first")):
        with pytest.raises(BundleError, match=why):
            write_bundle(FILES, tmp_path / name, silent)
    assert (tmp_path / "full" / "report.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "full", "link"]


def test_a_bundle_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    """Stopped by the disk or by a person."""

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_bundle(FILES, tmp_path / "out", stop)
    assert list(tmp_path.iterdir()) == []


def test_links_and_pipes_are_named_and_not_read(tmp_path: Path) -> None:
    """Also a folder where there should be none, and a link to a folder."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x").write_text("secret")
    out = tmp_path / "out"
    write_bundle(FILES, out, silent)
    (out / "README").symlink_to(tmp_path / "secret" / "x")
    (out / "keys").rmdir()
    (out / "keys").symlink_to(tmp_path / "secret")
    (out / "proofs" / "deeper").mkdir()
    (out / "more").mkdir()
    os.mkfifo(out / "entries" / "0000000002.avro")
    files, faults = read_bundle(out, silent)
    assert files == FILES
    assert {fault.path: fault.text for fault in faults} == {
        "README": "is a symbolic link",
        "keys": "is a symbolic link",
        "proofs/deeper": "is not a plain file",
        "more": "is not a plain file",
        "entries/0000000002.avro": "is not a plain file",
    }


def test_a_file_that_is_too_long_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not held in memory."""
    monkeypatch.setattr(directory, "MAX_FILE", 3)
    write_bundle(FILES, tmp_path / "out", silent)
    files, faults = read_bundle(tmp_path / "out", silent)
    assert "checkpoint" not in files
    assert list(map(str, faults)) == ["checkpoint: is longer than 3 bytes"]


@pytest.mark.parametrize(("bound", "most"), [("MAX_FILES", 2), ("MAX_OCTETS", 1)])
def test_more_than_a_bundle_may_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    """Before memory is used up."""
    write_bundle(FILES | {"README": b"12345"}, tmp_path / "out", silent)
    monkeypatch.setattr(directory, bound, most)
    with pytest.raises(BundleError, match="more than the"):
        read_bundle(tmp_path / "out", silent)
