"""Received messages into the archive's tables, inside a transaction."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import duckdb

from gateway.archive import tables
from gateway.archive.accesses import store_accesses
from gateway.archive.exported_tables import store_exported
from gateway.archive.heard import store_heard
from gateway.archive.judged import store_unjudged
from gateway.archive.noticed import store_steps
from gateway.archive.openings import store_openings
from gateway.archive.samples import Numbers, store_frames
from gateway.intake.inspection import Received
from gateway.intake.message import Message
from schemas.records import Alarm, Condition, Gap, Weighing


def store_received(connection: duckdb.DuckDBPyConnection, received: Sequence[Received]) -> None:
    """The contents of numbers, with their octets."""
    columns = tables.entry_columns(received)  # found by DuckDB under this name
    if columns:
        connection.execute(tables.INSERT_ENTRIES)
        store_heard(connection, columns)


def store_messages(connection: duckdb.DuckDBPyConnection, messages: Sequence[Message], numbers: Numbers) -> None:
    """What the messages say, and those that say nothing into quarantine."""
    store_frames(connection, messages, numbers)
    store_exported(connection, messages)
    store_openings(connection, messages)
    store_accesses(connection, messages)
    store_steps(connection, messages)
    store_unjudged(connection, messages)
    rows = defaultdict[str, list[tuple[Any, ...]]](list)
    for message in messages:
        match message.record:
            case Alarm() as alarm:
                rows[tables.PUT_ALARM].append(tables.alarm_row(message, alarm))
            case Condition() as condition:
                rows[tables.PUT_CONDITION].append(tables.condition_row(message, condition))
            case Gap() as gap:
                rows[tables.PUT_GAP].append(tables.gap_row(message, gap))
            case Weighing() as weighing:
                rows[tables.PUT_WEIGHING].append(tables.weighing_row(message, weighing))
            case None:
                rows[tables.PUT_ASIDE].append(tables.quarantine_row(message))
    for sql, values in rows.items():
        connection.executemany(sql, values)
