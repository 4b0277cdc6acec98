"""Batches out of the archive. Calls block."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.archive.archive import Archive
from gateway.archive.exported import Kept, ever
from gateway.archive.judged import Finding, findings_of_records
from gateway.archive.openings import KeptCommitment, commitments_at
from gateway.archive.weighings import weighings_of
from gateway.batches.balance import Balances, balances
from gateway.batches.batch import Batch, Correction, Told, batches, by_kind, corrections, places_of, product_of, told
from gateway.batches.environment import RoomTime, environment
from gateway.batches.genealogy import BATCHES, Trace, trace
from gateway.batches.missing import Answer, answers, master_of
from gateway.batches.procedure import Run, Stay, runs, stays
from gateway.batches.results import Result, results
from gateway.cleanroom.site import Site
from gateway.context.archived import assignments
from gateway.masters import MasterBatchRecord, Masters, WantedLog
from schemas.context import Assignment, PlaceKind
from schemas.exported import (
    KINDS,
    BatchStep,
    EquipmentUse,
    Exported,
    LabelReconciliation,
    MaterialMovement,
    Signature,
    TestResult,
)

DAY = 24 * 3600 * 1_000_000
LOOKED_BACK = 90 * DAY
"""How long before its first step a log of its equipment may still speak of a batch, microseconds."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything of one batch. Times are UTC microseconds."""

    batch: Batch
    began: int | None
    ended: int | None
    runs: tuple[Run, ...]
    results: tuple[Result, ...]
    rooms: tuple[RoomTime, ...]
    corrections: tuple[Correction, ...]
    answers: tuple[Answer, ...]
    balances: Balances
    genealogy: Trace
    findings: tuple[Finding, ...]
    withheld: tuple[KeptCommitment, ...]
    """What the agreement keeps from this reader, in its records and weighings and in those beside it."""


def assembled(
    archive: Archive, site: Site, masters: Masters, number: str, now: int, *, traced: bool = True
) -> list[Whole]:
    """The batches that use a number, one for each product; none where no record names it.

    Where it shall not be `traced`, which takes longest, its genealogy is empty.
    """
    found = [one for kind in KINDS.values() for one in ever(archive, kind, batch=[number])]
    every = batches(number, found, weighings_of(archive, number), masters.same())
    if not every and (known := assignments(archive, batch=number)):  # a tag named it, and nothing else
        every = [Batch(number, known[0].product, (), {})]
    around = _Around(archive, site, masters, now, traced)
    return [around.whole(one) for one in every]


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a batch."""

    archive: Archive
    site: Site
    masters: Masters
    now: int
    traced: bool

    def whole(self, bare: Batch) -> Whole:
        """The batch with all of it."""
        ran = runs(bare.of(BatchStep))
        rooms = environment(self.archive, self.site, self._stays(bare), self.now)
        batch = replace(bare, beside=by_kind(self._beside(bare, ran, rooms)))
        times = batch.times
        return Whole(
            batch=batch, began=times[0] if times else None, ended=times[-1] if times else None, runs=tuple(ran),
            results=tuple(results(batch)), rooms=tuple(rooms), corrections=tuple(corrections(batch)),
            answers=tuple(answers(batch, self.masters)), balances=balances(batch),
            genealogy=self._genealogy(batch),
            findings=tuple(self._findings(batch)), withheld=tuple(commitments_at(self.archive, places_of(batch))),
        )  # fmt: skip

    def _genealogy(self, batch: Batch) -> Trace:
        if not self.traced:
            return Trace(batch.number, (), (), ())
        return trace(self.archive, batch.number, self.masters.same(), kinds=BATCHES, of=batch.product)

    def _stays(self, batch: Batch) -> list[Stay]:
        """As the agents assigned it; in rooms of which they said nothing, as its own records say."""
        same = self.masters.same()
        found = [one for one in assignments(self.archive, batch=batch.number) if _is_of(one, batch, same)]
        assigned = [Stay(one.place, one.began, one.ended) for one in found if one.place_kind is PlaceKind.ROOM]
        rooms = {one.room for one in assigned}
        every = [*assigned, *(one for one in stays(batch) if one.room not in rooms)]
        return sorted(every, key=lambda one: (one.began, one.room))

    def _findings(self, batch: Batch) -> Iterator[Finding]:
        """Those about its records and about records beside it; of another product's that has its number none."""
        beside = [(kind, one.record.system, one.record.key) for kind, many in batch.beside.items() for one in many]
        same = self.masters.same()
        for one in findings_of_records(self.archive, batch=batch.number, beside=beside):
            product, place = one.told.product, one.place
            if one.last.batch != batch.number and (place.kind, place.system, place.key) not in beside:
                continue  # its record was corrected into another batch, and the finding went with it
            if len(batch.products) < 2 or product is None or same.get(product, product) == batch.product:
                yield one

    def _beside(self, batch: Batch, ran: Iterable[Run], rooms: Sequence[RoomTime]) -> list[Told[Exported]]:
        """Records that name no batch, but a lot, an equipment, a room or a record of this one."""
        about, archive = about_of(batch, self.masters, ran, rooms, self.now), self.archive
        named = sorted({lot for _, lot in about.lots})
        found = [
            *ever(archive, TestResult, lot=named),
            *ever(archive, MaterialMovement, lot=named),
            *ever(archive, Signature, signed_key=sorted(about.keys)),
            *logs_of(archive, [about]),
            *ever(archive, TestResult, point=sorted({one.stay.room for one in rooms})),
        ]
        return about.chosen(told(found))


