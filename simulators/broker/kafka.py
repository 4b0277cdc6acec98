"""A real Apache Kafka as a child process.

Everything it writes stands in one directory: `server.properties`, `broker.log`, `data/`. Ctrl-C at the terminal
reaches the owner alone, who stops the broker after its last words are sent.
"""

import base64
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from simulators.broker.errors import BrokerError
from simulators.broker.jars import ensure_jars
from simulators.broker.java import find_java
from simulators.broker.properties import HOST, Member, member_properties
from simulators.broker.security import Security
from simulators.child import Child
from simulators.ports import free_ports, is_free

READY = "Kafka Server started"
LOG4J = Path(__file__).with_name("log4j2.xml")
_TUNING = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={LOG4J.as_uri()}")
_POLL = 0.05


class KafkaBroker:
    """One Kafka node on 127.0.0.1. Port and data outlive `stop`, `kill` and `restart`.

    Methods block (a start takes about 5 s the first time, 3 s later); from asyncio call them with `to_thread`.
    Raises BrokerError: from the constructor where Java or the jars are missing, from `start` where Kafka refuses.
    """

    limits = ""

    def __init__(
        self,
        directory: Path,
        port: int = 0,
        *,
        cluster: tuple[str, Sequence[Member], Member] | None = None,
        security: Security | None = None,
    ) -> None:
        """`cluster` is its id, all its members and the one that this is; alone without it."""
        self._java = find_java()
        self._libs = ensure_jars()
        self._directory = directory.resolve()
        if cluster is None:
            free_port, controller_port = free_ports(2)
            alone = Member(1, port or free_port, controller_port)
            cluster = (base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="), [alone], alone)
        self._cluster, self._members, self._member = cluster
        self._security = security
        self.port = self._member.port
        self._process: Child | None = None

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients' `bootstrap_servers`."""
        return f"{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """Kafka's warnings and errors over all its starts."""
        return self._directory / "broker.log"

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.exit_code is None

    def start(self, within: float = 180.0) -> None:
        """Returns when clients can connect; raises BrokerError after `within` seconds, or when Kafka gives up."""
        if self.running:
            return
        self.kill()  # what is left of one that died by itself
        if not is_free(self.port):
            raise BrokerError(f"port {self.port} on {HOST} is taken by another process: stop it or choose another port")
        deadline = time.monotonic() + within
        self._directory.mkdir(parents=True, exist_ok=True)
        properties = member_properties(self._members, self._member, self._security)
        (self._directory / "server.properties").write_text(properties)
        begin = self.log.stat().st_size if self.log.exists() else 0
        if not (self._directory / "data" / "meta.properties").exists():
            self._format(begin)
        self._launch()
        try:
            self._wait_until_ready(begin, deadline)
        except BaseException:
            self.kill()
            raise

    def stop(self, within: float = 10.0) -> None:
        """Ends Kafka in order; kills it where that takes longer than `within` seconds."""
        if self._process is not None:
            self._process.stop(within)
            self._process = None

    def kill(self) -> None:
        """Ends the process at once, as a power cut would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def freeze(self) -> None:
        """Holds the process where it is, with all its connections (SIGSTOP)."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on (SIGCONT)."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGCONT)

    def restart(self) -> None:
        """Starts again at the same port with the same data, after stopping where it still runs."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _command(self, main: str, *arguments: str) -> list[str | Path]:
        return [self._java, *_TUNING, "-cp", f"{self._libs}/*", main, *arguments]

    def _format(self, begin: int) -> None:
        options = self._security.format_options if self._security else ()
        command = self._command(
            "kafka.tools.StorageTool", "format", f"--cluster-id={self._cluster}", "-c", "server.properties", *options
        )
        with self.log.open("ab") as log:
            done = subprocess.run(
                command,
                cwd=self._directory,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode:
            raise self._failure("its data directory could not be prepared", begin)

    def _launch(self) -> None:
        command = self._command("kafka.Kafka", "server.properties")
        self._process = Child(command, log=self.log, cwd=self._directory, env=_environment())

    def _wait_until_ready(self, begin: int, deadline: float) -> None:
        while READY not in self._log_since(begin):
            if not self.running:
                raise self._failure("it ended while starting", begin)
            if time.monotonic() > deadline:
                raise self._failure("it was not ready in time", begin)
            time.sleep(_POLL)

    def _log_since(self, begin: int) -> str:
        with self.log.open("rb") as log:
            log.seek(begin)
            return log.read().decode(errors="replace")

    def _failure(self, what: str, begin: int) -> BrokerError:
        return BrokerError(f"Apache Kafka did not start, {what}: {complaint(self._log_since(begin))} (log: {self.log})")


def _environment() -> dict[str, str]:
    """Java reads paths in the encoding of the locale: in plain C it would not find a folder with an umlaut."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def complaint(log: str) -> str:
    """The line of a Kafka log that says most about a failure: its last error, else its last line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by:")]
    errors = [line for line in lines if " ERROR " in line or " FATAL " in line or "Exception:" in line]
    return (causes or errors or lines or ["it said nothing"])[-1]
