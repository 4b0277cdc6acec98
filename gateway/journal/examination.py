"""Reading a journal's file that may be damaged: what is good of it, stream by stream, and the first fault."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gateway.journal import layout
from gateway.journal.layout import StreamState, sound
from gateway.proof.merkle import leaf_hash

Row = tuple[object, ...]
UNREADABLE = (sqlite3.Error, ValueError, OverflowError, MemoryError, TypeError, AttributeError, IndexError)
"""What reading a damaged row may raise: SQLite's own errors, and those of values that are not what they should be."""


@dataclass(slots=True)
class _Prefix:
    """A stream as far as it is good; `stored` is what the journal says of it, where that is sound."""

    state: StreamState
    stored: StreamState | None
    whole: bool = True
    schemas: set[bytes] = field(default_factory=set)


class Examination:
    """One look at a file, row by row. Never raises for what is damaged."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.fault: str | None = None
        """The first fault found."""
        self.since: int | None = None
        """Time of the last good record before what is missing, UTC microseconds."""
        self._damaged = 0
        self._notes = {str(row[0]): row for row in self._sound("notes")}
        self._streams = self._prefixes()
        self.given = sum(known.stored.size for known in self._streams.values() if known.stored)
        """Entries that the journal says it has given."""

    def rows(self) -> Iterator[Row]:
        """The good entries in the order in which they were taken; then every stream has been looked at."""
        for row in self._all("SELECT * FROM entries NOT INDEXED ORDER BY rowid"):
            good = self._good(row)
            if good is not None:
                yield good
        for known in self._streams.values():
            stored, state = known.stored, known.state
            if stored is None:
                self._say(f"what the journal knew of stream {state.name} is damaged")
                self._missing_behind(state.time)
            elif (state.size, state.tree.root()) != (stored.size, stored.tree.root()):
                known.whole = False
                self._say(f"{state.name} has {stored.size} records; the first {state.size} of them are good")
                self._missing_behind(state.time)

    def alarms(self) -> list[Row]:
        """The good rows of the alarms' last steps."""
        return list(self._sound("alarms"))

    def notes(self) -> list[Row]:
        """The good notes."""
        return list(self._notes.values())

    def states(self) -> list[StreamState]:
        """Each stream as far as it is good. What stands behind its anchor is provisional."""
        return [self._final(known) for known in self._streams.values()]

    def missing(self, told: int) -> int | None:
        """Records that are missing of `told`, or of what the journal knows it gave; None where nobody knows."""
        if not told and any(known.stored is None for known in self._streams.values()):
            return None
        kept = sum(known.state.size for known in self._streams.values())
        return max(told, self.given, kept) - kept + self._damaged

    def _final(self, known: _Prefix) -> StreamState:
        state, stored = known.state, known.stored
        before = state.confirmed.size if "salvaged" in self._notes else state.size
        if stored is None:
            return replace(state, fingerprints=known.schemas, published=state.confirmed.size, anchor=before)
        anchor = state.size if stored.anchor is None else min(stored.anchor, state.size)
        prints = stored.fingerprints if known.whole and state.size == stored.size else known.schemas
        published = min(stored.published, state.size)
        return replace(state, fingerprints=prints, published=published, sealed=stored.sealed, anchor=anchor)

    def _prefixes(self) -> dict[int, _Prefix]:
        stored = {state.id: state for state in map(_stream, self._sound("streams")) if state}
        receipts = {state.id: state for state in map(_receipt, self._sound("receipts")) if state}
        found = {}
        for id_ in {**stored, **receipts}:
            known, receipt = stored.get(id_), receipts.get(id_)
            if receipt is None:
                self._say("what the recipients confirmed is damaged")
            base = receipt or StreamState(id_, known.name if known else "")
            base.time = known.time if known else base.receipt * 1_000_000
            found[id_] = _Prefix(base, known)
        return found

    def _good(self, row: Row) -> Row | None:
        """The row as it is kept; None when it is not."""
        stream, number, kind, key, time, _, _, leaf, _, octets = row
        if not sound(row[:9]):
            self._say("an entry's checksum does not fit")
            return None
        known = self._streams.get(int(str(stream)))
        if known is None or int(str(number)) <= known.state.confirmed.size:
            return None  # what a receipt let go, or a stream that is not known any more
        state = known.state
        if not known.whole or number != state.size + 1:
            known.whole = False
            return None
        if octets is not None and (not isinstance(octets, bytes) or leaf_hash(octets) != leaf):
            self._say(f"the octets of number {number} of {state.name} are damaged")
            if kind == "Schema":
                known.whole = False
                return None
            self._damaged += 1
            self._missing_behind(state.time)
            octets = None
        if kind == "Schema" and isinstance(key, bytes):
            known.schemas.add(key)
        state.size, state.time = state.size + 1, int(str(time))
        state.tree.append(bytes(leaf) if isinstance(leaf, bytes) else b"")
        return (*row[:9], octets)

    def _sound(self, table: str) -> Iterator[Row]:
        for row in self._all(f"SELECT * FROM {table}"):
            if sound(row):
                yield row
            else:
                self._say(f"a row of {table} is damaged")

    def _all(self, sql: str) -> Iterator[Row]:
        """The rows up to the first place that cannot be read."""
        try:
            yield from self._db.execute(sql)
        except UNREADABLE as error:
            self._say(str(error) or type(error).__name__)

    def _say(self, fault: str) -> None:
        self.fault = self.fault or fault

    def _missing_behind(self, time: int) -> None:
        self.since = time if self.since is None else min(self.since, time)


def _stream(row: Row) -> StreamState | None:
    try:
        return layout.stream_of(row)
    except UNREADABLE:
        return None


def _receipt(row: Row) -> StreamState | None:
    try:
        return layout.receipt_of(row)
    except UNREADABLE:
        return None
