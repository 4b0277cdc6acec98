"""A backlog drains over a real Kafka without holding up the present."""

from pathlib import Path
from uuid import uuid4

import pytest

from gateway.link import publisher
from gateway.link.topics import Stream
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.link.uplinks import Line, new_name, numbers, running
from tests.gateway.messages import alarm
from tests.support.eventually import eventually

pytestmark = pytest.mark.kafka


async def test_an_alarm_overtakes_a_backlog_of_measurements(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes with the next round, whatever waits; the rounds here are small so that there are many."""
    monkeypatch.setattr(publisher, "ROUND_OCTETS", 20_000)
    recipient = new_name()
    line = Line(kafka, recipient, tmp_path / "j.db")
    line.offer_frames(range(5_000))
    alarms = Stream("cmo-a", "line-3", recipient, "alarms").name
    async with running(line):
        await eventually(lambda: line.journal.cursor(line.stream.name), within=60, every=0.005)
        line.offer(alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 5, alarm=uuid4()))
        await eventually(lambda: line.journal.cursor(alarms) == line.journal.size(alarms), within=60, every=0.005)
        assert line.journal.cursor(line.stream.name) < line.journal.size(line.stream.name)
        await line.drained(120)
    assert await numbers(kafka, line.stream) == list(range(1, 5_003))
