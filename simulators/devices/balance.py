"""A balance on a pseudo-terminal: MT-SICS lines in, lines out."""

import asyncio
import contextlib
import os
import tempfile
import tty
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from simulators.devices import Value
from simulators.devices.sics import Pan, Sics

REPEAT = 0.2
"""s between the lines of SIR."""
LOOK = 0.02
"""s between looks at a pan that is not yet stable."""
LONGEST_LINE = 80


class Balance:
    """Point: `load`, what lies on the pan, in g; None makes it answer with a hardware fault.

    `link` becomes a symbolic link to the terminal; one that stands there already is replaced. Without `link` a
    folder of its own under the system's temporary one holds it until `stop`.
    """

    def __init__(
        self,
        link: Path | None = None,
        *,
        model: str = "XSR6002S",
        serial_number: str = "B935412277",
        capacity: float = 6100.0,
        decimals: int = 2,
        settling: float = 0.7,
        patience: float = 10.0,
    ) -> None:
        self._own_folder: Path | None = None
        self._link = link
        self._patience = patience
        self._pan = Pan(settling)
        self._sics = Sics(self._pan, model=model, serial_number=serial_number, capacity=capacity, decimals=decimals)
        self._commands: asyncio.Queue[str] = asyncio.Queue()
        self._received = b""
        self._talk: asyncio.Task[None] | None = None
        self._master = self._slave = -1

    @property
    def address(self) -> str:
        """The link's path."""
        return str(self._link)

    async def start(self) -> None:
        """Open the terminal, link it and greet, as a balance does when it gets power."""
        if self._link is None:
            self._own_folder = Path(tempfile.mkdtemp(prefix="cmo-sim-"))
            self._link = self._own_folder / "balance"
        # The other side stays open here, else a client that leaves would hang the terminal up for the next one.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        self._send(self._sics.reset())
        self._talk = asyncio.create_task(self._converse())

    async def stop(self) -> None:
        """Close the terminal and remove the link."""
        if self._talk is None:
            return
        self._talk.cancel()
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        if self._own_folder is not None:
            self._own_folder.rmdir()
            self._own_folder = self._link = None

    async def update(self, values: Mapping[str, Value], at: datetime | None = None) -> None:  # noqa: ARG002 (no clock)
        """Take over the load. Raises `KeyError` for another point."""
        for point, value in values.items():
            if point != "load":
                raise KeyError(point)
            self._pan.put(None if value is None else float(value), self._now())

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _send(self, line: str) -> None:
        # A serial line has no memory: what nobody reads in time is lost.
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, line.encode("ascii") + b"\r\n")

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._received += os.read(self._master, 1024)
        while b"\n" in self._received:
            line, _, self._received = self._received.partition(b"\n")
            self._command(line.rstrip(b"\r").decode("ascii", errors="replace"))
        if len(self._received) > LONGEST_LINE:
            self._received = b""
            self._send("ES")

    def _command(self, command: str) -> None:
        if command == "@" and self._talk is not None:
            self._talk.cancel()
            self._commands = asyncio.Queue()
            self._talk = asyncio.create_task(self._converse())
        self._commands.put_nowait(command)

    async def _converse(self) -> None:
        """Answer one command after the other; between them repeat, if the last was SIR."""
        repeating = False
        while True:
            try:
                async with asyncio.timeout(REPEAT if repeating else None):
                    command = await self._commands.get()
            except TimeoutError:
                command = "SIR"
            repeating = command == "SIR" or (repeating and command not in {"S", "SI"})
            for line in await self._answer(command):
                self._send(line)

    async def _answer(self, command: str) -> list[str]:
        deadline = self._now() + self._patience
        while (lines := self._sics.answer(command, self._now())) is None:
            if self._now() >= deadline:
                return [self._sics.no_stability(command)]
            await asyncio.sleep(LOOK)
        return lines
