"""One Modbus unit as a source: scan after scan, and the records that it keeps."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping

import structlog

from adapters.contract import Exchanges, now, tag_table
from adapters.modbus import identity
from adapters.modbus.marks import Counters, doubt
from adapters.modbus.numbers import Order
from adapters.modbus.plan import atoms
from adapters.modbus.recorder import Recorder
from adapters.modbus.ring import Ring
from adapters.modbus.scan import Scan
from adapters.modbus.settings import ModbusSettings
from adapters.modbus.sweep import Sweep
from adapters.modbus.unit import Unit
from schemas.frame import Frame, TagTable
from schemas.records import GapCause
from schemas.status import Reason

_log = structlog.get_logger(__name__)
_REFUSED = 30.0
"""Seconds until a device that is not the right one is looked at again."""


class ModbusSource:
    """One unit. See `adapters.contract.Source`."""

    def __init__(self, settings: ModbusSettings) -> None:
        self._settings = settings
        self._tags = tag_table(settings)
        self._unit = Unit(settings)
        self._ring = Ring()
        self._counters = Counters(settings.all_tags)
        self._configured = identity.plain(settings.identity)
        self._known = dict(self._configured)
        self._found: dict[str, str] = {}
        self._is_other = False
        self._scan: Scan | None = None
        self._sweep: Sweep | None = None
        self._recorder: Recorder | None = None
        self._first: list[Frame] = []

    @property
    def tags(self) -> TagTable:
        """All tags, in the units the device gives them in."""
        return self._tags

    @property
    def counts(self) -> dict[str, int]:
        """What happened on the connection: requests, timeouts, wrong answers, strays, connections."""
        return self._unit.counts

    @property
    def exchanges(self) -> Exchanges:
        """What became of the requests to this unit; the line's other units count their own."""
        return self._unit.exchanges

    @property
    def identity(self) -> Mapping[str, str]:
        """What the unit said of itself at the last connect, by name in the profile; numbers as text."""
        return self._found

    def recognise(self, identity: Mapping[str, str]) -> bool:
        """The unit that says this, unless the configuration says another."""
        self._known = {**identity, **self._configured}
        self._compare()
        return self._configured.items() <= identity.items()

    async def connect(self) -> None:
        """Connect, see which device it is, and scan once. Raises SourceError when nothing at all was answered."""
        self._unit.begin()
        self._prepare(await self._identify())
        self._first = await self._pass()
        if self._unit.answers == 0:
            raise self._unit.lost(
                GapCause.DEVICE_SILENT, f"accepts the connection but answers no request ({self._failures})"
            )

    async def frames(self) -> AsyncIterator[Frame]:
        """One frame per scan, on time; a scan that takes longer than the interval skips the ones it missed."""
        found = self._first or await self._pass()
        self._first = []
        due = time.monotonic()
        while True:
            for frame in found:
                given = time.monotonic()
                yield frame
                self._unit.excuse(time.monotonic() - given)  # the agent, not the device, kept us waiting
            self._check_loss()
            due = max(due + self._settings.poll_interval, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            found = await self._pass()

    async def acknowledge(self, frame: Frame) -> None:
        """Nothing to do: registers hold the present, and a ring forgets by itself."""

    async def close(self) -> None:
        """Close the connection, unless others use it."""
        self._unit.end()

    async def _identify(self) -> Order | None:
        """Read what the device says of itself; gives the order of its floats. Raises SourceError for a wrong one."""
        model, settings = self._settings.model, self._settings
        if model is None or not model.identity:
            return None
        spans = atoms((each.span for each in model.identity), settings.limits, settings.wholes)
        image = await Sweep(settings.name, spans, settings.limits).run(self._unit)
        found = identity.said(model, image)
        if len(found) < len(model.identity) and any(not each.is_refused for each in image.failures.values()):
            why = "; ".join(sorted({each.text for each in image.failures.values()}))
            raise self._unit.lost(GapCause.DEVICE_SILENT, f"does not say what it is: {why}")
        if (wrong := identity.refusal(model, found)) is not None:
            raise self._unit.lost(GapCause.OTHER, wrong, pause=_REFUSED)
        self._found = identity.plain(found)
        for change in self._compare():
            _log.warning("another device", source=settings.name, change=change)
        self._known = {**self._found, **self._known}
        return identity.float_order(model, found)

    def _compare(self) -> list[str]:
        """What is another than it should be; nothing before the unit said anything."""
        changes = list(identity.changes(self._known, self._found)) if self._found else []
        self._is_other = bool(changes)
        return changes

    def _prepare(self, order: Order | None) -> None:
        """Plans are made anew for each connection: another device may be there, or the same one set differently."""
        settings = self._settings
        model, records = settings.model, settings.record_rows
        rows = [row for row in range(len(self._tags)) if row not in records]
        self._scan = Scan(settings, self._tags, rows, order)
        self._sweep = Sweep(settings.name, self._scan.spans if rows else (), settings.limits)
        self._recorder = None
        if model is not None and model.records is not None and records:
            self._recorder = Recorder(
                settings, model.records, self._unit, tags=self._tags, ring=self._ring, order=order
            )

    async def _pass(self) -> list[Frame]:
        """What one scan brings. An empty frame says that the device answered and has nothing new."""
        if self._scan is None or self._sweep is None:
            raise RuntimeError("frames come after connect")
        before = self._unit.answers
        scanned = self._scan.frame(await self._sweep.run(self._unit), now())
        found = [] if self._recorder is None else await self._recorder.frames()
        if len(scanned) or self._unit.answers > before:
            found.insert(0, scanned)
        for frame in found:
            for text in self._counters.check(frame):
                _log.warning("counter", source=self._settings.name, change=text)
            if self._is_other:
                doubt(frame, Reason.IDENTITY)
        return found

    def _check_loss(self) -> None:
        """Records that no longer can be had are a gap, and the way to say so."""
        if self._recorder is not None and (lost := self._recorder.take_loss()):
            raise self._unit.lost(GapCause.BUFFER_FULL, lost)

    @property
    def _failures(self) -> str:
        sweeps = (self._sweep, self._recorder)
        return "; ".join(each.failures for each in sweeps if each is not None and each.failures)
