"""Tables of what other systems said, one for each kind and made from its dataclass, and records as their rows.

Nothing is overwritten: each version of a key is a row.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import duckdb
import numpy as np

from gateway.intake.message import Message
from schemas import context
from schemas.derived import Shape, shapes, values_of
from schemas.exported import KINDS, Exported

_TYPES = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", UUID: "UUID"}


def table_of(kind: type[Exported]) -> str:
    """Its table: `test_result` of `TestResult`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


TABLES = {table_of(kind): kind for kind in (KINDS | context.KINDS).values()}


def _columns() -> Iterator[str]:
    for table, kind in TABLES.items():
        columns = ", ".join(f"{quoted(one)} {_type(one)}{' NOT NULL' * (not one.optional)}" for one in shapes(kind))
        yield f"CREATE TABLE IF NOT EXISTS {table} (stream VARCHAR NOT NULL, number BIGINT NOT NULL, {columns});"


def quoted(one: Shape) -> str:
    """The field's column."""
    return f'"{one.name}"'


def _type(one: Shape) -> str:
    bare = "VARCHAR" if issubclass(one.type, StrEnum) else _TYPES[one.type]
    return f"{bare}[]" if one.many else bare


SCHEMA = "\n".join(_columns())


def store_exported(connection: duckdb.DuckDBPyConnection, messages: Sequence[Message]) -> None:
    """The records of these messages, kind by kind in columns."""
    found: dict[type[Exported], list[tuple[str, int | None, dict[str, Any]]]] = {}
    for message in messages:
        if isinstance(record := message.record, Exported):
            found.setdefault(type(record), []).append((message.stream, message.number, values_of(record)))
    for kind, rows in found.items():
        columns = {  # found by DuckDB under this name  # noqa: F841
            "at_stream": _objects([stream for stream, _, _ in rows]),
            "at_number": np.array([number for _, number, _ in rows], dtype=np.int64),
            **{one.name: _objects([values[one.name] for _, _, values in rows]) for one in shapes(kind)},
        }
        connection.execute(_insert(kind))


def _insert(kind: type[Exported]) -> str:
    given = ", ".join(f"{quoted(one)}::{_type(one)}" for one in shapes(kind))
    return f"INSERT INTO {table_of(kind)} SELECT at_stream, at_number, {given} FROM columns"


def _objects(values: Sequence[object]) -> Any:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
