"""A child process that Ctrl-C at the terminal does not reach, and that does not outlive its owner.

It leads a session of its own, so that its owner alone decides when it ends. A watcher (`sh`, reading a pipe whose
other end only the owner holds) kills it should the owner die without doing so; unlike Linux' parent-death signal that
holds for owners that start children from a thread.
"""

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_WATCH = 'read -r _ || kill -KILL "$1"'


class Child:
    """One running process; its output goes to the end of `log`."""

    def __init__(
        self, command: Sequence[str | Path], *, log: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        """Start it. Raises OSError when the command is not there."""
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "watcher", str(self._process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def stop(self, within: float) -> None:
        """Ask it to end (SIGTERM); kill it after `within` seconds."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(within)
        self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut would (SIGKILL)."""
        self._process.kill()
        self._process.wait()
        self._watcher.kill()
        self._watcher.communicate()
