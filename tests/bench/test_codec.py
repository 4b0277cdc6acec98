"""What a thousand samples cost on their way to bytes, as a ratio to the record-by-record way in the same run."""

import time
from collections.abc import Callable
from io import BytesIO
from statistics import median

import numpy as np
from fastavro import schemaless_writer

from schemas.catalogue import schema
from schemas.codec import encode, plain
from schemas.frame import Frame, TagTable

SAMPLES = 1000


def a_frame() -> Frame:
    rooms = tuple("F1" for _ in range(SAMPLES))
    return Frame(
        source="ems",
        tags=TagTable(tuple(f"F1.DP.M{n}" for n in range(SAMPLES)), ("Pa",) * SAMPLES, (), rooms, "line-3"),
        tag=np.arange(SAMPLES, dtype=np.int32),
        value=np.linspace(5, 20, SAMPLES),
        status=np.zeros(SAMPLES, dtype=np.uint32),
        reason=np.zeros(SAMPLES, dtype=np.uint8),
        source_time=np.full(SAMPLES, 1_700_000_000_000_000),
        received=1_700_000_000_000_000,
    )


def cpu(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def test_columns_cost_less_than_half_of_a_record_per_sample() -> None:
    """Encoding alone, against fastavro on dictionaries that are already there (making them costs more)."""
    frame = a_frame()
    record, used = plain(frame), schema("Frame").parsed
    encode(frame)
    pairs = [
        (
            cpu(lambda: [encode(frame) for _ in range(20)]),
            cpu(lambda: [schemaless_writer(BytesIO(), used, record) for _ in range(20)]),
        )
        for _ in range(9)
    ]
    ratio = median(ours / theirs for ours, theirs in pairs)
    print(f"\ncolumns / fastavro, CPU per frame of {SAMPLES}: {ratio:.2f} ({pairs[0][0] / 20 * 1e3:.2f} ms)")
    assert ratio < 0.5
