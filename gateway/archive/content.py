"""What an archive holds, as a digest of each table: two archives of the same topics have the same.

Left out is what is of the node and not of the topics: when something came, numbers that only the file has, receipts,
which of several seals of one size proved it, findings and what the review said of the records, which hang on when it
was looked. Entries are told by SHA-256 over their numbers and leaf hashes in order; rows that came of them by the sum
of a 64-bit hash of each, in any order.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from gateway.archive.archive import ArchiveError
from gateway.archive.queries import Queries
from gateway.archive.tables import LAYOUT, OF_RECORDS

_CHUNK = 1 << 16
"""Numbers of a stream that are hashed at once."""
_ENTRIES = f"""
WITH chunks AS (
    SELECT stream, number // {_CHUNK} AS chunk, count(*) AS rows, sha256(string_agg(
        concat_ws('|', number, hex(leaf), octets IS NULL, kind, coalesce(source, ''), coalesce(heard, -1)), ','
        ORDER BY number, leaf)) AS digest
    FROM entries GROUP BY stream, chunk)
SELECT coalesce(sum(rows), 0)::BIGINT, coalesce(sha256(string_agg(stream || digest, ',' ORDER BY stream, chunk)), '')
FROM chunks
"""
_HASHED = "SELECT count(*), coalesce(sum(hash(one)), 0)::VARCHAR FROM ({rows}) AS one"
_SEALS = "SELECT stream, size, root FROM seals"
_STANDINGS = "SELECT name, received, verified, sealed FROM streams"


@dataclass(frozen=True, slots=True)
class Digest:
    """How many rows a table has, and a text that is the same where they are."""

    rows: int
    text: str


@contextmanager
def opened(file: Path) -> Iterator[Queries]:
    """The archive in a file that no node has open; nothing is changed. Raises ArchiveError."""
    try:
        archive = Queries(duckdb.connect(str(file), read_only=True))
    except duckdb.Error as error:
        raise ArchiveError(f"archive {file} cannot be opened: {str(error).splitlines()[0]}") from error
    with closing(archive):
        if not archive.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [LAYOUT]):
            raise ArchiveError(f"archive {file} was made by another version")
        yield archive


def digests(archive: Queries) -> Iterator[tuple[str, Digest]]:
    """Of each table in turn, by its name."""
    yield "entries", Digest(*archive.rows(_ENTRIES)[0])
    told = (("streams", _STANDINGS), ("seals", _SEALS))
    for name, rows in (*told, *((table, f"FROM {table}") for table in ("samples", *OF_RECORDS))):
        yield name, Digest(*archive.rows(_HASHED.format(rows=rows))[0])


def only_in(first: Path, second: Path) -> int:
    """How many entries the first archive has that the second has not. Raises ArchiveError."""
    with opened(first) as archive, archive.attached(second) as other:
        sql = f"SELECT count(*) FROM entries ANTI JOIN {other}.entries USING (stream, number, leaf)"
        return int(archive.rows(sql)[0][0])
