"""What it costs to keep the octets of every entry beside the samples, as a ratio in one run."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from uuid import uuid4

from gateway.archive.archive import Archive
from gateway.archive.storing import store_messages, store_received
from gateway.intake.inspection import Received
from gateway.intake.message import Message
from gateway.proof.merkle import leaf_hash
from tests.bench.test_codec import a_frame, cpu
from tests.gateway.messages import sent

BATCH = 10
"""Frames of 1,000 samples: one second."""


def test_octets_cost_less_than_the_samples_in_them(tmp_path: Path) -> None:
    """Both are written into one file, each with its own commit."""
    archive, frame = Archive(tmp_path / "a.duckdb"), a_frame()
    number = 0

    def batch() -> list[Message]:
        nonlocal number
        number += BATCH
        return [sent("s", number + n, replace(frame, id=uuid4()), 0) for n in range(BATCH)]

    def octets(messages: list[Message]) -> Callable[[], None]:
        received = [Received("s", m.number or 0, leaf_hash(m.entry), m) for m in messages]

        def store() -> None:
            with archive._transaction() as connection:
                store_received(connection, received)

        return store

    def samples(messages: list[Message]) -> Callable[[], None]:
        def store() -> None:
            with archive._transaction() as connection:
                store_messages(connection, messages, archive._numbers)

        return store

    cpu(octets(batch()))
    cpu(samples(batch()))
    ratio = median(cpu(octets(batch())) / cpu(samples(batch())) for _ in range(15))
    print(f"\noctets of entries / their samples, CPU in the archive: {ratio:.2f}")
    archive.close()
    assert ratio < 1
