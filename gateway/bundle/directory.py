"""A bundle on the disk: written whole or not at all, read within bounds and without following links."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from gateway.bundle.checking import Fault
from gateway.bundle.contents import FOLDERS, MAX_FILE, MAX_FILES, MAX_OCTETS, BundleError


def check_free(folder: Path) -> None:
    """Raises BundleError unless a bundle can be put there: a new folder, or an empty one."""
    if folder.is_dir() and not folder.is_symlink():
        if any(folder.iterdir()):
            raise BundleError(f"{folder}: is not empty; name a new folder")
    elif folder.exists() or folder.is_symlink():
        raise BundleError(f"{folder}: is there and is no folder; name a new folder")
    elif not folder.absolute().parent.is_dir():
        raise BundleError(f"{folder}: the folder around it is not there; make it first")


def write_bundle(files: Mapping[str, bytes], folder: Path, told: Callable[[int], object]) -> None:
    """Write all files beside, then put them in place at once. `told` hears of each file.

    Raises BundleError, OSError; then nothing is left behind.
    """
    place = folder.absolute()
    check_free(folder)
    beside = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        for name in FOLDERS:
            (beside / name).mkdir()
        for path, octets in files.items():
            (beside / path).write_bytes(octets)
            told(1)
        beside.chmod(0o755)
        os.sync()
        beside.rename(place)
    except BaseException:
        with suppress(OSError):
            shutil.rmtree(beside)
        raise


def read_bundle(folder: Path, told: Callable[[int], object]) -> tuple[dict[str, bytes], list[Fault]]:
    """The files of a bundle, and what in its folder is no file of one. `told` hears of each file.

    Raises BundleError when there is more than a bundle may hold, OSError when something cannot be read.
    """
    files, faults, octets = dict[str, bytes](), list[Fault](), 0
    for path, entry in _walk(folder):
        if len(files) + len(faults) >= MAX_FILES or octets > MAX_OCTETS:
            raise BundleError(f"{folder}: more than the {MAX_FILES} files or {MAX_OCTETS} bytes that a bundle may hold")
        content = _read(entry)
        if isinstance(content, bytes):
            files[path] = content
            octets += len(content)
        else:
            faults.append(Fault(path, content))
        told(1)
    return files, faults


def _walk(folder: Path) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """Everything in the folder and in those folders that a bundle has."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name not in FOLDERS or not entry.is_dir(follow_symlinks=False):
                yield entry.name, entry
                continue
            with os.scandir(entry.path) as inner:
                yield from ((f"{entry.name}/{below.name}", below) for below in inner)


def _read(entry: "os.DirEntry[str]") -> bytes | str:
    """The content of a plain file, or why it is not read."""
    if not entry.is_file(follow_symlinks=False):
        return "is a symbolic link" if entry.is_symlink() else "is not a plain file"
    handle = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return "is not a plain file"
        content = file.read(MAX_FILE + 1)
    return content if len(content) <= MAX_FILE else f"is longer than {MAX_FILE} bytes"
