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


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found = [pid]
    for one in found:
        for children in PROC.glob(f"{one}/task/*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def usage(pid: int) -> Usage:
    """Of a process with its children. Raises FileNotFoundError when it is not there."""
    every = [PROC / str(one) for one in family(pid)]
    return Usage(
        sum(cpu_of((one / "stat").read_text()) for one in every),
        sum(peak_of((one / "status").read_text()) for one in every),
    )


def threads(pid: int) -> dict[str, float]:
    """CPU seconds of each thread by `NAME/ID`."""
    found = {}
    for task in PROC.glob(f"{pid}/task/*"):
        stat = (task / "stat").read_text()
        fields = stat[stat.rindex(")") + 2 :].split()
        found[f"{stat[stat.index('(') + 1 : stat.rindex(')')]}/{task.name}"] = sum(map(int, fields[11:13])) / TICKS
    return found
