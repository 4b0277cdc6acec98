"""What other systems said, as the archive has it: what is in force now, and every version before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gateway.archive.evidence import Readable
from gateway.archive.exported_tables import quoted, table_of
from gateway.archive.in_force import LATEST, OLDEST_FIRST, ONCE
from schemas.derived import record_of, shapes
from schemas.exported import Exported


@dataclass(frozen=True, slots=True)
class Kept:
    """A record and where it stands: `number` of `stream`."""

    record: Exported
    stream: str
    number: int


def current(archive: Readable, kind: type[Exported], *, limit: int = 100_000, **wanted: object) -> list[Kept]:
    """Of each key the version in force, in order of time; only those whose fields have the wanted values.

    `current(archive, TestResult, batch="240611A")` leaves out what a correction took away from the batch.
    """
    where, values = _where(kind, wanted)
    ever = f"(system, key) IN (SELECT (system, key) FROM {table_of(kind)} WHERE {where})"
    sql = f"""SELECT * FROM ({_select(kind)} WHERE {ever} QUALIFY {LATEST}) WHERE {where}
        ORDER BY "time" NULLS LAST, system, key LIMIT ?"""
    return _kept(kind, archive.rows(sql, [*values, *values, limit]))


def versions(archive: Readable, kind: type[Exported], system: str, key: str) -> list[Kept]:
    """All versions of a key, the oldest first."""
    sql = f"{_select(kind)} WHERE system = ? AND key = ? QUALIFY {ONCE} ORDER BY {OLDEST_FIRST}"
    return _kept(kind, archive.rows(sql, [system, key]))


def versions_of(archive: Readable, kind: type[Exported], keys: Sequence[tuple[str, str]]) -> list[Kept]:
    """All versions of these keys (system, key), of each the oldest first."""
    systems, names = [system for system, _ in keys], [key for _, key in keys]
    where = "(system, key) IN (SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[])))"
    sql = f"{_select(kind)} WHERE {where} QUALIFY {ONCE} ORDER BY {OLDEST_FIRST}"
    return _kept(kind, archive.rows(sql, [systems, names]))


def at_numbers(archive: Readable, kind: type[Exported], places: Sequence[tuple[str, int]]) -> list[Kept]:
    """The records under these numbers of these streams."""
    streams, numbers = [stream for stream, _ in places], [number for _, number in places]
    where = "(stream, number) IN (SELECT (unnest(?::VARCHAR[]), unnest(?::BIGINT[])))"
    return _kept(kind, archive.rows(f"{_select(kind)} WHERE {where} ORDER BY stream, number", [streams, numbers]))


def ever(
    archive: Readable, kind: type[Exported], *, span: tuple[str, int, int] | None = None, **wanted: Sequence[str]
) -> list[Kept]:
    """Every version of each key that at some version had one of the wanted values in each of these fields.

    Also those of later versions that have other values: only with them can it be told what is in force. A `span` wants
    a number in that field besides: from the first to the last, both included.
    """
    where, values = _where(kind, dict(wanted), "IN (SELECT unnest(?::VARCHAR[]))")
    if span is not None:
        where += f' AND "{span[0]}" BETWEEN ? AND ?'
        values += span[1:]
    keys = f"SELECT system, key FROM {table_of(kind)} WHERE {where}"
    sql = f"{_select(kind)} WHERE (system, key) IN ({keys}) ORDER BY stream, number"
    return _kept(kind, archive.rows(sql, values)) if all(wanted.values()) else []


def _select(kind: type[Exported]) -> str:
    return f"SELECT stream, number, {', '.join(map(quoted, shapes(kind)))} FROM {table_of(kind)}"


def _where(kind: type[Exported], wanted: dict[str, object], test: str = "= ?") -> tuple[str, list[object]]:
    """Raises TypeError for a field that the kind has not."""
    if unknown := wanted.keys() - {one.name for one in shapes(kind)}:
        raise TypeError(f"a {kind.__name__} has no field {', '.join(sorted(unknown))}")
    return " AND ".join(["true", *(f'"{name}" {test}' for name in wanted)]), list(wanted.values())


def _kept(kind: type[Exported], rows: Sequence[tuple[Any, ...]]) -> list[Kept]:
    names = [one.name for one in shapes(kind)]
    return [Kept(record_of(kind, dict(zip(names, map(_text_of, values), strict=True))), stream, number)
            for stream, number, *values in rows]  # fmt: skip


def _text_of(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
