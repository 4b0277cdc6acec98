"""A recorded device that says the same again: to the same request the same answer, after the same time.

- A request that was asked several times gets its answers in their order, then from the first on again.
- A request that was not answered is not answered. One that was never asked is not answered either, and is told.
- Modbus TCP numbers its requests: the number is no part of the request, and the answer carries the new one.
- What the device said before anybody asked is said after a connection was opened.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from adapters.tools import Framing
from edge.recording.record import Event, Recording, by_connection

TOGETHER = 50_000
"""Microseconds between two pieces of one request."""
_ADU = 6
"""Octets of Modbus TCP up to and with the length."""


@dataclass(slots=True)
class Turn:
    """A request, and what followed: microseconds after the request, and the octets."""

    asked: bytes
    said: list[tuple[int, bytes]] = field(default_factory=list)


def turns(events: Iterable[Event]) -> Iterator[Turn]:
    """The turns of one connection. The first one, without a request, is what was said before any."""
    turn, last, began = Turn(b""), 0, 0
    for event in events:
        match event.what:
            case "opened":
                began = event.at
            case "asked":
                if turn.asked and not turn.said and event.at - last <= TOGETHER:
                    turn.asked += event.octets
                else:
                    yield turn
                    turn = Turn(event.octets)
                began = last = event.at
            case "said":
                turn.said.append((event.at - began, event.octets))
            case "closed":
                pass
    yield turn


class Memory:
    """All answers of a recording, by request; used by all connections of a replay."""

    def __init__(self, recording: Recording) -> None:
        self._framing: Framing = recording.head.framing
        self._turns: dict[bytes, list[Turn]] = {}
        self._used: dict[bytes, int] = {}
        for events in by_connection(recording):
            for turn in turns(events):
                self._turns.setdefault(self.key(turn.asked), []).append(turn)

    def key(self, asked: bytes) -> bytes:
        """The request without what is another each time."""
        return b"\0\0" + asked[2:] if self._framing == "modbus-tcp" and len(asked) >= 2 else asked

    def next(self, asked: bytes) -> list[tuple[int, bytes]] | None:
        """What to say to a request; None for one that is not known."""
        key = self.key(asked)
        known = self._turns.get(key)
        if known is None:
            return None
        count = self._used.get(key, 0)
        self._used[key] = count + 1
        turn = known[count % len(known)]
        if self._framing != "modbus-tcp" or not asked:
            return turn.said
        return _renumbered(turn.said, turn.asked[:2], asked[:2])

    def take(self, buffer: bytes) -> tuple[bytes | None, bytes]:
        """The first whole request in what came, None where more must come; and the rest.

        What is no request of the recording is taken whole.
        """
        masked = self.key(buffer)
        whole = [key for key in self._turns if key and masked.startswith(key)]
        longer = any(key.startswith(masked) and key != masked for key in self._turns)
        if whole:
            size = len(max(whole, key=len))
            return buffer[:size], buffer[size:]
        return (None, buffer) if longer or len(buffer) < 2 else (buffer, b"")


def _renumbered(said: list[tuple[int, bytes]], old: bytes, new: bytes) -> list[tuple[int, bytes]]:
    """The pieces with the number of the new request in each answer to the old one, cut as they were."""
    whole = bytearray(b"".join(octets for _, octets in said))
    at = 0
    while at + _ADU <= len(whole):
        if whole[at : at + 2] == old:
            whole[at : at + 2] = new
        at += _ADU + int.from_bytes(whole[at + 4 : at + 6], "big")
    pieces, begin = [], 0
    for delay, octets in said:
        pieces.append((delay, bytes(whole[begin : begin + len(octets)])))
        begin += len(octets)
    return pieces


class Player:
    """Plays the device on one connection. A new request ends what was still to be said to the one before."""

    def __init__(self, memory: Memory, send: Callable[[bytes], None], unknown: Callable[[bytes], None]) -> None:
        self._memory = memory
        self._send = send
        self._unknown = unknown
        self._buffer = b""
        self._task: asyncio.Task[None] | None = None
        self._say(memory.next(b"") or [])

    def received(self, octets: bytes) -> None:
        """The agent sent something."""
        self._buffer += octets
        while self._buffer:
            asked, self._buffer = self._memory.take(self._buffer)
            if asked is None:
                return
            said = self._memory.next(asked)
            if said is None:
                self._unknown(asked)
            else:
                self._say(said)

    async def close(self) -> None:
        """Say nothing more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _say(self, said: list[tuple[int, bytes]]) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(self._saying(said))

    async def _saying(self, said: list[tuple[int, bytes]]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for delay, octets in said:
            await asyncio.sleep(began + delay / 1e6 - loop.time())
            self._send(octets)
