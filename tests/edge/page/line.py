"""A transmitter, a real agent that reads it, and the line page: three that know each other by sockets alone."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from edge.control import ControlError, ask
from simulators.devices.transmitter import ModbusTransmitter
from simulators.ports import free_port
from tests.edge.test_agent import agent

PROGRAM = Path(sys.executable).with_name("cmo-edge")
GOOD = {"differential": 14.0, "temperature": 20.0, "humidity": 45.0}


class Line:
    """What a test does with them."""

    def __init__(self, folder: Path, annunciation: dict[str, Any] | None = None) -> None:
        self._annunciation = annunciation
        self.folder, self.socket = folder, folder / "a.sock"
        self.address = ""
        self._loop = asyncio.new_event_loop()
        self._device = ModbusTransmitter()
        self._processes: list[subprocess.Popen[str]] = []
        self.agent: subprocess.Popen[str]

    def pressure(self, pascal: float) -> None:
        """What the transmitter measures from now on."""
        self._do(self._device.update(GOOD | {"differential": pascal}))

    def ask(self, do: str, **arguments: Any) -> Any:
        """What the agent answers; None while it does not."""
        try:
            return ask(self.socket, do, **arguments)
        except ControlError:
            return None

    def start(self) -> None:
        """All three."""
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._do(self._device.start())
        self.pressure(14.0)
        agent(self.folder, self._device.address, free_port()).journal.close()  # writes the configuration
        config = yaml.safe_load((self.folder / "edge.yaml").read_text())
        (self.folder / "edge.yaml").write_text(yaml.safe_dump(config | {"annunciation": self._annunciation or {}}))
        self.start_agent()
        page = self._started("page", "--port", "0")
        assert page.stdout is not None
        self.address = page.stdout.readline().split()[-1]

    def start_agent(self) -> None:
        """Again, after it was killed."""
        self.agent = self._started("run")

    def stop(self) -> None:
        """All that was started."""
        for process in self._processes:
            process.kill()
            process.wait(20)
            if process.stdout:
                process.stdout.close()
        self._do(self._device.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _started(self, command: str, *arguments: str) -> subprocess.Popen[str]:
        line: list[str | Path] = [PROGRAM, command, self.folder / "edge.yaml", *arguments]
        told = (self.folder / f"{command}.log").open("w")
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=told, text=True)
        told.close()
        self._processes.append(process)
        return process

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


@contextmanager
def running(folder: Path, annunciation: dict[str, Any] | None = None) -> Iterator[Line]:
    """A line, once its page can be opened."""
    line = Line(folder, annunciation)
    try:
        line.start()
        yield line
    finally:
        line.stop()
