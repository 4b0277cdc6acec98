"""Runs a command of ours under cProfile: `profiled.py STATS PROGRAM ARGUMENT ...`.

SIGUSR1 begins the profile and SIGUSR2 ends and writes it, so that start and connecting stay out. What other threads
do (commits to the journal) is not in it; `Run.threads` has their time.
"""

import cProfile
import pstats
import runpy
import signal
import sys
from collections import defaultdict
from collections.abc import Mapping
from io import StringIO
from operator import itemgetter
from pathlib import Path
from typing import Any

TOP = 25
ELSE = "else"
PARTS = {
    "/asyncio/": "event loop",
    "/selectors.py": "event loop",
    "/asyncua/": "OPC UA: sessions, chunks, security",
    "/cryptography/": "OPC UA: sessions, chunks, security",
    "/pymodbus/": "Modbus",
    "adapters/modbus/": "Modbus",
    "adapters/opcua/": "OPC UA: notifications to columns",
    "adapters/": "supervision of the source",
    "edge/": "stages",
    "gateway/alarm/": "alarms",
    "schemas/": "encoding",
    "gateway/journal/": "journal: numbers, leaves, trees",
    "gateway/proof/": "journal: numbers, leaves, trees",
    "gateway/link/committer.py": "journal: numbers, leaves, trees",
    "gateway/link/": "Kafka",
    "/aiokafka/": "Kafka",
}
"""Part of the work by a piece of the file's path; the first that fits."""
BEGIN, END = signal.SIGUSR1, signal.SIGUSR2


def table(stats: Path) -> str:
    """The functions in which the time goes: on their own, and with what they call."""
    out = StringIO()
    read = pstats.Stats(str(stats), stream=out)
    for order in ("tottime", "cumulative"):
        read.sort_stats(order).print_stats(TOP)
    return out.getvalue().replace(f"{Path.cwd()}/", "").replace(f"{sys.prefix}/", "")


def parts(stats: Path) -> dict[str, float]:
    """CPU seconds of the loop's thread by part, most first. What functions in C take is their callers'."""
    found: defaultdict[str, float] = defaultdict(float)
    everything: Any = pstats.Stats(str(stats))
    for (file, _, name), (_, _, own, _, callers) in everything.stats.items():
        if "'poll'" in name:
            continue
        shares = {file: own} if not (_foreign(file) and callers) else _shares(callers)
        for of, seconds in shares.items():
            found[_part(of)] += seconds
    return dict(sorted(found.items(), key=itemgetter(1), reverse=True))


def _foreign(file: str) -> bool:
    """Written in C, or without a part of its own: numpy's, the standard library's."""
    return _part(file) == ELSE


def _shares(callers: Mapping[tuple[str, int, str], tuple[int, int, float, float]]) -> dict[str, float]:
    shares: defaultdict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, own, _) in callers.items():
        shares[file] += own
    return shares


def _part(file: str) -> str:
    return next((part for piece, part in PARTS.items() if piece in file), ELSE)


def main(stats: str, program: str, *arguments: str) -> None:
    """Run the program as if it had been called by itself."""
    sys.argv = [program, *arguments]
    profile = cProfile.Profile()
    signal.signal(BEGIN, lambda *_: profile.enable())
    signal.signal(END, lambda *_: profile.dump_stats(stats))
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
