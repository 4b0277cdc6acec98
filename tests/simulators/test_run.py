"""The command end to end: real processes, real sockets, a fast clock."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from asyncua.client.client import Client
from pymodbus.client import AsyncModbusTcpClient

from tests.support.eventually import eventually

LINE_3 = Path("simulators/line-3")
LIGHT = ("transmitter-m1", "particles-f1", "balance-w1")
"""Devices that start quickly."""


class Running:
    """A `cmo-sim run`, and what it wrote."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process = process
        self.folder = folder

    async def addresses(self) -> dict[str, str]:
        await eventually((self.folder / "ready.json").exists, within=60, what="the ready file")
        return dict(json.loads((self.folder / "ready.json").read_text()))

    def lines(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def events(self, action: str) -> list[dict[str, Any]]:
        return [event for event in self.lines("events.jsonl") if event["action"] == action]

    def pids(self) -> dict[str, int]:
        return dict(self.events("ready")[0]["arguments"]["pids"])

    async def ended(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 60)


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    started: list[asyncio.subprocess.Process] = []

    async def go(plant: Path, *options: str, scenario: Mapping[str, Any] | None = None) -> Running:
        if scenario is not None:
            (tmp_path / "scenario.yaml").write_text(yaml.safe_dump(scenario, sort_keys=False))
            options = (*options, "--scenario", str(tmp_path / "scenario.yaml"))
        files = (
            ("--ready-file", "ready.json"),
            ("--events", "events.jsonl"),
            ("--truth", "truth.jsonl"),
            ("--pty-dir", "pty"),
        )
        paths = [part for option, name in files for part in (option, str(tmp_path / name))]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "simulators.cli",
            "run",
            str(plant),
            *paths,
            *options,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        return Running(process, tmp_path)

    yield go
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
def light(tmp_path: Path) -> Path:
    """Line 3 without its OPC UA server."""
    document = yaml.safe_load((LINE_3 / "plant.yaml").read_text())
    document["devices"] = {name: document["devices"][name] for name in LIGHT}
    (tmp_path / "plant.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return tmp_path


@asynccontextmanager
async def modbus(address: str) -> AsyncIterator[AsyncModbusTcpClient]:
    host, port = address.split(":")
    client = AsyncModbusTcpClient(host, port=int(port))
    assert await client.connect()
    yield client
    client.close()


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_the_door_scenario_is_seen_over_the_protocols_as_the_truth_has_it(start: Start) -> None:
    """Four devices listen, the scenario runs to its end, and what OPC UA told is in the truth, sample by sample."""
    run = await start(LINE_3, "--speed", "5", "--scenario", str(LINE_3 / "scenarios" / "door-held-open.yaml"))
    addresses = await run.addresses()
    assert list(addresses) == ["ems", *LIGHT]
    heard: list[tuple[int, float]] = []

    class Ear:
        def datachange_notification(self, _node: Any, val: Any, data: Any) -> None:
            value = data.monitored_item.Value
            if value.StatusCode.is_good():
                heard.append((round(value.SourceTimestamp.timestamp() * 1e6), val))

    async with Client(addresses["ems"]) as client:
        subscription = await client.create_subscription(100, Ear())
        await subscription.subscribe_data_change(client.get_node("ns=2;s=M1.DP.C1"))
        await eventually(lambda: run.events("close_door")[2:], within=60, what="the end of the open door")
    assert await run.ended() == 0
    truth = {line["time"]: line["values"]["M1.DP.C1"] for line in run.lines("truth.jsonl")}
    assert len(heard) > 20
    assert all(truth[time] == value for time, value in heard)
    opened, closed = (run.events(action)[2]["time"] for action in ("open_door", "close_door"))
    during = [value for time, value in truth.items() if opened + 2_000_000 < time < closed]
    assert during
    assert max(during) < 3
    assert [event["at"] for event in run.events("end")] == [75.0]
    assert not (run.folder / "ready.json").exists()


async def test_a_killed_device_hurts_no_other(start: Start, light: Path) -> None:
    """An outside `kill -9` is an event, the device is away, the others go on."""
    run = await start(light)
    addresses = await run.addresses()
    async with modbus(addresses["transmitter-m1"]):
        os.kill(run.pids()["transmitter-m1"], signal.SIGKILL)
        await eventually(lambda: run.events("device_died"), within=60)
    assert run.events("device_died")[0]["arguments"] == {"device": "transmitter-m1", "code": -9}
    with pytest.raises(OSError):
        await asyncio.open_connection(*addresses["transmitter-m1"].split(":"))
    async with modbus(addresses["particles-f1"]) as client:
        assert not (await client.read_holding_registers(0, count=3)).isError()
    ticks = len(run.lines("truth.jsonl"))
    await eventually(lambda: len(run.lines("truth.jsonl")) > ticks, within=60)


async def test_a_scenario_stops_and_starts_devices(start: Start, light: Path) -> None:
    """The device answers before and after, at the same address, and not between; the terminal's link goes and comes."""
    steps = [
        *({"at": 5, "do": "stop_device", "device": name} for name in LIGHT),
        *({"at": 40, "do": "start_device", "device": name} for name in LIGHT),
    ]
    run = await start(light, "--speed", "10", scenario={"title": "t", "steps": steps})
    addresses = await run.addresses()
    await eventually(lambda: not Path(addresses["balance-w1"]).is_symlink(), within=60)
    await eventually(lambda: not alive(run.pids()["particles-f1"]), within=60)
    with pytest.raises(OSError):
        await asyncio.open_connection(*addresses["particles-f1"].split(":"))
    await eventually(lambda: len(run.events("device_started")) == 3, within=60)
    assert {e["arguments"]["device"]: e["arguments"]["address"] for e in run.events("device_started")} == addresses
    assert Path(addresses["balance-w1"]).is_symlink()
    async with modbus(addresses["transmitter-m1"]) as client:
        await eventually(lambda: _differential(client, above=10), within=60)
    assert not run.events("device_died")


async def _differential(client: AsyncModbusTcpClient, above: float) -> bool:
    response = await client.read_holding_registers(4, count=2, device_id=1)
    value = client.convert_from_registers(response.registers, client.DATATYPE.FLOAT32, word_order="little")
    return isinstance(value, float) and value > above


async def test_a_plant_can_restart_what_died(start: Start, light: Path) -> None:
    """With `restart_after` no scenario is needed."""
    with (light / "plant.yaml").open("a") as document:
        document.write("restart_after: 0.2\n")
    run = await start(light)
    await run.addresses()
    os.kill(run.pids()["particles-f1"], signal.SIGKILL)
    await eventually(lambda: run.events("device_started"), within=60)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_leaves_nothing_behind(start: Start, light: Path, number: signal.Signals, code: int) -> None:
    """No process, no link, no ready file, no traceback."""
    run = await start(light)
    addresses = await run.addresses()
    children = run.pids().values()
    assert len(children) == 3
    run.process.send_signal(number)
    assert await run.ended() == code
    assert not any(alive(child) for child in children)
    assert not Path(addresses["balance-w1"]).parent.exists()
    assert not (run.folder / "ready.json").exists()
    assert run.process.stderr is not None
    assert await run.process.stderr.read() == b""


async def test_devices_end_when_the_plant_is_killed(start: Start, light: Path) -> None:
    """Their stdin ends, whatever became of the plant."""
    run = await start(light)
    await run.addresses()
    children = run.pids().values()
    run.process.kill()
    await run.ended()
    await eventually(lambda: not any(alive(child) for child in children), within=60)


async def test_one_seed_makes_two_runs_alike(start: Start, light: Path) -> None:
    """Same values tick by tick, though at other times."""
    told = []
    for _ in range(2):
        run = await start(light, "--speed", "50", "--seed", "11", scenario={"title": "t", "ends_at": 100})
        assert await run.ended() == 0
        told.append([(line["at"], line["values"]) for line in run.lines("truth.jsonl")])
    assert told[0] == told[1]
    assert len(told[0]) == 20


async def test_a_fault_is_in_the_truth_as_bad(start: Start, light: Path) -> None:
    """No value and not a number are null and listed."""
    steps = [
        {"at": 0, "do": "sensor_fault", "tag": "transmitter-m1.humidity", "fault": "nan"},
        {"at": 0, "do": "sensor_fault", "tag": "balance-w1.load", "fault": "bad"},
    ]
    run = await start(light, "--speed", "50", scenario={"title": "t", "ends_at": 20, "steps": steps})
    assert await run.ended() == 0
    for line in run.lines("truth.jsonl"):
        assert line["bad"] == ["transmitter-m1.humidity", "balance-w1.load"]
        assert line["values"]["balance-w1.load"] is None


async def test_wrong_ports_are_all_told_before_anything_starts(start: Start) -> None:
    """A taken port, an unknown device, a balance, no number: a line each, exit code 2."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        ports = (f"ems={taken}", "emms=4840", "balance-w1=9600", "particles-f1=x")
        run = await start(LINE_3, *(part for port in ports for part in ("--port", port)))
        assert await run.ended() == 2
    assert run.process.stderr is not None
    assert (await run.process.stderr.read()).decode().splitlines() == [
        "--port particles-f1=x: is not DEVICE=NUMBER with a number up to 65535",
        "--port emms: unknown device; there are ems, transmitter-m1, particles-f1, balance-w1",
        "--port balance-w1: has a terminal, no port",
        f"device ems: port {taken} is taken on 127.0.0.1; choose another with --port ems=NUMBER",
    ]
    assert not run.lines("events.jsonl")


async def test_a_wrong_document_is_told_before_anything_starts(start: Start) -> None:
    """Exit code 2, one line, nothing else."""
    run = await start(LINE_3, scenario={"title": "t", "steps": [{"at": 1, "do": "open_door", "door": "X-Y"}]})
    assert await run.ended() == 2
    assert run.process.stderr is not None
    (line,) = (await run.process.stderr.read()).decode().splitlines()
    assert "scenario.yaml:5: steps.0.door: unknown door 'X-Y'" in line


async def test_scenarios_are_listed_with_what_happens() -> None:
    """A line each: name, end, title."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulators.cli",
        "scenarios",
        str(LINE_3),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "200"},
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    lines = [line.split() for line in out.decode().splitlines()[1:]]
    assert [line[0] for line in lines] == sorted(path.stem for path in (LINE_3 / "scenarios").glob("*.yaml"))
