"""One record with everything that proves it, as data. Pure but for the questions to the archive."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from gateway.archive import record as kept
from gateway.archive.evidence import Readable
from gateway.archive.openings import KeptCommitment, commitments_at
from gateway.archive.queries import FoundBefore
from gateway.archive.record import Entry, InForce, Rival, Version
from gateway.bundle.archived import Held, Proofs
from gateway.envelope import time_of
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import NoteError
from schemas.codec import DecodeError, Record
from schemas.exported import Exported
from schemas.frame import Frame, Row
from schemas.status import status_name

SAMPLES = 500
"""How many samples of a frame are shown; the record as data has all."""


@dataclass(frozen=True, slots=True)
class SealShown:
    """The newest seal of the stream: that of `size` entries, signed at `time` (POSIX seconds) by `key`."""

    size: int
    time: int
    root: str
    key: str


@dataclass(frozen=True, slots=True)
class ReceiptShown:
    """Who confirmed that seal, and when, POSIX seconds."""

    node: str
    time: int


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record; hashes in hexadecimal, times UTC microseconds unless said.

    `computed` is the hash of the octets as they are held now, None where only the leaf is left; `problem` why they
    cannot be read. `proven` says that the seal counts the number and that the leaf leads to the seal's root. `withheld`
    are its commitments. `agreements` are the versions that held at its time, `replaces` and `replaced_by` where the
    versions before and after it stand.
    """

    stream: str
    number: int
    last: int
    kind: str
    id: UUID | None
    time: int | None
    octets: int | None
    leaf: str
    computed: str | None
    problem: str | None
    proven: bool
    seal: SealShown | None
    receipts: Sequence[ReceiptShown]
    record: Mapping[str, Any] | None
    findings: Sequence[FoundBefore]
    rivals: Sequence[Rival]
    withheld: Sequence[KeptCommitment]
    agreements: Sequence[InForce]
    replaces: Sequence[Version]
    replaced_by: Sequence[Version]

    @property
    def matches(self) -> bool | None:
        """Whether the octets are those of the leaf; None where they are not here."""
        return None if self.computed is None else self.computed == self.leaf


def record_at(stream: str, number: int, proofs: Proofs | None) -> Callable[[Readable], RecordView | None]:
    """The question to the archive; it gives None where nothing came under the number."""

    def ask(archive: Readable) -> RecordView | None:
        entry, last = kept.entry_at(archive, stream, number), kept.last_number(archive, stream)
        if entry is None or last is None:
            return None
        record, problem = _read(archive, entry)
        held = _held(archive, stream, proofs)
        time = (None if record is None else time_of(record)) or None
        replaces, replaced_by = _versions(archive, entry.kind, record)
        return RecordView(
            stream, number, last, entry.kind or "?", getattr(record, "id", None), time,
            None if entry.octets is None else len(entry.octets), entry.leaf.hex(),
            None if entry.octets is None else leaf_hash(entry.octets).hex(), problem,
            proofs is not None and held is not None and _is_proven(proofs, held, entry),
            None if held is None else _seal(held), () if held is None else _receipts(held),
            None if record is None else plain(record), kept.findings_at(archive, stream, number),
            kept.rivals_at(archive, stream, number), commitments_at(archive, [(stream, number)]),
            () if time is None else kept.agreements_at(archive, stream, time), replaces, replaced_by,
        )  # fmt: skip

    return ask


def _read(archive: Readable, entry: Entry) -> tuple[Record | None, str | None]:
    if entry.octets is None:
        return None, None
    try:
        return kept.read(archive, entry.stream, entry.octets), None
    except DecodeError as error:
        return None, str(error)


def _held(archive: Readable, stream: str, proofs: Proofs | None) -> Held | None:
    try:
        return None if proofs is None else proofs.held(archive, stream)
    except NoteError:  # a key that was trusted when the seal came is trusted no more: then nothing is proven
        return None


def _is_proven(proofs: Proofs, held: Held, entry: Entry) -> bool:
    if entry.number > held.seal.size:
        return False
    try:
        proofs.proof(held, entry.number).verify(entry.leaf, entry.stream, held.senders)
    except (NoteError, ValueError, LookupError):
        return False
    return True


def _seal(held: Held) -> SealShown:
    key = f"{held.signer.name}+{held.signer.id.hex()}"
    return SealShown(held.seal.size, held.seal.time, held.seal.root.hex(), key)


def _receipts(held: Held) -> list[ReceiptShown]:
    return [ReceiptShown(one.node, one.time) for one in held.receipts]


def _versions(archive: Readable, kind: str, record: Record | None) -> tuple[list[Version], list[Version]]:
    if not isinstance(record, Exported):
        return [], []
    return kept.other_versions(archive, kind, record.id, record.replaces)


def plain(record: Record) -> dict[str, Any]:
    """The record in the words of its schema, as JSON has it: octets in hexadecimal, ids as text."""
    if not isinstance(record, Frame):
        return {name: _plain(value) for name, value in asdict(record).items()}
    own = {
        "id": str(record.id), "source": record.source, "received": record.received, "line": record.tags.line,
        "backfilled": record.backfilled, "late": record.late, "interval": record.interval,
    }  # fmt: skip
    return own | {"samples": [_sample(row) for row in record.rows()]}


def _sample(row: Row) -> dict[str, Any]:
    return {
        "tag": row.tag, "room": row.room, "value": _plain(row.value), "raw": _plain(row.raw), "unit": row.unit,
        "origin": row.origin, "status": row.status, "status_name": status_name(row.status), "reason": row.reason.name,
        "source_time": row.source_time,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
        return None
    return value if isinstance(value, bool | int | float | str | None) else str(value)
