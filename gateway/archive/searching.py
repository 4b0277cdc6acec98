"""What has a name or a number that is searched for. Calls block.

Only tables of records are asked, never readings, and of entries only numbers and, but for frames, leaf hashes. Texts
are compared without case and width; nothing in what is searched for is a pattern. Names are grouped before they are
compared, so that each is compared once however many records have it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gateway.archive.evidence import Readable
from gateway.archive.exported_tables import TABLES, table_of
from gateway.archive.in_force import LATEST
from schemas.derived import shapes
from schemas.exported import KINDS

_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\N{IDEOGRAPHIC SPACE}"
_NARROW = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)).replace("'", "''") + " "
"""The same letters, as an SQL text has them."""
PERSONS = ("by", "second", "person", "checked_by", "analyst", "approver", "signer")
"""Fields of exported records that name a person."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched for: every one of the `words` has to be in a text; `whole` decides what comes first.

    All are folded as `folded` does. `batches` narrows what records tell to these batches; None narrows nothing.
    """

    whole: str
    words: tuple[str, ...]
    count: int
    batches: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Something of that name. `about` says more of it, `count` in how many records it is, `time` of the newest.

    `batch` is the one that the newest of them names. `time` is UTC microseconds.
    """

    name: str
    about: str
    count: int = 1
    time: int | None = None
    batch: str | None = None
    stream: str = ""
    number: int = 0
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record by its number, its id or its leaf hash."""

    stream: str
    number: int
    kind: str


def _folded(column: str) -> str:
    return f"lower(translate({column}, '{_WIDE}', '{_NARROW}'))"


def _words(what: str, sought: Sought) -> str:
    """The condition that all words are in these columns together; its values are the words."""
    text = _folded(f"concat_ws(' ', {what})")
    return " AND ".join(f"contains({text}, ?)" for _ in sought.words)


def _matched(source: str, sought: Sought, what: str = "name, about") -> tuple[str, list[Any]]:
    """Rows of `source` (name, about, …) in which all words are; the same first, then what begins so, then the newest.

    In `source` a name stands once for each of `about`.
    """
    name = _folded("name")
    sql = f"""SELECT * FROM ({source}) WHERE {_words(what, sought)}
        ORDER BY {name} <> ?, NOT starts_with({name}, ?), time DESC NULLS LAST, name LIMIT ?"""
    return sql, [*sought.words, sought.whole, sought.whole, sought.count]


def _ask(archive: Readable, source: str, sought: Sought, values: Sequence[Any] = ()) -> list[Found]:
    sql, rest = _matched(source, sought)
    return [Found(*row) for row in archive.rows(sql, [*values, *rest])]


def _scope(sought: Sought) -> tuple[str, list[Any]]:
    """A condition on `batch`, and its value."""
    if sought.batches is None:
        return "TRUE", []
    return "list_contains(?::VARCHAR[], batch)", [sorted(sought.batches)]


def _union(parts: Iterator[str]) -> str:
    return " UNION ALL ".join(parts)


_BATCHES = _union(f"SELECT batch, product, time FROM {table_of(kind)}" for kind in KINDS.values())


def batches(archive: Readable, sought: Sought) -> list[Found]:
    """By number or product."""
    where, values = _scope(sought)
    source = f"""SELECT batch AS name, coalesce(string_agg(DISTINCT product, ', '), '') AS about, count(*) AS count,
            max(time) AS time, batch
        FROM ({_BATCHES} UNION ALL SELECT batch, NULL, time FROM weighings UNION ALL
            SELECT batch, product, began FROM assigned WHERE NOT withdrawn)
        WHERE batch IS NOT NULL AND {where} GROUP BY batch"""
    return _ask(archive, source, sought, values)


def lots(archive: Readable, sought: Sought) -> list[Found]:
    """By number, material, its name in words, supplier or the supplier's lot."""
    where, values = _scope(sought)
    about = "concat_ws(' ', string_agg(DISTINCT material, ', '), string_agg(DISTINCT words, ' '))"
    source = f"""SELECT lot AS name, {about} AS about, count(*) AS count, max(time) AS time,
            arg_max(batch, time) AS batch
        FROM (SELECT lot, material, concat_ws(' ', name, supplier, supplier_lot) AS words, time, batch
                FROM material_movement
            UNION ALL SELECT lot, material, NULL, time, batch FROM label_reconciliation
            UNION ALL SELECT lot, material, NULL, time, batch FROM test_result
            UNION ALL SELECT lot, NULL, NULL, time, batch FROM weighings)
        WHERE lot IS NOT NULL AND {where} GROUP BY lot"""
    return _ask(archive, source, sought, values)


