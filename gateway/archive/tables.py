"""The archive's tables, and records as their columns.

The archive is a projection of the topics: it can be thrown away and is then rebuilt from them. `positions` holds the
next offset of each partition, `streams` and `senders` what verifiers and key rings remember; all change in the
transaction that stores the rows, so no message is stored twice or left out, wherever the node is killed.

`entries` has what was received under each number: its octets as they came, NULL where only the leaf hash is known.
What came of an entry stands in the tables of `OF_RECORDS` under its stream and number, a frame's samples as in
`samples.py`. In `quarantine` stands what
could not be read or is not believed, also entries that a seal refuted.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.archive import accesses, exported_tables, noticed, openings
from gateway.intake.inspection import Received, Standing
from gateway.intake.message import Message
from gateway.proof.findings import Finding
from gateway.proof.merkle import leaf_hash
from schemas.codec import kind_of
from schemas.frame import Frame
from schemas.records import Alarm, Condition, Gap, Weighing

LAYOUT = "layout_8"
"""A table that files of this layout have, and others have not. Its number goes up whenever a table changes."""

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS {LAYOUT} (made TIMESTAMP);
CREATE TABLE IF NOT EXISTS entries (
    stream VARCHAR NOT NULL, number BIGINT NOT NULL, leaf BLOB NOT NULL, octets BLOB, kind VARCHAR NOT NULL,
    source VARCHAR, heard BIGINT
);
CREATE TABLE IF NOT EXISTS alarms (
    id UUID NOT NULL, alarm UUID NOT NULL, stream VARCHAR NOT NULL, number BIGINT NOT NULL,
    condition VARCHAR NOT NULL, tag VARCHAR NOT NULL, room VARCHAR, line VARCHAR, event VARCHAR NOT NULL,
    state VARCHAR NOT NULL, time BIGINT NOT NULL, since BIGINT NOT NULL, "limit" DOUBLE NOT NULL,
    deadband DOUBLE NOT NULL, on_delay DOUBLE NOT NULL, unit VARCHAR NOT NULL, value DOUBLE, extreme DOUBLE,
    actor VARCHAR, comment VARCHAR, kind VARCHAR NOT NULL, priority VARCHAR NOT NULL, off_delay DOUBLE NOT NULL,
    "window" DOUBLE, allowed DOUBLE, profile VARCHAR, duration DOUBLE, room_state VARCHAR, batch VARCHAR,
    retrospective BOOLEAN NOT NULL, "group" VARCHAR, first_out BOOLEAN, head UUID, until BIGINT, held VARCHAR,
    meaning VARCHAR, doubt VARCHAR
);
CREATE TABLE IF NOT EXISTS conditions (
    id UUID NOT NULL, stream VARCHAR NOT NULL, number BIGINT NOT NULL, source VARCHAR NOT NULL, line VARCHAR,
    report VARCHAR NOT NULL, condition VARCHAR NOT NULL, branch VARCHAR, name VARCHAR, origin VARCHAR,
    event_type VARCHAR, event BLOB NOT NULL, time BIGINT, received BIGINT NOT NULL, severity INTEGER, message VARCHAR,
    active BOOLEAN, acknowledged BOOLEAN, retain BOOLEAN NOT NULL, comment VARCHAR
);
CREATE TABLE IF NOT EXISTS gaps (
    id UUID NOT NULL, gap UUID NOT NULL, stream VARCHAR NOT NULL, number BIGINT NOT NULL, source VARCHAR NOT NULL,
    line VARCHAR, tags VARCHAR[] NOT NULL, began BIGINT NOT NULL, ended BIGINT, cause VARCHAR NOT NULL,
    detail VARCHAR NOT NULL, estimated BOOLEAN NOT NULL, lost BIGINT, backfilled BOOLEAN NOT NULL
);
CREATE TABLE IF NOT EXISTS weighings (
    id UUID NOT NULL, stream VARCHAR NOT NULL, number BIGINT NOT NULL, source VARCHAR NOT NULL, tag VARCHAR NOT NULL,
    line VARCHAR, method VARCHAR NOT NULL, accepted BOOLEAN NOT NULL, refusals VARCHAR[] NOT NULL,
    detail VARCHAR NOT NULL, gross DOUBLE, tare DOUBLE, net DOUBLE, unit VARCHAR, stable BOOLEAN,
    serial_number VARCHAR, calibration_due DATE NOT NULL, minimum DOUBLE NOT NULL, low DOUBLE NOT NULL,
    high DOUBLE NOT NULL, operator VARCHAR, second VARCHAR, second_required BOOLEAN NOT NULL, lot VARCHAR,
    batch VARCHAR, raw BLOB, requested BIGINT, time BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS quarantine (
    topic VARCHAR NOT NULL, partition INTEGER NOT NULL, "offset" BIGINT NOT NULL, stream VARCHAR NOT NULL,
    number BIGINT, leaf BLOB NOT NULL, problem VARCHAR NOT NULL, entry BLOB NOT NULL, arrived BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS streams (
    name VARCHAR PRIMARY KEY, received BIGINT NOT NULL, verified BIGINT NOT NULL, sealed BIGINT,
    confirmed BIGINT NOT NULL, confirmed_at BIGINT, state BLOB NOT NULL, receipt BLOB
);
CREATE TABLE IF NOT EXISTS senders (name VARCHAR PRIMARY KEY, ring BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS findings (
    code VARCHAR NOT NULL, stream VARCHAR NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, text VARCHAR NOT NULL,
    found BIGINT NOT NULL, leaf BLOB, sealed BLOB
);
CREATE TABLE IF NOT EXISTS positions (
    topic VARCHAR NOT NULL, partition INTEGER NOT NULL, next BIGINT NOT NULL, PRIMARY KEY (topic, partition)
);
"""
"""Times are UTC microseconds, as on the wire. `heard` of a frame is when its agent heard of the source; NULL where it
says that the device does not answer. `sealed` and `confirmed_at` are POSIX seconds. Samples: `samples.py`; what other
systems said: `exported_tables.py`."""

