import numpy as np

from schemas.codec import encode
from schemas.frame import NO_TIME, Frame, TagTable
from tests.bench.compare.topic import product_samples, telegraf_samples

APPENDED = 1_700_000_000_500_000


def frame(*tags: str, times: list[int]) -> Frame:
    size = len(times)
    return Frame(
        source="load-0", tags=TagTable(tags, ("Pa",) * len(tags)), tag=np.arange(size, dtype=np.int32) % len(tags),
        value=np.full(size, 20.5), status=np.zeros(size, np.uint32), reason=np.zeros(size, np.uint8),
        source_time=np.array(times), received=7,
    )  # fmt: skip


def test_samples_of_ours_have_number_source_time_and_append() -> None:
    """What is no variable of the load is 0; without a time of its own a sample has that of its poll."""
    found = product_samples(encode(frame("V2", "V31", "line-b.X", times=[5, NO_TIME, 6])), APPENDED)
    assert found is not None
    assert found.variable.tolist() == [2, 31, 0]
    assert found.source_time.tolist() == [5, 7, 6]
    assert found.appended.tolist() == [APPENDED] * 3


def test_samples_of_telegraf_are_counted_by_field() -> None:
    """A metric is one variable with its quality, or all registers of a poll."""
    one = b'load,id=ns\\=2;i\\=7 V7=20.5,Quality="The operation succeeded. StatusGood (0x0)" 1700000000000001000\n'
    two = b"load,slave_id=1,type=holding V1=20.1,V2=20.2 1700000000000002000\n"
    found = telegraf_samples(one + two, APPENDED)
    assert found is not None
    assert found.variable.tolist() == [7, 1, 2]
    assert found.source_time.tolist() == [1_700_000_000_000_001, *[1_700_000_000_000_002] * 2]
