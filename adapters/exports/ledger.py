"""What was taken of which file: on the disk, so that nothing is taken twice and a million keys need no memory.

Rows are taken in portions. A portion is written here first, with its number; then its records go into the journal
together with the mark of that number, in one commit. So after a kill the journal's mark says whether the last portion
is part of it; one that is not is taken back (`settle`), and its rows are read again.

Not safe for concurrent use. Every call may raise sqlite3.Error.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from adapters.exports import ledger_file
from adapters.exports.accounting import Account, Candidate, Outcome, Place, Refused, Taken, Version, judge
from adapters.exports.ledger_file import COUNTS, LedgerError, Reading, State, reading_of, transaction
from schemas.exported import Exported

AT_ONCE = 500
"""Keys that are asked for in one statement."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file as it came, for one mapping; `refused` says why nothing of it can be read."""

    name: str
    sha: str | None
    size: int
    mapping: str | None = None
    mapping_sha: str | None = None
    mapping_text: str | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A portion that waits for the journal. `mark` is what the journal has to remember with it."""

    mark: str
    records: tuple[Exported, ...]
    account: Account


class Ledger:
    """The file is made where there is none."""

    def __init__(self, file: Path) -> None:
        """Raises LedgerError for a file of another layout."""
        self._db = ledger_file.connect(file)
        self._name = str(self._one("SELECT text FROM notes WHERE name = 'ledger'")[0])
        self._portion = int(self._one("SELECT coalesce(max(number), 0) FROM portions")[0])
        self.total = ledger_file.total(self._db)
        """Of all rows that were ever read."""

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    def settle(self, mark: str | None) -> None:
        """Begin with what the journal remembers of the last portion in it. Raises LedgerError."""
        marked = self._marked(mark)
        if marked > self._portion:
            raise LedgerError(
                f"the ledger knows of {self._portion} portions, the journal has {marked}: it is an older copy; put the "
                "right one back, or give the source another name and another folder to keep: then all is taken anew"
            )
        with transaction(self._db):
            if marked < self._portion and self._last_is_open():
                for table, column in (("versions", "portion"), ("refused", "portion"), ("portions", "number")):
                    self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", [self._portion])
            ended = "SELECT reading FROM portions WHERE last"
            self._db.execute(f"UPDATE readings SET state = 'done' WHERE state = 'open' AND number IN ({ended})")
        self._portion = int(self._one("SELECT coalesce(max(number), 0) FROM portions")[0])
        self.total = ledger_file.total(self._db)

    def _last_is_open(self) -> bool:
        """Whether the file of the last portion is not at its end: else a journal had it, be it that this is another."""
        sql = "SELECT state FROM readings WHERE number = (SELECT reading FROM portions WHERE number = ?)"
        return self._one(sql, self._portion)[0] == State.OPEN

    def _marked(self, mark: str | None) -> int:
        name, _, number = (mark or f"{self._name} 0").partition(" ")
        if name != self._name:
            raise LedgerError(
                "the journal has records of this source by another ledger; put that one back, or give the source "
                "another name and another folder to keep: then all is taken anew"
            )
        return int(number)

    def signature(self, path: bytes) -> str | None:
        """The signature under which the file at a path was taken last."""
        row = self._one("SELECT max(signature) FROM seen WHERE path = ?", path)
        return None if row[0] is None else str(row[0])

    def had_files(self) -> bool:
        """Whether there ever was one."""
        return bool(self._one("SELECT EXISTS (SELECT 1 FROM seen)")[0])

    def arrived(self, came: Iterable[Arrival], now: int, seen: tuple[bytes, str] | None = None) -> None:
        """A file came, for these mappings; `seen` is its path with its signature, `now` UTC microseconds."""
        with transaction(self._db):
            if seen is not None:
                self._db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", seen)
            for one in came:
                self._arrived(one, now)

    def _arrived(self, came: Arrival, now: int) -> None:
        if came.refused is not None:
            self._insert(came, now, State.REFUSED, came.refused)
            return
        before = self._taken_before(came)
        if before is None:
            self._insert(came, now, State.OPEN, None)
        elif before != came.name:
            self._insert(came, now, State.REPEAT, f"the same as {before}")

    def _taken_before(self, came: Arrival) -> str | None:
        """The name under which the same content came to the same mapping; this one, if it was among them."""
        sql = "SELECT name FROM readings WHERE sha = ? AND mapping = ? AND state IN ('open', 'done')"
        row = self._db.execute(f"{sql} ORDER BY name <> ? LIMIT 1", [came.sha, came.mapping, came.name]).fetchone()
        return None if row is None else str(row[0])

    def again(self, came: Arrival, now: int) -> None:
        """Read an original once more, whatever came of it before."""
        with transaction(self._db):
            self._insert(came, now, State.OPEN, None)

    def dismiss(self, reading: Reading, now: int, reason: str) -> None:
        """What was refused of a file needs nothing more, says a person."""
        came = Arrival(reading.name, reading.sha, reading.size, reading.mapping, reading.mapping_sha)
        with transaction(self._db):
            self._insert(came, now, State.DISMISSED, reason)

    def _insert(self, came: Arrival, now: int, state: State, reason: str | None) -> None:
        if came.mapping_text is not None:
            self._db.execute("INSERT OR IGNORE INTO mappings VALUES (?, ?)", [came.mapping_sha, came.mapping_text])
        values = [came.name, came.sha, came.size, came.mapping, came.mapping_sha, now, state.value, reason]
        self._db.execute("INSERT INTO readings VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def open_reading(self) -> Reading | None:
        """The oldest that is not at its end."""
        row = self._db.execute("SELECT * FROM readings WHERE state = 'open' ORDER BY number LIMIT 1").fetchone()
        return reading_of(row) if row else None

    def mapping_text(self, sha: str) -> str:
        """A mapping as it was when a reading began."""
        return str(self._one("SELECT text FROM mappings WHERE sha = ?", sha)[0])

    def account(self, reading: int) -> Account:
        """What came of the rows of a reading so far."""
        return ledger_file.account(self._db, reading)

    def end(self, reading: int, refused: str | None = None) -> None:
        """Nothing more comes of a reading."""
        state = State.DONE if refused is None else State.REFUSED
        with transaction(self._db):
            self._db.execute("UPDATE readings SET state = ?, reason = ? WHERE number = ?", [state, refused, reading])

    def write(self, reading: Reading, rows: Sequence[Candidate | Refused | None], *, last: bool) -> Written:
        """The next rows of a reading, in order; after `last` ones there are no more."""
        number, account = self._portion + 1, Account(trailers=sum(row is None for row in rows))
        with transaction(self._db):
            outcomes, versions = self._judged(reading, [row for row in rows if row is not None])
            for outcome in outcomes:
                account.add(outcome)
            refused = [(reading.number, o.line, number, o.reason, o.raw) for o in outcomes if isinstance(o, Refused)]
            self._db.executemany("INSERT INTO refused VALUES (?, ?, ?, ?, ?)", refused)
            values = [(*place, one.number, one.id.bytes, one.digest, number) for place, one in versions]
            self._db.executemany("INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            self._count(number, reading, account, last=last)
        self._portion = number
        self.total.join(account)
        return Written(f"{self._name} {number}", tuple(o.record for o in outcomes if isinstance(o, Taken)), account)

    def _count(self, number: int, reading: Reading, account: Account, *, last: bool) -> None:
        names = ("number", "reading", "last", *COUNTS)
        values = [number, reading.number, int(last), *(getattr(account, name) for name in COUNTS)]
        marks = ", ".join("?" * len(names))
        self._db.execute(f"INSERT INTO portions ({', '.join(names)}) VALUES ({marks})", values)

    def _judged(
        self, reading: Reading, rows: Sequence[Candidate | Refused]
    ) -> tuple[list[Outcome], list[tuple[Place, Version]]]:
        """What comes of the rows, and what is new of their keys."""
        known = self._known({row.place for row in rows if isinstance(row, Candidate)})
        outcomes, new = list[Outcome](), list[tuple[Place, Version]]()
        for row in rows:
            if isinstance(row, Refused):
                outcomes.append(row)
                continue
            place = row.place
            before = known[place]
            outcome = judge(row, before, reading.sha)
            if isinstance(outcome, Taken):
                version = Version(outcome.record.version, outcome.record.id, row.digest)
                before.append(version)
                new.append((place, version))
            outcomes.append(outcome)
        return outcomes, new

    def _known(self, places: Iterable[Place]) -> Mapping[Place, list[Version]]:
        found: defaultdict[Place, list[Version]] = defaultdict(list)
        keys: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for kind, system, key in places:
            keys[kind, system].append(key)
        for (kind, system), some in keys.items():
            for at in range(0, len(some), AT_ONCE):
                part = some[at : at + AT_ONCE]
                within = f"key IN ({', '.join('?' * len(part))})"
                sql = f"SELECT key, version, id, digest FROM versions WHERE kind = ? AND system = ? AND {within}"
                for key, number, id_, digest in self._db.execute(sql, [kind, system, *part]):
                    found[kind, system, key].append(Version(number, UUID(bytes=id_), digest))
        return found

    def files_read(self) -> int:
        """Readings that came to their end."""
        return int(self._one("SELECT count(*) FROM readings WHERE state = 'done'")[0])

    def refused_files(self) -> list[Reading]:
        """Files that wait for a person."""
        return ledger_file.refused_files(self._db)

    def came(self, name: str, sha: str) -> list[tuple[Reading, Account]]:
        """As `ledger_file.came`, with what was counted."""
        return [(one, self.account(one.number)) for one in ledger_file.came(self._db, name, sha)]

    def named(self, file: str) -> list[Reading]:
        """As `ledger_file.named`."""
        return ledger_file.named(self._db, file)

    def _one(self, sql: str, *values: object) -> tuple[str | int, ...]:
        """The one row of a question that always has one."""
        row: tuple[str | int, ...] = self._db.execute(sql, values).fetchone()
        return row
