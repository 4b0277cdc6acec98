"""What a person at the line does with an alarm, by command, with an agent that runs."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from edge.commands.alarms import alarm_lines, duration_text
from edge.control import ask
from schemas.codec import plain
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmPriority, AlarmState
from simulators.devices.transmitter import ModbusTransmitter
from simulators.ports import free_port
from tests.edge.commands.command import Done, command
from tests.edge.stopping import stopped
from tests.edge.test_agent import agent
from tests.support.eventually import eventually

NAME = "M1.DP.C1.LOW"
NOW = 1_700_000_000_000_000


async def test_an_alarm_goes_through_its_life_by_commands(tmp_path: Path) -> None:
    """Acknowledged, shelved, taken out of service and returned; what is not possible is one line, exit code 1."""
    device = ModbusTransmitter()
    await device.start()
    await device.update({"differential": 3.0, "temperature": 20.0, "humidity": 45.0})
    running = asyncio.create_task(agent(tmp_path, device.address, free_port()).run())
    socket = tmp_path / "a.sock"

    async def done(*arguments: str) -> Done:
        return await command(tmp_path, arguments[0], "edge.yaml", *arguments[1:])

    async def refused(*arguments: str, code: int = 1) -> str:
        ended = await done(*arguments)
        assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1)
        return ended.err

    try:
        await eventually(socket.exists, within=60)
        await eventually(lambda: asyncio.to_thread(lambda: ask(socket, "alarms")), within=60, what="the alarm")
        shown = (await done("alarms")).out
        assert f"{NAME}\tUNACKNOWLEDGED\tACTION\tLOW\t3 Pa\tlimit 10 Pa\tfor " in shown
        assert "is latched, back and acknowledged" in await refused("reset", NAME, "--reason", "x")
        assert "say who does it, and why" in await refused("acknowledge", NAME, "--reason", " ")
        said = await done("acknowledge", NAME, "--reason", "door", "--by", "li")
        assert said.out == f"{NAME}: acknowledged, now ACKNOWLEDGED\n"
        assert "within 12 h" in await refused("shelve", NAME, "--reason", "filter", "--for", "13h")
        assert "30m" in await refused("shelve", NAME, "--reason", "filter", "--for", "soon", code=2)
        said = await done("shelve", NAME, "--reason", "filter", "--for", "30m", "--by", "li")
        assert said.out.startswith(f"{NAME}: shelved until 2")
        assert said.out.endswith("(Asia/Shanghai), now SHELVED\n")
        first, held, shelved = (await done("alarms")).out.splitlines()
        assert (first, held) == ("no open alarms", "held:")
        assert shelved.startswith(f"{NAME}\tSHELVED\tACTION\tLOW\tuntil 2")
        assert shelved.endswith("(Asia/Shanghai)\tli: filter")
        assert (await done("unshelve", NAME, "--reason", "done")).code == 0
        assert (await done("out-of-service", NAME, "--reason", "calibration")).out.endswith("now OUT_OF_SERVICE\n")
        assert "can be shelved" in await refused("shelve", NAME, "--reason", "x", "--for", "1h")
        assert (await done("return-to-service", NAME, "--reason", "done")).code == 0
    finally:
        await stopped(running)
        await device.stop()
    assert "is `cmo-edge run` running" in await refused("unshelve", NAME, "--reason", "x")


def shown(**fields: Any) -> dict[str, Any]:
    id_ = fields.pop("alarm", uuid4())
    one = Alarm(
        id=id_, alarm=id_, condition="a.LOW", tag="a", event=AlarmEvent.RAISED, state=AlarmState.UNACKNOWLEDGED,
        time=NOW, since=NOW, limit=10.0, deadband=0.0, on_delay=0.0, unit="Pa", kind=AlarmKind.LOW,
        priority=AlarmPriority.ACTION, value=3.0,
    )  # fmt: skip
    return plain(one) | fields


def test_consequences_name_the_alarm_that_was_first() -> None:
    """And one that is back says how long it lasted."""
    first = shown(group="AHU-1", first_out=True)
    second = shown(condition="b.LOW", group="AHU-1", head=first["alarm"], state="RETURNED_UNACKNOWLEDGED", duration=75)
    one, two = alarm_lines([first, second], "Asia/Shanghai", NOW + 3_725_000_000)
    assert one == "a.LOW\tUNACKNOWLEDGED\tACTION\tLOW\t3 Pa\tlimit 10 Pa\tfor 1 h 2 min\tAHU-1: first"
    assert two.endswith("\tis back, lasted 1 min 15 s\tAHU-1: follows a.LOW")


def test_silence_has_no_limit_to_show() -> None:
    """Its limit is no number of the tag's."""
    (line,) = alarm_lines([shown(kind="STALE", value=None)], "UTC", NOW)
    assert line == "a.LOW\tUNACKNOWLEDGED\tACTION\tSTALE\tno reading\tfor 0 s"


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (61, "1 min 1 s"), (7200, "2 h"), (90_061, "1 d 1 h")])
def test_a_duration_has_two_parts_at_most(seconds: float, text: str) -> None:
    """The largest ones."""
    assert duration_text(seconds) == text
