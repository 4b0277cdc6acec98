"""The conversation with one balance: ask, wait, listen; and find the way back when an answer went missing.

A balance answers in the order in which it is asked. So after a missing or damaged answer the line must first be quiet,
and then the balance is asked for its serial number: whatever comes before that answer is late, and belongs to nobody.
"""

import asyncio
import contextlib
import time

import structlog

from adapters.contract import Exchanges
from adapters.serial.dialect import Dialect
from adapters.serial.line import Line
from adapters.serial.reading import Accepted, Fault, Identity, Reading, Symptom, with_line

_log = structlog.get_logger(__name__)

_NO_ANSWER = Fault(Symptom.NO_ANSWER, "no answer")


class GreetingError(Exception):
    """The balance said its serial number unasked, as it does after power on."""


class Conversation:
    """One open line. `timeout` is for one answer, `silence` for all; seconds.

    All methods that wait raise ConnectionError when the port is gone.
    """

    def __init__(
        self, source: str, line: Line, dialect: Dialect, *, timeout: float, silence: float, counts: Exchanges
    ) -> None:
        self.in_step = False
        self.last_fault = ""
        self._source = source
        self._line = line
        self._dialect = dialect
        self._timeout = timeout
        self._silence = silence
        self._counts = counts
        self._heard = time.monotonic()
        self._owed = 0

    @property
    def quiet_for(self) -> float:
        """Seconds since the balance last said something that makes sense."""
        return time.monotonic() - self._heard

    @property
    def lost(self) -> bool:
        """Whether that is too long ago."""
        return self.quiet_for >= self._silence

    def excuse(self, seconds: float) -> None:
        """The agent, not the balance, kept us waiting."""
        self._heard += seconds

    def start_stream(self) -> None:
        """Ask the balance to go on sending, where its dialect can."""
        self._drop_strays()
        if self._dialect.stream:
            self._line.send(self._dialect.stream)

    def stop_stream(self) -> None:
        """The opposite."""
        if self._dialect.stop:
            self._line.send(self._dialect.stop)

    async def ask(self) -> Reading:
        """One weight, or why there is none. Raises GreetingError."""
        self._drop_strays()
        self._line.send(self._dialect.weigh)
        self._counts.asked += 1
        try:
            async with asyncio.timeout(self._patience()):
                while isinstance(reading := await self._hear(), Accepted):
                    pass
        except TimeoutError:
            reading = self._unanswered() or _NO_ANSWER
        if isinstance(reading, Fault) and not reading.is_answer:
            self.in_step = False
        return reading

    async def listen(self, seconds: float) -> Reading | None:
        """The next line within that time, unless there is none. Raises GreetingError."""
        try:
            async with asyncio.timeout(max(0.0, min(seconds, self._silence - self.quiet_for))):
                while isinstance(reading := await self._hear(), Accepted):
                    pass
        except TimeoutError:
            return None
        return reading

    async def resume(self, *, identify: bool) -> Identity | None:
        """Find back into step. Raises TimeoutError."""
        with contextlib.suppress(TimeoutError):  # a balance may send on its own all the time
            async with asyncio.timeout(self._patience()):
                await self._line.quiet(self._timeout / 2)
        self._drop_strays()
        found = (await self.identify())[0] if identify else None
        self.in_step = True
        return found

    async def identify(self) -> tuple[Identity, list[Reading]]:
        """Ask for the serial number; with what came before it. Raises TimeoutError."""
        self._line.send(self._dialect.identify)
        self._counts.asked += 1
        self._owed += 1
        before: list[Reading] = []
        try:
            async with asyncio.timeout(self._patience()):
                while not isinstance(reading := await self._hear(identity=True), Identity):
                    before.append(reading)
        except TimeoutError:
            self._unanswered()
            raise
        return reading, before

    async def _hear(self, *, identity: bool = False) -> Reading:
        """The next line. Raises GreetingError for a serial number that nobody asked for."""
        while True:
            line = await self._line.next()
            read = self._dialect.read_identity if identity else self._dialect.read
            reading = with_line(read(line), line)
            self._keep(reading)
            if isinstance(reading, Identity):
                self._owed -= 1
                if self._owed < 0 and self._dialect.greets:
                    raise GreetingError
                if not identity:
                    continue  # late, or a dialect that does not greet
            return reading

    def _keep(self, reading: Reading) -> None:
        """Remember when the balance was heard, count, and log a fault once, when it begins or changes."""
        if not isinstance(reading, Fault) or reading.is_answer:
            self._heard = time.monotonic()
            self._counts.answered += not isinstance(reading, Accepted)  # the answer proper is still to come
        else:
            self._counts.malformed += 1
        text = reading.text if isinstance(reading, Fault) else ""
        if text and text != self.last_fault:
            _log.warning("no weight", source=self._source, why=text)
        self.last_fault = text

    def _unanswered(self) -> Reading | None:
        reading = self.cut_line()
        self._counts.timed_out += reading is None
        return reading

    def cut_line(self) -> Reading | None:
        """A line that began and did not end is damage, and tells more than silence."""
        reading = None
        for stray in self._line.drain():
            reading = with_line(self._dialect.read(stray), stray)
            self._keep(reading)
        return reading

    def _drop_strays(self) -> None:
        """What came unasked is no answer. Raises GreetingError."""
        for stray in self._line.drain():
            reading = self._dialect.read(stray)
            if isinstance(reading, Identity) and self._dialect.greets:
                if self._owed == 0:
                    raise GreetingError
                self._owed -= 1
            _log.info("unasked line", source=self._source, line=repr(stray))

    def _patience(self) -> float:
        return max(0.0, min(self._timeout, self._silence - self.quiet_for))
