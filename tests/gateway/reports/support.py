"""An archive with ten minutes of a room with a neighbour, and what a report on it has to say."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

from gateway.archive.archive import Archive
from gateway.cleanroom.site import Site
from gateway.intake.message import Message
from gateway.reports.archived import report_of
from gateway.reports.report import Report
from schemas.codec import Record
from schemas.frame import Frame, TagTable, frame_of
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmPriority, AlarmState
from schemas.status import Reason, StatusCode
from tests.gateway.messages import SECOND, gap, sent

BEGIN = 1_781_150_400_000_000
"""2026-06-11 12:00:00 UTC+8."""
MINUTE = 60 * SECOND
END = BEGIN + 10 * MINUTE
SITE = Site.model_validate(
    {
        "site": "plant-a", "name": {"en": "Plant A", "zh": "甲工厂"}, "line": "line-3", "zone": "Asia/Shanghai",
        "profiles": ["cn-gmp-2010"],
        "rooms": [
            {
                "id": "S1", "name": {"en": "Cold store", "zh": "阴凉库"}, "grade": "C", "at": [0, 0, 3, 3],
                "store": True, "tags": {"temperature": "S1.Temperature", "humidity": "S1.Humidity"},
                "levels": {"temperature": {"action": [{"high": 25}], "alert": [{"high": 22}]}},
                "points": [{"tag": "S1.Count.PerM3", "quantity": "particles_0_5",
                            "levels": {"action": [{"high": 352_000}]}}],
            },
            {"id": "C1", "name": {"en": "Corridor", "zh": "洁净走廊"}, "grade": "D", "at": [3, 0, 3, 3]},
        ],
        "differentials": [{"tag": "S1.DP.C1", "room": "S1", "against": "C1", "limit": {"low": 10}}],
        "sampling": [{"id": "S1.SP1", "room": "S1", "method": "settle_plate", "tag": "S1.SP1.Count",
                      "levels": {"action": [{"high": 50}], "alert": [{"high": 20}]}}],
    }
)  # fmt: skip
UNITS = {
    "S1.Temperature": "Cel", "S1.Humidity": "%", "S1.Count.PerM3": "{#}/m3", "S1.DP.C1": "Pa",
    "S1.SP1.Count": "{CFU}/(4.h)",
}  # fmt: skip
TABLE = TagTable(tuple(UNITS), tuple(UNITS.values()))
Values = dict[str, float]
COMMENT = '=HYPERLINK("x") 门 <b>&'


def said(second: float, values: Values, status: int = 0) -> Frame:
    """A frame of the source `ems` so many seconds after the begin."""
    reason = Reason.NONE if status == 0 else Reason.SOURCE
    rows = [(TABLE.index[tag], value, status, reason, None) for tag, value in values.items()]
    return frame_of("ems", TABLE, rows, received=BEGIN + round(second * SECOND))


def step(event: AlarmEvent, state: AlarmState, second: float, alarm: UUID) -> Alarm:
    """One of the temperature's alarm."""
    return Alarm(
        alarm=alarm, condition="S1.Temperature.HIGH", tag="S1.Temperature", event=event, state=state,
        time=BEGIN + round(second * SECOND), since=BEGIN + 120 * SECOND, limit=25.0, deadband=0.0, on_delay=10.0,
        unit="Cel", value=26.0, extreme=27.5, room="S1", line="line-3", kind=AlarmKind.HIGH,
        priority=AlarmPriority.ACTION,
    )  # fmt: skip


def ten_minutes() -> list[Record]:
    """A sign of life every ten seconds but for a minute of silence from 5:00; what else happened is in the tests."""
    lives = [said(second, {}) for second in range(0, 601, 10) if not 300 < second < 360]
    first = {"S1.Temperature": 20.0, "S1.Humidity": 45.0, "S1.DP.C1": 14.0, "S1.Count.PerM3": 1200.0}
    rows = [
        said(0, first),
        said(60, {"S1.Temperature": 24.0}),
        said(120, {"S1.Temperature": 26.0}),
        said(150, {"S1.Temperature": 27.5}),
        said(180, {"S1.Temperature": 20.0}),
        said(240, {"S1.DP.C1": 5.0}, int(StatusCode.BAD)),
        said(270, {"S1.DP.C1": 14.0}),
        said(360, first),
        said(400, {"S1.SP1.Count": 30.0}),
        said(500, {"S1.SP1.Count": 51.0}),
    ]
    records: list[Record] = [*sorted([*lives, *rows], key=lambda frame: frame.received)]
    one = UUID(int=7)
    steps = [
        replace(step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 130, one), id=one, extreme=26.0, batch="B-77"),
        step(AlarmEvent.RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED, 180, one),
        replace(step(AlarmEvent.ACKNOWLEDGED, AlarmState.NORMAL, 200, one), actor="王莉", comment=COMMENT),
        replace(step(AlarmEvent.PASSED, AlarmState.NORMAL, 210, uuid4()), duration=4.5, extreme=25.4),
    ]
    return [*records, *steps, replace(gap(BEGIN + 420 * SECOND, BEGIN + 450 * SECOND), tags=("S1.Humidity",))]


def messages(records: Iterable[Record]) -> list[Message]:
    """As they came in their streams."""
    numbers: dict[str, int] = {}
    found = []
    for offset, record in enumerate(records):
        family = {Alarm: "alarms", Frame: "measurements"}.get(type(record), "gaps")
        numbers[family] = numbers.get(family, 0) + 1
        found.append(sent(f"cmo-a.line-3.holder-b.{family}.v1", numbers[family], record, offset))
    return found


def filled(file: Path | None = None) -> Archive:
    """An archive with the ten minutes."""
    archive = Archive(file)
    archive.store(messages(ten_minutes()))
    return archive


def reported(archive: Archive, room: str = "S1", begin: int = BEGIN, end: int = END, now: int = END) -> Report:
    return report_of(archive, SITE, room, begin, end, now=now)
