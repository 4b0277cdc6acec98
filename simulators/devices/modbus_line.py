"""Modbus units on a serial line: a pseudo-terminal, RTU or ASCII."""

import asyncio
import contextlib
import os
import tempfile
import tty
from collections.abc import Mapping
from pathlib import Path

from simulators.devices.modbus import Unit, Units
from simulators.devices.modbus_frames import Asked, Framing, next_request


class LineServer:
    """Serves units on a line; one request after the other, as on a real one.

    `link` becomes a symbolic link to the terminal; without it a folder of its own holds it until `stop`. `late` is how
    long a late answer takes (lie `late-answer`), s.
    """

    def __init__(
        self, units: Mapping[int, Unit], framing: Framing, link: Path | None = None, *, late: float = 0.5
    ) -> None:
        self.units = Units(units, framing)
        self._framing = framing
        self._link = link
        self._own_folder: Path | None = None
        self._late = late
        self._received = b""
        self._asked: asyncio.Queue[Asked] = asyncio.Queue()
        self._answering: asyncio.Task[None] | None = None
        self._master = self._slave = -1

    @property
    def address(self) -> str:
        """The link's path."""
        return str(self._link)

    def lie(self, lie: str, *, on: bool = True, unit: int | None = None) -> None:
        """See `Units.lie`."""
        self.units.lie(lie, on=on, unit=unit)

    def clients(self) -> int | None:
        """Nobody can know: the terminal stays open."""
        return None

    async def start(self) -> None:
        """Open the terminal and link it."""
        if self._link is None:
            self._own_folder = Path(tempfile.mkdtemp(prefix="cmo-sim-"))
            self._link = self._own_folder / "line"
        # The other side stays open here, else a client that leaves would hang the terminal up for the next one.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        self._answering = asyncio.create_task(self._answer())

    async def stop(self) -> None:
        """Close the terminal and remove the link."""
        if self._answering is None:
            return
        self._answering.cancel()
        self._answering = None
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        if self._own_folder is not None:
            self._own_folder.rmdir()
            self._own_folder = self._link = None

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._received += os.read(self._master, 1024)
        while True:
            asked, self._received = next_request(self._framing, self._received)
            if asked is None:
                return
            self._asked.put_nowait(asked)

    async def _answer(self) -> None:
        while True:
            asked = await self._asked.get()
            said = self.units.answer(asked)
            if self.units.tells("late-answer", asked.unit):
                await asyncio.sleep(self._late)
            with contextlib.suppress(BlockingIOError):  # a line has no memory: what nobody reads in time is lost
                os.write(self._master, said)
