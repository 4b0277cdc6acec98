"""Tells people of alarms: the beacon, mail and webhooks, joined. Nothing here is waited for by sources or alarms."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from edge.annunciation.calling import Caller, Mark, Message, Step, beacon_wanted
from edge.annunciation.keeping import Beaconkeeper, Switch
from edge.annunciation.mail import send_mail
from edge.annunciation.memory import Memory
from edge.annunciation.outlet import Outlet
from edge.annunciation.proving import Part, Try, next_test, tested
from edge.annunciation.settings import MAIL, AnnunciationSettings, MailSettings, StepSettings, WebhookSettings
from edge.annunciation.webhook import post
from edge.annunciation.wording import Wording
from edge.control import RefusedError
from gateway.alarm.instant import Instant
from schemas.records import Alarm

LOOK = 0.1
"""Seconds between two looks at the alarms."""
NAP = 30.0
"""Seconds between two looks at the clock for the weekly test, which a step of the clock must not miss."""
AFRESH = 5.0
"""Seconds before a part that failed by a fault of the program goes on."""
log = structlog.get_logger(__name__)


class Annunciation:
    """`alarms` gives the latest step of each open alarm; `uplink` proves the way of a record to Kafka."""

    def __init__(
        self,
        settings: AnnunciationSettings,
        wording: Wording,
        memory: Memory,
        alarms: Callable[[], Iterable[Alarm]],
        clock: Callable[[], Instant],
        *,
        switch: Switch | None,
        uplink: Try,
        zone: str,
    ) -> None:
        """`switch` is the beacon's, where there is one; `zone` the plant's."""
        self._settings, self._wording, self._memory = settings, wording, memory
        self._alarms, self._clock, self._uplink, self._zone = alarms, clock, uplink, zone
        self._wanted, self._problems = False, dict[str, str]()
        mail = settings.mail
        self._recipients = () if mail is None else mail.recipients
        self._outlets = {} if mail is None else {MAIL: self._outlet(MAIL, partial(self._mail, mail))}
        self._outlets |= {one.name: self._outlet(one.name, partial(self._post, one)) for one in settings.webhooks}
        self._beacon: Beaconkeeper | None = None
        if settings.beacon is not None and switch is not None:
            self._beacon = Beaconkeeper(switch, lambda: self._wanted, settings.beacon.refresh)
        self._threads = ThreadPoolExecutor(len(self._outlets) + 1, "annunciation")
        self._testing = asyncio.Lock()
        self._test: dict[str, Any] | None = None
        self._caller = Caller([_step(one, self._recipients) for one in settings.escalation], self._remembered())

    @property
    def failed(self) -> bool:
        """Whether somebody is not reached now."""
        return any(True for _ in self._said())

    def status(self) -> dict[str, Any]:
        """What is wrong by part, how many messages wait, and the latest test."""
        waiting = sum(outlet.waiting for outlet in self._outlets.values())
        given_up = sum(outlet.given_up for outlet in self._outlets.values())
        return {"problems": dict(self._said()), "waiting": waiting, "given_up": given_up, "test": self._test}

    async def run(self) -> None:
        """Tell until cancelled."""
        works: dict[str, Callable[[], Awaitable[None]]] = {"alarms": self._watch, "schedule": self._schedule}
        works |= {name: outlet.run for name, outlet in self._outlets.items()}
        if self._beacon is not None:
            works["beacon"] = self._beacon.run
        try:
            async with asyncio.TaskGroup() as tasks:
                for name, work in works.items():
                    tasks.create_task(self._going_on(name, work))
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def test(self) -> dict[str, Any]:
        """Go every way once, with marked messages and a marked record. Raises RefusedError while one is under way."""
        if self._testing.locked():
            raise RefusedError("a test of the chain is under way; wait for its end")
        async with self._testing:
            began = self._clock()
            parts = await tested(dict(self._ways()))
            seconds = round(self._clock().monotonic - began.monotonic, 2)
        self._test = {"time": began.wall, "seconds": seconds, "parts": [asdict(part) for part in parts]}
        self._log_test(parts)
        return self._test

    def _log_test(self, parts: list[Part]) -> None:
        found = {part.part: part.detail or "ok" for part in parts}
        (log.info if all(part.ok for part in parts) else log.error)("chain tested", **found)

    def _ways(self) -> Iterator[tuple[str, Try]]:
        if self._beacon is not None:
            yield "beacon", self._beacon.test
        for name, outlet in self._outlets.items():
            yield name, partial(self._try, outlet, self._recipients if name == MAIL else (name,))
        yield "Kafka", self._uplink

    async def _try(self, outlet: Outlet, targets: Iterable[str]) -> None:
        for target in targets:
            await outlet.send(Message(target, (), (), test=True))

    async def _watch(self) -> None:
        known = None
        while True:
            alarms = list(self._alarms())
            self._wanted = beacon_wanted(alarms)
            for message in self._caller.look(alarms, self._clock()):
                self._outlets[MAIL if "@" in message.target else message.target].offer(message)
            if self._caller.calls != known:
                known = self._caller.calls
                await self._in_thread(partial(self._memory.keep, known))
            await asyncio.sleep(LOOK)

    async def _schedule(self) -> None:
        if self._settings.test is None:
            return
        while True:
            due = next_test(self._settings.test, self._zone, datetime.now(UTC))
            while datetime.now(UTC) < due:  # noqa: ASYNC110 - no event tells of a clock that was set
                await asyncio.sleep(NAP)
            if not self._testing.locked():
                await self.test()

    async def _going_on(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """A fault in telling people must not end the agent; it is said, and the part begins afresh."""
        while True:
            try:
                await work()
            except Exception as error:  # whatever it is: acquisition and alarms go on
                self._problems[name] = f"fault of the program: {error!r}"
                log.exception("annunciation failed", part=name)
                await asyncio.sleep(AFRESH)
            else:
                return

    def _outlet(self, name: str, send: Callable[[Message], Awaitable[None]]) -> Outlet:
        return Outlet(name, send, self._sent)

    async def _mail(self, settings: MailSettings, message: Message) -> None:
        mail = self._wording.mail(message, settings.sender, self._clock().wall)
        await asyncio.get_running_loop().run_in_executor(self._threads, send_mail, settings, mail)

    async def _post(self, settings: WebhookSettings, message: Message) -> None:
        event = self._wording.event(message, self._clock().wall)
        await asyncio.get_running_loop().run_in_executor(self._threads, post, settings, event)

    async def _sent(self, message: Message) -> None:
        await self._in_thread(partial(self._memory.remember, message.marks))

    async def _in_thread(self, do: Callable[[], None]) -> None:
        """What cannot be remembered is told again after a restart; that is said, and no reason to tell nobody."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, do)
        except sqlite3.Error as error:
            self._forgetful(error)
        else:
            self._problems.pop("memory", None)

    def _remembered(self) -> list[Mark]:
        try:
            return self._memory.told()
        except sqlite3.Error as error:
            self._forgetful(error)
            return []

    def _forgetful(self, error: sqlite3.Error) -> None:
        log.error("who was told is not kept", problem=str(error))
        self._problems["memory"] = f"who was told is not kept: {error}"

    def _said(self) -> Iterator[tuple[str, str]]:
        yield from self._problems.items()
        parts: Mapping[str, Outlet | Beaconkeeper] = self._outlets
        if self._beacon is not None:
            parts = {"beacon": self._beacon, **parts}
        yield from ((name, part.problem) for name, part in parts.items() if part.problem)


def _step(step: StepSettings, recipients: tuple[str, ...]) -> Step:
    named = (recipients if one == MAIL else (one,) for one in step.to)
    targets = tuple(dict.fromkeys(target for some in named for target in some))
    return Step(step.after * 60, step.priority == "alert", targets)
