"""A weighing of record while it is being taken: a weight is wanted, and readings come until one is stable."""

import asyncio
import time

from adapters.contract import NotAskedError, WeighingRequest, now
from adapters.serial.reading import Reading, Weight
from adapters.serial.record import BY_KEY, Circumstances, weighing
from adapters.serial.settings import BalanceSettings, WeighingSettings
from schemas.records import Weighing, WeighingMethod

SPARE = 1.0
"""Seconds, besides `silence`, after the patience is over, in which the last reading or the loss must be told."""


class Takings:
    """Takes weighings of one balance, one at a time."""

    def __init__(self, settings: BalanceSettings) -> None:
        self.wanted = asyncio.Event()
        """Set while a weight is waited for."""
        self.serial_number: str | None = None
        self.identified = False
        self._settings = settings
        self._one = asyncio.Lock()
        self._request: WeighingRequest | None = None
        self._asked = (0, 0.0)
        self._done: asyncio.Future[Weighing] | None = None

    async def take(self, request: WeighingRequest, *, connected: bool) -> Weighing:
        """Wait for the record. Raises NotAskedError.

        A person waits for their turn. A machine's trigger does not: later another thing may lie on the pan, so while
        another weighing is under way it is refused at once.
        """
        rules = self._rules()
        if request.method is WeighingMethod.TRIGGER and self._one.locked():
            return self._record(request, rules, None, requested=now(), broken="another weighing was under way")
        async with self._one:
            self._request, self._asked = request, (now(), time.monotonic())
            self._done = asyncio.get_running_loop().create_future()
            if not connected:
                self.break_off("the balance is not connected")
            self.wanted.set()
            try:
                async with asyncio.timeout(rules.patience + self._settings.silence + SPARE):
                    return await self._done
            except TimeoutError:
                return self._record(request, rules, None, requested=self._asked[0], broken="the balance was not heard")
            finally:
                self.wanted.clear()
                self._request = self._done = None

    def offer(self, reading: Reading, *, confirmed: bool, since: float) -> None:
        """A reading, made after the monotonic time `since`: it is taken when it stands still, or patience is over."""
        if self._request is None or self._done is None or self._done.done() or since < self._asked[1]:
            return
        rules = self._rules()
        proven = isinstance(reading, Weight) and reading.stable and confirmed
        if proven or time.monotonic() >= self._asked[1] + rules.patience:
            record = self._record(self._request, rules, reading, requested=self._asked[0], confirmed=confirmed)
            self._done.set_result(record)

    def break_off(self, why: str) -> None:
        """The balance is lost: whoever waits for a weight is told so (F48)."""
        if self._request is not None and self._done is not None and not self._done.done():
            record = self._record(self._request, self._rules(), None, requested=self._asked[0], broken=why)
            self._done.set_result(record)

    def printed(self, reading: Reading, *, confirmed: bool) -> Weighing | None:
        """The record of a weight that came by the print key; None where no weighings are taken."""
        rules = self._settings.weighing
        return None if rules is None else self._record(BY_KEY, rules, reading, confirmed=confirmed)

    def _rules(self) -> WeighingSettings:
        if self._settings.weighing is None:
            raise NotAskedError(
                f"source {self._settings.name!r} has no setting `weighing`; add it and restart the agent"
            )
        return self._settings.weighing

    def _record(
        self,
        request: WeighingRequest,
        rules: WeighingSettings,
        reading: Reading | None,
        *,
        requested: int | None = None,
        confirmed: bool = False,
        broken: str | None = None,
    ) -> Weighing:
        at = Circumstances(now(), requested, self.serial_number, self.identified, confirmed, broken)
        return weighing(self._settings, rules, request, reading, at)
