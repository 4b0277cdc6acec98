"""Records to and from Avro single-object encoding: marker C3 01, 8-byte fingerprint, body (Avro 1.12).

`encode` always writes this version's schema. `decode` takes the schema by the fingerprint from what was published,
and gives the record as this version knows it: fields it does not know are left out, ones that are missing have their
default (Avro, Schema resolution).
"""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from functools import cache, partial
from io import BytesIO
from typing import Any
from uuid import UUID

import numpy as np
from fastavro import schemaless_reader, schemaless_writer

from schemas import records
from schemas.access import Access
from schemas.bodies import bodies_of
from schemas.catalogue import DERIVED, KINDS, Schema, schema, schema_of
from schemas.columnar import long_bytes, sample_bytes, text_bytes
from schemas.commitment import Commitment, is_commitment
from schemas.derived import body_of, changed, record_of, values_of
from schemas.exported import Exported
from schemas.frame import NO_TIME, Beside, Frame, TagTable
from schemas.notices import NoticeStep
from schemas.opening import Opening
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
from schemas.signers import Signer
from schemas.status import Reason

Derived = Exported | Opening | Access | NoticeStep | Signer
Record = Frame | Alarm | Condition | Gap | Weighing | Derived | records.Schema | Evicted

HEAD = 10
"""Octets before the body: marker and fingerprint."""


class DecodeError(Exception):
    """The bytes are no record of ours; the message says why, in a line."""


class UnknownSchemaError(DecodeError):
    """The fingerprint is not among the published schemas; the schema may still arrive."""


def kind_of(record: Record) -> str:
    """Name of the record's kind, as in the schema."""
    return type(record).__name__


def encode(record: Record, samples: Callable[[Frame], bytes] = sample_bytes) -> bytes:
    """One entry. `samples` may know a quicker way to the same octets. Raises ValueError where a field does not fit."""
    used = schema(kind_of(record))
    if isinstance(record, Frame):
        return used.marker + _frame_body(record, samples)
    if isinstance(record, Derived):
        return used.marker + body_of(record)
    out = BytesIO()
    schemaless_writer(out, used.parsed, plain(record))
    return used.marker + out.getvalue()


def encode_all(kind: type[Exported], records: Sequence[Exported]) -> list[bytes]:
    """As `encode` for each of these records of one kind, in a fraction of the time."""
    head = schema(kind.__name__).marker
    return [head + body for body in bodies_of(kind, records)]


def decode(entry: bytes, published: Mapping[bytes, Schema]) -> Record:
    """The record in an entry. `published` finds a schema by its fingerprint.

    Raises UnknownSchemaError and DecodeError; the latter also where bytes are left over.
    """
    if entry[:2] != b"\xc3\x01" or len(entry) < HEAD:
        raise DecodeError("does not begin with the marker C3 01 of Avro single-object encoding")
    writer = published.get(entry[2:HEAD])
    if writer is None:
        raise UnknownSchemaError(f"schema {entry[2:HEAD].hex()} is not published")
    kind = writer.name.rpartition(".")[2]
    if kind not in KINDS:
        raise DecodeError(f"records of kind {kind} are not known to this version")
    body = BytesIO(entry[HEAD:])
    try:
        data: Any = schemaless_reader(body, writer.parsed, schema(kind).parsed)
        record = _READERS[kind](data) if dict not in map(type, data.values()) else _redacted(kind, data)
    except Exception as error:
        raise DecodeError(f"not a readable {kind}: {error or type(error).__name__}") from error
    if body.read(1):
        raise DecodeError(f"bytes are left over after the {kind}")
    return record


def _redacted(kind: str, data: dict[str, Any]) -> Record:
    """A record with commitments, which are the only records within records."""
    held = {name: Commitment(**value) for name, value in data.items() if isinstance(value, dict)}
    return changed(_READERS[kind](data | dict.fromkeys(held)), **held)


def decode_head(entry: bytes, published: Mapping[bytes, Schema]) -> Record:
    """As `decode`, but of a frame only what stands before its samples: for whoever needs source and time alone."""
    writer = published.get(entry[2:HEAD])
    if writer is None or writer.name.rpartition(".")[2] != "Frame":
        return decode(entry, published)
    try:
        data: Any = schemaless_reader(BytesIO(entry[HEAD:]), _without_samples(writer.text), None)
        return _read_frame({"backfilled": False, "interval": None, "late": False} | data | {"samples": []})
    except Exception as error:
        raise DecodeError(f"not a readable Frame: {error or type(error).__name__}") from error


@cache
def _without_samples(text: str) -> Any:
    """The schema of a frame up to its samples, which stand last."""
    whole = json.loads(text)
    names = [field["name"] for field in whole["fields"]]
    return schema_of(json.dumps({**whole, "fields": whole["fields"][: names.index("samples")]})).parsed


def evicted_of(entry: bytes) -> Evicted | None:
    """What stands in the place of entries that made room; told by its own octets, not by a header. None for others."""
    known = schema("Evicted")
    if entry[2:HEAD] != known.fingerprint:
        return None
    try:
        record = decode(entry, {known.fingerprint: known})
    except DecodeError:
        return None
    return record if isinstance(record, Evicted) else None


