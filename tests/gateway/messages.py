"""Messages as a receiver gives them, for tests of what stands behind it."""

from collections.abc import Mapping
from uuid import UUID, uuid4

import numpy as np

from gateway.envelope import key_of, time_of
from gateway.intake.message import Message, Place
from gateway.link.topics import headers
from schemas.codec import Record, encode, kind_of
from schemas.frame import NO_TIME, Beside, Frame, TagTable
from schemas.records import Alarm, AlarmEvent, AlarmState, Gap, GapCause, Refusal, Weighing, WeighingMethod
from schemas.withheld_fields import commitments_in, shown

SECOND = 1_000_000


def message(record: Record | None, offset: int, *, topic: str = "t", partition: int = 0, arrived: int = 0) -> Message:
    """As the receiver gives it: with commitments beside the record, not in it."""
    place = Place(topic, partition)
    if record is None:
        return Message(place, offset, "s", offset + 1, b"entry", None, "not a record", arrived, arrived)
    read, held = shown(record), commitments_in(record)
    return Message(place, offset, "s", offset + 1, b"entry", read, None, arrived, arrived, withheld=held)


def sent(stream: str, number: int, record: Record, offset: int, *, topic: str = "t") -> Message:
    """A message as the sender makes it, with its own octets, key and headers."""
    head = dict(headers(stream, kind_of(record), number, time_of(record)))
    key, entry = key_of(stream, record), encode(record)
    held = commitments_in(record)
    return Message(Place(topic, 0), offset, stream, number, entry, shown(record), None, 0, 0, key, head, held)


def frame(
    values: Mapping[str, float | Beside | None],
    *,
    received: int,
    source: str = "ems",
    status: int = 0,
    reason: int = 0,
    source_time: int | None = None,
    interval: float | None = None,
    backfilled: bool = False,
) -> Frame:
    size = len(values)
    return Frame(
        source=source,
        tags=TagTable(tuple(values), ("Pa",) * size),
        tag=np.arange(size, dtype=np.int32),
        value=np.array([v if isinstance(v, float) else np.nan for v in values.values()]),
        status=np.full(size, status, dtype=np.uint32),
        reason=np.full(size, reason, dtype=np.uint8),
        source_time=np.full(size, NO_TIME if source_time is None else source_time),
        received=received,
        beside={row: v for row, v in enumerate(values.values()) if isinstance(v, bool | int | str | bytes)},
        interval=interval,
        backfilled=backfilled,
    )


def alarm(event: AlarmEvent, state: AlarmState, time: int, *, alarm: UUID, since: int = 0, tag: str = "dp") -> Alarm:
    return Alarm(
        alarm=alarm, condition=f"{tag}.LOW", tag=tag, event=event, state=state, time=time, since=since, limit=10.0,
        deadband=0.5, on_delay=10.0, unit="Pa", value=8.0, extreme=7.5,
    )  # fmt: skip


def weighing(time: int, *, accepted: bool = True, net: float | None = 100.0) -> Weighing:
    return Weighing(
        source="scale", tag="W", method=WeighingMethod.COMMAND, accepted=accepted,
        refusals=() if accepted else (Refusal.UNSTABLE,), detail="" if accepted else "the weight moves", net=net,
        unit="g", stable=accepted, serial_number="B021002593", calibration_due=20_800, minimum=1.0, low=1.0,
        high=6000.0, operator="li", second="wang", lot="L-77", raw=b"S S     100.00 g\r\n", requested=time - 9,
        time=time,
    )  # fmt: skip


def gap(began: int, ended: int | None, *, gap: UUID | None = None) -> Gap:
    return Gap(
        gap=gap or uuid4(), source="ems", tags=("dp",), began=began, ended=ended, detail="no answer",
        cause=GapCause.DEVICE_SILENT,
    )  # fmt: skip