def _person_columns() -> Iterator[str]:
    for table, kind in TABLES.items():
        names = {one.name for one in shapes(kind)} & set(PERSONS)
        if kind.__name__ in KINDS:
            yield from (f'SELECT "{name}" AS name, batch, time FROM {table}' for name in sorted(names))


_PERSONS = _union(_person_columns())


def persons(archive: Readable, sought: Sought) -> list[Found]:
    """Whom records of batches name."""
    where, values = _scope(sought)
    source = f"""SELECT name, '' AS about, count(*) AS count, max(time) AS time, arg_max(batch, time) AS batch
        FROM ({_PERSONS}) WHERE name IS NOT NULL AND {where} GROUP BY name"""
    return _ask(archive, source, sought, values)


def weighers(archive: Readable, sought: Sought) -> list[Found]:
    """Who weighed or watched."""
    source = """SELECT name, '' AS about, count(*) AS count, max(time) AS time, arg_max(batch, time) AS batch FROM (
            SELECT operator AS name, time, batch FROM weighings UNION ALL SELECT second, time, batch FROM weighings)
        WHERE name IS NOT NULL GROUP BY name"""
    return _ask(archive, source, sought)


def answerers(archive: Readable, sought: Sought) -> list[Found]:
    """Who acknowledged, shelved or took out of service."""
    source = """SELECT actor AS name, '' AS about, count(*) AS count, max(time) AS time, NULL AS batch FROM alarms
        WHERE actor IS NOT NULL GROUP BY actor"""
    return _ask(archive, source, sought)


def lookers(archive: Readable, sought: Sought) -> list[Found]:
    """Who of the other side looked."""
    source = """SELECT name, coalesce(account, '') AS about, count(*) AS count, max(time) AS time, NULL AS batch
        FROM accesses WHERE name IS NOT NULL GROUP BY name, account"""
    return _ask(archive, source, sought)


def equipment(archive: Readable, sought: Sought) -> list[Found]:
    """What records of batches name as equipment, by the rooms it was in."""
    where, values = _scope(sought)
    source = f"""SELECT name, coalesce(string_agg(DISTINCT room, ', '), '') AS about, count(*) AS count,
            max(time) AS time, arg_max(batch, time) AS batch
        FROM (SELECT equipment AS name, room, time, batch FROM batch_step
            UNION ALL SELECT equipment, room, time, batch FROM equipment_use
            UNION ALL SELECT equipment, NULL, time, batch FROM test_result)
        WHERE name IS NOT NULL AND {where} GROUP BY name"""
    return _ask(archive, source, sought, values)


def balances(archive: Readable, sought: Sought) -> list[Found]:
    """By their source or their serial number."""
    source = """SELECT source AS name, coalesce(string_agg(DISTINCT serial_number, ', '), '') AS about,
        count(*) AS count, max(time) AS time, NULL AS batch FROM weighings GROUP BY source"""
    return _ask(archive, source, sought)


def tags(archive: Readable, sought: Sought, named: Collection[str]) -> list[Found]:
    """Tags by name, source and room, and those that people call so; sources are part of what is told of them."""
    words = _words("tag, source, room", sought)
    sql = f"""SELECT tag, concat_ws(' ', string_agg(DISTINCT source, ', '), string_agg(DISTINCT room, ', ')), 1
        FROM tags WHERE ({words}) OR list_contains(?::VARCHAR[], tag) GROUP BY tag
        ORDER BY {_folded("tag")} <> ?, NOT starts_with({_folded("tag")}, ?), tag LIMIT ?"""
    values = [*sought.words, sorted(named), sought.whole, sought.whole, sought.count]
    return [Found(*row) for row in archive.rows(sql, values)]


