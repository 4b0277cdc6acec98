"""What a process holds: memory, tasks, files, sockets, threads."""

import json
import math
import os
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.eventually import eventually

PASSING = {"Fetcher._proc_fetch_request"}
"""Not counted: a request that the Kafka client has under way most of the time, and then has not."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """At one moment; `rss` is the resident set, KiB. Tasks are counted by the coroutine that they run."""

    rss: int
    threads: int
    files: int
    sockets: int
    tasks: Mapping[str, int]

    def __str__(self) -> str:
        """One line."""
        held = f"{sum(self.tasks.values())} tasks, {self.sockets} sockets, {self.files} files, {self.threads} threads"
        return f"{self.rss / 1024:.1f} MiB, {held}"


async def vitals(pid: int, tasks: Path) -> Vitals:
    """Of a process that was started by `counted.py` with this file."""
    tasks.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR1)
    await eventually(tasks.exists, within=60, what=f"process {pid} counts its tasks")
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    opened = Counter(_opened(pid))
    return Vitals(
        int(status["VmRSS"].split()[0]), int(status["Threads"]), opened.total(), opened["socket"],
        {name: count for name, count in json.loads(tasks.read_text()).items() if name not in PASSING},
    )  # fmt: skip


def _opened(pid: int) -> Sequence[str]:
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.append(str(descriptor.readlink()).partition(":")[0])
    return found


def least(looks: Sequence[Vitals]) -> Vitals:
    """The least of each: what comes and goes, such as a read that is under way, is nothing that stays."""
    names = set[str]().union(*(look.tasks for look in looks))
    tasks = {name: min(look.tasks.get(name, 0) for look in looks) for name in sorted(names)}
    return Vitals(
        min(look.rss for look in looks), min(look.threads for look in looks), min(look.files for look in looks),
        min(look.sockets for look in looks), {name: count for name, count in tasks.items() if count},
    )  # fmt: skip


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the straight line that fits best (least squares). The points have more than one x."""
    count = len(points)
    middle_x, middle_y = (sum(values) / count for values in zip(*points, strict=True))
    above = math.fsum((x - middle_x) * (y - middle_y) for x, y in points)
    return above / math.fsum((x - middle_x) * (x - middle_x) for x, _ in points)