OF_RECORDS = (
    *("alarms", "conditions", "gaps", "weighings", *exported_tables.TABLES, *openings.TABLES, *accesses.TABLES),
    *noticed.TABLES,
)
"""Tables whose rows came of entries, beside those of `samples.py`."""

INSERT_ENTRIES = """
INSERT INTO entries SELECT stream, number, leaf, octets::BLOB, kind, source::VARCHAR,
    CASE WHEN heard >= 0 THEN heard END
FROM columns
"""
PUT_ALARM = f"INSERT INTO alarms VALUES ({', '.join('?' * 37)})"
PUT_CONDITION = f"INSERT INTO conditions VALUES ({', '.join('?' * 20)})"
PUT_GAP = f"INSERT INTO gaps VALUES ({', '.join('?' * 14)})"
PUT_WEIGHING = f"INSERT INTO weighings VALUES ({', '.join('?' * 28)})"
PUT_ASIDE = """
INSERT INTO quarantine SELECT * FROM (VALUES (?, ?, ?, ?, ?::BIGINT, ?::BLOB, ?, ?::BLOB, ?))
    AS new(topic, partition, "offset", stream, number, leaf, problem, entry, arrived)
WHERE NOT EXISTS (SELECT 1 FROM quarantine AS old WHERE old.topic = new.topic AND old.stream = new.stream
    AND old.leaf = new.leaf AND old.number IS NOT DISTINCT FROM new.number)
"""
"""What stands there already under its number is not put aside again, however often it is sent."""
PUT_SENDER = "INSERT OR REPLACE INTO senders VALUES (?, ?)"
PUT_FINDING = "INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
PUT_STREAM = """
INSERT INTO streams VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET received = excluded.received,
    verified = excluded.verified, sealed = excluded.sealed, confirmed = excluded.confirmed,
    confirmed_at = excluded.confirmed_at, state = excluded.state, receipt = coalesce(excluded.receipt, receipt)
"""


