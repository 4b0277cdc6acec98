"""`cmo-sim run --control`: a running plant that is told over HTTP what to do."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymodbus.client import AsyncModbusTcpClient

from simulators.control import Control
from simulators.plant import load_plant
from simulators.processes import fleet
from simulators.scenario import Step
from simulators.web import RefusedError, Request, serving
from tests.support.plant import RunningPlant, plant_document, running_plant
from tests.support.simulated import Remote

LIGHT = ("transmitter-m1", "balance-w1")


@pytest.fixture
async def plant(tmp_path: Path) -> AsyncIterator[RunningPlant]:
    """Two devices that start quickly, told what to do over HTTP."""
    folder = plant_document(tmp_path, keep=LIGHT)
    async with running_plant(tmp_path, {"title": "nothing"}, "--control", "0", plant=folder) as running:
        yield running


@pytest.fixture
def remote(plant: RunningPlant) -> Remote:
    return Remote.of(plant)


async def code(plant: RunningPlant) -> int:
    """The exception by which the transmitter answers a read; 0 for an answer."""
    host, port = plant.addresses["transmitter-m1"].split(":")
    client = AsyncModbusTcpClient(host, port=int(port))
    assert await client.connect()
    try:
        answer = await client.read_holding_registers(0, count=2, device_id=1)
        return answer.exception_code if answer.isError() else 0
    finally:
        client.close()


async def test_a_lie_is_told_once_its_switching_on_is_answered(plant: RunningPlant, remote: Remote) -> None:
    """And no more once it is switched off; the journal has both."""
    assert await code(plant) == 0
    told = await remote.ask("PUT", "devices", "transmitter-m1", "lies", "busy")
    assert told["lies"] == ["busy"]
    assert await code(plant) == 6
    lies = await remote.ask("GET", "devices", "transmitter-m1", "lies")
    assert lies["busy"] == {"what": "exception 6 (F20)", "on": True}
    assert [name for name, lie in lies.items() if lie["on"]] == ["busy"]
    assert (await remote.ask("DELETE", "devices", "transmitter-m1", "lies", "busy"))["lies"] == []
    assert await code(plant) == 0
    for action in ("lie", "stop_lying"):
        event = plant.event(action)
        assert event is not None
        assert event["arguments"] == {"device": "transmitter-m1", "lie": "busy"}


async def test_devices_are_listed_with_their_clients(plant: RunningPlant, remote: Remote) -> None:
    """A terminal does not know them; one device can be asked for alone."""
    host, port = plant.addresses["transmitter-m1"].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(bytes.fromhex("0001 0000 0006 01 03 0000 0002"))
    await reader.read(1)
    listed = await remote.ask("GET", "devices")
    balance = {
        "kind": "balance", "address": plant.addresses["balance-w1"], "running": True, "lies": [], "clients": None,
    }  # fmt: skip
    transmitter = {
        "kind": "transmitter", "address": f"{host}:{port}", "running": True, "lies": [], "clients": 1,
    }  # fmt: skip
    assert listed == {"transmitter-m1": transmitter, "balance-w1": balance}
    assert await remote.ask("GET", "devices", "balance-w1") == balance
    writer.close()


async def test_any_step_of_a_scenario_can_happen_now(plant: RunningPlant, remote: Remote) -> None:
    """A device that is killed does not run, tells no lie, and takes none until it is started again."""
    await remote.ask("PUT", "devices", "transmitter-m1", "lies", "busy")
    step = {"do": "stop_device", "device": "transmitter-m1"}
    assert await remote.ask("POST", "steps", body=step) == step
    told = await remote.ask("GET", "devices", "transmitter-m1")
    assert (told["running"], told["lies"], told["clients"]) == (False, [], None)
    status, answer = await remote.send("PUT", "devices", "transmitter-m1", "lies", "busy")
    assert (status, answer["error"].partition(":")[0]) == (409, "device transmitter-m1")
    await remote.ask("POST", "steps", body={"do": "start_device", "device": "transmitter-m1"})
    assert await code(plant) == 0


@pytest.fixture
def control(tmp_path: Path) -> Control:
    """Of a plant whose devices do not run."""
    plant = load_plant(plant_document(tmp_path, keep=LIGHT))
    return Control(plant, fleet(plant, {}, tmp_path), no_step)


async def no_step(step: Step) -> None:
    raise AssertionError(step)


async def refusal(control: Control, method: str, path: tuple[str, ...], body: object = None) -> tuple[int, str]:
    with pytest.raises(RefusedError) as caught:
        await control.answer(Request(method, path, json.dumps(body).encode()))
    return caught.value.status, str(caught.value)


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("GET", ("devices", "ems"), "no device 'ems'; there are transmitter-m1, balance-w1"),
        ("PUT", ("devices", "balance-w1", "lies", "busy"), "balance-w1 has no lie 'busy'; there are moving, overload,"),
        ("DELETE", ("devices", "none", "lies", "busy"), "no device 'none'; there are"),
        ("PUT", ("devices",), "there are GET /devices"),
        ("GET", (), "there are GET /devices"),
    ],
)
async def test_what_there_is_not_is_404_with_what_there_is(
    control: Control, method: str, path: tuple[str, ...], says: str
) -> None:
    """In one line."""
    status, said = await refusal(control, method, path)
    assert (status, said[: len(says)]) == (404, says)
    assert "\n" not in said


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            {"do": "lie", "device": "balance-w1", "lie": "overlod"},
            "balance-w1 does not lie so; did you mean 'overload'",
        ),
        ({"do": "open_door"}, "open_door.door: Field required"),
        ([], "the body is no JSON object"),
        (7, "the body is no JSON object"),
    ],
)
async def test_a_step_that_does_not_fit_the_plant_is_422(control: Control, body: object, says: str) -> None:
    """Nothing happens then."""
    status, said = await refusal(control, "POST", ("steps",), body)
    assert (status, said[: len(says)]) == (422, says)


@pytest.mark.parametrize(
    "octets",
    [
        b"\r\n\r\n",
        b"GET /devices\r\n\r\n",
        b"POST /steps HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /steps HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}",
        b"GET /" + b"x" * 20_000,
        b"\xff\x00",
    ],
)
async def test_what_is_no_request_is_400_and_hurts_nobody(octets: bytes) -> None:
    """The next one is answered."""

    async def answer(request: Request) -> list[str]:
        return [request.method, *request.path]

    async with serving(0, answer) as url:
        remote = Remote.at(url)
        reader, writer = await asyncio.open_connection(remote.host, remote.port)
        writer.write(octets)
        writer.write_eof()
        answered = await reader.read()
        writer.close()
        assert answered.startswith(b"HTTP/1.1 400 ")
        assert json.loads(answered.partition(b"\r\n\r\n")[2]) == {"error": "not an HTTP request that can be read"}
        assert await remote.ask("GET", "a%2Fb", "c") == ["GET", "a/b", "c"]


async def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path) -> None:
    """In one line, exit code 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "simulators.cli", "run", "simulators/line-3", "--control", str(port)]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode() == f"--control {port}: the port is taken on 127.0.0.1\n"
