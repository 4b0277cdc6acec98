"""One balance as a source: its line, its identity, and the three ways to hear from it."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping

import structlog

from adapters.contract import Exchanges, SourceError, WeighingRequest, now, tag_table
from adapters.serial.conversation import Conversation, GreetingError
from adapters.serial.line import Line, open_line
from adapters.serial.reading import Fault, Identity, Reading, Symptom
from adapters.serial.settings import BalanceSettings
from adapters.serial.taking import Takings
from adapters.serial.weighing import Row, row
from schemas.frame import Frame, TagTable, bad_frame, frame_of
from schemas.records import GapCause, Weighing
from schemas.status import Reason, StatusCode

_log = structlog.get_logger(__name__)
_HASTE = 0.2
"""Seconds from question to question while a weighing waits for a stable weight, where `poll_interval` is longer."""
SERIAL_NUMBER = "serial number"


class BalanceSource:
    """One balance. See `adapters.contract.Source`."""

    def __init__(self, settings: BalanceSettings) -> None:
        self._settings = settings
        self._dialect = settings.dialect
        self._tags = tag_table(settings)
        self._line: Line | None = None
        self._talk: Conversation | None = None
        self._expected = settings.serial_number
        self._identified = not settings.ask_serial_number
        self._previous: Reading | None = None
        self._unasked: deque[Reading] = deque()
        self._due = 0.0
        self._since = 0.0
        self._takings = Takings(settings)
        self._printed: Weighing | None = None
        self._exchanges = Exchanges()

    @property
    def tags(self) -> TagTable:
        """The one tag, in the unit of the balance."""
        return self._tags

    @property
    def exchanges(self) -> Exchanges:
        """What became of questions, and what came by itself."""
        return self._exchanges

    @property
    def identity(self) -> Mapping[str, str]:
        """The serial number."""
        number = self._takings.serial_number
        return {} if number is None else {SERIAL_NUMBER: number}

    def recognise(self, identity: Mapping[str, str]) -> bool:
        """The balance with that serial number, unless the configuration says another."""
        number = identity.get(SERIAL_NUMBER)
        self._expected = self._settings.serial_number or number
        if self._takings.serial_number is not None:
            self._set_identified(same=self._takings.serial_number == self._expected)
        return self._expected == number

    async def weigh(self, request: WeighingRequest) -> Weighing:
        """Have the balance give a stable weight, and make a record of it. Raises NotAskedError."""
        return await self._takings.take(request, connected=self._talk is not None)

    async def connect(self) -> None:
        """Open the port and ask who is there. Raises SourceError."""
        settings = self._settings
        self._previous = None
        self._unasked.clear()
        try:
            self._line = line = await open_line(settings)
        except (OSError, ValueError) as error:
            what = "does not open in time" if isinstance(error, TimeoutError) else str(error)
            raise self._lost(GapCause.DEVICE_UNREACHABLE, what) from error
        self._talk = talk = Conversation(
            settings.name, line, self._dialect, timeout=settings.timeout, silence=settings.silence,
            counts=self._exchanges,
        )  # fmt: skip
        try:
            await self._meet(talk)
        except ConnectionError as error:
            raise self._lost(GapCause.DEVICE_UNREACHABLE, str(error)) from error

    async def frames(self) -> AsyncIterator[Frame | Weighing]:
        """One frame per poll, per line of the stream, or per press of the print key."""
        steps = {"poll": self._poll, "stream": self._stream, "print-key": self._print_key}
        step = steps[self._settings.mode]
        self._due = time.monotonic()
        if self._settings.mode == "print-key":
            waiting, reason = StatusCode.BAD_WAITING_FOR_INITIAL_DATA, Reason.NO_VALUE
            yield bad_frame(self._settings.name, self._tags, status=waiting, reason=reason, received=now())
        while True:
            talk = self._connected()
            try:
                rows = await step(talk)
            except ConnectionError as error:
                raise self._lost(GapCause.DEVICE_UNREACHABLE, str(error)) from error
            except GreetingError as error:
                raise self._restarted() from error
            given = time.monotonic()
            yield frame_of(self._settings.name, self._tags, rows, received=now())
            if self._printed is not None:
                printed, self._printed = self._printed, None
                yield printed
            talk.excuse(time.monotonic() - given)

    async def acknowledge(self, frame: Frame) -> None:
        """Nothing to do: a balance keeps no queue."""

    async def close(self) -> None:
        """Close the port."""
        self._takings.break_off("the connection to the balance ended")
        line, self._line = self._line, None
        talk, self._talk = self._talk, None
        if line is None:
            return
        if talk is not None and self._settings.mode == "stream":
            talk.stop_stream()
        try:
            await line.close()
        except TimeoutError:
            _log.warning("port does not close", source=self._settings.name, port=self._settings.port)

    def _connected(self) -> Conversation:
        if self._talk is None:
            raise self._lost(GapCause.DEVICE_UNREACHABLE, "not connected")
        return self._talk

    async def _meet(self, talk: Conversation) -> None:
        """An open port is not yet a balance: have it say who it is, or at least something."""
        try:
            if self._settings.ask_serial_number:
                self._check_identity((await talk.identify())[0])
                talk.in_step = True
            if self._settings.mode == "stream":
                talk.start_stream()
            if not self._settings.ask_serial_number:
                await self._first(talk)
        except GreetingError as error:
            raise self._restarted() from error
        except TimeoutError as error:
            hint = talk.last_fault or "is the balance on, are baud rate and parity right?"
            what = "a serial number" if self._settings.ask_serial_number else "a weight"
            raise self._lost(GapCause.DEVICE_SILENT, f"the port opens, but nobody gives {what}; {hint}") from error

    async def _first(self, talk: Conversation) -> None:
        """Wait for anything that only a balance says. Raises TimeoutError."""
        while not talk.lost:
            said = await (talk.listen(self._settings.silence) if self._settings.mode == "stream" else talk.ask())
            if said is not None and (not isinstance(said, Fault) or said.is_answer):
                talk.in_step = True
                return
        raise TimeoutError

    async def _poll(self, talk: Conversation) -> list[Row]:
        """Ask, at the next due time."""
        await self._wait()
        self._since = time.monotonic()
        self._due = max(self._due + self._settings.poll_interval, time.monotonic())
        try:
            if not talk.in_step:
                await self._resume(talk)
            reading = await talk.ask()
        except TimeoutError:
            reading = Fault(Symptom.NO_ANSWER, "no answer")
        self._check_silence(talk)
        return [self._row(reading, confirmed=reading == self._previous)]

    async def _stream(self, talk: Conversation) -> list[Row]:
        """The next line."""
        reading = None
        while reading is None:
            self._check_silence(talk)
            reading = await talk.listen(self._settings.silence)
        self._check_silence(talk)
        rows = [self._row(reading, confirmed=reading == self._previous)]
        self._since = time.monotonic()  # the next line begins after this one
        return rows

    async def _print_key(self, talk: Conversation) -> list[Row]:
        """What was printed; or nothing, when the balance has just proven that it is still there."""
        while not self._unasked:
            if self._takings.wanted.is_set():
                return await self._wanted_weight(talk)
            reading = await talk.listen(min(_HASTE, self._due - time.monotonic()))
            if reading is not None:
                self._unasked.append(reading)
            elif time.monotonic() < self._due:
                continue
            elif await self._still_there(talk):
                return []
            self._check_silence(talk)
        reading = self._unasked.popleft()
        confirmed = self._dialect.fixed_width or reading == await talk.ask()
        self._printed = self._takings.printed(reading, confirmed=confirmed)
        return [self._row(reading, confirmed=confirmed)]

    async def _wanted_weight(self, talk: Conversation) -> list[Row]:
        """Ask a balance that otherwise waits for its print key."""
        await asyncio.sleep(_HASTE)
        self._since = time.monotonic()
        reading = await talk.ask()
        self._check_silence(talk)
        return [self._row(reading, confirmed=reading == self._previous)]

    async def _wait(self) -> None:
        """Until the next question is due; while a weighing waits for a stable weight, in haste."""
        pause = max(0.0, self._due - time.monotonic())
        if self._takings.wanted.is_set():
            await asyncio.sleep(min(pause, _HASTE))
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._takings.wanted.wait()

    async def _still_there(self, talk: Conversation) -> bool:
        """Ask for the serial number; what was printed meanwhile is kept."""
        self._due = max(self._due + self._settings.poll_interval, time.monotonic())
        try:
            identity, before = await talk.identify()
        except TimeoutError:
            return False
        self._check_identity(identity)
        self._unasked.extend(before)
        return not before

    async def _resume(self, talk: Conversation) -> None:
        identity = await talk.resume(identify=self._settings.ask_serial_number)
        if identity is not None:
            self._check_identity(identity)

    def _check_identity(self, found: Identity) -> None:
        self._expected = self._expected or found.serial_number
        self._takings.serial_number = found.serial_number
        same = found.serial_number is not None and found.serial_number == self._expected
        if not same and self._identified:
            _log.warning(
                "another balance", source=self._settings.name, expected=self._expected, found=found.serial_number
            )
        self._set_identified(same=same)

    def _set_identified(self, *, same: bool) -> None:
        self._identified = self._takings.identified = same

    def _row(self, reading: Reading, *, confirmed: bool) -> Row:
        self._previous = reading
        confirmed = confirmed or self._dialect.fixed_width
        self._takings.offer(reading, confirmed=confirmed, since=self._since)
        return row(reading, unit=self._settings.device_unit, identified=self._identified, confirmed=confirmed)

    def _check_silence(self, talk: Conversation) -> None:
        if talk.lost:
            talk.cut_line()
            detail = f"no answer for {talk.quiet_for:.1f} s. {talk.last_fault}".rstrip(". ")
            raise self._lost(GapCause.DEVICE_SILENT, detail)

    def _restarted(self) -> SourceError:
        return self._lost(
            GapCause.OTHER, "the balance gave its serial number unasked, as after power on: tare and zero may be gone"
        )

    def _lost(self, cause: GapCause, detail: str) -> SourceError:
        self._takings.break_off(f"the balance was lost: {detail}")
        return SourceError(cause, f"{self._settings.port}: {detail}")
