"""A sensor that keeps sending lines, as a source: it is only listened to."""

import asyncio
import time
from collections.abc import AsyncIterator

import structlog

from adapters.contract import Exchanges, SourceError, now, tag_table
from adapters.serial.ascii_settings import AsciiLineSettings
from adapters.serial.line import Line, open_line
from adapters.serial.sensor import LineReader
from adapters.serial.weighing import Row
from schemas.frame import Frame, TagTable, bad_frame, frame_of
from schemas.records import GapCause
from schemas.status import Reason, StatusCode

_log = structlog.get_logger(__name__)


class AsciiLineSource:
    """One sensor. See `adapters.contract.Source`."""

    def __init__(self, settings: AsciiLineSettings) -> None:
        self._settings = settings
        self._reader = LineReader(settings)
        self._tags = tag_table(settings)
        self._line: Line | None = None
        self._first: list[Row] | None = None
        self._heard = 0.0
        self._wrong = ""
        self._exchanges = Exchanges()

    @property
    def exchanges(self) -> Exchanges:
        """Lines that were whole, or not; nothing is asked."""
        return self._exchanges

    @property
    def tags(self) -> TagTable:
        """In the order of the settings."""
        return self._tags

    async def connect(self) -> None:
        """Open the port and wait for a whole line; what comes before is the end of one that had begun."""
        try:
            self._line = await open_line(self._settings, self._reader.end[-1:])
        except (OSError, ValueError) as error:
            what = "does not open in time" if isinstance(error, TimeoutError) else str(error)
            raise self._lost(GapCause.DEVICE_UNREACHABLE, what) from error
        self._heard = time.monotonic()
        self._wrong = ""
        while (rows := await self._next()) is None:
            pass
        self._first = rows

    async def frames(self) -> AsyncIterator[Frame]:
        """One frame per line; one that is no line of the pattern makes every tag Bad."""
        rows, self._first = self._first, None
        while True:
            given = time.monotonic()
            if rows is None:
                damaged, comm = StatusCode.BAD_DECODING_ERROR, Reason.COMM
                yield bad_frame(self._settings.name, self._tags, status=damaged, reason=comm, received=now())
            else:
                yield frame_of(self._settings.name, self._tags, rows, received=now())
            self._heard += time.monotonic() - given  # the agent, not the sensor, kept us waiting
            rows = await self._next()

    async def acknowledge(self, frame: Frame) -> None:
        """Nothing to do: a sensor keeps no queue."""

    async def close(self) -> None:
        """Close the port."""
        line, self._line = self._line, None
        if line is not None:
            try:
                await line.close()
            except TimeoutError:
                _log.warning("port does not close", source=self._settings.name, port=self._settings.port)

    async def _next(self) -> list[Row] | None:
        """What the next line says, None if it is damaged. Raises SourceError."""
        if self._line is None:
            raise self._lost(GapCause.DEVICE_UNREACHABLE, "not connected")
        try:
            async with asyncio.timeout(max(0.0, self._heard + self._settings.silence - time.monotonic())):
                line = await self._line.next()
        except ConnectionError as error:
            raise self._lost(GapCause.DEVICE_UNREACHABLE, str(error)) from error
        except TimeoutError as error:
            self._exchanges.timed_out += 1
            for begun in self._line.drain():
                self._wrong = self._reader.why(begun)
            detail = f"no whole line for {time.monotonic() - self._heard:.1f} s. {self._wrong}".rstrip(". ")
            raise self._lost(GapCause.DEVICE_SILENT, detail) from error
        if (rows := self._reader.read(line)) is not None:
            self._heard = time.monotonic()
            self._wrong = ""
            self._exchanges.answered += 1
            return rows
        self._exchanges.malformed += 1
        if not self._wrong:
            self._wrong = self._reader.why(line)
            _log.warning("no line of the pattern", source=self._settings.name, why=self._wrong)
        return None

    def _lost(self, cause: GapCause, detail: str) -> SourceError:
        return SourceError(cause, f"{self._settings.port}: {detail}")
