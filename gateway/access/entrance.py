"""The way into a console: accounts, sessions and the access log, joined. For the node's event loop only."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from gateway.access.account import AccountError
from gateway.access.accounts import Accounts, Attempt, Change, utc_now
from gateway.access.log import AccessLog
from gateway.access.provider import Provider
from gateway.access.sessions import Session, Sessions
from gateway.access.settings import AccessSettings
from gateway.access.viewer import Viewer, subject_of
from gateway.link.settings import is_loopback
from gateway.outbox import Outbox
from schemas.access import Access, Act, Outcome
from schemas.errors import ToldError

CHANGES_EVERY = 2.0
"""Seconds between two looks at what commands changed."""
AT_ONCE = 2
"""Passwords that are compared at the same time: each takes 64 MiB."""
MOST_IN_LINE = 50
"""Passwords that wait for that, some seconds' worth; whoever comes then is told to come again."""
log = structlog.get_logger(__name__)


class NotNowError(ToldError):
    """Nobody is let in at this time, whoever it is; the message says why."""


@dataclass(frozen=True, slots=True)
class Entered:
    """The name of a session that began, and what its browser is called from now on."""

    session: str
    browser: str


class Entrance:
    """Everything that decides who is let in. Raises AccountError and JournalError."""

    def __init__(
        self,
        settings: AccessSettings,
        host: str,
        parties: tuple[str, str],
        *,
        now: Callable[[], int] = utc_now,
        concerned: Callable[[Access], Iterable[str]] = lambda _: (),
    ) -> None:
        """`host` is what the console listens on, `parties` are this node's name and the other side's.

        `now` gives UTC microseconds, `concerned` the holders that a look at the manufacturer's node is about.
        """
        self.settings, self._now = settings, now
        self.accounts = Accounts(settings.accounts, settings.lockout, now)
        self.provider = Provider(settings.provider) if settings.provider else None
        if not is_loopback(host) and self.provider is None and not any(self.accounts.all()):
            raise AccountError(
                f"console.host {host}: nobody has an account yet; make one by `cmo-gateway user add`, or listen on "
                "127.0.0.1"
            )
        self.sessions = Sessions(
            settings.idle_minutes * 60, settings.absolute_hours * 3600, lambda: time.monotonic_ns() // 1000
        )
        self.outbox = Outbox(settings.log)
        self.log = AccessLog(self.outbox, *parties, concerned)
        self._node = parties[0]
        self._hashing, self._in_line = asyncio.Semaphore(AT_ONCE), 0

    async def run(self) -> None:
        """Write the access log, with what commands change, until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.log.run())
                tasks.create_task(self._follow_changes())
        finally:
            self.accounts.close()
            await self.outbox.close()

    def viewer(self, session: Session) -> Viewer | None:
        """Who it is, as the account stands now; None where it holds no longer."""
        if session.credential is None:
            return session.viewer
        account = self.accounts.with_id(session.viewer.id)
        holds = account is not None and account.open(self._now()) and account.credential == session.credential
        return account.viewer() if account is not None and holds else None

    def viewer_of(self, token: str) -> Viewer | None:
        """The person of a program's token."""
        account = self.accounts.with_token(token)
        return None if account is None else account.viewer()

    async def sign_in(self, login: str, password: str, address: str | None, browser: str = "") -> Entered | None:
        """A session where the password is right; either way a record. `browser` is what it was called the last time.
        Raises NotNowError.
        """
        self.ready()
        tried = await self._tried(login, password, browser)
        viewer = None if tried.account is None else tried.account.viewer()
        self.tell(
            viewer, Act.SIGNED_IN, Outcome.DONE if tried.good else Outcome.REFUSED, address=address, reason=tried.reason
        )
        if tried.account is None or viewer is None or not tried.good:
            return None
        return Entered(self.sessions.begin(viewer, tried.account.credential), tried.browser)

    def ready(self) -> None:
        """Whether it could be recorded that somebody comes. Raises NotNowError where not."""
        if self.log.stuck:
            raise NotNowError("accesses cannot be recorded")

    async def _tried(self, login: str, password: str, browser: str) -> Attempt:
        if self._in_line >= MOST_IN_LINE:
            raise NotNowError("too many passwords wait to be compared")
        self._in_line += 1
        try:
            async with self._hashing:
                return await asyncio.to_thread(self.accounts.attempt, login, password, browser)
        except AccountError as error:
            raise NotNowError(str(error)) from error
        finally:
            self._in_line -= 1

    def let_in(self, viewer: Viewer, address: str | None) -> str:
        """A session for a person whom the provider has named."""
        self.tell(viewer, Act.SIGNED_IN, Outcome.DONE, address=address)
        return self.sessions.begin(viewer, None)

    def sign_out(self, name: str, address: str | None) -> None:
        """End the session of that name."""
        session = self.sessions.find(name)
        if session is not None:
            self.tell(session.viewer, Act.SIGNED_OUT, Outcome.DONE, address=address)
            self.sessions.end(name)

    def tell(
        self,
        viewer: Viewer | None,
        act: Act,
        outcome: Outcome,
        *,
        address: str | None,
        path: str = "",
        query: str = "",
        parameters: Mapping[str, str] | None = None,
        reason: str | None = None,
        time: int | None = None,
    ) -> None:
        """Record what somebody did. `path` and `query` are as asked, `parameters` the query taken apart."""
        known: dict[str, Any] = {**subject_of(path, parameters or {})}
        if viewer is not None:
            known |= {"account": viewer.id, "name": viewer.name, "roles": tuple(sorted(viewer.roles))}
        self.log.tell(
            Access(
                time=time or self._now(), node=self._node, act=act, outcome=outcome, address=address, path=path,
                query=query, reason=reason or None, **known,
            )
        )  # fmt: skip

    async def _follow_changes(self) -> None:
        told = 0
        while True:
            try:
                changes = await asyncio.to_thread(self.accounts.changes)
                self._tell_changes(one for one in changes if one.id > told)
                if changes:
                    told = changes[-1].id
                    await self.log.settled()
                    await asyncio.to_thread(self.accounts.told, told)
            except AccountError as error:
                log.warning("changes of accounts wait for the access log", error=str(error))
            await asyncio.sleep(CHANGES_EVERY)

    def _tell_changes(self, changes: Iterable[Change]) -> None:
        for one in changes:
            viewer = one.account.viewer()
            self.tell(viewer, Act.ACCOUNT_CHANGED, Outcome.DONE, address=None, reason=one.text, time=one.time)
