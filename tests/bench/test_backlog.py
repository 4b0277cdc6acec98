"""What waits while Kafka is away: how fast it goes out, and what it costs to hold."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.journal.journal import Journal
from gateway.link.settings import KafkaSettings
from tests.support.backlog import LIMIT, SAMPLES, fill, publisher_for

LIVE = 10_000
"""Samples a second of the line that waits."""
DRAINED = 1_500
"""Frames of the measurement: two and a half minutes of that line."""


@pytest.mark.kafka
async def test_a_backlog_drains_at_twenty_times_its_own_speed(kafka: str, tmp_path: Path) -> None:
    """From the journal to the broker's acknowledgement, with the client's start and what it reads back."""
    holder = f"holder-{uuid4().hex[:8]}"
    journal = Journal(tmp_path / "journal.db", limit=LIMIT)
    await asyncio.to_thread(fill, journal, holder, range(DRAINED))
    publisher = publisher_for(journal, KafkaSettings(bootstrap=kafka, security="plaintext"), holder)
    publisher.wake()
    running, begin = asyncio.create_task(publisher.run()), time.perf_counter()
    await asyncio.wait_for(publisher.drained(), 300)
    seconds = time.perf_counter() - begin
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert journal.waiting == 0
    journal.close()
    ratio = DRAINED * SAMPLES / seconds / LIVE
    print(f"\nbacklog: {DRAINED * SAMPLES / seconds:,.0f} samples/s to Kafka, {ratio:.1f} times as fast as they came")
    assert ratio >= 20


def test_memory_stays_flat_while_records_wait(tmp_path: Path) -> None:
    """Journal, committer, a publisher whose Kafka is away: the same within a tenth at 1 and 10 million samples."""
    command = [sys.executable, "-m", "tests.support.backlog", str(tmp_path), "1000", "10000"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    at_one, at_ten = (int(line) for line in done.stdout.split())
    print(f"\nmemory: {at_one / 1024:.0f} MiB with 1 million samples waiting, {at_ten / 1024:.0f} MiB with 10 million")
    assert at_ten < 1.1 * at_one