_PAPERS = (
    ("document", "document", "concat_ws(' ', title, 'v' || document_version)"),
    ("quality_event", "reference", "concat_ws(' ', title, status)"),
)
"""Table, what names it, and what more is told of it."""


def documents(archive: Readable, sought: Sought) -> list[Found]:
    """Documents and quality events in force, by number, title and batch.

    Only keys of which any version has the words are looked at for the version in force: far fewer.
    """
    where, values = _scope(sought)
    parts, given = [], []
    for table, name, about in _PAPERS:
        words = _words(f"{name}, {about}, batch", sought)
        parts.append(f"""SELECT {name} AS name, {about} AS about, 1 AS count, time, batch, stream, number
            FROM (SELECT * FROM {table} WHERE (system, key) IN (SELECT (system, key) FROM {table} WHERE {words})
                QUALIFY {LATEST}) WHERE {where}""")
        given += [*sought.words, *values]
    sql, rest = _matched(_union(iter(parts)), sought, "name, about, batch")
    return [Found(*row) for row in archive.rows(sql, [*given, *rest])]


def alarms(archive: Readable, sought: Sought, named: Collection[str]) -> list[Found]:
    """By condition, tag, room, batch, person or comment of any step, or by what people call the tag."""
    text = _folded("string_agg(concat_ws(' ', condition, tag, room, batch, actor, comment), ' ')")
    words = " AND ".join(f"contains({text}, ?)" for _ in sought.words)
    sql = f"""SELECT any_value(tag), any_value(condition), count(*), min(since), any_value(batch),
            '', 0, alarm
        FROM alarms GROUP BY alarm HAVING ({words}) OR list_contains(?::VARCHAR[], any_value(tag))
        ORDER BY min(since) DESC LIMIT ?"""
    return [Found(*row) for row in archive.rows(sql, [*sought.words, sorted(named), sought.count])]


def numbered(archive: Readable, number: int, stream: str, count: int) -> list[FoundRecord]:
    """The records under a number, in the streams whose name has `stream` (folded) in it."""
    sql = f"""SELECT stream, number, kind FROM entries WHERE number = ? AND contains({_folded("stream")}, ?)
        ORDER BY stream LIMIT ?"""
    return [FoundRecord(*row) for row in archive.rows(sql, [number, stream, count])]


_WITH_ID = ("alarms", "conditions", "gaps", "weighings", *TABLES)
_IDS = _union(f"SELECT stream, number FROM {table} WHERE id = ?" for table in _WITH_ID)


def identified(archive: Readable, id_: UUID, count: int) -> list[FoundRecord]:
    """The records with this id; of a frame too, which stands in a table of its own."""
    sql = f"""SELECT DISTINCT stream, number, kind FROM ({_IDS} UNION ALL
            SELECT stream, number FROM frames WHERE record = ?) JOIN entries USING (stream, number)
        ORDER BY stream, number LIMIT ?"""
    return [FoundRecord(*row) for row in archive.rows(sql, [*([id_] * (len(_WITH_ID) + 1)), count])]


def alarm_with(archive: Readable, id_: UUID) -> bool:
    """Whether there is such an alarm."""
    return bool(archive.rows("SELECT 1 FROM alarms WHERE alarm = ? LIMIT 1", [id_]))


def hashed(archive: Readable, prefix: str, count: int) -> list[FoundRecord]:
    """Records whose leaf hash begins with these hexadecimal digits; not frames, which are too many to be looked at."""
    low = bytes.fromhex(prefix.ljust(64, "0"))
    high = bytes.fromhex(prefix.ljust(64, "f"))
    sql = """SELECT stream, number, kind FROM entries WHERE kind <> 'Frame' AND leaf BETWEEN ?::BLOB AND ?::BLOB
        ORDER BY stream, number LIMIT ?"""
    return [FoundRecord(*row) for row in archive.rows(sql, [low, high, count])]
