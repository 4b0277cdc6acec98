"""The codec against an independent Avro library (Apache Avro for Python), byte for byte."""

import json
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any
from uuid import UUID

import avro.io
import avro.schema
import fastavro
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import records
from schemas.catalogue import KINDS, Schema, schema, schema_of
from schemas.codec import HEAD, DecodeError, Record, UnknownSchemaError, decode, decode_head, encode, kind_of, plain
from schemas.columnar import ORIGINS
from schemas.frame import NO_TIME, Frame, TagTable
from schemas.records import (
    Alarm,
    AlarmEvent,
    AlarmKind,
    AlarmMeaning,
    AlarmPriority,
    AlarmState,
    Condition,
    ConditionReport,
    Evicted,
    Gap,
    GapCause,
    Refusal,
    Weighing,
    WeighingMethod,
)
from schemas.status import Reason

PUBLISHED = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
TIMES = st.integers(0, 2**53)
LONGS = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.floats(allow_nan=False)
OPTIONAL_TEXT = st.none() | st.text(max_size=12)
BESIDE = st.booleans() | LONGS | st.text(max_size=300) | st.binary(max_size=20)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    size = draw(st.integers(1, 5))
    names = draw(st.lists(st.text(min_size=1, max_size=20), min_size=size, max_size=size, unique=True))
    tags = TagTable(
        tuple(names),
        tuple(draw(st.sampled_from(["Pa", "Cel", "{#}/m3", "µ"])) for _ in names),
        tuple(draw(st.sampled_from(ORIGINS)) for _ in names),
        tuple(draw(OPTIONAL_TEXT) for _ in names),
        draw(OPTIONAL_TEXT),
    )
    count = draw(st.integers(0, 12))
    values = draw(st.lists(st.none() | NUMBERS | BESIDE, min_size=count, max_size=count))
    raws = draw(st.none() | st.lists(st.just(float("nan")) | NUMBERS, min_size=count, max_size=count))

    def column(strategy: st.SearchStrategy[Any], dtype: Any) -> Any:
        return np.array(draw(st.lists(strategy, min_size=count, max_size=count)), dtype=dtype)

    return Frame(
        source=draw(st.text(max_size=8)),
        tags=tags,
        tag=column(st.integers(0, size - 1), np.int32),
        value=np.array([v if isinstance(v, float) else np.nan for v in values], dtype=np.float64),
        status=column(st.integers(0, 2**32 - 1), np.uint32),
        reason=column(st.integers(0, max(Reason)), np.uint8),
        source_time=column(st.just(NO_TIME) | LONGS.filter(lambda t: t != NO_TIME), np.int64),
        received=draw(LONGS),
        raw=None if raws is None else np.array(raws, dtype=np.float64),
        beside={row: v for row, v in enumerate(values) if isinstance(v, bool | int | str | bytes)},
        backfilled=draw(st.booleans()),
        interval=draw(st.none() | st.floats(min_value=0.001, max_value=1e6)),
    )


