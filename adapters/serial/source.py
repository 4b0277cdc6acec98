"""The conversation with one balance: ask, wait, ask again; and find the way back when an answer went missing."""

import asyncio
import time
from collections.abc import AsyncIterator

import structlog

from adapters.contract import SourceError, now, tag_table
from adapters.serial.line import Line, open_line
from adapters.serial.settings import MtSicsSettings
from adapters.serial.sics import IDENTIFY, WEIGH, Answer, Fault, Identity, parse
from adapters.serial.weighing import row
from schemas.frame import Frame, TagTable, frame_of
from schemas.records import GapCause
from schemas.status import Reason, StatusCode

_log = structlog.get_logger(__name__)

_NO_ANSWER = Fault(StatusCode.BAD_TIMEOUT, Reason.COMM, "no answer")


class MtSicsSource:
    """One balance. See `adapters.contract.Source`.

    The balance answers in the order in which it is asked. So after a missing or damaged answer it is asked for its
    serial number: whatever comes before that answer is late, and belongs to nobody.
    """

    def __init__(self, settings: MtSicsSettings) -> None:
        self._settings = settings
        self._tags = tag_table(settings)
        self._line: Line | None = None
        self._heard = 0.0
        self._in_step = False
        self._expected = settings.serial_number
        self._identified = False
        self._last_text = ""

    @property
    def tags(self) -> TagTable:
        """The one tag, in the unit of the balance."""
        return self._tags

    async def connect(self) -> None:
        """Open the port and ask who is there. Raises SourceError."""
        self._in_step = False
        try:
            self._line = line = await open_line(self._settings)
        except (OSError, ValueError) as error:
            raise self._lost(GapCause.DEVICE_UNREACHABLE, str(error)) from error
        self._heard = time.monotonic()
        try:
            await self._identify(line)
        except TimeoutError as error:
            hint = self._last_text or "is the balance on, are baud rate and parity right?"
            raise self._lost(
                GapCause.DEVICE_SILENT, f"the port opens, but nobody gives a serial number; {hint}"
            ) from error
        except ConnectionError as error:
            raise self._lost(GapCause.DEVICE_UNREACHABLE, str(error)) from error

    async def frames(self) -> AsyncIterator[Frame]:
        """One frame per poll."""
        due = time.monotonic()
        while True:
            try:
                answer = await self._poll()
            except ConnectionError as error:
                raise self._lost(GapCause.DEVICE_UNREACHABLE, str(error)) from error
            self._note(answer)
            sample = row(answer, unit=self._settings.device_unit, identified=self._identified)
            given = time.monotonic()
            yield frame_of(self._settings.name, self._tags, [sample], received=now())
            self._heard += time.monotonic() - given  # the agent, not the balance, kept us waiting
            due = max(due + self._settings.poll_interval, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    async def acknowledge(self, frame: Frame) -> None:
        """Nothing to do: a balance keeps no queue."""

    async def close(self) -> None:
        """Close the port."""
        line, self._line = self._line, None
        if line is not None:
            try:
                await line.close()
            except TimeoutError:
                _log.warning("port does not close", source=self._settings.name, port=self._settings.port)

    async def _poll(self) -> Answer:
        """One weight, or why there is none. Raises SourceError, ConnectionError."""
        line = self._line
        if line is None:
            raise ConnectionError("not connected")
        try:
            if not self._in_step:
                await self._identify(line)
            self._drop_strays(line)
            line.send(WEIGH)
            answer = await self._answer(line)
        except TimeoutError:
            self._in_step = False
            self._check_silence()
            return _NO_ANSWER
        if isinstance(answer, Identity):
            raise self._restarted()
        if isinstance(answer, Fault) and not answer.is_answer:
            self._in_step = False
            self._check_silence()
        return answer

    async def _identify(self, line: Line) -> None:
        """Ask for the serial number and pass over all that comes before. Raises TimeoutError, ConnectionError."""
        line.drain()
        line.send(IDENTIFY)
        async with asyncio.timeout(self._patience()):
            while True:
                answer = await self._hear(line)
                if isinstance(answer, Identity):
                    break
                self._last_text = answer.text if isinstance(answer, Fault) else ""
        self._in_step = True
        self._expected = self._expected or answer.serial_number
        same = answer.serial_number is not None and answer.serial_number == self._expected
        if not same:
            _log.warning(
                "another balance", source=self._settings.name, expected=self._expected, found=answer.serial_number
            )
        self._identified = same

    def _drop_strays(self, line: Line) -> None:
        """What came unasked is no answer. A greeting means that the balance was off: tare and zero are gone."""
        for stray in line.drain():
            answer = parse(stray)
            if isinstance(answer, Identity):
                raise self._restarted()
            _log.info("unasked line", source=self._settings.name, line=repr(stray))

    async def _answer(self, line: Line) -> Answer:
        async with asyncio.timeout(self._patience()):
            return await self._hear(line)

    async def _hear(self, line: Line) -> Answer:
        answer = parse(await line.next(), negative_zero=self._settings.negative_zero)
        if not isinstance(answer, Fault) or answer.is_answer:
            self._heard = time.monotonic()
        return answer

    def _patience(self) -> float:
        left = self._heard + self._settings.silence - time.monotonic()
        return max(0.0, min(self._settings.timeout, left))

    def _check_silence(self) -> None:
        quiet = time.monotonic() - self._heard
        if quiet >= self._settings.silence:
            raise self._lost(GapCause.DEVICE_SILENT, f"no answer for {quiet:.1f} s. {self._last_text}".rstrip(". "))

    def _note(self, answer: Answer) -> None:
        """Log a fault once, when it begins or changes."""
        text = answer.text if isinstance(answer, Fault) else ""
        if text and text != self._last_text:
            _log.warning("no weight", source=self._settings.name, why=text)
        self._last_text = text

    def _restarted(self) -> SourceError:
        return self._lost(
            GapCause.OTHER, "the balance gave its serial number unasked, as after power on: tare and zero may be gone"
        )

    def _lost(self, cause: GapCause, detail: str) -> SourceError:
        return SourceError(cause, f"{self._settings.port}: {detail}")
