"""What a process has used, from /proc (proc(5))."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds since the start, user and system, and the largest resident memory, MiB."""

    cpu: float
    rss: float


def cpu_of(stat: str, ticks: int = TICKS) -> float:
    """CPU seconds in a `/proc/PID/stat`, with those of ended children. The name may hold blanks and brackets."""
    fields = stat[stat.rindex(")") + 2 :].split()
    return sum(int(field) for field in fields[11:15]) / ticks


def peak_of(status: str) -> float:
    """`VmHWM` in a `/proc/PID/status`, MiB; 0 where a process has ended and not been waited for."""
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0.0)


def _read(path: Path) -> str:
    """A file of a process or thread; nothing when that ended since it was listed."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found = [pid]
    for one in found:
        for children in PROC.glob(f"{one}/task/*/children"):
            found += [int(child) for child in _read(children).split()]
    return found


def usage(pid: int) -> Usage:
    """Of a process with its children. Raises FileNotFoundError when it is not there."""
    own = cpu_of((PROC / str(pid) / "stat").read_text())
    every = [PROC / str(one) for one in family(pid)]
    others = sum(cpu_of(stat) for one in every[1:] if (stat := _read(one / "stat")))
    return Usage(own + others, sum(peak_of(_read(one / "status")) for one in every))


def threads(pid: int) -> dict[str, float]:
    """CPU seconds of each thread by `NAME/ID`."""
    found = {}
    for task in PROC.glob(f"{pid}/task/*"):
        stat = _read(task / "stat")
        if not stat:
            continue
        fields = stat[stat.rindex(")") + 2 :].split()
        found[f"{stat[stat.index('(') + 1 : stat.rindex(')')]}/{task.name}"] = sum(map(int, fields[11:13])) / TICKS
    return found
