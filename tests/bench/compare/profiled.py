"""Runs a command of ours under cProfile: `profiled.py STATS PROGRAM ARGUMENT ...`.

SIGUSR1 begins the profile and SIGUSR2 ends and writes it, so that start and connecting stay out. What other threads
do (commits to the journal) is not in it; `Run.threads` has their time.
"""

import cProfile
import pstats
import runpy
import signal
import sys
from io import StringIO
from pathlib import Path

TOP = 25
BEGIN, END = signal.SIGUSR1, signal.SIGUSR2


def table(stats: Path) -> str:
    """The functions in which the time goes: on their own, and with what they call."""
    out = StringIO()
    read = pstats.Stats(str(stats), stream=out)
    for order in ("tottime", "cumulative"):
        read.sort_stats(order).print_stats(TOP)
    return out.getvalue().replace(f"{Path.cwd()}/", "").replace(f"{sys.prefix}/", "")


def main(stats: str, program: str, *arguments: str) -> None:
    """Run the program as if it had been called by itself."""
    sys.argv = [program, *arguments]
    profile = cProfile.Profile()
    signal.signal(BEGIN, lambda *_: profile.enable())
    signal.signal(END, lambda *_: profile.dump_stats(stats))
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
