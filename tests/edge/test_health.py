"""The agent as a source: its state in frames, alarms by the same engine."""

import asyncio
from dataclasses import replace

from edge.health import Health, State, conditions, tags
from gateway.alarm.engine import Engine
from gateway.alarm.instant import Instant
from schemas.codec import Record
from schemas.frame import Frame
from schemas.records import AlarmEvent, AlarmPriority
from tests.support.eventually import eventually

WELL = State(
    filled=0.1, waiting=3, unwritten=False, reserve=True, damaged=False, refused=False, untold=False, expiring=0,
    expired=0,
)  # fmt: skip


def alarms_of(*states: State) -> list[tuple[str, AlarmEvent]]:
    engine, health = Engine(conditions("line-3")), Health("line-3", lambda: WELL, lambda _: None)
    return [
        (step.condition, step.event)
        for at, state in enumerate(states)
        for step in engine.evaluate(health.frame(state), Instant(at, float(at)))
    ]


def test_an_agent_that_is_well_has_no_alarm() -> None:
    """And says so in numbers."""
    frame = Health("line-3", lambda: WELL, lambda _: None).frame(WELL)
    assert {row.tag: row.value for row in frame.rows()} == {
        "line-3.JournalFilled": 10.0, "line-3.JournalAlmostFull": 0.0, "line-3.RecordsWaiting": 3.0,
        "line-3.JournalNotWritten": 0.0, "line-3.DiskReserve": 1.0, "line-3.JournalDamaged": 0.0,
        "line-3.PublishingRefused": 0.0, "line-3.AnnunciationFailed": 0.0,
        "line-3.CertificatesExpiring": 0.0, "line-3.CertificatesExpired": 0.0,
    }  # fmt: skip
    assert [tag.name for tag in tags("line-3")] == list(frame.tags.names)
    assert alarms_of(WELL) == []


def test_each_trouble_is_an_alarm_that_returns() -> None:
    """A journal that fills at 70 and at 90 percent, one that cannot be written or was damaged, publishing refused."""
    for trouble, names in {
        replace(WELL, filled=0.71): ["JournalFilled"],
        replace(WELL, filled=0.9): ["JournalFilled", "JournalAlmostFull"],
        replace(WELL, unwritten=True): ["JournalNotWritten"],
        replace(WELL, damaged=True): ["JournalDamaged"],
        replace(WELL, refused=True): ["PublishingRefused"],
        replace(WELL, untold=True): ["AnnunciationFailed"],
        replace(WELL, expiring=2): ["CertificatesExpiring"],
        replace(WELL, expired=1): ["CertificatesExpired"],
    }.items():
        expected = [(f"line-3.{name}.HIGH", AlarmEvent.RAISED) for name in names]
        back = [(name, AlarmEvent.RETURNED) for name, _ in expected]
        assert alarms_of(WELL, trouble, trouble, WELL) == [*expected, *back]


def test_only_certificates_that_still_hold_are_an_alert() -> None:
    """All else asks for an answer now."""
    alerts = [one.tag for one in conditions("line-3") if one.priority is AlarmPriority.ALERT]
    assert alerts == ["line-3.CertificatesExpiring"]


async def test_a_change_is_reported_at_once_and_sameness_rarely() -> None:
    """The number of waiting records alone is no change."""
    records, now = list[Record](), [WELL]
    running = asyncio.create_task(Health("line-3", lambda: now[0], records.append).run())
    await eventually(lambda: records, within=60)
    now[0] = replace(WELL, waiting=4)
    await asyncio.sleep(0.6)
    assert len(records) == 1
    now[0] = replace(WELL, waiting=4, refused=True)
    await eventually(lambda: len(records) == 2, within=60)
    assert all(isinstance(record, Frame) for record in records)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
