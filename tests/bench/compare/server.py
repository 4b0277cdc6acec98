"""A load server as a process: `ready` on its standard output, the end with its standard input."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulators.ports import free_port
from tests.bench.compare.scenarios import Scenario

ENDS_WITHIN = 20.0


class Server:
    """One that runs until `end`; `said` is its last line then. Raises OSError where it does not start."""

    def __init__(self, program: Path, scenario: Scenario, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.place = Place(free_port(), folder)
        self.said = ""
        command: list[str | Path] = [program, str(self.place.port), str(scenario.variables)]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, f"{scenario.hertz:g}", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        if self._process.stdout is None or self._process.stdout.readline() != b"ready\n":
            self.end()
            raise OSError(f"the load server did not start (log: {folder / 'log'})")

    def end(self) -> None:
        """It makes nothing any more."""
        if self._process.returncode is not None:
            return
        try:
            said, _ = self._process.communicate(timeout=ENDS_WITHIN)
            self.said = said.decode().strip()
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def cycles(self) -> NDArray[np.int64]:
        """Time of each change so far, microseconds since 1970."""
        octets = (self.place.folder / "cycles").read_bytes()
        return np.frombuffer(octets[: len(octets) // 8 * 8], "<i8")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is found."""

    port: int
    folder: Path

    @property
    def endpoint(self) -> str:
        """URL, of an OPC UA server."""
        return f"opc.tcp://127.0.0.1:{self.port}/"

    @property
    def certificate(self) -> Path:
        """Its certificate (DER), of an OPC UA server."""
        return self.folder / "pki" / "own" / "cert.der"
