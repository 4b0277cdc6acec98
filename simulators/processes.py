"""The devices' processes: each its own, so that one can die without hurting the others."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from simulators.devices import Value
from simulators.plant import AnyDevice, OpcUa, Plant, has_terminal
from simulators.ports import is_free
from simulators.tags import Tag, plant_tags

START_TIMEOUT = 60.0
"""s a device has to come up: the OPC UA address space takes several on a busy machine."""
STOP_TIMEOUT = 5.0
ANSWER_TIMEOUT = 30.0
"""s a device has to do what it is told: an OPC UA server that starts anew takes several."""
BACKLOG = 1 << 18
"""Bytes that may wait for a device that doesn't read; then readings pass it by, as they pass a hung device."""
ROOT = Path(__file__).parent.parent


class DeviceError(Exception):
    """A device that could not be started, or does not do what it is told; the message names it."""


class DeviceProcess:
    """One device: its process, if it runs, and its address, which it keeps over restarts."""

    def __init__(self, name: str, device: AnyDevice, plant: str, tags: list[Tag], link: Path) -> None:
        self.name = name
        self.address = ""
        self._device = device
        self._plant = plant
        self._tags = [tag for tag in tags if tag.device == name]
        self.lies: set[str] = set()
        """Those switched on; a new process tells the truth."""
        self._keys = link.with_name(f"{name}.keys") if isinstance(device, OpcUa) and device.secure else None
        self._link = link if has_terminal(device) else None
        self._asked: deque[asyncio.Future[dict[str, Any]]] = deque()
        self._process: Process | None = None
        self._ready = False
        self._starting = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Id of the process, None while there is none."""
        return self._process.pid if self._process else None

    async def start(self, died: Callable[["DeviceProcess", int], None]) -> bool:
        """Start the process and wait until it listens; False if there is one already.

        `died` hears of an end that nobody here asked for. Raises `DeviceError`.
        """
        async with self._starting:
            if self._process is not None:
                return False
            await self._launch(died)
            return True

    async def _launch(self, died: Callable[["DeviceProcess", int], None]) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "simulators.devices",
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # Ctrl-C is for the plant alone
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )
        self._process = process
        self._write(self._spec())
        self.address, self._ready = await self._said(process), True
        if not has_terminal(self._device):
            self._device = self._device.model_copy(update={"port": _port_of(self.address)})
        self._watch = asyncio.create_task(self._hear(process, died))

    async def _said(self, process: Process) -> str:
        """The address, from the first line that the process says."""
        try:
            async with asyncio.timeout(START_TIMEOUT):
                line = await process.stdout.readline() if process.stdout else b""
        except TimeoutError:
            line = json.dumps({"error": f"did not come up within {START_TIMEOUT:g} s"}).encode()
        said = json.loads(line) if line else {"error": "its process ended at once"}
        if "error" in said:
            self.kill()
            raise DeviceError(f"device {self.name}: {said['error']}")
        return str(said["address"])

    def _spec(self) -> bytes:
        spec = {
            "plant": self._plant,
            "name": self.name,
            "device": self._device.model_dump(),
            "link": None if self._link is None else str(self._link),
            "tags": [vars(tag) for tag in self._tags] if isinstance(self._device, OpcUa) else [],
            "keys": None if self._keys is None else str(self._keys),
        }
        return json.dumps(spec).encode() + b"\n"

    async def _hear(self, process: Process, died: Callable[["DeviceProcess", int], None]) -> None:
        """Its answers, in the order of what was asked, and its end."""
        while process.stdout is not None and (line := await process.stdout.readline()):
            if process is self._process:
                _resolve(self._asked.popleft(), json.loads(line))
        code = await process.wait()
        if self._process is process:
            self._gone()
            died(self, code)

    def _gone(self) -> None:
        self._process, self._ready = None, False
        self.lies.clear()
        while self._asked:
            _resolve(self._asked.popleft(), {"error": "its process ended"})
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def send(self, time: int, readings: Mapping[str, Value]) -> None:
        """Give the device its readings of `time` (Unix µs) out of all of the plant's."""
        if self._ready:
            values = {tag.point: readings[tag.name] for tag in self._tags}
            self._write(json.dumps({"time": time, "values": values}).encode() + b"\n")

    async def lie(self, lie: str, *, on: bool) -> None:
        """Let the device lie in a way that it knows, or stop it; done when it does. Raises `DeviceError`."""
        await self._ask({"lie": lie, "on": on})
        (self.lies.add if on else self.lies.discard)(lie)

    async def clients(self) -> int | None:
        """How many connections or sessions it has; None at a terminal. Raises `DeviceError`."""
        count: int | None = (await self._ask({"ask": "clients"}))["clients"]
        return count

    async def _ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        if not self._ready or not self._write(json.dumps(message).encode() + b"\n"):
            raise DeviceError(f"device {self.name}: does not run, or does not listen to the plant")
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                said = await answer
        except TimeoutError:
            said = {"error": f"no answer within {ANSWER_TIMEOUT:g} s"}
        if "error" in said:
            raise DeviceError(f"device {self.name}: {said['error']}")
        return said

    def _write(self, line: bytes) -> bool:
        """Give it a line; False when it is not there or does not read."""
        if self._process is None or self._process.stdin is None:
            return False
        pipe = self._process.stdin
        if pipe.is_closing() or pipe.transport.get_write_buffer_size() >= BACKLOG:
            return False
        pipe.write(line)
        return True

    def kill(self) -> None:
        """End the process with `kill -9`, as a power cut would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            self._gone()

    async def close(self) -> None:
        """Let the process end by closing its stdin; kill it if it doesn't. Its certificate goes with it."""
        process = self._process
        if process is not None and process.stdin is not None:
            self._process, self._ready = None, False
            process.stdin.close()
            try:
                async with asyncio.timeout(STOP_TIMEOUT):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._keys is not None:
            shutil.rmtree(self._keys, ignore_errors=True)


def _resolve(answer: asyncio.Future[dict[str, Any]], said: dict[str, Any]) -> None:
    if not answer.done():  # nobody waits any more
        answer.set_result(said)


def _port_of(address: str) -> int:
    return int(address.removeprefix("opc.tcp://").partition("/")[0].rpartition(":")[2])


def fleet(plant: Plant, ports: Mapping[str, int], links: Path) -> dict[str, DeviceProcess]:
    """A process object for each device; `ports` overrides the plant's, `links` is where terminals are linked."""
    tags = plant_tags(plant)
    processes: dict[str, DeviceProcess] = {}
    for name, device in plant.devices.items():
        ported = device.model_copy(update={"port": ports[name]}) if name in ports else device
        processes[name] = DeviceProcess(name, ported, plant.name, tags, links / name)
    return processes


def port_faults(plant: Plant, ports: Mapping[str, int]) -> list[str]:
    """What is wrong with the ports asked for: no such device, not a device with a port, taken, given twice."""
    faults: list[str] = []
    used: dict[int, str] = {}
    for name in ports:
        if name not in plant.devices:
            faults.append(f"--port {name}: unknown device; there are {', '.join(plant.devices)}")
        elif has_terminal(plant.devices[name]):
            faults.append(f"--port {name}: has a terminal, no port")
    for name, device in plant.devices.items():
        port = ports.get(name, getattr(device, "port", 0))
        if port and port in used:
            faults.append(f"device {name}: port {port} is also that of {used[port]}")
        elif port and not is_free(port):
            faults.append(f"device {name}: port {port} is taken on 127.0.0.1; choose another with --port {name}=NUMBER")
        used[port] = name
    return faults
