"""The reader in columns against the general decoder: the same record or, of the same octets, the same refusal."""

import json
import random
from dataclasses import replace
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import reading
from schemas.catalogue import Schema, schema, schema_of
from schemas.codec import HEAD, DecodeError, Record, decode, encode, plain
from schemas.columnar import long_bytes
from schemas.frame import NO_TIME, Frame, TagTable
from schemas.layout import Layout, UnusualError, read_long
from schemas.reading import Reader
from tests.schemas.test_codec import PUBLISHED, RECORDS, frames

COLUMNS = ("tag", "value", "raw", "status", "reason", "source_time")


def said(record: Record) -> Any:
    """All that a record says, a frame's columns with their octets."""
    if not isinstance(record, Frame):
        return plain(record)
    columns = [(c.dtype, c.tobytes()) for c in (getattr(record, name) for name in COLUMNS) if c is not None]
    tags = record.tags
    table = (tags.names, tags.units, tags.rooms, tags.origins, tags.line)
    return plain(record), columns, record.raw is None, table, dict(record.beside)


def answer(decoder: Any, entry: bytes) -> Any:
    try:
        return said(decoder(entry, PUBLISHED))
    except DecodeError as error:
        return str(error)


def agree(reader: Reader, entry: bytes) -> None:
    assert answer(reader.decode, entry) == answer(decode, entry)


def scan(size: int = 40, seed: int = 0, **columns: Any) -> Frame:
    """A frame of doubles as a source gives them again and again, with other numbers for each seed."""
    numbers = np.random.default_rng(seed)
    tags = TagTable(tuple(f"F1.DP.M{n}" for n in range(size)), ("Pa",) * size, (), ("F1",) * size, "line-3")
    common: dict[str, Any] = {
        "tag": np.arange(size, dtype=np.int32),
        "value": numbers.normal(15, 1, size),
        "status": np.zeros(size, dtype=np.uint32),
        "reason": np.zeros(size, dtype=np.uint8),
        "source_time": 1_700_000_000_000_000 + numbers.integers(-900_000, 900_000, size),
    }
    received = 1_700_000_000_000_000 + seed
    return Frame(source="ems", tags=tags, received=received, interval=1.0, **common | columns)


@given(st.lists(RECORDS, min_size=1, max_size=4))
def test_a_record_is_read_as_by_the_general_decoder(records: list[Record]) -> None:
    """Every kind, the first time and when its layout is known."""
    reader = Reader()
    for record in [*records, *records]:
        agree(reader, encode(record))


@given(frames(), st.data())
def test_other_numbers_in_a_known_layout_are_read_as_such(frame: Frame, data: st.DataObject) -> None:
    """What was remembered of the first frame is its form, not its numbers."""
    reader, size = Reader(), len(frame)
    agree(reader, encode(frame))

    def column(strategy: st.SearchStrategy[Any], like: Any) -> Any:
        return np.array(data.draw(st.lists(strategy, min_size=size, max_size=size)), dtype=like.dtype)

    longs = st.integers(-(2**55), 2**55 - 1)
    other = replace(
        frame,
        id=uuid4(),
        value=np.where(np.isnan(frame.value), np.nan, column(st.floats(allow_nan=False), frame.value)),
        source_time=np.where(frame.source_time == NO_TIME, NO_TIME, column(longs, frame.source_time)),
        reason=column(st.integers(0, 17), frame.reason),
    )
    agree(reader, encode(other))


