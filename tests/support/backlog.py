"""Records that wait: frames of a thousand samples put into a journal as fast as it takes them.

Run as `python -m tests.support.backlog FOLDER FRAMES ...` it fills a journal behind a publisher whose Kafka is away,
and prints its resident memory, KiB, each time that so many frames wait.
"""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np

from edge.route import Route
from gateway.journal.committer import Committer
from gateway.journal.journal import Journal
from gateway.link.publisher import Publisher, streams_of
from gateway.link.settings import KafkaSettings
from gateway.proof.keys import Role, generate
from gateway.running import configure_logs
from schemas.frame import Frame, TagTable

SAMPLES = 1000
"""Of a frame."""
BATCH = 50
"""Frames of one commit."""
LIMIT = 16 * 1024**3
"""Of the journal, octets: nothing makes room here."""
NOWHERE = KafkaSettings(bootstrap="127.0.0.1:1", security="plaintext")
CMO, SENDER = "cmo-t", "line-t"


def frame(number: int) -> Frame:
    """The frame of that number, from 0; each sample has a value of its own."""
    return replace(
        _FRAME, id=uuid4(), value=np.arange(number * SAMPLES, (number + 1) * SAMPLES, dtype=np.float64),
        received=_FRAME.received + number * 100_000,
    )  # fmt: skip


_FRAME = Frame(
    source="backlog",
    tags=TagTable(tuple(f"B.{at}" for at in range(SAMPLES)), ("Pa",) * SAMPLES, (), ("R1",) * SAMPLES, "line-t"),
    tag=np.arange(SAMPLES, dtype=np.int32),
    value=np.zeros(SAMPLES),
    status=np.zeros(SAMPLES, dtype=np.uint32),
    reason=np.zeros(SAMPLES, dtype=np.uint8),
    source_time=np.full(SAMPLES, 1_700_000_000_000_000),
    received=1_700_000_000_000_000,
)


def fill(journal: Journal, holder: str, frames: range) -> None:
    """Put frames into the journal, as the committer would."""
    route = Route(streams_of(CMO, SENDER, [holder]))
    for first in range(frames.start, frames.stop, BATCH):
        some = range(first, min(first + BATCH, frames.stop))
        journal.append([draft for number in some for draft in route(frame(number))])


def publisher_for(journal: Journal, kafka: KafkaSettings, holder: str) -> Publisher:
    """As the agent makes it."""
    every = [one for some in streams_of(CMO, SENDER, [holder]).values() for one in some]
    return Publisher(kafka, journal, every, generate(CMO, Role.SENDER, SENDER))


def resident() -> int:
    """Memory of this process, KiB (proc(5), `VmRSS`)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


async def _main(folder: Path, marks: list[int]) -> None:
    configure_logs()
    journal = Journal(folder / "waiting.db", limit=LIMIT)
    publisher = publisher_for(journal, NOWHERE, "holder-t")
    committer = Committer(journal, publisher.wake)
    route = Route(streams_of(CMO, SENDER, ["holder-t"]))
    tasks = [asyncio.create_task(publisher.run()), asyncio.create_task(committer.run())]
    for number in range(marks[-1]):
        done = committer.offer(list(route(frame(number))))
        if number % 10 == 9:
            await done
        if number + 1 in marks:
            print(resident(), flush=True)  # noqa: T201 - for the process that started this one
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    journal.close()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), [int(mark) for mark in sys.argv[2:]]))
