"""One record by its stream and number: its octets, what they say, and what is known around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from gateway.archive.evidence import Range, Readable
from gateway.archive.exported_tables import TABLES, table_of
from gateway.archive.queries import FoundBefore
from gateway.link.topics import stream_named
from schemas import records
from schemas.agreements import AgreementInForce
from schemas.catalogue import KINDS, Schema, schema, schema_of
from schemas.codec import DecodeError, Record, UnknownSchemaError, decode

OWN = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
"""This version's schemas, by fingerprint."""
LISTED = 20
"""How many findings and rival contents are named."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is held under a number. `octets` is None where only the leaf hash is left; `kind` is empty where they could
    not be read.
    """

    stream: str
    number: int
    leaf: bytes
    octets: bytes | None
    kind: str


@dataclass(frozen=True, slots=True)
class Rival:
    """Another content that came under the number; `arrived` is UTC microseconds."""

    problem: str
    octets: int
    arrived: int


@dataclass(frozen=True, slots=True)
class Version:
    """Another version of a record, and where it stands."""

    stream: str
    number: int
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class InForce:
    """The version of an agreement that held, and the record that says so."""

    agreement: str
    version: int
    stream: str
    number: int


def entry_at(archive: Readable, stream: str, number: int) -> Entry | None:
    """What is held there; None where nothing came under that number."""
    sql = "SELECT leaf, octets, kind FROM entries WHERE stream = ? AND number = ?"
    for leaf, octets, kind in archive.rows(sql, [stream, number]):
        return Entry(stream, number, bytes(leaf), None if octets is None else bytes(octets), kind)
    return None


def last_number(archive: Readable, stream: str) -> int | None:
    """The highest number that came; None where there is no such stream."""
    known = archive.rows("SELECT received FROM streams WHERE name = ?", [stream])
    at_least = known[0][0] if known else 0  # spares a look at all numbers
    ((last,),) = archive.rows("SELECT max(number) FROM entries WHERE stream = ? AND number > ?", [stream, at_least])
    return int(last or at_least) or None


def read(archive: Readable, stream: str, octets: bytes) -> Record:
    """What an entry says, by the schemas of this version or else of its own stream. Raises DecodeError."""
    try:
        return decode(octets, OWN)
    except UnknownSchemaError:
        return decode(octets, told_schemas(archive, stream))


def told_schemas(archive: Readable, stream: str) -> dict[bytes, Schema]:
    """The schemas that stand in the stream, by fingerprint, beside this version's."""
    sql = "SELECT octets FROM entries WHERE stream = ? AND kind = 'Schema' AND octets IS NOT NULL"
    found = dict[bytes, Schema]()
    for (octets,) in archive.rows(sql, [stream]):
        try:
            one = decode(bytes(octets), OWN)
            if isinstance(one, records.Schema):
                found[one.fingerprint] = schema_of(one.text)
        except (DecodeError, ValueError):  # was said when it came
            continue
    return found | OWN


def findings_at(archive: Readable, stream: str, number: int) -> list[FoundBefore]:
    """What the verifiers found about the number, the newest first."""
    return findings_on(archive, stream, (number, number), LISTED)


def findings_on(archive: Readable, stream: str, numbers: Range, count: int) -> list[FoundBefore]:
    """What they found about any of these numbers, the newest first."""
    sql = """SELECT code, stream, first, last, text, found FROM findings
        WHERE stream = ? AND first <= ? AND last >= ? ORDER BY found DESC, first LIMIT ?"""
    first, last = numbers
    return [FoundBefore(*row) for row in archive.rows(sql, [stream, last, first, count])]


def rivals_at(archive: Readable, stream: str, number: int) -> list[Rival]:
    """Contents under the number that are not believed."""
    sql = """SELECT problem, octet_length(entry), arrived FROM quarantine WHERE stream = ? AND number = ?
        ORDER BY arrived LIMIT ?"""
    return [Rival(*row) for row in archive.rows(sql, [stream, number, LISTED])]


def other_versions(
    archive: Readable, kind: str, id_: UUID, replaces: UUID | None
) -> tuple[list[Version], list[Version]]:
    """Where the record stands that this one corrects, and those that correct it; of what other systems said."""
    table = next((table for table, known in TABLES.items() if known.__name__ == kind), None)
    if table is None:
        return [], []
    sql = f"SELECT stream, number, id, version FROM {table} WHERE {{where}} ORDER BY stream, number LIMIT ?"
    before = archive.rows(sql.format(where="id = ?"), [replaces, LISTED]) if replaces else []
    after = archive.rows(sql.format(where="replaces = ?"), [id_, LISTED])
    return [Version(*row) for row in before], [Version(*row) for row in after]


def agreements_at(archive: Readable, stream: str, moment: int) -> Sequence[InForce]:
    """The versions of agreements that held at the moment (UTC microseconds), as the stream's sender said it."""
    named = stream_named(stream)
    if named is None:
        return ()
    sql = f"""SELECT agreement, agreement_version, stream, number FROM (
            SELECT * FROM {table_of(AgreementInForce)}
            WHERE "time" <= ? AND starts_with(stream, ?)
            QUALIFY row_number() OVER (PARTITION BY agreement ORDER BY "time" DESC, number DESC) = 1)
        WHERE NOT ended ORDER BY agreement"""
    begin = f"{named.origin}.{named.sender}.{named.recipient}."
    return [InForce(*row) for row in archive.rows(sql, [moment, begin])]
