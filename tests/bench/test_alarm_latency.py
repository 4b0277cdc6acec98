"""How long an alarm takes from the frame's arrival, while the agent takes 100,000 samples a second."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np

from adapters.contract import TagSettings, now
from edge.pipeline import Stage, run
from edge.route import Route
from edge.stages.alarm import RaiseAlarms
from edge.stages.contextualise import Contextualise
from edge.stages.normalise import Normalise
from gateway.alarm.condition import Condition
from gateway.alarm.engine import Engine
from gateway.alarm.instant import Instant
from gateway.cleanroom.loading import load_site
from gateway.journal.committer import Committer
from gateway.journal.journal import Journal
from gateway.link.publisher import streams_of
from schemas.codec import Record
from schemas.frame import Frame, TagTable
from schemas.records import Alarm, AlarmKind

SITE = Path(__file__).parents[2] / "simulators" / "line-3" / "site.yaml"
TAGS, PERIOD, FRAMES = 10_000, 0.1, 100
WATCHED = 500
DECIDED, COMMITTED = 0.020, 0.050
"""Seconds at the 99th percentile."""


def frames(tags: TagTable) -> Iterator[Frame]:
    """Noise; in every frame another one of the watched tags falls below its limit, or comes back."""
    noise = np.random.default_rng(7)
    for number in range(FRAMES):
        value = noise.normal(15.0, 0.1, TAGS)
        if number % 2 == 0:
            value[number * WATCHED // FRAMES] = 8.0
        yield Frame(
            source="ems", tags=tags, tag=np.arange(TAGS, dtype=np.int32), value=value,
            status=np.zeros(TAGS, dtype=np.uint32), reason=np.zeros(TAGS, dtype=np.uint8),
            source_time=np.full(TAGS, now()), received=now(),
        )  # fmt: skip


async def test_an_alarm_is_decided_within_20_ms_and_committed_within_50(tmp_path: Path) -> None:
    """From the moment a frame is due, also when the one before it still holds things up; commit with fsync."""
    settings = [TagSettings(name=f"V{at:05}", unit="Pa", range=(-50, 100)) for at in range(TAGS)]
    table = TagTable(tuple(tag.name for tag in settings), ("Pa",) * TAGS)
    watched = [Condition(tag=tag.name, kind=AlarmKind.LOW, limit=10.0, unit="Pa") for tag in settings[:WATCHED]]
    alarms = RaiseAlarms(Engine(watched), lambda: Instant(now(), time.monotonic()))
    stages: list[Stage] = [Normalise({"ems": settings}), Contextualise(load_site(SITE)), alarms]
    route, journal = Route(streams_of("cmo-a", "line-3", ["holder-b"])), Journal(tmp_path / "j.db", limit=2**30)
    committer = Committer(journal, lambda: None)
    committing = asyncio.create_task(committer.run())
    decided, committed, safe = list[float](), list[float](), list[asyncio.Future[None]]()

    def take(record: Record, due: float) -> None:
        out = list[Record]()
        for one in run(stages, record):
            if isinstance(one, Alarm):
                decided.append(time.perf_counter() - due)
            out.append(one)
        done = committer.offer([draft for one in out for draft in route(one)])
        if any(isinstance(one, Alarm) for one in out):
            done.add_done_callback(lambda _: committed.append(time.perf_counter() - due))
        safe.append(done)

    begin = time.perf_counter()
    for number, frame in enumerate(list(frames(table))):
        due = begin + 1.0 + number * PERIOD
        await asyncio.sleep(due - time.perf_counter())
        take(replace(frame, id=uuid4()), due)
    await asyncio.gather(*safe)
    committing.cancel()
    await asyncio.gather(committing, return_exceptions=True)
    journal.close()
    p99 = [float(np.percentile(some[10:], 99)) for some in (decided, committed)]
    print(f"\n{TAGS / PERIOD:,.0f} samples/s, {len(decided)} alarm steps: decided p99 {p99[0] * 1e3:.1f} ms,"
          f" committed p99 {p99[1] * 1e3:.1f} ms after the frame")  # fmt: skip
    assert len(decided) == len(committed) >= FRAMES - 2
    assert p99[0] < DECIDED
    assert p99[1] < COMMITTED
