"""How long an alarm takes from the commit in the agent's journal to the page of its holder, over a real Kafka."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from selenium import webdriver

from edge.route import Route
from gateway.archive.archive import Archive
from gateway.console.desk import Desk
from gateway.console.server import serve
from gateway.intake.intake import Intake
from gateway.journal.committer import Committer
from gateway.journal.journal import Journal
from gateway.link.publisher import Publisher, streams_of
from gateway.link.settings import KafkaSettings
from gateway.proof.keys import Role, generate, public_keys
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmPriority, AlarmState
from tests.gateway.console.conftest import chromium
from tests.gateway.console.pilot import Reader
from tests.gateway.console.stage import SITE
from tests.gateway.link.uplinks import new_name
from tests.gateway.messages import alarm
from tests.support.eventually import eventually

__all__ = ["chromium"]

ALARMS = 30
WITHIN = 2.0
"""Seconds."""
WATCH = """
window.seen = {};
new MutationObserver(() => document.querySelectorAll('.alarms-open a[href*="/alarms/"]').forEach((link) => {
    const id = link.href.split('/').pop();
    if (!(id in window.seen)) window.seen[id] = Date.now();
})).observe(document.body, {childList: true, subtree: true});
"""


def raised(number: int) -> Alarm:
    time_ = time.time_ns() // 1000
    one = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, time_, alarm=uuid4(), since=time_, tag=f"T{number}")
    return replace(one, kind=AlarmKind.LOW, priority=AlarmPriority.ACTION, room="F1", line="line-3")


@asynccontextmanager
async def both_sides(kafka: str, folder: Path) -> AsyncIterator[tuple[Committer, Route, str, Desk]]:
    """A sender and a holder's node with its console; the committer, the route, the console's address and desk."""
    settings, holder = KafkaSettings(bootstrap=kafka, security="plaintext"), new_name()
    key, node = generate("cmo-a", Role.SENDER, "line-3"), generate(holder, Role.NODE, holder)
    streams = streams_of("cmo-a", "line-3", [holder])
    journal, archive = Journal(folder / "j.db", limit=2**26), Archive(folder / "archive.duckdb")
    publisher = Publisher(settings, journal, [one for some in streams.values() for one in some], key)
    committer = Committer(journal, publisher.wake)
    intake = Intake(settings, ("cmo-a", holder), public_keys(key), node, archive)
    desk, address = Desk(SITE, archive, intake.live), asyncio.get_running_loop().create_future()

    async def receive() -> None:
        async for _ in intake.batches():
            desk.changed()

    runs = (publisher.run(), committer.run(), receive(), serve(desk, "127.0.0.1", 0, ready=address.set_result))
    running = [asyncio.create_task(run) for run in runs]
    try:
        yield committer, Route(streams), await address, desk
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        journal.close()
        archive.close()


@pytest.mark.kafka
@pytest.mark.browser
async def test_the_holders_page_shows_an_alarm_within_2_s_of_its_commit(
    kafka: str, tmp_path: Path, chromium: webdriver.Chrome
) -> None:
    """The page is open and is pushed; every alarm of a row of them, one or two a second."""
    committed = dict[UUID, float]()
    async with both_sides(kafka, tmp_path) as (committer, route, address, _):
        reader = Reader(chromium, address)
        await asyncio.to_thread(reader.open, "/en/alarms")
        await asyncio.to_thread(chromium.execute_script, WATCH)

        async def seen() -> int:
            return int(await asyncio.to_thread(chromium.execute_script, "return Object.keys(window.seen).length"))

        async def all_seen() -> bool:
            return await seen() == ALARMS + 1

        await committer.offer(list(route(raised(ALARMS))))  # topics are made, and consumers find them
        await eventually(seen, within=60, every=0.2, what="the first alarm on the page")
        rest = np.random.default_rng(3).uniform(0.4, 1.1, ALARMS)
        for number in range(ALARMS):
            one = raised(number)
            await committer.offer(list(route(one)))
            committed[one.alarm] = time.time()
            await asyncio.sleep(rest[number])
        await eventually(all_seen, within=60, every=0.2, what="every alarm on the page")
        shown: dict[str, int] = await asyncio.to_thread(chromium.execute_script, "return window.seen")
        await asyncio.to_thread(chromium.get, "about:blank")
    waits = sorted(shown[str(one)] / 1e3 - at for one, at in committed.items())
    print(f"\n{ALARMS} alarms: committed to shown median {np.median(waits) * 1e3:.0f} ms, "
          f"p95 {np.percentile(waits, 95) * 1e3:.0f} ms, worst {waits[-1] * 1e3:.0f} ms")  # fmt: skip
    assert waits[-1] <= WITHIN
