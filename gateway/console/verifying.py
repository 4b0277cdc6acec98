"""Checks in front of whoever watches: streams recomputed from the octets in the archive, one check at a time.

A check works in short steps in a thread and rests as long as it works, so that pages stay quick. It is asked about the
newest seal that the node confirmed, with signatures by the trusted keys; nothing that was concluded before is believed.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from gateway.archive.archive import Archive
from gateway.archive.numbers import entries_between
from gateway.bundle.archived import Held, Proofs
from gateway.checking.recomputing import Recomputing, Verdict
from gateway.proof.note import NoteError

if TYPE_CHECKING:  # the desk has one of these
    from gateway.console.desk import Desk

FIRST, FEWEST, MOST = 256, 16, 16_384
"""Numbers of the first step, and of any step at least and at most."""
AT_ONCE = 16_000_000
"""Octets that a step is meant to read."""
RESTS = 1.0
"""How much longer than it worked a check rests after each step."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Checked:
    """One stream in a check. `verdict` is None while it goes on; `seconds` is how long it took so far.

    `size`, `sealed` (UTC microseconds), `root` (hexadecimal) and `key` are the seal's; `receipt` says that the node's
    own countersignature on it holds. `altered` are the first of `altered_in_all` numbers whose octets are others.
    """

    stream: str
    verdict: Verdict | None = None
    done: int = 0
    size: int = 0
    seconds: float = 0.0
    sealed: int | None = None
    root: str = ""
    key: str = ""
    receipt: bool = False
    leaves_only: int = 0
    altered: Sequence[int] = ()
    altered_in_all: int = 0
    missing: int | None = None

    @property
    def rate(self) -> float:
        """Numbers a second."""
        return self.done / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Check:
    """The `nth` check of the node since it started, as far as it is. `began` is UTC microseconds; `waiting` are streams
    still to come.
    """

    nth: int
    began: int
    streams: Sequence[Checked]
    waiting: Sequence[str] = ()
    running: bool = True


class Verifying:
    """The node's one check at a time. For the event loop only; `changed` is called after each step."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self.check: Check | None = None
        """The newest, running or over."""
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, streams: Sequence[str]) -> bool:
        """Begin; False while another one runs."""
        if self.check is not None and self.check.running:
            return False
        self._stopping.clear()
        nth = 1 if self.check is None else self.check.nth + 1
        self.check = Check(nth, self._desk.now(), (), tuple(streams))
        self._task = asyncio.create_task(self._run(self.check))
        return True

    def stop(self) -> None:
        """End the one that runs, if any, after its step."""
        self._stopping.set()

    async def _rest(self, seconds: float) -> None:
        """That long, or until somebody stops the check."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _run(self, check: Check) -> None:
        finished: list[Checked] = []
        try:
            for at, stream in enumerate(check.waiting):
                if self._stopping.is_set():
                    break
                begun = replace(check, streams=tuple(finished), waiting=check.waiting[at + 1 :])
                finished.append(await self._ended(stream, begun))
        finally:
            self._tell(replace(check, streams=tuple(finished), waiting=(), running=False))

    def _tell(self, check: Check) -> None:
        self.check = check
        self._desk.changed()

    async def _ended(self, stream: str, begun: Check) -> Checked:
        """One stream, also where that could not be done: what is not said to hold must not look as if it did."""
        try:
            return await self._stream(stream, begun)
        except Exception:
            log.exception("a stream could not be verified", stream=stream)
            return Checked(stream, Verdict.FAILED)

    async def _stream(self, stream: str, begun: Check) -> Checked:
        """One stream of a check that has come to it."""
        self._tell(replace(begun, streams=(*begun.streams, Checked(stream))))
        proofs, start = self._desk.proofs, time.monotonic()
        try:
            held = None if proofs is None else await self._desk.ask(_sealed(proofs, stream))
        except NoteError:
            return Checked(stream, Verdict.NOT_TRUSTED)
        if held is None:
            return Checked(stream, Verdict.NO_SEAL)
        work, view = Recomputing(held.seal), _against(stream, held)
        size = FIRST
        while not (work.over or self._stopping.is_set()):
            before = time.monotonic()
            octets, taken = await self._desk.ask(_step(stream, work, size))
            size = max(FEWEST, min(MOST, AT_ONCE * taken // max(octets, 1)))
            now = time.monotonic()
            view = replace(view, done=work.done, seconds=now - start)
            self._tell(replace(begun, streams=(*begun.streams, view)))
            await self._rest(RESTS * (now - before))
        return replace(
            view, verdict=work.verdict, done=work.done, seconds=time.monotonic() - start, leaves_only=work.leaves_only,
            altered=tuple(work.altered), altered_in_all=work.altered_in_all, missing=work.missing,
        )  # fmt: skip


def _sealed(proofs: Proofs, stream: str) -> Callable[[Archive], Held | None]:
    return lambda archive: proofs.held(archive, stream)


def _against(stream: str, held: Held) -> Checked:
    signer, seal = held.signer, held.seal
    key = f"{signer.name}+{signer.id.hex()}"
    sealed = seal.time * 1_000_000
    return Checked(stream, None, 0, seal.size, 0.0, sealed, seal.root.hex(), key, receipt=bool(held.receipts))


def _step(stream: str, work: Recomputing, size: int) -> Callable[[Archive], tuple[int, int]]:
    """Takes the next numbers; tells how many octets and how many numbers they were."""

    def take(archive: Archive) -> tuple[int, int]:
        last = min(work.done + size, work.seal.size)
        entries = entries_between(archive, stream, work.done + 1, last)
        work.take(((one.number, one.leaf, one.octets) for one in entries), last)
        return sum(len(one.octets or b"") for one in entries), len(entries)

    return take