def entry_columns(received: Sequence[Received]) -> dict[str, NDArray[Any]]:
    """The contents of numbers, as columns for `INSERT_ENTRIES`."""
    if not received:
        return {}
    records = [one.message.record if one.message else None for one in received]
    frames = [record if isinstance(record, Frame) else None for record in records]
    octets = [one.message.entry if one.message else None for one in received]
    heard = [NEVER if frame is None or frame.lost else frame.received for frame in frames]
    return {
        "stream": _objects([one.stream for one in received]),
        "number": np.array([one.number for one in received], dtype=np.int64),
        "leaf": _objects([one.leaf for one in received]),
        "octets": _objects(octets),
        "kind": _objects(["" if record is None else kind_of(record) for record in records]),
        "source": _objects([None if frame is None else frame.source for frame in frames]),
        "heard": np.array(heard, dtype=np.int64),
    }


NEVER = -1
"""`heard` of what is no frame, or of one that says that the device does not answer."""


def _objects(values: Sequence[object]) -> NDArray[Any]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def alarm_row(message: Message, alarm: Alarm) -> tuple[Any, ...]:
    """One row of `alarms`."""
    return (
        *(alarm.id, alarm.alarm, message.stream, message.number, alarm.condition, alarm.tag, alarm.room, alarm.line),
        *(alarm.event.value, alarm.state.value, alarm.time, alarm.since, alarm.limit, alarm.deadband, alarm.on_delay),
        *(alarm.unit, alarm.value, alarm.extreme, alarm.actor, alarm.comment, alarm.kind.value, alarm.priority.value),
        *(alarm.off_delay, alarm.window, alarm.allowed, alarm.profile, alarm.duration, alarm.room_state, alarm.batch),
        *(alarm.retrospective, alarm.group, alarm.first_out, alarm.head, alarm.until, alarm.held),
        *(None if alarm.meaning is None else alarm.meaning.value, alarm.doubt),
    )


def condition_row(message: Message, one: Condition) -> tuple[Any, ...]:
    """One row of `conditions`."""
    return (
        *(one.id, message.stream, message.number, one.source, one.line, one.report.value, one.condition, one.branch),
        *(one.name, one.origin, one.event_type, one.event, one.time, one.received, one.severity, one.message),
        *(one.active, one.acknowledged, one.retain, one.comment),
    )


def gap_row(message: Message, gap: Gap) -> tuple[Any, ...]:
    """One row of `gaps`."""
    return (
        *(gap.id, gap.gap, message.stream, message.number, gap.source, gap.line, list(gap.tags), gap.began, gap.ended),
        *(gap.cause.value, gap.detail, gap.estimated, gap.lost, gap.backfilled),
    )


def weighing_row(message: Message, one: Weighing) -> tuple[Any, ...]:
    """One row of `weighings`."""
    return (
        *(one.id, message.stream, message.number, one.source, one.tag, one.line, one.method.value, one.accepted),
        *([refusal.value for refusal in one.refusals], one.detail, one.gross, one.tare, one.net, one.unit, one.stable),
        *(one.serial_number, _date(one.calibration_due), one.minimum, one.low, one.high, one.operator, one.second),
        *(one.second_required, one.lot, one.batch, one.raw, one.requested, one.time),
    )


def _date(days: int) -> date:
    """Days since 1970-01-01 as a date; one that no calendar has becomes the nearest that one has."""
    return date.fromordinal(min(max(days + date(1970, 1, 1).toordinal(), 1), date.max.toordinal()))


def stream_row(name: str, standing: Standing, state: bytes, receipt: bytes | None) -> tuple[Any, ...]:
    """One row of `streams`; without a receipt the last one stays."""
    confirmed = (standing.confirmed, standing.confirmed_at)
    return (name, standing.received, standing.verified, standing.sealed, *confirmed, state, receipt)


def finding_row(finding: Finding) -> tuple[Any, ...]:
    """One row of `findings`; `found` becomes UTC microseconds."""
    found = round(finding.found * 1e6)
    numbers = (finding.first, finding.last)
    return (finding.code.value, finding.stream, *numbers, finding.text, found, finding.leaf, finding.sealed)


def quarantine_row(message: Message) -> tuple[Any, ...]:
    """One row of `quarantine`: what could not be read or is not believed, as it came."""
    place, leaf = message.place, leaf_hash(message.entry)
    return (
        *(place.topic, place.partition, message.offset, message.stream, message.number, leaf),
        *(message.problem, message.entry, message.arrived),
    )
