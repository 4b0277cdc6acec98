"""A balance on a pseudo-terminal, in one of five dialects: lines in, lines out, and faults by name."""

import asyncio
import contextlib
import os
import tempfile
import tty
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from simulators.devices import Value
from simulators.devices.faults import FAULTS, ONCE, spoil
from simulators.devices.sics import Pan, Sics
from simulators.devices.speech import AANDD, OHAUS, RADWAG, SBI, Speech

REPEAT = 0.2
"""s between the lines of a stream."""
OTHER_NUMBER = "C000000001"
"""Serial number of the other balance on the port (F49)."""
DIALECTS = {"sartorius-sbi": SBI, "and-standard": AANDD, "ohaus": OHAUS, "radwag": RADWAG}
"""Besides `mt-sics`."""
LOOK = 0.02
"""s between looks at a pan that is not yet stable."""
LONGEST_LINE = 80


class Balance:
    """Point: `load`, what lies on the pan, in g; None makes it answer with a hardware fault.

    `dialect` is `mt-sics` or one of `DIALECTS`. `late` is how long a late answer takes (fault `late-answer`), s.
    `link` becomes a symbolic link to the terminal; one that stands there already is replaced. Without `link` a
    folder of its own under the system's temporary one holds it until `stop`.
    """

    def __init__(
        self,
        link: Path | None = None,
        *,
        dialect: str = "mt-sics",
        model: str = "XSR6002S",
        serial_number: str = "B935412277",
        capacity: float = 6100.0,
        decimals: int = 2,
        settling: float = 0.7,
        patience: float = 10.0,
        late: float = 1.0,
    ) -> None:
        self._own_folder: Path | None = None
        self._link = link
        self._patience = patience
        self._late = late
        self._pan = Pan(settling)
        self._serial_number = serial_number
        self._faults: set[str] = set()
        options: dict[str, Any] = {"serial_number": serial_number, "capacity": capacity, "decimals": decimals}
        self._talker: Sics | Speech = (
            Sics(self._pan, model=model, **options)
            if dialect == "mt-sics"
            else Speech(DIALECTS[dialect], self._pan, **options)
        )
        self._commands: asyncio.Queue[str] = asyncio.Queue()
        self._received = b""
        self._talk: asyncio.Task[None] | None = None
        self._master = self._slave = -1

    @property
    def address(self) -> str:
        """The link's path."""
        return str(self._link)

    def clients(self) -> int | None:
        """Nobody can know: the terminal stays open."""
        return None

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
        self._power_on()

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

    def lie(self, fault: str, *, on: bool = True) -> None:
        """Switch a fault on or off. Raises KeyError for one that is not in `FAULTS`."""
        if fault not in FAULTS:
            raise KeyError(fault)
        if fault in ONCE:
            if on:
                self._power_on() if fault == "power-cycle" else self._commands.put_nowait(self._talker.print_key)
            return
        (self._faults.add if on else self._faults.discard)(fault)
        self._pan.faults = self._faults
        other = "other-serial-number" in self._faults
        self._talker.serial_number = OTHER_NUMBER if other else self._serial_number

    def _power_on(self) -> None:
        if self._talk is not None:
            self._talk.cancel()
        self._commands = asyncio.Queue()
        if (greeting := self._talker.reset()) is not None:
            self._send(greeting)
        self._talk = asyncio.create_task(self._converse())

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _send(self, line: str) -> None:
        # A serial line has no memory: what nobody reads in time is lost.
        for octets in spoil(line.encode("ascii") + b"\r\n", self._faults):
            with contextlib.suppress(BlockingIOError):
                os.write(self._master, octets)

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
                command = self._talker.repeat
            repeating = command == self._talker.repeat or (repeating and command not in self._talker.ends_repeat)
            lines = await self._answer(command)
            if "late-answer" in self._faults:
                await asyncio.sleep(self._late)
            for line in lines:
                self._send(line)

    async def _answer(self, command: str) -> list[str]:
        deadline = self._now() + self._patience
        while (lines := self._talker.answer(command, self._now())) is None:
            if self._now() >= deadline:
                return [self._talker.no_stability(command)]
            await asyncio.sleep(LOOK)
        return lines
