"""How well lines carry: the share that failed, as the agent's own tag and in `cmo-edge status`."""

import asyncio
from pathlib import Path

import pytest

from adapters.contract import Exchanges
from edge import line_errors
from edge.line_errors import LineErrors, lines_of
from schemas.frame import Frame
from simulators.devices.transmitter import ModbusTransmitter
from tests.edge import running as line
from tests.edge.running import command, running
from tests.support.eventually import eventually


class Device:
    """A source that counts."""

    def __init__(self) -> None:
        self.exchanges = Exchanges()


async def test_the_share_is_that_of_the_period_and_not_of_all_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit that nobody asked, and a source that counts nothing, have none; one in another's place begins anew."""
    monkeypatch.setattr(line_errors, "PERIOD", 0.0)
    told: asyncio.Queue[Frame] = asyncio.Queue()
    one, idle = Device(), Device()
    sources: dict[str, object] = {"one": one, "idle": idle, "other": object()}
    errors = LineErrors("line-3", lambda: sources, told.put_nowait)
    one.exchanges = Exchanges(asked=10, answered=8, timed_out=1, malformed=1)
    running_ = asyncio.create_task(errors.run())
    try:
        assert shares(await told.get()) == {"one.LineErrors": 20.0}
        await asyncio.sleep(0)
        assert errors.status()["one"]["asked"] == 10
        one.exchanges = Exchanges(asked=14, answered=12, timed_out=1, malformed=1)
        assert shares(await told.get()) == {"one.LineErrors": 0.0}
        sources["one"] = new = Device()
        new.exchanges = Exchanges(asked=4, answered=3, timed_out=0, malformed=1)
        assert shares(await told.get()) == {"one.LineErrors": 25.0}
        assert set(errors.status()) == {"one", "idle"}
        assert told.empty()
    finally:
        running_.cancel()


def shares(frame: Frame) -> dict[str, object]:
    assert frame.source == "line-3"
    return {row.tag: row.value for row in frame.rows()}


async def test_a_line_that_gets_worse_is_seen_in_the_records_and_in_the_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the unit that answers with damaged frames, while its values still come between them."""
    monkeypatch.setattr(line_errors, "PERIOD", 1.0)
    device = ModbusTransmitter(framing="rtu", link=tmp_path / "line")
    await device.start()
    try:
        await device.update({"differential": 14.0, "temperature": 20.0, "humidity": 45.0})
        left, right = (
            {
                "type": "modbus", "name": name, "framing": "rtu", "line": {"path": device.address}, "unit": unit,
                "poll_interval": 0.1, "timeout": 1.0, "worst_delay": 0.4, "silence": 30, "proof": "none-available",
                "tags": [{"name": name, "address": 1 if unit == 2 else 257, "type": "int16"}],
            }
            for unit, name in ((1, "left"), (2, "right"))
        )  # fmt: skip
        config = line.configure(tmp_path, left, right)
        async with running(config) as agent:
            device.lie("bad-checksum", unit=1)
            rows = await eventually(
                lambda: [
                    row for row in line.samples(agent, "line-3")
                    if row.tag == "left.LineErrors" and isinstance(row.value, float) and row.value > 0
                ],
                within=60,
            )  # fmt: skip
            assert rows[-1].unit == "%"
            assert {row.value for row in line.samples(agent, "line-3") if row.tag == "right.LineErrors"} <= {0.0}
            done = await command(config, "status")
        said = [text for text in done.stdout.splitlines() if text.startswith("line of ")]
        assert [text.split(":")[0] for text in said] == ["line of left", "line of right"]
        assert " 0 malformed" not in said[0]
        assert " 0 timed out, 0 malformed" in said[1]
    finally:
        await device.stop()


def test_a_line_that_only_sends_is_said_to_answer() -> None:
    """Nothing is asked there; the share stands once there is one."""
    counts = {"asked": 0, "answered": 120, "timed_out": 0, "malformed": 3, "failed": None}
    assert list(lines_of({"lines": {"gauge": counts}})) == ["line of gauge: 120 answered, 0 timed out, 3 malformed"]
    asked = {"asked": 9, "answered": 8, "timed_out": 1, "malformed": 0, "failed": 12.5}
    assert list(lines_of({"lines": {"dp": asked}})) == [
        "line of dp: 9 asked, 8 answered, 1 timed out, 0 malformed; 12.5 % failed in the last 60 s"
    ]
