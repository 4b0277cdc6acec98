"""One connection and all units on it: one request at a time, and what follows when an answer stays away.

- Units on one line, or behind one gateway, share a connection; so does nobody else (F31).
- Modbus TCP numbers its answers, and is closed after a missing one (F22).
- RTU and ASCII do not: a late answer would be taken for the next one. After a missing or wrong answer nothing is sent
  until the slowest device cannot answer any more, and all that comes meanwhile is thrown away (F21).
- A unit that stays silent is asked less and less often, so that it does not take the others' time (F32).
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from adapters.modbus.channel import Channel, open_serial, open_tcp
from adapters.modbus.framing import Request, WrongAnswerError
from adapters.modbus.wiring import Wiring

_REOPENING = 0.2
"""Seconds between two openings: a device that hangs up at once is not stormed."""
_BABBLE = 1.0
"""Seconds that a line may need to become quiet."""
_QUIET = 0.02
"""Seconds without an octet that count as quiet."""
_CHARACTERS = 3.5 * 11
"""Bits of silence before a frame (MODBUS over Serial Line 1.02, 2.5.1.1)."""
_PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds for which a unit is left alone, by the number of requests in a row that it did not answer."""


class SilentUnitError(Exception):
    """The unit is left alone for `left` seconds more: it did not answer, and others share its connection."""

    def __init__(self, left: float) -> None:
        super().__init__(f"did not answer; asked again in {left:.0f} s")
        self.left = left


class Bus:
    """One connection. Made by `lease`, given back by `release`."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.users = 0
        self.counts: Counter[str] = Counter()
        self._lock = asyncio.Lock()
        self._channel: Channel | None = None
        self._transaction = 0
        self._was_used = False
        self._opened = -_REOPENING
        self._trusted = 0.0
        self._misses: Counter[int] = Counter()
        self._alone: dict[int, float] = {}

    @asynccontextmanager
    async def turn(self, timeout: float) -> AsyncIterator[float]:
        """Wait for the others' requests to be over; inside, the connection is ours and fit to be used.

        Gives the seconds that the others took. `timeout` is for opening the connection. Raises OSError when it cannot
        be opened (a TimeoutError is one), or when the line does not become quiet.
        """
        began = time.monotonic()
        async with self._lock:
            waited = time.monotonic() - began
            if not self._is_open:
                await asyncio.sleep(self._opened + _REOPENING - time.monotonic())
                async with asyncio.timeout(timeout):
                    await self._open()
            await self._settle()
            yield waited
            if self._trusted > time.monotonic():
                with suppress(OSError):  # who comes next will meet it
                    await self._settle()

    def left_alone(self, unit: int) -> float:
        """Seconds for which the unit is not asked, for the sake of the others."""
        return max(0.0, self._alone.get(unit, 0.0) - time.monotonic()) if self.users > 1 else 0.0

    async def ask(self, unit: int, asked: bytes, timeout: float) -> bytes:
        """The answer to a request, within a `turn`. Function code and data, both ways.

        A connection that was closed while it was idle is opened again once. Raises TimeoutError, OSError or
        WrongAnswerError; after those the connection is not trusted.
        """
        idle = self._channel if self._was_used else None
        try:
            return await self._exchange(unit, asked, timeout)
        except ConnectionError:
            if idle is None or idle.received:
                raise
        async with asyncio.timeout(timeout):
            await self._open()
        return await self._exchange(unit, asked, timeout)

    async def _exchange(self, unit: int, asked: bytes, timeout: float) -> bytes:
        channel = self._channel
        if channel is None:
            raise ConnectionError("not connected")
        self._transaction = self._transaction % 0xFFFF + 1
        request = Request(self.wiring.framing, unit, asked, self._transaction)
        channel.clear()
        sent = time.monotonic()
        self.counts["requests"] += 1
        channel.send(request.frame)
        try:
            async with asyncio.timeout(timeout):
                while (answered := request.answer(channel.received)) is None:
                    await channel.change()
        except BaseException as error:  # also when cancelled: the answer is still on its way
            self._distrust(sent, error)
            raise
        self._was_used = True
        return answered

    def heard(self, unit: int) -> None:
        """The unit has answered."""
        self._misses.pop(unit, None)
        self._alone.pop(unit, None)

    def missed(self, unit: int) -> None:
        """The unit has not answered."""
        self._misses[unit] += 1
        self._alone[unit] = time.monotonic() + _PAUSES[min(self._misses[unit], len(_PAUSES)) - 1]

    def close(self) -> None:
        """Close the connection; the next request opens it again."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()

    def _distrust(self, sent: float, error: BaseException) -> None:
        if isinstance(error, TimeoutError | WrongAnswerError):
            self.counts["timeouts" if isinstance(error, TimeoutError) else "wrong answers"] += 1
        self._trusted = sent + self.wiring.worst_delay
        if not self.wiring.is_line or isinstance(error, ConnectionError):
            self.close()

    @property
    def _is_open(self) -> bool:
        return self._channel is not None and self._channel.is_open

    async def _open(self) -> None:
        if self._is_open:
            return
        self.close()
        self._opened = time.monotonic()
        wiring = self.wiring
        if wiring.line is not None:
            self._channel = await open_serial(wiring.line)
        else:
            self._channel = await open_tcp(wiring.host or "", wiring.port)
        self._was_used = False
        self.counts["connections"] += 1

    async def _settle(self) -> None:
        """On a line: wait until nobody can answer any more, and for the silence that begins a frame."""
        if not self.wiring.is_line:
            return
        await asyncio.sleep(max(self._trusted - time.monotonic(), self._silence))
        channel = self._channel
        if channel is None:
            return
        async with asyncio.timeout(_BABBLE):
            while channel.clear():
                self.counts["strays"] += 1
                await asyncio.sleep(_QUIET)

    @property
    def _silence(self) -> float:
        return _CHARACTERS / (19_200 if self.wiring.line is None else min(19_200, self.wiring.line.baud_rate))


_BUSES: dict[str, Bus] = {}
"""The open connections of this process, by place."""


def lease(wiring: Wiring) -> Bus:
    """The connection to that place, shared with all who lease it. Raises ValueError when they wire it otherwise."""
    bus = _BUSES.setdefault(wiring.place, Bus(wiring))
    if bus.wiring != wiring:
        raise ValueError("another source gives other settings for the same line: they must be equal")
    bus.users += 1
    return bus


def release(bus: Bus) -> None:
    """Give it back; the last one closes it."""
    bus.users -= 1
    if bus.users == 0:
        _BUSES.pop(bus.wiring.place, None)
        bus.close()
