"""A record in a line: what it is about, for lists of records of every kind. Pure."""

from dataclasses import dataclass
from functools import singledispatch

from gateway.envelope import time_of
from schemas import records
from schemas.access import Access
from schemas.codec import Record
from schemas.exported import Exported
from schemas.frame import Frame
from schemas.notices import NoticeStep
from schemas.opening import Opening
from schemas.records import Alarm, Condition, Evicted, Gap, Weighing
from schemas.signers import Signer
from schemas.status import severity

NAMED = 3
"""How many tags of a record are named."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value of a tag with its UCUM unit; None where it may not be trusted or is no number."""

    tag: str
    value: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Brief:
    """`time` is UTC microseconds, None where the kind tells none. `about` names the thing: a key, a person, a text.

    `code` is the word of the record for what happened: an alarm's event, a gap's cause. `figures` are the first of
    `samples` many.
    """

    time: int | None = None
    source: str | None = None
    about: str | None = None
    code: str | None = None
    batch: str | None = None
    figures: tuple[Figure, ...] = ()
    samples: int = 0


@singledispatch
def brief(record: Record) -> Brief:
    """The record's own words, unrounded."""
    raise TypeError(type(record).__name__)


@brief.register
def _(record: Frame) -> Brief:
    rows = [record.row(at) for at in range(min(NAMED, len(record)))]
    figures = tuple(Figure(row.tag, _number(row.value, row.status), row.unit) for row in rows)
    return Brief(time_of(record), record.source, figures=figures, samples=len(record))


@brief.register
def _(record: Alarm) -> Brief:
    figure = Figure(record.tag, record.value, record.unit)
    return Brief(time_of(record), None, record.condition, record.event, record.batch, (figure,), 1)


@brief.register
def _(record: Gap) -> Brief:
    return Brief(time_of(record), record.source, record.detail or None, record.cause)


@brief.register
def _(record: Condition) -> Brief:
    return Brief(time_of(record), record.source, record.name or record.condition, record.report)


@brief.register
def _(record: Weighing) -> Brief:
    figure = Figure(record.tag, record.net, record.unit or "")
    return Brief(time_of(record), record.source, record.lot, record.method, record.batch, (figure,), 1)


@brief.register
def _(record: Exported) -> Brief:
    return Brief(record.time, record.system, record.key, None, record.batch)


@brief.register
def _(record: Opening) -> Brief:
    return Brief(time_of(record) or None, None, f"{record.kind}.{record.field}")


@brief.register
def _(record: Access) -> Brief:
    return Brief(time_of(record), record.node, record.name, record.act, record.batch)


@brief.register
def _(record: NoticeStep) -> Brief:
    batch = record.batches[0] if len(record.batches) == 1 else None
    return Brief(time_of(record), record.party, record.number, record.event, batch)


@brief.register
def _(record: Signer) -> Brief:
    return Brief(time_of(record), record.party, record.name)


@brief.register
def _(record: records.Schema) -> Brief:
    return Brief(about=record.fingerprint.hex())


@brief.register
def _(record: Evicted) -> Brief:
    return Brief(about=f"{record.first} – {record.first + len(record.leaves) - 1}")


def _number(value: object, status: int) -> float | None:
    return float(value) if isinstance(value, int | float) and severity(status) == "Good" else None
