"""What the page of weighings asks the archive."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from gateway.archive.evidence import Readable

_COLUMNS = """id, stream, number, source, line, method, accepted, refusals, detail, gross, tare, net, unit,
    serial_number, calibration_due, operator, second, second_required, lot, batch, time"""


@dataclass(frozen=True, slots=True)
class KeptWeighing:
    """A weighing of record, or why it does not count, and where it stands: `number` of `stream`.

    Weights are in `unit` (UCUM) as the balance showed them; `time` is UTC microseconds.
    """

    id: UUID
    stream: str
    number: int
    source: str
    line: str | None
    method: str
    accepted: bool
    refusals: list[str]
    detail: str
    gross: float | None
    tare: float | None
    net: float | None
    unit: str | None
    serial_number: str | None
    calibration_due: date
    operator: str | None
    second: str | None
    second_required: bool
    lot: str | None
    batch: str | None
    time: int


def balances(archive: Readable) -> list[str]:
    """Every balance of which there is a weighing, by name."""
    return [name for (name,) in archive.rows("SELECT DISTINCT source FROM weighings ORDER BY source")]


def weighings_since(
    archive: Readable, begin: int, count: int, *, source: str | None = None, accepted: bool | None = None
) -> list[KeptWeighing]:
    """Those with begin ≤ time (UTC microseconds), newest first, at most so many; all, or of one balance or outcome."""
    sql = f"""SELECT {_COLUMNS} FROM weighings WHERE time >= ? AND (? IS NULL OR source = ?)
        AND (? IS NULL OR accepted = ?) ORDER BY time DESC, stream, number DESC LIMIT ?"""
    found = archive.rows(sql, [begin, source, source, accepted, accepted, count])
    return [KeptWeighing(*row) for row in found]


def weighings_of(archive: Readable, *batches: str) -> list[KeptWeighing]:
    """Those of these batches, refused ones too, in order of time."""
    sql = f"SELECT {_COLUMNS} FROM weighings WHERE list_contains(?::VARCHAR[], batch) ORDER BY time, id, stream, number"
    return [KeptWeighing(*row) for row in archive.rows(sql, [list(batches)])]
