"""A console that asks who comes, with accounts whose passwords are known."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher

from gateway.access import passwords
from gateway.access.entrance import Entrance
from gateway.access.roles import Role
from gateway.access.settings import AccessSettings
from gateway.access.viewer import Scope
from gateway.access.wanted import WantedAccess
from gateway.console.desk import Desk
from gateway.console.server import serve
from gateway.console.serving import Certificate
from schemas.access import Access
from tests.gateway.console.stage import NOW

PASSWORD = "correct horse battery"
PEOPLE = {
    "wang.fang": ("王芳", Role.QA),
    "li.na": ("Li Na", Role.HOLDER_REVIEWER),
    "zhao.lei": ("Zhao Lei", Role.OPERATOR),
    "chen.jie": ("Chen Jie", Role.ADMINISTRATOR),
}
DAY = 86_400_000_000
BATCH = "240611A"


def quick_passwords() -> None:
    """As good as others, and made in no time: what they cost is tested elsewhere."""
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords.nobodys.cache_clear()


def people(entrance: Entrance, now: int) -> None:
    """Each of PEOPLE, and an inspector of one batch."""
    for login, (name, role) in PEOPLE.items():
        entrance.accounts.add(login, name, [role], PASSWORD)
    scope = Scope(batches=frozenset({BATCH}))
    entrance.accounts.add("sun.li", "Sun Li", [Role.INSPECTOR], PASSWORD, scope=scope, ends=now + DAY)


def entrance_in(folder: Path, now: Callable[[], int] = lambda: NOW, **settings: Any) -> Entrance:
    """With its files in the folder. To be made on the console's loop."""
    files = {"accounts": folder / "accounts.sqlite", "log": folder / "access.journal"}
    access = AccessSettings.model_validate({**files, **settings})
    return Entrance(access, "127.0.0.1", ("holder-b", "cmo-a"), now=now)


class Door:
    """A served console, and browsers before it."""

    def __init__(self, entrance: Entrance, address: str) -> None:
        self.entrance, self.address = entrance, address

    def browser(self, **more: Any) -> httpx.AsyncClient:
        """One that tells its origin, as browsers do, and follows no redirect."""
        headers = {"Origin": self.address}
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=60, trust_env=False, **more)

    async def sign_in(self, browser: httpx.AsyncClient, login: str, password: str = PASSWORD) -> httpx.Response:
        """As the page's form does."""
        return await browser.post("/en/sign-in", data={"name": login, "password": password, "next": "/en"})

    @asynccontextmanager
    async def person(self, login: str, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
        """A browser in which somebody has signed in."""
        async with self.browser(**more) as browser:
            assert (await self.sign_in(browser, login)).status_code == 303
            yield browser

    async def looks(self) -> list[Access]:
        """What stands in the access log, oldest first."""
        await self.entrance.log.settled()
        found = await asyncio.to_thread(self.entrance.log.find, WantedAccess(0, 1 << 62), 10_000)
        return [kept.access for kept in reversed(found)]


@asynccontextmanager
async def entered(
    folder: Path, desk: Desk, *, certificate: Certificate | None = None, **settings: Any
) -> AsyncIterator[Door]:
    """A served console with its accounts; `settings` are those of `access`."""
    quick_passwords()
    entrance = entrance_in(folder, desk.now, **settings)
    people(entrance, desk.now())
    ready = asyncio.get_running_loop().create_future()
    writing = asyncio.create_task(entrance.run())
    serving = asyncio.create_task(
        serve(desk, "127.0.0.1", 0, ready=ready.set_result, entrance=entrance, certificate=certificate)
    )
    try:
        yield Door(entrance, await asyncio.wait_for(ready, 60))
    finally:
        for task in (serving, writing):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@contextmanager
def door_beside(folder: Path, desk: Desk) -> Iterator[Door]:
    """The same on a loop in a thread of its own, so that a browser can be driven beside it."""
    opened, closing = Future[tuple[Door, asyncio.AbstractEventLoop]](), asyncio.Event()

    async def run() -> None:
        async with entered(folder, desk) as door:
            opened.set_result((door, asyncio.get_running_loop()))
            await closing.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    door, loop = opened.result(60)
    try:
        yield door
    finally:
        loop.call_soon_threadsafe(closing.set)
        thread.join(60)
