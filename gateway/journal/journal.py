"""The journal: what the agent has said, on disk, before anybody is told.

SQLite in WAL mode with `synchronous=FULL`: a commit is on the disk when it returns. One transaction takes a batch of
records into their streams: each gets the stream's next number and a leaf in its Merkle tree, the schema it needs goes
before its first use, and the publish cursor moves along. Numbers run from 1 without holes and are never given twice.

An entry goes when its recipient has confirmed it by a receipt, and not before: that Kafka has it is not enough. The
journal is bounded by size and by age (`room.py`); when it is full the oldest measurements lose their octets, while
number and leaf hash stay, so that the stream can still be proven. Alarms, gaps and schemas always stay.

A journal that was damaged is saved when it is opened (`salvage.py`). Until its streams were compared with their topics
the numbers given since are provisional: entries that the topic has and the journal lost go before them (`adopt`).

All calls block for the disk. `append` comes from one thread at a time, everything else from any; what is read is what
was committed before.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any

from gateway.journal import layout, renumbering, reserve, salvage
from gateway.journal.entries import (
    EXPORTED,
    MEASUREMENT,
    OVERHEAD,
    Draft,
    Head,
    JournalError,
    NotOursError,
    Numbered,
    schemas_for,
)
from gateway.journal.layout import StreamState, transaction
from gateway.journal.reserve import Reserve, disk_full
from gateway.journal.room import Room, steady_clock, used
from gateway.journal.salvage import Damage
from gateway.journal.witness import Witness
from gateway.proof.merkle import Tree, leaf_hash
from schemas import records
from schemas.catalogue import KINDS, schema
from schemas.codec import HEAD, decode, encode
from schemas.records import Alarm

__all__ = ["MEASUREMENT", "OVERHEAD", "Draft", "Head", "Journal", "JournalError", "NotOursError", "Numbered"]
_MARK = "mark "
"""Before the name of a source, in the name of a note."""
_REMEMBERED = "with "
"""Before the name of what came with a record, in the name of a note."""


class Journal:
    """All streams of one agent."""

    def __init__(
        self,
        file: Path,
        *,
        limit: int,
        days: float = 30,
        retaining: Collection[str] = (),
        keeping: bool = False,
        clock: Callable[[], int] | None = None,
    ) -> None:
        """Open or make the file. Raises JournalError.

        `limit` is in octets of entries, `days` how long one may wait for its receipt. Measurements of the sources in
        `retaining` never make room. With `keeping` entries stay although their recipient has confirmed them. `clock`
        gives UTC microseconds.
        """
        self._keeping = keeping
        self._retaining = frozenset(name.encode() for name in retaining)
        self._room = Room(limit, days)
        self._hashed = (b"", leaf_hash(b""))
        self._moved = set[str]()
        self.reserve = Reserve(file)
        self._writing, self._reading, self._confirming = Lock(), Lock(), Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._witness = Witness(file)
            try:
                self._open(file)
            except sqlite3.Error as error:
                if not disk_full(error):
                    raise
                self.reserve.release()
                self._open(file)
        except (sqlite3.Error, OSError) as error:
            raise JournalError(f"journal {file} cannot be opened: {error}") from error
        newest = self._read("SELECT coalesce(max(taken), 0) FROM entries")[0][0]
        self._clock = clock or steady_clock(newest)
        self._witness.tell(self._given())
        self.reserve.take()

    def _open(self, file: Path) -> None:
        salvage.save(file, self._witness)
        self._db = layout.connect(file)
        self._streams = layout.load(self._db)
        self._reader = layout.connect_reader(file)
        self._room.octets = used(self._db)
        self.epoch = int(layout.note(self._db, "epoch") or 0)
        """Start of the agent's last life, UTC microseconds; 0 if there was none."""
        self.salvaged = layout.note(self._db, "salvaged") is not None
        """Whether the journal was damaged and its streams were not yet compared with their topics."""
        self.damage = Damage.from_text(layout.note(self._db, "damage"))
        """What happened to the journal, until `damage_told`."""

    def close(self) -> None:
        """Write the cursors and close the file. A thread that still reads or writes is waited for: a connection that
        is closed under it takes the process along.
        """
        with self._confirming, self._writing, self._reading:
            with suppress(sqlite3.Error), transaction(self._db):  # a full disk: the topic has them too
                self._write_streams(self._streams)
            self._reader.close()
            self._db.close()
            self._witness.close()

    @property
    def octets(self) -> int:
        """Octets that its entries take."""
        return self._room.octets

    @property
    def filled(self) -> float:
        """How full it is, as a part of its limit: of the size or of the age, whichever is nearer."""
        return self._room.filled(list(self._streams.values()), self._clock())

    @property
    def waiting(self) -> int:
        """Entries that Kafka has not confirmed."""
        return sum(stream.size - stream.published for stream in list(self._streams.values()))

    def has_space(self) -> bool:
        """Whether the disk, or the file itself, has room for more than alarms and gaps. Raises sqlite3.Error."""
        if self.reserve.held or self.reserve.regain():
            return True
        (pages,), (octets,) = self._read("PRAGMA freelist_count")[0], self._read("PRAGMA page_size")[0]
        return bool(pages * octets >= reserve.SIZE)

    def size(self, stream: str) -> int:
        """The last number given in a stream; 0 for one that has none yet."""
        return self._streams[stream].size if stream in self._streams else 0

    def heads(self) -> dict[str, Head]:
        """Where each stream ends on the disk. Raises sqlite3.Error."""
        rows = self._read("SELECT name, size, tree FROM streams")
        return {name: Head(size, Tree.from_bytes(tree).root(), self._streams[name].sealed) for name, size, tree in rows}

    def sealed(self, stream: str, time: int) -> None:
        """A seal of the stream was signed at this time, POSIX seconds. Written with the next commit."""
        self._streams[stream].sealed = time
        self._moved.add(stream)

    def begin(self, epoch: int) -> None:
        """Remember when this life of the agent began, UTC microseconds. Raises sqlite3.Error."""
        with self._writing, transaction(self._db):
            layout.write_note(self._db, "epoch", str(epoch))
        self.epoch = epoch

    def latest_alarms(self) -> list[Alarm]:
        """The last step of each condition that ever had an alarm; they stay when their entries are let go."""
        published = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
        found = [decode(octets, published) for (octets,) in self._read("SELECT octets FROM alarms")]
        return [alarm for alarm in found if isinstance(alarm, Alarm)]

    def last_time(self) -> int | None:
        """Time of the newest record, UTC microseconds; None where there is none."""
        return max((stream.time for stream in self._streams.values()), default=None)

    def mark(self, source: str) -> str | None:
        """The mark of a source that came with the last of its records in the journal. Raises sqlite3.Error."""
        rows = self._read("SELECT text FROM notes WHERE name = ?", [_MARK + source])
        return str(rows[0][0]) if rows else None

    def remembered(self) -> dict[str, str]:
        """The notes that came with records and were not forgotten since, by name. Raises sqlite3.Error."""
        sql = "SELECT substr(name, ?), text FROM notes WHERE substr(name, 1, ?) = ?"
        return dict(self._read(sql, [len(_REMEMBERED) + 1, len(_REMEMBERED), _REMEMBERED]))

    def append(self, drafts: Sequence[Draft], marks: Mapping[str, str] = MappingProxyType({})) -> list[Numbered]:
        """Number the records and commit, with the marks of sources that keep their place by it; gives the measurements
        that had to make room and that Kafka does not have. Raises sqlite3.Error.

        When it raises, nothing of it was taken: numbers, cursors and marks are as before.
        """
        with self._writing:
            touched, octets, now = {draft.stream for draft in drafts}, self._room.octets, self._clock()
            before = {name: state.before() for name, state in self._streams.items() if name in touched}
            try:
                with transaction(self._db):
                    self._insert(self._with_schemas(drafts), now)
                    for source, mark in marks.items():
                        layout.write_note(self._db, _MARK + source, mark)
                    evicted = self._make_room(now)
                    moved, self._moved = self._moved, set()
                    self._write_streams(moved | touched)
            except BaseException:
                self._room.octets = octets
                self._undo(touched, before)
                raise
            self._witness.tell(self._given())
        return evicted

    def entries(self, stream: str, after: int, count: int) -> list[Numbered]:
        """Up to `count` entries of the stream behind number `after`, in order. Raises sqlite3.Error."""
        columns, known = "number, kind, key, time, leaf, octets", self._streams.get(stream)
        if known is None:
            return []
        sql = f"SELECT {columns} FROM entries WHERE stream = ? AND number > ? ORDER BY number LIMIT ?"
        return [Numbered(stream, *row) for row in self._read(sql, [known.id, after, count])]

    def cursor(self, stream: str) -> int:
        """The last number of the stream that Kafka is known to have."""
        return self._streams[stream].published if stream in self._streams else 0

    def published(self, ends: Mapping[str, int]) -> None:
        """Kafka has these streams up to these numbers. Written with the next commit; what is lost is read back."""
        for name, number in ends.items():
            self._streams[name].published = number
            self._moved.add(name)

    def confirmed(self, stream: str) -> tuple[int, int]:
        """Up to which number the recipient has confirmed the stream, and when, POSIX seconds; (0, 0) if never."""
        known = self._streams.get(stream)
        return (known.confirmed.size, known.receipt) if known else (0, 0)

    def confirm(self, stream: str, size: int, root: bytes, time: int) -> None:
        """A receipt for the first `size` entries, of `time` (POSIX seconds): they go. One for less than the last is
        ignored. Raises NotOursError when the stream had another root at that size, and sqlite3.Error.
        """
        with self._confirming:
            known = self._streams.get(stream)
            if size < (known.confirmed.size if known else 1) or (
                self.provisional(stream) and size > self.anchor(stream)
            ):
                return  # an old one, or for numbers that are not final yet
            if known is None or size > known.size:
                raise NotOursError(f"a receipt for {size} entries of {stream}, which has {self.size(stream)}")
            tree = layout.tree_at(self._read, known, size)
            if tree.root() != root:
                raise NotOursError(f"a receipt for {size} entries of {stream} has another root than the journal")
            try:
                self._keep_receipt(known, tree, time)
                while not self._keeping and self._let_go(known):  # in slices, so that no commit waits long
                    pass
            except sqlite3.Error as error:
                if disk_full(error):  # letting entries go needs some space first
                    self.reserve.release()
                raise

    def _let_go(self, state: StreamState) -> bool:
        with self._writing, transaction(self._db):
            return self._room.let_go(self._db, state)

    def _keep_receipt(self, state: StreamState, tree: Tree, time: int) -> None:
        with self._writing:
            with transaction(self._db):
                after = replace(state, confirmed=tree, receipt=max(time, state.receipt))
                layout.write_receipt(self._db, after)
                after.oldest = layout.oldest(self._db, after)
            state.confirmed, state.receipt, state.oldest = tree, after.receipt, after.oldest

    def anchor(self, stream: str) -> int:
        """The last number of the stream that is final; after a salvage those behind it are provisional."""
        known = self._streams.get(stream)
        return 0 if known is None else known.size if known.anchor is None else known.anchor

    def adopt(self, stream: str, entries: Iterable[Numbered], size: int, root: bytes) -> int:
        """After a salvage: put entries that the topic has behind the anchor; provisional ones move behind them.

        The stream must have `root` at `size`, as a seal of the own key says. Gives how many of the entries that seal
        does not count. Raises NotOursError, or sqlite3.Error; then nothing is taken.
        """
        with self._writing:
            known = self._streams.get(stream) or self._new(stream)
            if known.anchor is None:
                raise NotOursError(f"all numbers of {stream} are final")
            with transaction(self._db):
                columns = partial(self._columns, now=self._clock())
                after, unproven = renumbering.adopt(self._db, known, entries, (size, root), columns)
                layout.write(self._db, after)
                layout.write_receipt(self._db, after)
            self._streams[stream], self._room.octets = after, used(self._db)
            self._witness.tell(self._given())
        return unproven

    def provisional(self, stream: str) -> bool:
        """Whether numbers of the stream may still change: after a salvage, before it was compared with its topic."""
        known = self._streams.get(stream)
        return self.salvaged and (known is None or known.anchor is not None)

    def settle(self, streams: Collection[str]) -> None:
        """After a salvage: these streams were compared with their topics, their numbers are final, also after a
        restart. Others may still be unknown to the journal: it stays salvaged until `settled`. Raises sqlite3.Error.
        """
        with self._writing:
            new = [name for name in streams if name not in self._streams]
            for name in new:
                self._streams[name] = self._new(name)
            try:
                with transaction(self._db):
                    for name in streams:
                        layout.write(self._db, replace(self._streams[name], anchor=None))
                        layout.write_receipt(self._db, self._streams[name])
            except BaseException:
                for name in new:
                    del self._streams[name]
                raise
            for name in streams:
                self._streams[name].anchor = None

    def settled(self) -> None:
        """After a salvage: every stream was compared with its topic, its numbers are final. Raises sqlite3.Error."""
        with self._writing:
            for state in self._streams.values():
                state.anchor = None
            with transaction(self._db):
                self._write_streams(self._streams)
                layout.write_note(self._db, "salvaged", None)
            self.salvaged = False

    def damage_told(self) -> None:
        """The gap that tells the damage is on the disk. Raises sqlite3.Error."""
        with self._writing, transaction(self._db):
            layout.write_note(self._db, "damage", None)
        self.damage = None

    def _read(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        with self._reading:
            return self._reader.execute(sql, values).fetchall()

    def _with_schemas(self, drafts: Iterable[Draft]) -> list[Draft]:
        """The drafts, each schema before its first use."""
        found = list[Draft]()
        for draft in drafts:
            state = self._streams.get(draft.stream)
            if state is None:
                state = self._streams[draft.stream] = self._new(draft.stream)
                layout.write_receipt(self._db, state)
            if draft.octets[2:HEAD] not in state.fingerprints:
                for needed in schemas_for(draft, state.fingerprints):
                    text = records.Schema(fingerprint=needed.fingerprint, text=needed.text)
                    found.append(Draft(draft.stream, "Schema", needed.fingerprint, draft.time, encode(text)))
                    state.fingerprints.add(needed.fingerprint)
            found.append(draft)
        return found

    def _undo(self, touched: set[str], before: Mapping[str, StreamState]) -> None:
        for name in touched - before.keys():
            self._streams.pop(name, None)
        for name, state in before.items():
            self._streams[name].undo(state)
        self._moved = set(self._streams)

    def _new(self, stream: str) -> StreamState:
        id_ = 1 + max((known.id for known in self._streams.values()), default=0)
        return StreamState(id_, stream, anchor=0 if self.salvaged else None)

    def _columns(self, entry: Draft | Numbered, now: int) -> tuple[object, ...]:
        """From the kind to whether it may go."""
        may_go = entry.kind == MEASUREMENT and entry.key not in self._retaining
        return entry.kind, entry.key, entry.time, now, int(may_go)

    def _insert(self, drafts: Sequence[Draft], now: int) -> None:
        """In one statement, with their leaves in one go."""
        rows, leaves = [], dict[str, list[bytes]]()
        for draft in drafts:
            state, leaf = self._streams[draft.stream], self._leaf(draft.octets)
            state.size += 1
            state.time = min(draft.time, now) if draft.kind in EXPORTED else draft.time  # exports may be of the future
            leaves.setdefault(draft.stream, []).append(leaf)
            rows.append(layout.entry_row((state.id, state.size, *self._columns(draft, now), leaf), draft.octets))
        self._db.executemany(layout.INSERT, rows)
        for stream, some in leaves.items():
            state = self._streams[stream]
            state.tree.extend(b"".join(some))
            state.oldest = now if state.oldest is None else state.oldest
        self._room.octets += sum(len(draft.octets) for draft in drafts) + OVERHEAD * len(drafts)
        steps = [(draft.key, draft.octets) for draft in drafts if draft.kind == "Alarm" and draft.stands]
        alarms = [(*step, layout.checksum(step)) for step in steps]
        self._db.executemany("INSERT OR REPLACE INTO alarms VALUES (?, ?, ?)", alarms)
        for name, text in dict(draft.note for draft in drafts if draft.note).items():
            layout.write_note(self._db, _REMEMBERED + name, text)

    def _leaf(self, octets: bytes) -> bytes:
        """Of a record that goes to several recipients, one after the other, it is computed once."""
        if octets is not self._hashed[0]:
            self._hashed = octets, leaf_hash(octets)
        return self._hashed[1]

    def _make_room(self, now: int) -> list[Numbered]:
        if self._room.filled(self._streams.values(), now) <= 1:
            return []
        names = {state.id: name for name, state in self._streams.items()}
        evicted = self._room.make(self._db, names, now)
        return [entry for entry in evicted if entry.number > self._streams[entry.stream].published]

    def _given(self) -> int:
        return sum(state.size for state in self._streams.values())

    def _write_streams(self, names: Iterable[str]) -> None:
        for name in names:
            layout.write(self._db, self._streams[name])
