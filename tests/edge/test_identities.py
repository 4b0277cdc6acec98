"""Which device stands behind a source: learnt, kept, and another one accepted by a person only (F-A4)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge.agent import Agent
from schemas.records import Alarm, AlarmEvent
from schemas.status import Reason, StatusCode
from simulators.devices.modbus_line import LineServer
from simulators.devices.particles import Registers
from tests.edge import running as line
from tests.edge.running import asked, command, records, running
from tests.support.eventually import eventually


@asynccontextmanager
async def counters(path: Path, **serial_numbers: int) -> AsyncIterator[str]:
    """Two particle counters on one RTU line."""
    units = {at: Registers(0, 148, number, 0) for at, number in enumerate(serial_numbers.values(), start=1)}
    server = LineServer(dict(units), "rtu", path)
    await server.start()
    try:
        yield server.address
    finally:
        await server.stop()


def counter(name: str, path: Path, unit: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "modbus", "name": name, "framing": "rtu", "line": {"path": str(path)}, "unit": unit,
        "profile": "lighthouse", "clock_zone": "UTC", "poll_interval": 0.2, "timeout": 0.5, "worst_delay": 0.6,
        "silence": 5, "points": [{"point": "running", "name": f"{name}.RUN"}], **more,
    }  # fmt: skip


def last(agent: Agent, source: str) -> tuple[int, Reason]:
    row = line.samples(agent, source)[-1]
    return row.status, row.reason


GOOD = (StatusCode.GOOD, Reason.NONE)
ANOTHER = (StatusCode.UNCERTAIN, Reason.IDENTITY)


async def test_fa4_a_modbus_unit_replaced_is_uncertain_until_accepted(tmp_path: Path) -> None:
    """Only that unit of the shared line; who accepted it is in the alarm, and the agent's next life knows it."""
    path = tmp_path / "line"
    config = line.configure(tmp_path, counter("left", path, 1), counter("right", path, 2))
    async with counters(path, left=21045, right=21046), running(config):
        pass
    async with counters(path, left=21045, right=999):
        async with running(config) as agent:
            await eventually(lambda: last(agent, "right") == ANOTHER, within=60)
            await eventually(lambda: last(agent, "left") == GOOD, within=60)
            (alarm,) = await eventually(lambda: asked(config, "alarms"), within=60)
            assert alarm["condition"] == "right.IdentityChanged.HIGH"
            by = ("--by", "chen", "--reason", "old one in calibration")
            done = await command(config, "accept-identity", "right", *by)
            assert (done.returncode, done.stderr) == (0, "")
            assert "right: accepted, " in done.stdout
            assert "serial-number 999" in done.stdout
            await eventually(lambda: last(agent, "right") == GOOD, within=60, what="Good without a new connection")
            await eventually(lambda: is_quiet(config), within=60, what="the alarm's return")
            steps = [one for one in records(agent, "alarms") if isinstance(one, Alarm)]
            (accepted,) = [step for step in steps if step.event is AlarmEvent.ACKNOWLEDGED]
            assert (accepted.actor, "serial-number 999" in (accepted.comment or "")) == ("chen", True)
        async with running(config) as agent:
            await eventually(lambda: last(agent, "right") == GOOD, within=60)
            assert await asked(config, "alarms") == []


async def is_quiet(config: Path) -> bool:
    return not await asked(config, "alarms")


async def test_a_unit_that_the_configuration_names_is_not_accepted_away(tmp_path: Path) -> None:
    """The command says what to do instead, and every value stays Uncertain."""
    path = tmp_path / "line"
    config = line.configure(tmp_path, counter("left", path, 1, identity={"serial-number": 5}))
    async with counters(path, left=21045), running(config) as agent:
        await eventually(lambda: last(agent, "left") == ANOTHER, within=60)
        done = await command(config, "accept-identity", "left", "--reason", "?")
        assert done.returncode == 1
        assert "the configuration of 'left' says another device; change it there" in done.stderr
        frames = len(line.samples(agent, "left"))
        await eventually(lambda: len(line.samples(agent, "left")) > frames, within=60)
        assert last(agent, "left") == ANOTHER


async def test_a_unit_that_does_not_say_what_it_is_cannot_be_accepted(tmp_path: Path) -> None:
    """Without a profile nothing is asked, so there is nothing to accept."""
    path = tmp_path / "line"
    bare = counter("left", path, 1)
    bare |= {"profile": None, "clock_zone": None, "points": []}
    bare["tags"] = [{"name": "STATUS", "address": 2, "type": "uint16"}]
    config = line.configure(tmp_path, bare)
    async with counters(path, left=21045), running(config):
        done = await command(config, "accept-identity", "left", "--reason", "?")
        assert (done.returncode, "has not said which one it is" in done.stderr) == (1, True)
