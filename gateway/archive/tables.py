"""The archive's tables, and records as their columns.

The archive is a projection of the topics: it can be thrown away and is then rebuilt from them. `positions` holds the
next offset of each partition, `streams` the verifier's state of each stream; both change in the transaction that stores
the rows, so no message is stored twice or left out, wherever the node is killed. A row of `leaves` has the leaf hashes
of a run of numbers from `first` on, 32 octets each.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.message import Message
from gateway.proof.findings import Finding
from schemas.frame import NO_TIME, Frame
from schemas.records import Alarm, Gap
from schemas.status import Reason

SCHEMA = """
CREATE TABLE IF NOT EXISTS samples (
    record UUID NOT NULL, stream VARCHAR NOT NULL, "offset" BIGINT NOT NULL, source VARCHAR NOT NULL,
    tag VARCHAR NOT NULL, room VARCHAR, unit VARCHAR NOT NULL, origin VARCHAR NOT NULL,
    value DOUBLE, other VARCHAR, raw DOUBLE, status UINTEGER NOT NULL, reason VARCHAR NOT NULL,
    source_time BIGINT, received BIGINT NOT NULL, time BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS contacts (source VARCHAR PRIMARY KEY, received BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS alarms (
    id UUID NOT NULL, alarm UUID NOT NULL, stream VARCHAR NOT NULL, "offset" BIGINT NOT NULL,
    condition VARCHAR NOT NULL, tag VARCHAR NOT NULL, room VARCHAR, line VARCHAR, event VARCHAR NOT NULL,
    state VARCHAR NOT NULL, time BIGINT NOT NULL, since BIGINT NOT NULL, "limit" DOUBLE NOT NULL,
    deadband DOUBLE NOT NULL, on_delay DOUBLE NOT NULL, unit VARCHAR NOT NULL, value DOUBLE, extreme DOUBLE,
    actor VARCHAR, comment VARCHAR
);
CREATE TABLE IF NOT EXISTS gaps (
    id UUID NOT NULL, gap UUID NOT NULL, stream VARCHAR NOT NULL, "offset" BIGINT NOT NULL, source VARCHAR NOT NULL,
    line VARCHAR, tags VARCHAR[] NOT NULL, began BIGINT NOT NULL, ended BIGINT, cause VARCHAR NOT NULL,
    detail VARCHAR NOT NULL, estimated BOOLEAN NOT NULL, lost BIGINT, backfilled BOOLEAN NOT NULL
);
CREATE TABLE IF NOT EXISTS quarantine (
    topic VARCHAR NOT NULL, partition INTEGER NOT NULL, "offset" BIGINT NOT NULL, problem VARCHAR NOT NULL,
    entry BLOB NOT NULL, arrived BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS streams (
    name VARCHAR PRIMARY KEY, received BIGINT NOT NULL, verified BIGINT NOT NULL, sealed BIGINT, state BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS leaves (stream VARCHAR NOT NULL, first BIGINT NOT NULL, hashes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS findings (
    code VARCHAR NOT NULL, stream VARCHAR NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, text VARCHAR NOT NULL,
    found BIGINT NOT NULL, leaf BLOB, sealed BLOB
);
CREATE TABLE IF NOT EXISTS positions (
    topic VARCHAR NOT NULL, partition INTEGER NOT NULL, next BIGINT NOT NULL, PRIMARY KEY (topic, partition)
);
"""
"""Times are UTC microseconds, as on the wire. `time` of a sample is the device's where it has one, else when the agent
received it. `other` is the value of a sample that is not a double, as text."""

INSERT_SAMPLES = """
INSERT INTO samples SELECT record::UUID, stream, "offset", source, tag, room, unit, origin,
    CASE WHEN isnan(value) THEN NULL ELSE value END, other, CASE WHEN isnan(raw) THEN NULL ELSE raw END, status, reason,
    CASE WHEN timed THEN source_time END, received, CASE WHEN timed THEN source_time ELSE received END
FROM columns
"""


def sample_columns(messages: Sequence[Message]) -> dict[str, NDArray[Any]]:
    """The samples of all frames among the messages, as columns for `INSERT_SAMPLES`."""
    framed = [(m, m.record) for m in messages if isinstance(m.record, Frame) and len(m.record)]
    if not framed:
        return {}
    parts = [_columns_of(message, frame) for message, frame in framed]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _columns_of(message: Message, frame: Frame) -> dict[str, NDArray[Any]]:
    size = len(frame)
    other = np.full(size, None, dtype=object)
    for row, value in frame.beside.items():
        other[row] = value.hex() if isinstance(value, bytes) else str(value)

    def same(value: object) -> NDArray[Any]:
        return np.full(size, value, dtype=object)

    def by_tag(values: Sequence[object]) -> NDArray[Any]:
        return np.array(values, dtype=object)[frame.tag]

    timed = frame.source_time != NO_TIME
    return {
        "record": same(str(frame.id)),
        "stream": same(message.stream),
        "offset": np.full(size, message.offset, dtype=np.int64),
        "source": same(frame.source),
        "tag": by_tag(frame.tags.names),
        "room": by_tag(frame.tags.rooms),
        "unit": by_tag(frame.tags.units),
        "origin": by_tag(frame.tags.origins),
        "value": _with_numbers_beside(frame),
        "other": other,
        "raw": np.full(size, np.nan) if frame.raw is None else frame.raw,
        "status": frame.status,
        "reason": np.array(_REASONS, dtype=object)[frame.reason],
        "timed": timed,
        "source_time": np.where(timed, frame.source_time, 0),
        "received": np.full(size, frame.received, dtype=np.int64),
    }


_REASONS = [reason.name for reason in Reason]


def _with_numbers_beside(frame: Frame) -> NDArray[np.float64]:
    """Integers and booleans also as doubles, so that they can be drawn; the exact value stays in `other`."""
    numbers = {row: value for row, value in frame.beside.items() if isinstance(value, bool | int)}
    if not numbers:
        return frame.value
    values = frame.value.copy()
    values[list(numbers)] = [float(value) for value in numbers.values()]
    return values


def alarm_row(message: Message, alarm: Alarm) -> tuple[Any, ...]:
    """One row of `alarms`."""
    return (
        *(alarm.id, alarm.alarm, message.stream, message.offset, alarm.condition, alarm.tag, alarm.room, alarm.line),
        *(alarm.event.value, alarm.state.value, alarm.time, alarm.since, alarm.limit, alarm.deadband, alarm.on_delay),
        *(alarm.unit, alarm.value, alarm.extreme, alarm.actor, alarm.comment),
    )


def gap_row(message: Message, gap: Gap) -> tuple[Any, ...]:
    """One row of `gaps`."""
    return (
        *(gap.id, gap.gap, message.stream, message.offset, gap.source, gap.line, list(gap.tags), gap.began, gap.ended),
        *(gap.cause.value, gap.detail, gap.estimated, gap.lost, gap.backfilled),
    )


def leaf_rows(leaves: Mapping[str, Sequence[tuple[int, bytes]]]) -> list[tuple[str, int, bytes]]:
    """Rows of `leaves`: one for each run of numbers without a hole."""
    rows: list[tuple[str, int, bytes]] = []
    for stream, pairs in leaves.items():
        runs = groupby(enumerate(sorted(pairs)), key=lambda item: item[1][0] - item[0])
        for _, run in runs:
            members = [pair for _, pair in run]
            rows.append((stream, members[0][0], b"".join(leaf for _, leaf in members)))
    return rows


def finding_row(finding: Finding) -> tuple[Any, ...]:
    """One row of `findings`; `found` becomes UTC microseconds."""
    found = round(finding.found * 1e6)
    numbers = (finding.first, finding.last)
    return (finding.code.value, finding.stream, *numbers, finding.text, found, finding.leaf, finding.sealed)


def quarantine_row(message: Message) -> tuple[Any, ...]:
    """One row of `quarantine`: what could not be read, as it came."""
    place = message.place
    return (place.topic, place.partition, message.offset, message.problem, message.entry, message.arrived)


def contact_rows(messages: Sequence[Message]) -> list[tuple[str, int]]:
    """When each source among the messages was last heard of by its agent; frames without samples count."""
    frames = (message.record for message in messages if isinstance(message.record, Frame))
    return list({frame.source: frame.received for frame in frames if not frame.lost}.items())