def _is_of(one: Assignment, batch: Batch, same: Mapping[str, str]) -> bool:
    """What names no product is the only product's."""
    product = product_of(one, same)
    return product == batch.product or (product is None and len(batch.products) < 2)


def about_of(batch: Batch, masters: Masters, ran: Iterable[Run], rooms: Sequence[RoomTime], now: int) -> "About":
    """What the batch used, where it was, and the keys of its own records."""
    lots = {(one.record.material, one.record.lot) for one in batch.of(MaterialMovement)}
    lots |= {(one.record.material, one.record.lot) for one in batch.of(LabelReconciliation) if one.record.lot}
    keys = {one.record.key for many in batch.records.values() for one in many}
    used = {run.equipment for run in ran if run.equipment} | {one.equipment for one in _wanted(batch, masters)}
    return About(batch, frozenset(lots), frozenset(keys), frozenset(used), tuple(rooms), now)


def logs_of(archive: Archive, abouts: Sequence["About"]) -> list[Kept]:
    """Logs of the equipment of these batches, from the first to the last time at which they may speak of one."""
    spans = [span for about in abouts if (span := about.span) is not None]
    if not spans:
        return []
    used = sorted({one for about in abouts for one in about.used})
    within = ("began", min(first for first, _ in spans), max(last for _, last in spans))
    return ever(archive, EquipmentUse, span=within, equipment=used)


def _wanted(batch: Batch, masters: Masters) -> Iterable[WantedLog]:
    found = master_of(batch, masters)
    return found.equipment if isinstance(found, MasterBatchRecord) else ()


@dataclass(frozen=True, slots=True)
class About:
    """What a record beside the batch may speak of."""

    batch: Batch
    lots: frozenset[tuple[str, str]]
    keys: frozenset[str]
    used: frozenset[str]
    rooms: tuple[RoomTime, ...]
    now: int

    @property
    def span(self) -> tuple[int, int] | None:
        """From when to when a log may speak of it, UTC microseconds; None where it has no time."""
        times = self.batch.times
        return (times[0] - LOOKED_BACK, times[-1]) if times else None

    def chosen(self, found: Iterable[Told[Exported]]) -> list[Told[Exported]]:
        """Those of these that name no batch and speak of it."""
        span = self.span
        return [one for one in found if one.record.batch is None and self._touches(one.record, span)]

    def _touches(self, record: Exported, span: tuple[int, int] | None) -> bool:
        """Whether it does; `span` is the batch's."""
        match record:
            case TestResult() if record.lot is not None:
                return self._lot(record.material, record.lot)
            case TestResult():
                return self._in_room(record)
            case MaterialMovement():
                return (record.material, record.lot) in self.lots
            case Signature():
                return record.signed_key in self.keys
            case EquipmentUse():
                return record.equipment in self.used and span is not None and span[0] <= record.began <= span[1]
        return False

    def _lot(self, material: str | None, lot: str) -> bool:
        return (material, lot) in self.lots or (material is None and any(lot == known for _, known in self.lots))

    def _in_room(self, record: TestResult) -> bool:
        """A sample of air or surface that was taken while the batch was there."""
        stays_ = (one.stay for one in self.rooms if one.stay.room == record.point)
        taken = record.sampled
        return taken is not None and any(
            stay.began <= taken <= (self.now if stay.ended is None else stay.ended) for stay in stays_
        )
