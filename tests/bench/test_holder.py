"""The holder on one core: from the octets of entries to columns, and from messages to the archive."""

import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from uuid import uuid4

import numpy as np
import pytest
from aiokafka import ConsumerRecord

from gateway.archive.archive import Archive
from gateway.intake.inspection import Inspector
from gateway.intake.live import Live
from gateway.intake.message import Batch, Place, SealNote
from gateway.link.receiver import BATCH_OCTETS, Receiver
from gateway.link.settings import KafkaSettings
from gateway.link.topics import headers
from gateway.proof.checkpoint import Checkpoint, write_seal
from gateway.proof.merkle import Tree, leaf_hash
from schemas.catalogue import schema
from schemas.codec import decode, encode
from schemas.frame import Frame, TagTable
from schemas.reading import Reader
from tests.bench.test_codec import cpu
from tests.gateway.holder import NODE, SENDER, START, STREAM, TRUSTED

PUBLISHED = {schema("Frame").fingerprint: schema("Frame")}
WANTED = 200_000
"""Samples a second and core."""


def a_noisy_frame(size: int, second: int) -> Frame:
    """Values and times that no compression foresees, as a plant gives them."""
    numbers = np.random.default_rng(second)
    received = (START + second) * 1_000_000
    return Frame(
        source="ems",
        tags=TagTable(tuple(f"F1.DP.M{n}" for n in range(size)), ("Pa",) * size, (), ("F1",) * size, "line-3"),
        tag=np.arange(size, dtype=np.int32),
        value=np.round(numbers.normal(15, 1, size), 3),
        status=np.zeros(size, dtype=np.uint32),
        reason=np.zeros(size, dtype=np.uint8),
        source_time=received - numbers.integers(0, 900_000, size),
        received=received,
        interval=1.0,
    )


@pytest.mark.parametrize("size", [100, 1_000, 10_000])
def test_frames_are_read_at_a_third_of_what_fastavro_needs_or_less(size: int) -> None:
    """Both give the same frame, in columns; the reader knows the layout, as after the first frame of a source."""
    entries = [encode(a_noisy_frame(size, second)) for second in range(max(2, 20_000 // size))]
    reader = Reader()
    reader.decode(entries[0], PUBLISHED)
    pairs = [
        (
            cpu(lambda: [reader.decode(entry, PUBLISHED) for entry in entries]),
            cpu(lambda: [decode(entry, PUBLISHED) for entry in entries]),
        )
        for _ in range(5)
    ]
    ratio = median(ours / theirs for ours, theirs in pairs)
    rate = size * len(entries) / median(ours for ours, _ in pairs)
    print(f"\nreader / fastavro, CPU per frame of {size:,}: {ratio:.3f} ({rate:,.0f} samples/s per core)")
    assert ratio < 1 / 3


def messages(size: int, count: int) -> tuple[list[ConsumerRecord], bytes]:
    """Frames as Kafka's client gives them, and the seal of all of them."""
    found, tree = [], Tree()
    for at in range(count):
        frame = replace(a_noisy_frame(size, at), id=uuid4())
        entry = encode(frame)
        tree.append(leaf_hash(entry))
        head = tuple(headers(STREAM, "Frame", at + 1, frame.received))
        value = {"value": entry, "serialized_value_size": len(entry), "checksum": None, "serialized_key_size": 3}
        found.append(
            ConsumerRecord(
                topic="t", partition=0, offset=at, timestamp=0, timestamp_type=0, key=b"ems", headers=head, **value
            )
        )
    return found, write_seal(Checkpoint(STREAM, count, tree.root()), SENDER, START + 1)


@pytest.mark.parametrize("size", [100, 1_000, 10_000])
def test_a_core_receives_verifies_and_archives(size: int, tmp_path: Path) -> None:
    """Decode, hash, envelope, verify, store durably, show; the client's part, fetching and unpacking, is not in it."""
    came, seal = messages(size, 400_000 // size)
    archive = Archive(tmp_path / "a.duckdb")
    kafka = KafkaSettings(bootstrap="127.0.0.1:1", security="plaintext")
    receiver = Receiver(kafka, origin="cmo-a", recipient="holder-b")
    inspector = Inspector(("cmo-a", "holder-b"), TRUSTED, NODE, archive.leaf, archive.memory())
    live, at_once = Live(), max(1, min(2000, BATCH_OCTETS // len(came[0].value or b"")))
    begin, wall = time.process_time(), time.perf_counter()
    for first in range(0, len(came), at_once):
        batch = receiver._messages(came[first : first + at_once], 0)
        last = first + at_once >= len(came)
        seals = (SealNote(Place("seals", 0), 0, STREAM, seal),) if last else ()
        inspected = inspector.inspect(Batch(batch, seals, caught_up=last), START + 1.0 + first)
        archive.store_inspected(inspected)
        live.apply_inspected(inspected)
    rate = size * len(came) / (time.process_time() - begin)
    wall_rate = size * len(came) / (time.perf_counter() - wall)
    assert archive.standings()[STREAM].confirmed == len(came)
    assert archive.counts()["samples"] == size * len(came)
    archive.close()
    octets = (tmp_path / "a.duckdb").stat().st_size / (size * len(came))
    print(f"\nholder, frames of {size:,}: {rate:,.0f} samples/s per core ({wall_rate:,.0f} by the clock), ", end="")
    print(f"{octets:.1f} MB in the archive per million samples, octets of entries included")
    assert rate > WANTED