@given(frames(), st.data())
def test_altered_octets_have_the_answer_of_the_general_decoder(frame: Frame, data: st.DataObject) -> None:
    """Octets changed, cut, put in or left out, after the layout was learned from the frame as it was."""
    reader, entry = Reader(), bytearray(encode(frame))
    agree(reader, bytes(entry))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(HEAD, len(entry) - 1))
        entry[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        if len(entry) <= HEAD:
            break
    agree(reader, bytes(entry))


def test_every_octet_of_a_scan_may_be_altered_to_any_other() -> None:
    """Also where a known layout looks only at a part of the octet."""
    beside = {3: True, 4: 77, 5: "Execute", 6: b"\0\1"}
    frame = scan(8, raw=np.full(8, 1.5), beside=beside, value=np.array([1.0, 2.0, np.nan] + [np.nan] * 4 + [9.0]))
    reader, entry, numbers = Reader(), encode(frame), random.Random(1)
    agree(reader, entry)
    for at in range(HEAD, len(entry)):
        for octet in {0, 1, 2, 35, 36, 0x7F, 0x80, 0xFF, entry[at] ^ 1, entry[at] ^ 0x80, numbers.randrange(256)}:
            agree(reader, entry[:at] + bytes([octet]) + entry[at + 1 :])


def test_a_known_layout_needs_no_general_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it learned a second time; the columns are those of the frame."""
    reader = Reader()
    agree(reader, encode(scan(seed=1)))

    def never(*_: Any) -> Layout:
        raise AssertionError

    monkeypatch.setattr(reading, "layout_of", never)
    monkeypatch.setattr(reading, "decode", never)
    for seed in range(2, 9):
        frame = scan(seed=seed)
        assert said(reader.decode(encode(frame), PUBLISHED)) == said(frame)


def test_bad_readings_among_good_ones_are_learned_without_the_general_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A status of five octets, no value and no time: another layout of the same source."""
    monkeypatch.setattr(reading, "decode", None)
    reader = Reader()
    for bad in (3, 17, 3):
        frame = scan()
        for name, gone in (("value", np.nan), ("status", 0x808C0000), ("reason", 12), ("source_time", NO_TIME)):
            getattr(frame, name)[bad] = gone
        assert said(reader.decode(encode(frame), PUBLISHED)) == said(frame)


def _older(*without: str, sample: str | None = None) -> Schema:
    text = json.loads(schema("Frame").text)
    text["fields"] = [field for field in text["fields"] if field["name"] not in without]
    if sample:
        items = text["fields"][-1]["type"]["items"]
        items["fields"] = [field for field in items["fields"] if field["name"] != sample]
    return schema_of(json.dumps(text))


def test_a_frame_of_a_writer_without_interval_is_read_in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the writer's schema; what it did not know has its default."""
    older, frame = _older("interval"), scan()
    entry = encode(frame)
    at = entry.index(b"\x02" + np.float64(1.0).tobytes())
    old = older.marker + entry[HEAD:at] + entry[at + 9 :]
    expected = said(decode(old, {older.fingerprint: older}))
    monkeypatch.setattr(reading, "decode", None)
    reader = Reader()
    for _ in range(2):
        assert said(reader.decode(old, {older.fingerprint: older})) == expected == said(replace(frame, interval=None))


def test_samples_of_another_version_are_left_to_the_general_decoder() -> None:
    """A sample without raw is no sample of this layout, though the octets could be taken for one."""
    older, frame = _older(sample="raw"), scan(1)
    entry = encode(frame)
    at = entry.index(b"\x02" + frame.value.tobytes()) + 9
    old = older.marker + entry[HEAD:at] + entry[at + 1 :]
    read = Reader().decode(old, {older.fingerprint: older})
    assert said(read) == said(decode(old, {older.fingerprint: older})) == said(frame)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that gives each frame another form does not fill the memory; the newest form is still known."""
    monkeypatch.setattr(reading, "ROOM", 10_000)
    reader = Reader()
    for size in range(1, 60):
        agree(reader, encode(scan(size)))
    octets = sum(len(layout.mask) for layout in reader._layouts.values())
    assert 0 < octets <= 10_000
    assert octets == 10_000 - reader._room


@given(st.integers(-(2**55), 2**55 - 1))
def test_a_long_is_read_with_its_end(number: int) -> None:
    """Up to eight octets."""
    octets = long_bytes(number)
    assert read_long(b"x" + octets + b"y", 1) == (number, len(octets) + 1)


@pytest.mark.parametrize("octets", [b"\xff" * 8 + b"\0", b"\x80"])
def test_a_long_that_is_cut_or_longer_than_a_word_is_unusual(octets: bytes) -> None:
    """The general decoder says what it is."""
    with pytest.raises((UnusualError, IndexError)):
        read_long(octets, 0)
