"""What came of each row of a file: a record, a correction of an earlier one, a repeat, or a refusal and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple
from uuid import UUID

from adapters.exports.converting import Converter
from adapters.exports.formats.block import Block
from schemas.derived import changed
from schemas.exported import Exported

Place = tuple[str, str, str]
"""Kind, system and key: what a version is a version of."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that gives no record. `raw` is as it came, empty of a sheet."""

    line: int
    reason: str
    raw: bytes


class Taken(NamedTuple):
    """A row that gives a record; a correction where the record replaces one."""

    line: int
    record: Exported


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row that was taken before."""

    line: int


Outcome = Taken | Repeat | Refused


@dataclass(slots=True)
class Account:
    """The sum: rows read = records + corrections + repeats + refused. Trailers are no rows."""

    read: int = 0
    records: int = 0
    corrections: int = 0
    repeats: int = 0
    refused: int = 0
    trailers: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one row."""
        self.read += 1
        match outcome:
            case Taken(record=record) if record.replaces is None:
                self.records += 1
            case Taken():
                self.corrections += 1
            case Repeat():
                self.repeats += 1
            case Refused():
                self.refused += 1

    def join(self, other: "Account") -> None:
        """Count what another has counted, too."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def unaccounted(self) -> int:
        """Rows of which nobody knows what became; never anything but 0."""
        return self.read - self.records - self.corrections - self.repeats - self.refused

    def __str__(self) -> str:
        sums = f"{self.records} records + {self.corrections} corrections + {self.repeats} repeats"
        return f"{self.read} rows read = {sums} + {self.refused} refused; {self.trailers} trailers"


class Version(NamedTuple):
    """One version of a row: the record that it became, and the digest of what it said."""

    number: int
    id: UUID
    digest: bytes


class Candidate(NamedTuple):
    """A row that was converted, before it is compared with earlier ones. `declared` is the source's own version; the
    row's text stands in the block, there.
    """

    line: int
    record: Exported
    digest: bytes
    declared: int | None
    block: Block
    at: int

    @property
    def place(self) -> Place:
        """What it is a version of."""
        record = self.record
        return record.__class__.__name__, record.system, record.key


def candidates(blocks: Iterable[Block], converter: Converter) -> Iterator[Candidate | Refused | None]:
    """Each row converted, or refused; None for a trailer."""
    for block in blocks:
        made = converter.convert(block)
        if None not in made.records:
            columns = (block.lines, made.records, made.digests, made.declared, repeat(block), range(len(block)))
            yield from map(Candidate, *columns)
            continue
        for index, (line, record) in enumerate(zip(block.lines, made.records, strict=True)):
            if record is not None:
                yield Candidate(line, record, made.digests[index], made.declared[index], block, index)
            else:
                reason = made.reasons[index]
                yield None if reason is None else Refused(line, reason, block.raw(index))


def judge(row: Candidate, known: Sequence[Version], file: str | None = None) -> Outcome:
    """What becomes of a row whose key has these versions already; `file` is the SHA-256 of where it stands.

    Versions may come in any order: a late one is a record, and replaces the highest below it. Where the source declares
    none they are counted as they come, and an earlier content that comes again is a repeat, not a correction.
    """
    number, replaces, record = row.declared or 1, None, row.record
    if known:
        if any(one.digest == row.digest for one in known):
            return Repeat(row.line)
        number = row.declared or 1 + max(one.number for one in known)
        if any(one.number == number for one in known):
            why = f"version {number} of {record.key} came before with another content"
            return Refused(row.line, why, row.block.raw(row.at))
        before = max((one for one in known if one.number < number), key=lambda one: one.number, default=None)
        replaces = before.id if before else None
    if (record.version, record.replaces, record.file) != (number, replaces, file):
        record = changed(record, version=number, replaces=replaces, file=file)
    return Taken(row.line, record)


class Ledger:
    """What is known of each key, in memory: for files that are tried out. The agent's is on the disk (`ledger.py`)."""

    def __init__(self) -> None:
        self._known: dict[Place, list[Version]] = {}

    def outcomes(self, blocks: Iterable[Block], converter: Converter, account: Account) -> Iterator[Outcome]:
        """What comes of each row, counted in the account."""
        for row in candidates(blocks, converter):
            if row is None:
                account.trailers += 1
                continue
            outcome = row if isinstance(row, Refused) else self._judged(row)
            account.add(outcome)
            yield outcome

    def _judged(self, row: Candidate) -> Outcome:
        known = self._known.setdefault(row.place, [])
        outcome = judge(row, known)
        if isinstance(outcome, Taken):
            known.append(Version(outcome.record.version, outcome.record.id, row.digest))
        return outcome
