"""Export folders on the disk, written as real systems write them; the truth beside, as JSON lines."""

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from simulators.batch.plan import Away, File, Plan

MARKER = ".mounted"
"""Stands in a share while it is mounted."""
PIECES = 5
"""In so many a slow file is written."""
PAUSE = 0.3
"""s between two of them."""


def _quietly(_line: str) -> None:
    """Tell nobody."""


class Folders:
    """`exports/<system>` and `truth` below a folder. `tell` gets a line for each thing that happens."""

    def __init__(self, out: Path, *, tell: Callable[[str], None] = _quietly, pause: float = PAUSE) -> None:
        self._out = out
        self._tell = tell
        self._pause = pause

    def prepare(self, plan: Plan) -> None:
        """Make the folders and write the whole truth, before anything is exported."""
        for system in sorted({one.system for one in plan.files}):
            folder = self._share(system)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / MARKER).touch()
        truth = self._out / "truth"
        truth.mkdir(parents=True, exist_ok=True)
        _lines(truth / "files.jsonl", (one.line() for one in plan.files))
        _lines(truth / "faults.jsonl", plan.notes)
        readings = plan.batch.course.readings
        _lines(
            truth / "sensors.jsonl", ({"time": plan.batch.at(r.at), "at": r.at, "values": r.values} for r in readings)
        )
        _lines(truth / "records.jsonl", (one.line() for one in plan.facts))

    def write(self, file: File) -> None:
        """Let a file come, in its manner."""
        path = self._share(file.system) / file.name
        path.parent.mkdir(exist_ok=True)
        if file.manner == "rename":
            part = path.with_name(f".{path.name}.tmp")
            part.write_bytes(file.octets)
            part.replace(path)
        elif file.manner == "unfinished":
            path.write_bytes(file.octets)
        else:
            self._slowly(path, file.octets)
        self._tell(f"{file.system}/{file.name}")

    def _slowly(self, path: Path, octets: bytes) -> None:
        size = len(octets) // PIECES + 1
        with path.open("wb") as out:
            for begin in range(0, len(octets), size):
                time.sleep(self._pause if begin else 0)
                out.write(octets[begin : begin + size])
                out.flush()
                os.fsync(out.fileno())

    def take_away(self, away: Away) -> None:
        """The share is unmounted: only its empty mount point is left."""
        share = self._share(away.system)
        share.rename(self._aside(away.system))
        share.mkdir()
        self._tell(f"{away.system}: share unmounted")

    def bring_back(self, away: Away) -> None:
        """It is mounted again."""
        self._share(away.system).rmdir()
        self._aside(away.system).rename(self._share(away.system))
        self._tell(f"{away.system}: share mounted again")

    def _share(self, system: str) -> Path:
        return self._out / "exports" / system

    def _aside(self, system: str) -> Path:
        return self._out / f".{system}-unmounted"


def perform(plan: Plan, folders: Folders, pace: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Let everything happen in its order, within `pace` seconds of the wall clock; 0: as fast as it can."""
    happenings = _happenings(plan, folders)
    first, last = happenings[0][0], happenings[-1][0]
    begun = time.monotonic()
    for at, happen in happenings:
        due = begun + pace * (at - first) / max(last - first, 1)
        if pace and (left := due - time.monotonic()) > 0:
            sleep(left)
        happen()


def _happenings(plan: Plan, folders: Folders) -> list[tuple[int, Callable[[], None]]]:
    found = [(one.at, partial(folders.write, one)) for one in plan.files]
    found += [(one.at, partial(folders.take_away, one)) for one in plan.away]
    found += [(one.back, partial(folders.bring_back, one)) for one in plan.away]
    return sorted(found, key=lambda one: one[0])


def _lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
