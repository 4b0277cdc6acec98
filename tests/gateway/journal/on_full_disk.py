"""Run by `test_full_disk.py` in a small file system of its own; prints one JSON object."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from gateway.journal import committer
from gateway.journal.committer import ON_RESERVE, USED_UP, Committer
from gateway.journal.journal import Draft, Journal
from gateway.journal.reserve import SIZE
from schemas.codec import encode, kind_of
from schemas.records import Gap
from tests.gateway.journal.test_journal import GAPS, STREAM, everything, times
from tests.gateway.messages import frame, gap
from tests.support.eventually import eventually

LIMIT = 1024 * 1024 * 1024
BALLAST = 4 * SIZE


def large(number: int) -> Draft:
    """A measurement of about 100 KiB."""
    record = frame({f"dp{tag}" * 10: float(tag) for tag in range(1000)}, received=number)
    return Draft(STREAM, kind_of(record), b"ems", number, encode(record))


def small(number: int, size: int = 10) -> Draft:
    made = gap(number, None)
    record = Gap(**{name: getattr(made, name) for name in made.__slots__} | {"detail": "x" * size})
    return Draft(GAPS, "Gap", b"ems", number, encode(record))


async def run(folder: Path) -> dict[str, object]:
    """Fill the disk, use up the reserve, free the disk again."""
    committer.RETRY = 0.02
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, BALLAST)
    journal = Journal(folder / "j.db", limit=LIMIT)
    writing, number = Committer(journal, lambda: None), 0
    task = asyncio.create_task(writing.run())
    safe: list[asyncio.Future[None]] = []
    while not writing.problem:
        number += 1
        safe.append(writing.offer([large(number)]))
        await asyncio.wait([safe[-1]], timeout=2)
    told = {"full": writing.problem, "reserve": journal.reserve.held, "before": sum(map(asyncio.Future.done, safe))}
    gaps = 0
    while writing.problem == ON_RESERVE and gaps < 2 * SIZE // 100_000:
        gaps += 1
        waiting = writing.offer([small(gaps, 100_000)])
        await asyncio.wait({waiting}, timeout=2)
    told |= {"gaps": gaps - 1, "used_up": writing.problem == USED_UP, "still": sum(map(asyncio.Future.done, safe))}
    told |= {"gaps_written": len(times(journal, GAPS)), "frames_written": len(times(journal))}
    ballast.unlink()
    last = writing.offer([large(number + 1)])
    await asyncio.wait_for(asyncio.gather(last, waiting, *safe), 60)
    await eventually(lambda: writing.problem is None, within=60)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    told |= {"again": journal.reserve.held, "frames": number + 1}
    journal.close()
    journal = Journal(folder / "j.db", limit=LIMIT)
    told |= {"damage": journal.damage, "kept_frames": times(journal), "kept_gaps": times(journal, GAPS)}
    told["numbers"] = [entry.number for entry in everything(journal)]
    journal.close()
    told["opened"] = open_without_space(folder)
    return told


def open_without_space(folder: Path) -> bool:
    """Fill the disk to the last octet, and start again."""
    with (folder / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    journal = Journal(folder / "j.db", limit=LIMIT)
    journal.append([small(10_000)])
    written = times(journal, GAPS)[-1] == 10_000
    journal.close()
    return written


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(run(Path(sys.argv[1])))))
