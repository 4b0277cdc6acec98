"""Roots of the complete subtrees of each stream, kept so that a proof among tens of millions of leaves takes few rows.

Only those of numbers that a seal proves are kept: what stands under these changes no more.
"""

from collections.abc import Sequence

import duckdb
import numpy as np

from gateway.archive.evidence import Readable
from gateway.proof.merkle import HASH, STRIDE, Subtree, complete_root

SCHEMA = """
CREATE TABLE IF NOT EXISTS subtrees (
    stream VARCHAR NOT NULL, level INTEGER NOT NULL, place BIGINT NOT NULL, hash BLOB NOT NULL
);
"""
WIDTH = 1 << STRIDE
"""Subtrees of one kept level in one of the next."""
WAITING = 16 * WIDTH
"""Proven leaves that may wait before roots are made of them: making them costs a search."""
PIECE = 256 * WIDTH
"""Leaves that are read at once."""
_LEAVES = "SELECT leaf FROM entries WHERE stream = ? AND number > ? AND number <= ? ORDER BY number"
_ROOTS = "SELECT place, hash FROM subtrees WHERE stream = ? AND level = ? AND place >= ? AND place < ? ORDER BY place"
_PUT = "INSERT INTO subtrees SELECT ?, ?, place, hash FROM columns"


class Roots:
    """Makes them as streams grow. What it counts is right for as long as the transactions it was used in hold."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        rows = connection.execute("SELECT stream, level, count(*) FROM subtrees GROUP BY stream, level").fetchall()
        self._kept = {(stream, level): count for stream, level, count in rows}

    def grow(self, connection: duckdb.DuckDBPyConnection, stream: str, proven: int) -> None:
        """Make what is whole of the stream's first `proven` numbers, inside a transaction."""
        done = self._kept.get((stream, STRIDE), 0) * WIDTH
        whole = proven // WIDTH * WIDTH
        if whole - done < WAITING:
            return
        for first in range(done, whole, PIECE):
            last = min(first + PIECE, whole)
            leaves = connection.execute(_LEAVES, [stream, first, last]).fetchall()
            self._put(connection, stream, STRIDE, [bytes(leaf) for (leaf,) in leaves])
        level = STRIDE
        while (ready := self._kept.get((stream, level), 0) // WIDTH) > (
            done := self._kept.get((stream, level + STRIDE), 0)
        ):
            below = connection.execute(_ROOTS, [stream, level, done * WIDTH, ready * WIDTH]).fetchall()
            level += STRIDE
            self._put(connection, stream, level, [bytes(root) for _, root in below])

    def _put(self, connection: duckdb.DuckDBPyConnection, stream: str, level: int, below: Sequence[bytes]) -> None:
        """The roots of the level over these hashes of the kept level below it."""
        first = self._kept.get((stream, level), 0)
        roots = [complete_root(b"".join(below[at : at + WIDTH])) for at in range(0, len(below), WIDTH)]
        columns = {  # found by DuckDB under this name  # noqa: F841
            "place": np.arange(first, first + len(roots)),
            "hash": np.array(roots, dtype=object),
        }
        connection.execute(_PUT, [stream, level])
        self._kept[stream, level] = first + len(roots)


def subtrees_of(archive: Readable, stream: str) -> Subtree:
    """The hash of any complete subtree of numbers that are here; LookupError where a leaf is missing."""

    def hashes(level: int, first: int, count: int) -> bytes:
        """So many hashes of a kept level, one after the other."""
        if level == 0:
            leaves = b"".join(leaf for (leaf,) in archive.rows(_LEAVES, [stream, first, first + count]))
            if len(leaves) != count * HASH:
                raise LookupError(f"{stream}: not all numbers from {first + 1} to {first + count} are here")
            return leaves
        kept = dict(archive.rows(_ROOTS, [stream, level, first, first + count]))
        return b"".join(
            kept[at] if at in kept else complete_root(hashes(level - STRIDE, at * WIDTH, WIDTH))
            for at in range(first, first + count)
        )

    def subtree(level: int, index: int) -> bytes:
        base = level // STRIDE * STRIDE
        return complete_root(hashes(base, index << (level - base), 1 << (level - base)))

    return subtree
