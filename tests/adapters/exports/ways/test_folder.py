"""A watched folder: what is whole, what was taken, and what is no folder at all."""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.exports.settings import MappedFiles
from adapters.exports.ways.folder import Folder, FoundFile, ShareAwayError
from adapters.exports.ways.local_tree import LocalTree
from tests.adapters.exports.taking import mapping, put, settings


class Watch:
    """A folder with a clock of its own."""

    def __init__(self, folder: Path, **changed: Any) -> None:
        self.now = 0.0
        self.known: dict[bytes, str] = {}
        wanted = settings(folder, **changed)
        self.folder = Folder(
            wanted, LocalTree(wanted.folder), self.known.get, lambda: bool(self.known), clock=lambda: self.now
        )

    def look(self, after: float = 0) -> list[str]:
        self.now += after
        return [one.name for one in self.folder.look()]

    def take(self) -> list[FoundFile]:
        found = self.folder.look()
        self.known |= dict(one.seen for one in found)
        for one in found:
            self.folder.taken(one)
        return found


def test_f60_a_file_is_whole_once_it_stood_still(tmp_path: Path) -> None:
    """Size and times, for as long as configured; each write begins that anew."""
    watch = Watch(tmp_path, quiet=10)
    file = put(tmp_path, "a.csv", [("A", "1")])
    assert watch.look() == []
    assert watch.look(after=9) == []
    assert watch.folder.waiting == 1
    with file.open("a") as export:
        export.write("B,2\n")
    assert watch.look(after=9) == []
    assert watch.look(after=9) == []
    assert watch.look(after=1) == ["a.csv"]


def test_f60_a_file_rewritten_with_the_same_size_is_not_whole(tmp_path: Path) -> None:
    """Even if whoever wrote it sets the time back."""
    watch = Watch(tmp_path, quiet=10)
    file = put(tmp_path, "a.csv", [("A", "1")], modified=1000)
    assert watch.look() == []
    file.write_text("id,result\nA,2\n")
    os.utime(file, (1000, 1000))
    assert watch.look(after=10) == []
    assert watch.look(after=10) == ["a.csv"]


def test_f60_a_name_of_what_is_unfinished_is_never_taken(tmp_path: Path) -> None:
    """Only renaming makes it an export."""
    watch = Watch(tmp_path)
    for name in ("a.csv.part", ".a.csv", "~$a.csv", "a.tmp"):
        (tmp_path / "in" / name).write_text("id,result\nA,")
    assert watch.look() == []
    (tmp_path / "in" / "a.csv.part").rename(tmp_path / "in" / "a.csv")
    assert watch.look() == ["a.csv"]


def test_f60_a_file_is_taken_once_its_mark_stands_beside_it(tmp_path: Path) -> None:
    """The mark itself is none."""
    watch = Watch(tmp_path, finished_by=".ok")
    put(tmp_path, "a.csv", [("A", "1")])
    put(tmp_path, "b.csv", [("A", "1")])
    assert watch.look() == []
    (tmp_path / "in" / "a.csv.ok").touch()
    assert watch.look() == ["a.csv"]


def test_f61_the_same_name_with_new_content_is_another_file(tmp_path: Path) -> None:
    """What was taken is not looked at again, until it is written."""
    watch = Watch(tmp_path)
    put(tmp_path, "a.csv", [("A", "1")])
    assert [one.name for one in watch.take()] == ["a.csv"]
    assert watch.look() == []
    put(tmp_path, "a.csv", [("A", "2")])
    assert watch.look() == ["a.csv"]


def test_f72_a_folder_without_its_mark_is_not_mounted(tmp_path: Path) -> None:
    """Whatever stands in it."""
    watch = Watch(tmp_path, mount_marker=".lims-share")
    put(tmp_path, "a.csv", [("A", "1")])
    with pytest.raises(ShareAwayError, match=r"has no \.lims-share: the share is not mounted"):
        watch.look()
    (tmp_path / "in" / ".lims-share").touch()
    assert watch.look() == ["a.csv"]


def test_f72_an_empty_folder_that_had_files_is_not_all_gone(tmp_path: Path) -> None:
    """It is a finding; with the mark there, it is just empty."""
    watch, marked = Watch(tmp_path), Watch(tmp_path, mount_marker=".mark")
    (tmp_path / "in" / ".mark").touch()
    assert watch.look() == []
    file = put(tmp_path, "a.csv", [("A", "1")])
    for one in (watch, marked):
        one.take()
    file.unlink()
    with pytest.raises(ShareAwayError, match="is empty, and there were files"):
        watch.look()
    assert marked.look() == []


def test_f72_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    """With its name."""
    watch = Watch(tmp_path)
    (tmp_path / "in").rmdir()
    with pytest.raises(ShareAwayError, match="in is no folder; is the share mounted"):
        watch.look()


def test_files_of_subfolders_are_found_oldest_first_and_links_never(tmp_path: Path) -> None:
    """Neither one to a file nor one to a folder; not deeper than configured."""
    watch = Watch(tmp_path, subfolders=1)
    put(tmp_path, "b/late.csv", [], modified=2000)
    put(tmp_path, "early.csv", [], modified=1000)
    put(tmp_path, "b/c/deep.csv", [], modified=1)
    (tmp_path / "secret.csv").touch()
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "secret.csv")
    (tmp_path / "in" / "linked").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "in" / "pipe.csv")
    assert watch.look() == ["early.csv", "b/late.csv"]


def test_a_hostile_name_is_shown_as_text_that_no_other_name_has(tmp_path: Path) -> None:
    """No octets that are none, no line breaks, no orders for a terminal."""
    watch = Watch(tmp_path)
    names = [b"a\n.csv", b"a\\n.csv", b"\xff.csv", b"\\xff.csv", b"\x1b[2J.csv", "批.csv".encode()]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/in/" + name)).touch()
    shown = watch.look()
    assert len(set(shown)) == len(names)
    assert all(one.isprintable() for one in shown)
    assert "批.csv" in shown
    assert len(watch.take()) == len(names)
    assert watch.look() == []


def test_more_files_than_allowed_are_a_finding(tmp_path: Path) -> None:
    """Nothing is taken of a folder that holds something else than thought."""
    watch = Watch(tmp_path, most_files=2)
    for number in range(3):
        put(tmp_path, f"{number}.csv", [])
    with pytest.raises(ShareAwayError, match="more than 2 files"):
        watch.look()


@pytest.mark.parametrize(
    ("files", "name", "fits"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "lims/deep/a.csv", True),
        ("lims/*.csv", "lims/a.csv", True),
        ("lims/*.csv", "old/lims/a.csv", False),
        ("results-??.csv", "results-07.csv", True),
        ("*.csv", "a.csv.txt", False),
    ],
)
def test_a_pattern_is_for_names_or_for_paths(tmp_path: Path, files: str, name: str, fits: bool) -> None:
    """One with a slash is for the whole path below the folder."""
    given = {"files": files, "mapping": str(mapping(tmp_path))}
    assert MappedFiles.model_validate(given, context={"folder": tmp_path}).fit(name) is fits


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"keep": "in/kept"}, "apart from the watched one"),
        ({"keep": "."}, "apart from the watched one"),
        ({"mappings": [{"files": "*", "mapping": "none.yaml"}]}, "none.yaml: cannot be read"),
    ],
)
def test_a_fault_in_the_settings_is_told(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """Before anything is read."""
    with pytest.raises(ValidationError, match=told):
        settings(tmp_path, **change)