ALARMS = st.builds(
    Alarm,
    alarm=st.uuids(),
    id=st.uuids(),
    condition=st.text(max_size=20),
    tag=st.text(max_size=20),
    event=st.sampled_from(AlarmEvent),
    state=st.sampled_from(AlarmState),
    time=TIMES,
    since=TIMES,
    limit=NUMBERS,
    deadband=NUMBERS,
    on_delay=NUMBERS,
    unit=st.text(max_size=5),
    value=st.none() | NUMBERS,
    extreme=st.none() | NUMBERS,
    room=OPTIONAL_TEXT,
    line=OPTIONAL_TEXT,
    actor=OPTIONAL_TEXT,
    comment=OPTIONAL_TEXT,
    kind=st.sampled_from(AlarmKind),
    priority=st.sampled_from(AlarmPriority),
    off_delay=NUMBERS,
    window=st.none() | NUMBERS,
    allowed=st.none() | NUMBERS,
    profile=OPTIONAL_TEXT,
    duration=st.none() | NUMBERS,
    room_state=OPTIONAL_TEXT,
    batch=OPTIONAL_TEXT,
    retrospective=st.booleans(),
    group=OPTIONAL_TEXT,
    first_out=st.none() | st.booleans(),
    head=st.none() | st.uuids(),
    until=st.none() | TIMES,
    held=OPTIONAL_TEXT,
    meaning=st.none() | st.sampled_from(AlarmMeaning),
    doubt=OPTIONAL_TEXT,
)
CONDITIONS = st.builds(
    Condition,
    id=st.uuids(),
    source=st.text(max_size=20),
    report=st.sampled_from(ConditionReport),
    condition=st.text(max_size=20),
    event=st.binary(max_size=16),
    received=TIMES,
    retain=st.booleans(),
    branch=OPTIONAL_TEXT,
    name=OPTIONAL_TEXT,
    origin=OPTIONAL_TEXT,
    event_type=OPTIONAL_TEXT,
    time=st.none() | TIMES,
    severity=st.none() | st.integers(1, 1000),
    message=OPTIONAL_TEXT,
    active=st.none() | st.booleans(),
    acknowledged=st.none() | st.booleans(),
    comment=OPTIONAL_TEXT,
    line=OPTIONAL_TEXT,
)
GAPS = st.builds(
    Gap,
    gap=st.uuids(),
    id=st.uuids(),
    source=st.text(max_size=20),
    tags=st.lists(st.text(max_size=8), max_size=4).map(tuple),
    began=TIMES,
    ended=st.none() | TIMES,
    cause=st.sampled_from(GapCause),
    detail=st.text(max_size=40),
    estimated=st.booleans(),
    lost=st.none() | TIMES,
    backfilled=st.booleans(),
    line=OPTIONAL_TEXT,
)
WEIGHINGS = st.builds(
    Weighing,
    id=st.uuids(),
    source=st.text(max_size=20),
    tag=st.text(max_size=20),
    method=st.sampled_from(WeighingMethod),
    accepted=st.booleans(),
    refusals=st.lists(st.sampled_from(Refusal), max_size=4).map(tuple),
    detail=st.text(max_size=40),
    gross=st.none() | NUMBERS,
    tare=st.none() | NUMBERS,
    net=st.none() | NUMBERS,
    unit=OPTIONAL_TEXT,
    stable=st.none() | st.booleans(),
    serial_number=OPTIONAL_TEXT,
    calibration_due=st.integers(-(2**31), 2**31 - 1),
    minimum=NUMBERS,
    low=NUMBERS,
    high=NUMBERS,
    operator=OPTIONAL_TEXT,
    second=OPTIONAL_TEXT,
    second_required=st.booleans(),
    lot=OPTIONAL_TEXT,
    batch=OPTIONAL_TEXT,
    raw=st.none() | st.binary(max_size=40),
    requested=st.none() | TIMES,
    time=TIMES,
    line=OPTIONAL_TEXT,
)
SCHEMAS = st.builds(
    records.Schema, id=st.uuids(), fingerprint=st.binary(min_size=8, max_size=8), text=st.text(max_size=40)
)
LEAVES = st.lists(st.binary(min_size=32, max_size=32), max_size=4).map(tuple)
EVICTED = st.builds(Evicted, id=st.uuids(), first=TIMES, leaves=LEAVES)
RECORDS = st.one_of(frames(), ALARMS, CONDITIONS, GAPS, WEIGHINGS, SCHEMAS, EVICTED)


def independently(record: Record) -> bytes:
    """The body as Apache Avro writes it, from the schema without logical types (they do not change the bytes)."""
    parsed = avro.schema.parse(json.dumps(_stripped(json.loads(schema(kind_of(record)).text))))
    out = BytesIO()
    avro.io.DatumWriter(parsed).write(plain(record), avro.io.BinaryEncoder(out))
    return out.getvalue()


def _stripped(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _stripped(value) for key, value in node.items() if key != "logicalType"}
    return [_stripped(item) for item in node] if isinstance(node, list) else node


@given(RECORDS)
def test_the_codec_writes_the_bytes_that_apache_avro_writes(record: Record) -> None:
    """Marker, fingerprint and body of every record kind."""
    assert encode(record) == schema(kind_of(record)).marker + independently(record)


@given(RECORDS)
def test_a_decoded_record_says_what_the_encoded_one_said(record: Record) -> None:
    """Also numbers beyond 2^53, text and booleans come back exactly."""
    assert plain(decode(encode(record), PUBLISHED)) == plain(record)


@given(RECORDS, st.data())
def test_a_cut_or_lengthened_entry_is_refused(record: Record, data: st.DataObject) -> None:
    """There is no partial record."""
    entry = encode(record)
    end = data.draw(st.integers(0, len(entry) - 1))
    with pytest.raises(DecodeError):
        decode(entry[:end], PUBLISHED)
    with pytest.raises(DecodeError):
        decode(entry + b"\0", PUBLISHED)


@given(st.binary(max_size=200), st.sampled_from(sorted(KINDS)))
def test_no_bytes_make_the_decoder_fail_otherwise(body: bytes, kind: str) -> None:
    """Untrusted bytes give a record or a DecodeError."""
    with suppress(DecodeError):
        decode(schema(kind).marker + body, PUBLISHED)


def test_an_unpublished_fingerprint_is_named() -> None:
    """The reader can wait for the schema, and says for which."""
    entry = b"\xc3\x01" + bytes(range(8)) + b"rest"
    with pytest.raises(UnknownSchemaError, match="0001020304050607"):
        decode(entry, PUBLISHED)


def test_the_fingerprint_is_the_crc_64_of_the_avro_specification() -> None:
    """The value for "int" is that of Java's SchemaNormalization test data, little-endian as in a single object."""
    text = '{"type":"fixed","name":"F","size":12}'
    own = schema_of(text).fingerprint
    reference = avro.schema.parse(text).fingerprint("CRC-64-AVRO")
    assert own == reference


