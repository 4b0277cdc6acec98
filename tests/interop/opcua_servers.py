"""Other people's OPC UA servers: fetched once into the cache by pinned versions and hashes, each in its own process."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.opcua.certificates import make_pair, save_pair
from simulators.broker.jars import cache_directory, locked, say, wrong_jars
from tests.adapters.support import free_port
from tests.support.npm import install

HERE = Path(__file__).parent
URI = "urn:plant:line-3:server"
NAMESPACE = "urn:plant:line-3"
STATUS = {"Good": 0, "BadSensorFailure": 0x808C0000}


class Other(ABC):
    """A running server with the variables DP (Pa, -50 to 100), N (UInt64) and S (text)."""

    name: str
    needs: tuple[str, ...]
    has_history = False

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.endpoint = f"opc.tcp://127.0.0.1:{port}/"
        self._port = port
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    def home(cls) -> Path:
        """Where it is installed; installs it. Skips the test where its runtime is missing, except in CI."""
        missing = [command for command in cls.needs if shutil.which(command) is None]
        if missing:
            problem = f"{cls.name} needs {' and '.join(missing)} on the PATH"
            if os.environ.get("CI"):
                pytest.fail(problem, pytrace=False)
            pytest.skip(problem)
        pins = hashlib.sha256(b"".join(file.read_bytes() for file in cls.pinned())).hexdigest()[:8]
        home = cache_directory() / f"{cls.name}-{pins}"
        home.parent.mkdir(exist_ok=True)
        with locked(home.with_suffix(".lock"), say):
            if not home.is_dir():
                part = home.with_suffix(".part")
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir()
                cls.install(part)
                part.rename(home)
        return home

    @classmethod
    @abstractmethod
    def pinned(cls) -> Sequence[Path]:
        """The files that say what belongs to it."""

    @classmethod
    @abstractmethod
    def install(cls, home: Path) -> None:
        """Fetch it into an empty folder, checked against the hashes of ours."""

    @abstractmethod
    def command(self, home: Path) -> list[str]:
        """What runs it."""

    @abstractmethod
    def line(self, name: str, kind: str, value: Any, status: str, time: datetime | None) -> str:
        """What tells it to write."""

    async def start(self) -> None:
        """Returns when it listens."""
        home = await asyncio.to_thread(self.home)
        pipe = asyncio.subprocess.PIPE
        environment = os.environ | {"HOME": str(self.folder)}
        self._process = await asyncio.create_subprocess_exec(
            *self.command(home), str(self._port), str(self.folder), stdin=pipe, stdout=pipe, env=environment,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await self._answer("ready")

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.returncode is None

    async def stop(self) -> None:
        """Kill it: what it does on its own when it ends is not what is tested."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def write(
        self, name: str, kind: str, value: Any, *, status: str = "Good", time: datetime | None = None
    ) -> None:
        """Set value, status and source time of a variable."""
        await self.say(self.line(name, kind, value, status, time))

    async def say(self, line: str) -> None:
        """Tell it a line, and wait until it is done."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._answer("done")

    async def _answer(self, word: str) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            while word not in (line := (await self._process.stdout.readline()).decode()):
                assert line, f"{self.name} ended"


class NodeOpcUa(Other):
    """node-opcua, from npm; it keeps a history of DP."""

    name, needs, has_history = "node-opcua", ("node", "npm"), True

    @classmethod
    def pinned(cls) -> Sequence[Path]:
        return [HERE / "nodeopcua" / "package.json", HERE / "nodeopcua" / "package-lock.json"]

    @classmethod
    def install(cls, home: Path) -> None:
        install(tuple(cls.pinned()), home)

    def command(self, home: Path) -> list[str]:
        shutil.copy(HERE / "nodeopcua" / "server.js", home)
        return ["node", str(home / "server.js")]

    def line(self, name: str, kind: str, value: Any, status: str, time: datetime | None) -> str:
        given = [value >> 32, value & 0xFFFFFFFF] if kind == "UInt64" else value
        when = None if time is None else time.isoformat()
        return json.dumps({"set": name, "type": kind, "value": given, "status": status, "time": when})


class Milo(Other):
    """Eclipse Milo, from Maven; without a history."""

    name, needs = "milo", ("mvn", "java", "javac")

    @classmethod
    def pinned(cls) -> Sequence[Path]:
        return [HERE / "milo" / "pom.xml", HERE / "milo" / "jars.sha256", HERE / "milo" / "Server.java"]

    @classmethod
    def install(cls, home: Path) -> None:
        pom, checksums, source = cls.pinned()
        fetch = ["mvn", "-B", "-q", "--strict-checksums", "-f", str(pom), "dependency:copy-dependencies"]
        done = subprocess.run(
            [*fetch, f"-DoutputDirectory={home / 'libs'}"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
        assert wrong_jars(home / "libs", checksums.read_text()) == []
        compiling = ["javac", "-cp", f"{home}/libs/*", "-d", str(home / "classes"), str(source)]
        done = subprocess.run(compiling, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def command(self, home: Path) -> list[str]:
        return ["java", "-Xmx128m", "-XX:+UseSerialGC", "-cp", f"{home}/libs/*:{home}/classes", "Server"]

    def line(self, name: str, kind: str, value: Any, status: str, time: datetime | None) -> str:
        when = "-" if time is None else str(round(time.timestamp() * 1000))
        return f"set {name} {kind} {STATUS[status]:X} {when} {'-' if value is None else value}"


@asynccontextmanager
async def running(kind: type[Other], folder: Path) -> AsyncIterator[Other]:
    """The server with a certificate of its own; it trusts the one in own.der, which is ours."""
    (folder / "trusted").mkdir()
    for name, uri in (("own", "urn:cmo-a:line-3"), ("server", URI)):
        pair = make_pair(uri, name, host="127.0.0.1")
        save_pair(pair, folder / f"{name}.der", folder / f"{name}.pem")
        (folder / f"{name}-certificate.pem").write_bytes(pair.certificate.public_bytes(Encoding.PEM))
    shutil.copy(folder / "own.der", folder / "trusted")
    server = kind(folder, free_port())
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
