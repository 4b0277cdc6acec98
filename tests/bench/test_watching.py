"""Two browsers that watch while 10,000 samples a second arrive, over a real Kafka: on the overview and on a trend."""

import asyncio
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from selenium import webdriver

from gateway.console.desk import Desk
from schemas.frame import Frame, TagTable
from tests.bench.test_alarm_at_holder import both_sides
from tests.bench.test_codec import SAMPLES, a_frame
from tests.gateway.console.conftest import browser
from tests.gateway.console.pilot import Reader
from tests.support.eventually import eventually

FRAMES, EACH = 200, 0.1
"""So many frames of a thousand samples, one each so many seconds: 10,000 samples a second for 20 s."""
FADES, GROWS = 15.0, 600.0
"""Seconds without a push after which a page says that it is not live; megabytes that the process may take more."""
PAGES = ("/en", "/en/trend?tag=F1.DP.M1&range=1h")
WATCH = """
window.beats = [performance.now()];
new MutationObserver(() => window.beats.push(performance.now()))
    .observe(document.querySelector(".console"), {attributes: true, attributeFilter: ["class"]});
"""


def frames() -> list[Frame]:
    """What the line sends, with the tags of the console's rooms among a thousand."""
    frame = a_frame()
    names = ("F1.DP.M1", "M1.DP.C1", "F1.DP.C1", *frame.tags.names[3:])
    return [replace(frame, tags=TagTable(names, ("Pa",) * SAMPLES), id=uuid4()) for _ in range(FRAMES)]


def megabytes() -> float:
    """What this process holds: the sender, the node with its archive, and the console."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


async def arrived(desk: Desk) -> int:
    """How many samples the archive has."""
    return await desk.ask(lambda archive: int(archive.rows("SELECT count(*) FROM readings")[0][0]))


@pytest.mark.kafka
@pytest.mark.browser
async def test_two_browsers_follow_10_000_samples_a_second(kafka: str, tmp_path: Path) -> None:
    """The pages are pushed all the time, the archive keeps up, and memory stays bounded."""
    async with both_sides(kafka, tmp_path) as (committer, route, address, desk):
        with ExitStack() as stack:
            drivers = [stack.enter_context(browser(tmp_path / f"chromium-{n}")) for n in range(len(PAGES))]
            for driver, page in zip(drivers, PAGES, strict=True):
                await asyncio.to_thread(Reader(driver, address).open, page)
            first, *rest = frames()
            await committer.offer(list(route(replace(first, received=now()))))  # topics are made
            await eventually(lambda: arrived(desk), within=60, every=0.2, what="the first frame in the archive")
            await asyncio.gather(*(asyncio.to_thread(driver.execute_script, WATCH) for driver in drivers))
            before, begun, behind = megabytes(), time.monotonic(), []
            for number, frame in enumerate(rest, start=1):
                await asyncio.sleep(max(0.0, begun + number * EACH - time.monotonic()))
                moment = now()
                told = replace(frame, received=moment, source_time=np.full(SAMPLES, moment))
                await committer.offer(list(route(told)))
                if number % 20 == 0:
                    behind.append((number + 1) * SAMPLES - await arrived(desk))
            sent = time.monotonic() - begun

            async def all_there() -> bool:
                return await arrived(desk) == FRAMES * SAMPLES

            await eventually(all_there, within=60, every=0.2, what="every sample in the archive")
            grown, late = megabytes() - before, time.monotonic() - begun - sent
            beats = [await asyncio.to_thread(pauses, driver) for driver in drivers]
    rate = (FRAMES - 1) * SAMPLES / sent
    print(f"\n{rate:,.0f} samples/s for {sent:.0f} s; all in the archive {late:.1f} s later")
    print(f"{max(behind):,} samples behind at most; memory +{grown:.0f} MB")
    for page, times in zip(PAGES, beats, strict=True):
        print(f"{page}: {len(times)} pushes, median {np.median(times):.2f} s apart, longest {max(times):.1f} s")
    assert rate > 9_000
    assert grown < GROWS
    assert all(max(times) < FADES for times in beats)


def now() -> int:
    """UTC microseconds."""
    return time.time_ns() // 1000


def pauses(driver: webdriver.Chrome) -> list[float]:
    """Seconds between the pushes that a page got."""
    return list(np.diff(driver.execute_script("return window.beats")) / 1000)