def test_logical_types_do_not_change_the_fingerprint() -> None:
    """As in Java, where the canonical form has none."""
    with_time, without = (
        schema_of(json.dumps({"type": "record", "name": "R", "fields": [{"name": "t", "type": kind}]}))
        for kind in ({"type": "long", "logicalType": "timestamp-micros"}, "long")
    )
    assert with_time.fingerprint == without.fingerprint


def test_a_reader_of_today_understands_an_older_writer() -> None:
    """A field the writer did not know has its default (FULL_TRANSITIVE within a major version)."""
    gap = Gap(gap=UUID(int=1), source="s", tags=("t",), began=1, cause=GapCause.OTHER, detail="d")
    text = json.loads(schema("Gap").text)
    text["fields"] = [f for f in text["fields"] if f["name"] != "backfilled"]
    older: Schema = schema_of(json.dumps(text))
    entry = encode(gap)
    old_entry = older.marker + entry[HEAD:-1]
    assert decode(old_entry, {older.fingerprint: older}) == gap


def _before(kind: str, fields: int, symbols: Mapping[str, int]) -> Schema:
    """A kind's schema as an older version had it: fewer fields, and fewer words in its enumerations."""
    text = json.loads(schema(kind).text)
    text["fields"] = text["fields"][:fields]
    for field in text["fields"]:
        if field["name"] in symbols:
            field["type"]["symbols"] = field["type"]["symbols"][: symbols[field["name"]]]
    return schema_of(json.dumps(text))


def test_alarms_of_the_first_version_and_of_today_are_read_by_each_other() -> None:
    """What the older reader does not know are UNKNOWN events and states; what it did not write has its default."""
    older = _before("Alarm", 17, {"event": 4, "state": 5})
    alarm = Alarm(
        alarm=UUID(int=1), condition="dp.LOW", tag="dp", event=AlarmEvent.SHELVED, state=AlarmState.SHELVED, time=2,
        since=1, limit=10.0, deadband=0.5, on_delay=10.0, unit="Pa", kind=AlarmKind.LOW, held="li: probe", until=3,
        meaning=AlarmMeaning.APPROVAL,
    )  # fmt: skip
    entry = encode(alarm)
    read: Any = fastavro.schemaless_reader(BytesIO(entry[HEAD:]), schema("Alarm").parsed, older.parsed)
    assert (read["event"], read["state"], read["limit"]) == ("UNKNOWN", "UNKNOWN", 10.0)
    first = {name: value for name, value in plain(alarm).items() if name in read} | {
        "event": "RAISED",
        "state": "NORMAL",
    }
    out = BytesIO()
    fastavro.schemaless_writer(out, older.parsed, first)
    decoded = decode(older.marker + out.getvalue(), {older.fingerprint: older})
    assert isinstance(decoded, Alarm)
    assert (decoded.event, decoded.kind, decoded.priority, decoded.held, decoded.head, decoded.meaning) == (
        AlarmEvent.RAISED, AlarmKind.UNKNOWN, AlarmPriority.UNKNOWN, None, None, None,
    )  # fmt: skip


def test_every_field_of_every_schema_is_explained() -> None:
    """A data engineer reads the schema, not the code."""

    def check(node: Any, path: str) -> None:
        if isinstance(node, dict):
            for field in node.get("fields", ()):
                assert field.get("doc"), f"{path}.{field['name']} has no doc"
                check(field["type"], f"{path}.{field['name']}")
            check(node.get("items"), path)

    for kind in KINDS:
        check(json.loads(schema(kind).text), kind)


def test_reasons_and_origins_are_those_of_the_schema() -> None:
    """The numbers in the columns are positions in the Avro enumerations."""
    sample = next(f for f in json.loads(schema("Frame").text)["fields"] if f["name"] == "samples")["type"]["items"]
    symbols = {f["name"]: f["type"]["symbols"] for f in sample["fields"] if f["name"] in {"reason", "origin"}}
    assert symbols["reason"] == [reason.name for reason in Reason]
    assert symbols["origin"] == list(ORIGINS)


@given(frames())
def test_the_head_of_a_frame_is_that_of_the_whole_frame(frame: Frame) -> None:
    """Only the samples are left out."""
    head = decode_head(encode(frame), PUBLISHED)
    assert isinstance(head, Frame)
    assert (head.id, head.source, head.received, head.backfilled, head.tags.line, len(head)) == (
        *(frame.id, frame.source, frame.received, frame.backfilled, frame.tags.line),
        0,
    )


@given(st.binary(max_size=60))
def test_a_head_that_is_no_record_is_a_decode_error(octets: bytes) -> None:
    """Untrusted bytes, also behind the marker of a frame."""
    for entry in (octets, schema("Frame").marker + octets):
        with suppress(DecodeError):
            decode_head(entry, PUBLISHED)