def plain(record: Record) -> dict[str, Any]:
    """The record as the names and plain values of its schema, for JSON and for Avro libraries."""
    if isinstance(record, Derived):
        return {name: asdict(one) if is_commitment(one) else one for name, one in values_of(record).items()}
    if not isinstance(record, Frame):
        return {name: _plain_value(value) for name, value in asdict(record).items()}
    samples = [
        {f.name: getattr(row, f.name) for f in fields(row)} | {"reason": row.reason.name} for row in record.rows()
    ]
    return {
        "id": str(record.id),
        "source": record.source,
        "line": record.tags.line,
        "received": record.received,
        "backfilled": record.backfilled,
        "interval": record.interval,
        "late": record.late,
        "samples": samples,
    }


def _plain_value(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _frame_body(frame: Frame, samples: Callable[[Frame], bytes]) -> bytes:
    line = frame.tags.line
    return b"".join(
        (
            text_bytes(str(frame.id)),
            text_bytes(frame.source),
            b"\0" if line is None else b"\x02" + text_bytes(line),
            long_bytes(frame.received),
            b"\1" if frame.backfilled else b"\0",
            b"\0" if frame.interval is None else b"\x02" + struct.pack("<d", frame.interval),
            b"\1" if frame.late else b"\0",
            long_bytes(len(frame)) + samples(frame) if len(frame) else b"",
            b"\0",
        )
    )


def _read_frame(data: dict[str, Any]) -> Frame:
    samples = data["samples"]
    heads = dict.fromkeys((s["tag"], s["room"], s["unit"], s["origin"]) for s in samples)
    at = {head: row for row, head in enumerate(heads)}
    names, rooms, units, origins = zip(*heads, strict=True) if heads else ((), (), (), ())
    if len(set(names)) != len(names):
        raise ValueError("one tag stands with two rooms or units")
    values = [s["value"] for s in samples]
    raws = [s["raw"] for s in samples]
    return Frame(
        id=UUID(data["id"]),
        source=data["source"],
        tags=TagTable(names, units, origins, rooms, data["line"]),
        tag=np.array([at[s["tag"], s["room"], s["unit"], s["origin"]] for s in samples], dtype=np.int32),
        value=np.array([v if isinstance(v, float) else np.nan for v in values], dtype=np.float64),
        status=np.array([s["status"] for s in samples], dtype=np.uint32),
        reason=np.array([Reason[s["reason"]] for s in samples], dtype=np.uint8),
        source_time=np.array(
            [NO_TIME if s["source_time"] is None else s["source_time"] for s in samples], dtype=np.int64
        ),
        received=data["received"],
        raw=None if all(r is None for r in raws) else np.array([np.nan if r is None else r for r in raws]),
        beside={row: v for row, v in enumerate(values) if isinstance(v, Beside)},
        backfilled=data["backfilled"],
        interval=data["interval"],
        late=data["late"],
    )


def _read_alarm(data: dict[str, Any]) -> Alarm:
    head = data["head"]
    known = {"id": UUID(data["id"]), "alarm": UUID(data["alarm"]), "head": None if head is None else UUID(head)}
    words = {"event": AlarmEvent(data["event"]), "state": AlarmState(data["state"])}
    meaning = None if data["meaning"] is None else AlarmMeaning(data["meaning"])
    rank = {"kind": AlarmKind(data["kind"]), "priority": AlarmPriority(data["priority"]), "meaning": meaning}
    return Alarm(**data | known | words | rank)


def _read_condition(data: dict[str, Any]) -> Condition:
    return Condition(**data | {"id": UUID(data["id"]), "report": ConditionReport(data["report"])})


def _read_gap(data: dict[str, Any]) -> Gap:
    known = {"id": UUID(data["id"]), "gap": UUID(data["gap"])}
    return Gap(**data | known | {"cause": GapCause(data["cause"]), "tags": tuple(data["tags"])})


def _read_weighing(data: dict[str, Any]) -> Weighing:
    words = {"method": WeighingMethod(data["method"]), "refusals": tuple(map(Refusal, data["refusals"]))}
    return Weighing(**data | words | {"id": UUID(data["id"])})


def _read_schema(data: dict[str, Any]) -> records.Schema:
    return records.Schema(**data | {"id": UUID(data["id"])})


def _read_evicted(data: dict[str, Any]) -> Evicted:
    return Evicted(id=UUID(data["id"]), first=data["first"], leaves=tuple(data["leaves"]), note=data["note"])


_READERS: Mapping[str, Callable[[dict[str, Any]], Record]] = {
    "Frame": _read_frame,
    "Alarm": _read_alarm,
    "Condition": _read_condition,
    "Gap": _read_gap,
    "Weighing": _read_weighing,
    "Schema": _read_schema,
    "Evicted": _read_evicted,
    **{name: partial(record_of, kind) for name, kind in DERIVED.items()},
}
