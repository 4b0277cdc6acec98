"""Putting right what the archive took for genuine, inside the transaction that stores the proof.

The refuted entry goes to quarantine, and what came of it leaves the tables. The genuine one takes its place with all
that comes of it, if its octets are here: they wait in quarantine since they came as a rival, or were sent again.
"""

from collections.abc import Iterable
from contextlib import suppress

import duckdb

from gateway.archive import tables
from gateway.archive.heard import hear_again, resting_on
from gateway.archive.samples import Numbers, delete_frame
from gateway.archive.storing import store_messages, store_received
from gateway.intake.inspection import Correction, Received
from gateway.intake.message import Message, Place
from schemas import records
from schemas.catalogue import KINDS, Schema, schema, schema_of
from schemas.codec import DecodeError, decode
from schemas.withheld_fields import commitments_in, shown

NOWHERE = Place("", 0)
"""Where an entry stood is not kept; what leaves quarantine has no place in a topic any more."""


def correct(connection: duckdb.DuckDBPyConnection, correction: Correction, numbers: Numbers, now: float) -> None:
    """What stands under the number is from now on (UTC seconds) the content that the correction names."""
    number = [correction.stream, correction.number]
    connection.execute(
        """INSERT INTO quarantine SELECT '', 0, 0, stream, number, leaf, ?, octets, ?
        FROM entries WHERE stream = ? AND number = ? AND octets IS NOT NULL""",
        [correction.reason, round(now * 1e6), *number],
    )
    resting = resting_on(connection, number)
    for table in ("entries", *tables.OF_RECORDS, "unjudged"):
        connection.execute(f"DELETE FROM {table} WHERE stream = ? AND number = ?", number)
    hear_again(connection, resting)
    delete_frame(connection, correction.stream, correction.number)
    if correction.leaf is not None:
        _put(connection, correction, correction.leaf, numbers)


def _put(connection: duckdb.DuckDBPyConnection, correction: Correction, leaf: bytes, numbers: Numbers) -> None:
    where = "FROM quarantine WHERE stream = ? AND leaf = ?"
    found = connection.execute(f"SELECT entry, arrived {where}", [correction.stream, leaf]).fetchall()
    message = _message(connection, correction, *found[0]) if found else None
    connection.execute(f"DELETE {where}", [correction.stream, leaf])
    store_received(connection, [Received(correction.stream, correction.number, leaf, message)])
    store_messages(connection, [message] if message else [], numbers)


def _message(connection: duckdb.DuckDBPyConnection, correction: Correction, entry: bytes, arrived: int) -> Message:
    try:
        record, problem = decode(entry, _published(schemas_in(connection))), None
    except DecodeError as error:
        record, problem = None, str(error)
    said, held = (record, {}) if record is None else (shown(record), commitments_in(record))
    place = (NOWHERE, 0, correction.stream, correction.number)
    return Message(*place, entry, said, problem, appended=arrived, arrived=arrived, withheld=held)


def schemas_in(connection: duckdb.DuckDBPyConnection) -> list[records.Schema]:
    """The schemas that stand in the streams."""
    own = {schema("Schema").fingerprint: schema("Schema")}
    rows = connection.execute("SELECT octets FROM entries WHERE kind = 'Schema' AND octets IS NOT NULL").fetchall()
    found = [decode(octets, own) for (octets,) in rows]
    return [record for record in found if isinstance(record, records.Schema)]


def _published(found: Iterable[records.Schema]) -> dict[bytes, Schema]:
    """Schemas by fingerprint; those of this version go before what is said of them."""
    published = {}
    for one in found:
        with suppress(ValueError):  # said when it was received
            published[one.fingerprint] = schema_of(one.text)
    return published | {schema(kind).fingerprint: schema(kind) for kind in KINDS}
