"""A broker that was away for an hour and more: ten million samples wait, then all of them go to the holder."""

import asyncio
import time
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.archive.archive import Archive
from gateway.journal.journal import Journal
from tests.support.backlog import LIMIT, SAMPLES, fill
from tests.support.line import line

FRAMES = 10_000
"""Of `SAMPLES` each: an hour of 2,800 samples a second."""
pytestmark = [pytest.mark.kafka, pytest.mark.soak]


async def test_ten_million_samples_that_waited_are_all_archived(
    kafka: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each once, while the line goes on; the rate is told."""
    async with line(tmp_path, kafka, holder=f"holder-{uuid4().hex[:8]}", journal_mib=LIMIT // 2**20) as one:
        journal = Journal(one.journal, limit=LIMIT)
        await asyncio.to_thread(fill, journal, one.holder, range(FRAMES))
        journal.close()
        one.start_node()
        one.start_agent()
        begin = time.monotonic()
        await one.flowing(within=1800)
        seconds = time.monotonic() - begin
        verdict = await one.finish()
    archive = Archive(one.archive)
    query = "SELECT count(*), count(DISTINCT value), min(value), max(value) FROM samples WHERE source = 'backlog'"
    found = archive.rows(query)
    archive.close()
    with capsys.disabled():
        print(f"\nbacklog: {FRAMES * SAMPLES / seconds:,.0f} samples/s from the journal into the holder's archive")  # noqa: T201 - a measurement is told
    total = FRAMES * SAMPLES
    assert found == [(total, total, 0, total - 1)]
    assert verdict.good, verdict
