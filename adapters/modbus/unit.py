"""One unit on its bus: questions, answers, and whether it is still there."""

import asyncio
import time

from adapters.contract import Exchanges, SourceError
from adapters.modbus.answer import Failure, content, read_request, write_request
from adapters.modbus.bus import Bus, SilentUnitError, lease, release
from adapters.modbus.framing import WrongAnswerError
from adapters.modbus.plan import Block
from adapters.modbus.settings import ModbusSettings
from schemas.records import GapCause
from schemas.status import Reason, StatusCode

_BUSY_PAUSE = 0.05


class Unit:
    """Asks one unit. After `silence` seconds without an answer every question raises SourceError."""

    def __init__(self, settings: ModbusSettings) -> None:
        self._settings = settings
        self._bus: Bus | None = None
        self._heard = 0.0
        self.answers = 0
        self.exchanges = Exchanges()

    @property
    def counts(self) -> dict[str, int]:
        """What happened on the connection so far: requests, timeouts, wrong answers, strays, connections."""
        return {} if self._bus is None else dict(self._bus.counts)

    def begin(self) -> None:
        """Take a share in the connection. Raises SourceError."""
        try:
            self._bus = self._bus or lease(self._settings.wiring)
        except ValueError as error:
            raise self.lost(GapCause.OTHER, str(error)) from error
        self._heard = time.monotonic()
        self.answers = 0
        if left := self._bus.left_alone(self._settings.unit):
            raise self.lost(GapCause.DEVICE_SILENT, str(SilentUnitError(left)), pause=left)

    def end(self) -> None:
        """Give the share back; the last one closes the connection."""
        bus, self._bus = self._bus, None
        if bus is not None:
            release(bus)

    def excuse(self, seconds: float) -> None:
        """Seconds in which the unit was not asked, and so could not answer."""
        self._heard += seconds

    async def read(self, block: Block) -> list[int] | Failure:
        """The block's registers or bits."""
        return await self._patiently(read_request(block))

    async def write(self, address: int, value: int) -> Failure | None:
        """Set a holding register."""
        answer = await self._patiently(write_request(address, value))
        return answer if isinstance(answer, Failure) else None

    def check_silence(self) -> None:
        """Raises SourceError when it has not answered for too long."""
        quiet = time.monotonic() - self._heard
        if quiet >= self._settings.silence:
            raise self.lost(GapCause.DEVICE_SILENT, f"no request answered for {quiet:.1f} s")

    def lost(self, cause: GapCause, detail: str, *, pause: float = 0.0) -> SourceError:
        """The error that names this device."""
        return SourceError(cause, f"{self._settings.wiring.place} unit {self._settings.unit}: {detail}", pause=pause)

    async def _patiently(self, asked: bytes) -> list[int] | Failure:
        """Asking again while the device is busy."""
        for _ in range(self._settings.busy_retries):
            answer = await self._ask(asked)
            if not isinstance(answer, Failure) or not answer.is_busy:
                return answer
            await asyncio.sleep(_BUSY_PAUSE)
        return await self._ask(asked)

    async def _ask(self, asked: bytes) -> list[int] | Failure:
        """One request, one answer, or why there was none."""
        bus, unit = self._bus, self._settings.unit
        if bus is None:
            raise RuntimeError("a unit is asked between begin and end")
        if left := bus.left_alone(unit):
            self.check_silence()
            return Failure(StatusCode.BAD_TIMEOUT, Reason.COMM, str(SilentUnitError(left)))
        try:
            async with bus.turn(self._settings.timeout) as waited:
                self.excuse(waited)
                answer = await self._in_turn(bus, asked)
        except OSError as error:
            text = str(error) or "the line does not become quiet, or the connection does not open in time"
            raise self.lost(GapCause.DEVICE_UNREACHABLE, f"cannot be reached: {text}") from error
        if not isinstance(answer, Failure) or answer.is_sign_of_life:
            bus.heard(unit)
            self._heard = time.monotonic()
            self.answers += 1
        else:
            bus.missed(unit)
            self.check_silence()
        return answer

    async def _in_turn(self, bus: Bus, asked: bytes) -> list[int] | Failure:
        left, counts = self._heard + self._settings.silence - time.monotonic(), self.exchanges
        counts.asked += 1
        patience = max(0.0, min(self._settings.timeout, left))
        began = time.monotonic()
        try:
            answered = await bus.ask(self._settings.unit, asked, patience)
        except WrongAnswerError as error:
            counts.malformed += 1
            return Failure(StatusCode.BAD_COMMUNICATION_ERROR, Reason.COMM, str(error))
        except TimeoutError:
            counts.timed_out += 1
            self.excuse(time.monotonic() - began - patience)  # the agent stood still: not the device's silence
            return Failure(StatusCode.BAD_TIMEOUT, Reason.COMM, "no answer")
        except ConnectionError as error:
            return Failure(StatusCode.BAD_COMMUNICATION_ERROR, Reason.COMM, str(error))
        counts.answered += 1
        return content(asked, answered)
