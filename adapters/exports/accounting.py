"""What came of each row of a file: a record, a correction of an earlier one, a repeat, or a refusal and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

from adapters.exports.converting import Converter, RowRefusedError
from adapters.exports.rows import Row
from schemas.exported import Exported


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that gives no record. `raw` is as it came, empty of a sheet."""

    line: int
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Taken:
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

    def __str__(self) -> str:
        sums = f"{self.records} records + {self.corrections} corrections + {self.repeats} repeats"
        return f"{self.read} rows read = {sums} + {self.refused} refused; {self.trailers} trailers"


@dataclass(slots=True)
class _Known:
    version: int
    id: UUID
    digests: set[bytes] = field(default_factory=set)


class Ledger:
    """What is known of each key; about 500 octets for each, so that a million rows need half a gigabyte."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], _Known] = {}

    def outcomes(self, rows: Iterable[Row], converter: Converter, account: Account) -> Iterator[Outcome]:
        """What comes of each row, counted in the account."""
        for row in rows:
            if converter.is_trailer(row):
                account.trailers += 1
                continue
            try:
                outcome = self._outcome(row, converter)
            except RowRefusedError as error:
                outcome = Refused(row.line, str(error), row.raw)
            account.add(outcome)
            yield outcome

    def _outcome(self, row: Row, converter: Converter) -> Outcome:
        record, digest, declared = converter.record(row), converter.digest(row), converter.version(row)
        place = (type(record).__name__, record.system, record.key)
        known = self._known.get(place)
        if known is None:
            record = replace(record, version=declared or 1)
            self._known[place] = _Known(record.version, record.id, {digest})
            return Taken(row.line, record)
        if digest in known.digests:
            return Repeat(row.line)
        version = known.version + 1 if declared is None else declared
        if version <= known.version:
            raise RowRefusedError(f"version {version} of {record.key} differs and comes behind version {known.version}")
        record = replace(record, version=version, replaces=known.id)
        known.version, known.id = version, record.id
        known.digests.add(digest)
        return Taken(row.line, record)
