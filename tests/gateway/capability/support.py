"""An archive of an hour in which everything is as art. 14 asks, and the report on it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from gateway.agreement.in_force import Signed, SignedVersion
from gateway.archive.archive import Archive
from gateway.capability.archived import Capability, capability_of
from gateway.intake.inspection import Inspected, Standing
from gateway.intake.message import Batch
from schemas.codec import Record
from schemas.exported import (
    BatchOrder,
    BatchStep,
    MaterialMovement,
    Movement,
    OrderStatus,
    Origin,
    StepEvent,
    TestResult,
)
from schemas.frame import Frame, TagTable, frame_of
from schemas.status import Reason
from tests.gateway.agreement.making import agreed
from tests.gateway.messages import SECOND, gap, sent, weighing
from tests.gateway.reports.support import SITE

BEGIN = int(datetime(2026, 6, 11, 4, tzinfo=UTC).timestamp()) * SECOND
"""2026-06-11 12:00 UTC+8."""
HOUR = 3600 * SECOND
END = BEGIN + HOUR
TABLE = TagTable(("S1.Temperature", "S1.Humidity"), ("Cel", "%"))
CLAUSES = [
    {"clause": "E-1", "text": {"en": "All of the line", "zh": "全线数据"}, "lines": ["line-3"],
     "families": ["measurements", "batches", "results", "materials", "weighings", "gaps"]},
]  # fmt: skip
SHOWN = "cmo-a.line-3.holder-b"


def frames() -> list[Frame]:
    """One a minute and one shortly before the end, each with two readings."""
    rows = [(at, 20.0, 0, Reason.NONE, None) for at in range(2)]
    return [frame_of("ems", TABLE, rows, received=BEGIN + second * SECOND) for second in (*range(0, 3600, 60), 3590)]


def said() -> list[Record]:
    """What MES, LIMS and WMS say of one batch, and a gap of a minute that is over."""
    time = BEGIN + 60 * SECOND
    return [
        BatchOrder(system="mes", key="O-1", status=OrderStatus.STARTED, batch="B-1", time=time),
        BatchStep(
            system="mes", key="S-1", step="fill", event=StepEvent.STARTED, file="a" * 64, batch="B-1", time=time
        ),
        MaterialMovement(
            system="wms", key="M-1", movement=Movement.ISSUE, material="API", lot="L-1", quantity=1.0, unit="kg",
            batch="B-1", time=time,
        ),
        result("T-1"),
        result("T-2", Origin.KEYED, "wang"),
        gap(BEGIN + 600 * SECOND, BEGIN + 660 * SECOND, gap=UUID(int=9)),
        weighing(BEGIN + 90 * SECOND),
    ]  # fmt: skip


def result(key: str, origin: Origin = Origin.EXPORTED, second: str | None = None) -> TestResult:
    """Of the batch."""
    return TestResult(
        system="lims", key=key, sample="S", test="Assay", reported="99.1", status="final", batch="B-1", origin=origin,
        time=BEGIN + 120 * SECOND, second=second,
    )  # fmt: skip


FAMILY = {
    "Frame": "measurements", "Alarm": "alarms", "Gap": "gaps", "Weighing": "weighings", "BatchOrder": "batches",
    "BatchStep": "batches", "MaterialMovement": "materials", "TestResult": "results",
}  # fmt: skip


def filled(
    records: Iterable[Record] = (),
    *,
    without: frozenset[tuple[str, int]] = frozenset(),
    sealed: int = END,
    file: Path | None = None,
) -> Archive:
    """The hour and these records, sealed and confirmed to that time; `without` numbers of families, as if lost."""
    archive, numbers, messages = Archive(file), dict[str, int](), []
    for offset, record in enumerate([*frames(), *said(), *records]):
        family = FAMILY[type(record).__name__]
        numbers[family] = numbers.get(family, 0) + 1
        if (family, numbers[family]) not in without:
            messages.append(sent(f"{SHOWN}.{family}.v1", numbers[family], record, offset))
    archive.store(messages)
    seconds = sealed // SECOND
    standings = {f"{SHOWN}.{one}.v1": Standing(n, n, seconds, n, seconds) for one, n in numbers.items()}
    states = dict.fromkeys(standings, b"")
    archive.store_inspected(Inspected(Batch(()), standings=standings, states=states))
    return archive


def signed(remote: bool = True, effective: str = "2026-01-01", **changes: Any) -> Signed:
    """One agreement in force, which both signed."""
    audits = {**agreed().audits.model_dump(), "remote": remote}
    one = agreed(effective=effective, **{"exchange": CLAUSES, "audits": audits, **changes})
    begins = int(datetime.fromisoformat(f"{effective}T00:00+08:00").timestamp()) * SECOND
    return Signed((SignedVersion(one, Path("a.yaml"), "0" * 64, begins),))


def reported(archive: Archive, agreements: Signed | None = None, *, known: bool = True) -> Capability:
    """The report on the hour."""
    shown = (agreements or signed()) if known else None
    return capability_of(archive, SITE, shown, (BEGIN, END), now=END)
