"""`./dev soak --day-in 3600`: the faults of 24 hours in one."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.completeness import Interval, without
from schemas.codec import decode_head
from schemas.frame import Frame
from schemas.records import Gap
from tests.soak.plant import CMO, HOLDER, Site, site
from tests.soak.schedule import DEATH, HOURS, Fault, bad_day
from tests.soak.vitals import Vitals, slope
from tests.support.eventually import eventually
from tests.support.evidence import PUBLISHED, from_topics
from tests.support.kafka import PrivateKafka

pytestmark = [pytest.mark.kafka, pytest.mark.soak]

REFUSED = {"F11"}
"""Who is refused waits five minutes before the next attempt, so that no account is locked: here, most of the day."""
GROWTH = 16 * 1024
"""KiB that the agent's memory may grow in 24 hours, after the first third of them."""
POOL = 6
"""Threads that asyncio's pool may grow to on two cores; one of them stays when it was needed once."""
HOLE = 6_000_000
"""Microseconds without a frame, beyond which a gap has to tell: `silence`, an attempt, a busy machine."""


@pytest.fixture
def day_in(request: pytest.FixtureRequest) -> float:
    """Seconds for the day's faults, from the command line; quiet times come on top."""
    return float(request.config.getoption("--day-in"))


async def test_a_day_of_faults_leaves_nothing_behind(
    private_kafka: PrivateKafka, tmp_path: Path, day_in: float, seed: int, told: Callable[[str], None]
) -> None:
    """Memory flat, no task, socket, file or session left; every source is back; every absence is told by a gap."""
    async with site(tmp_path, private_kafka().bootstrap) as one:
        one.start()
        begin = await one.quiet()
        sessions = await one.clients()
        quiet = [(0.0, begin)]
        faults = bad_day(await _lies(one), seed)
        parts = min(max(round(day_in / 40), 6), HOURS)
        for part in range(parts):
            since, until = HOURS * part / parts, HOURS * (part + 1) / parts
            await _live([fault for fault in faults if since <= fault.begins < until], since, day_in / HOURS, one)
            quiet.append((until, await one.quiet()))
            sys.stderr.write(f"{until:5.1f} h: {quiet[-1][1]}\n")
        assert await one.clients() == sessions
        one.stop("agent")
        await eventually(lambda: _no_clients(one), within=60, every=1, what="no session at any device")
        one.stop("node")
        code, said = await one.verified()
        assert code == 0, said
        absences = await _judge_absences(one)
    told(_summary(day_in, faults, quiet, absences))
    _judge_vitals(quiet)
    for device, times in absences.items():
        assert times >= sum(fault.device == device and _is_long_death(fault, day_in / HOURS) for fault in faults), (
            device
        )


async def _lies(one: Site) -> dict[str, list[str]]:
    return {
        name: [lie for lie in await one.remote.ask("GET", "devices", name, "lies") if lie not in REFUSED]
        for name in one.plant.addresses
    }


async def _live(faults: Sequence[Fault], since: float, hour: float, one: Site) -> None:
    """`hour` is how long one takes, s."""
    begin = asyncio.get_running_loop().time() - since * hour
    devices = {fault.device for fault in faults}
    async with asyncio.TaskGroup() as tasks:
        for device in devices:
            tasks.create_task(_suffer([fault for fault in faults if fault.device == device], begin, hour, one))


async def _suffer(faults: Sequence[Fault], begin: float, hour: float, one: Site) -> None:
    """One device's faults, one after the other; where a device takes longer over one, the next begins later."""
    clock = asyncio.get_running_loop().time
    for fault in faults:
        await asyncio.sleep(begin + fault.begins * hour - clock())
        await _switch(fault, one, on=True)
        await asyncio.sleep(begin + fault.ends * hour - clock())
        await _switch(fault, one, on=False)


async def _switch(fault: Fault, one: Site, *, on: bool) -> None:
    if fault.name == DEATH:
        await one.remote.ask(
            "POST", "steps", body={"do": "stop_device" if on else "start_device", "device": fault.device}
        )
    else:
        await one.remote.ask("PUT" if on else "DELETE", "devices", fault.device, "lies", fault.name)


async def _no_clients(one: Site) -> bool:
    return not any((await one.clients()).values())


async def _judge_absences(one: Site) -> dict[str, int]:
    """How often each source was away; every time of it is told by gaps of its own."""
    frames: dict[str, list[int]] = {}
    gaps: dict[str, list[Interval]] = {}
    for message in await from_topics(one.bootstrap, CMO, HOLDER):
        match decode_head(message.value or b"", PUBLISHED):
            case Frame() as frame if not frame.backfilled:
                frames.setdefault(frame.source, []).append(frame.received)
            case Gap() as gap if gap.ended is not None:
                gaps.setdefault(gap.source, []).append((gap.began, gap.ended))
    assert set(frames) >= set(one.plant.addresses)
    for source in one.plant.addresses:
        ordered = sorted(frames[source])
        holes = [(before, after) for before, after in pairwise(ordered) if after - before > HOLE]
        untold = [hole for hole in without(holes, gaps.get(source, ())) if hole[1] - hole[0] > HOLE]
        assert not untold, f"{source}: no frame and no gap in {untold}"
    return {name: len({began for began, _ in gaps.get(name, ())}) for name in one.plant.addresses}


def _summary(
    day_in: float, faults: Sequence[Fault], quiet: Sequence[tuple[float, Vitals]], absences: dict[str, int]
) -> str:
    begin, end = quiet[0][1], quiet[-1][1]
    return (
        f"a day in {day_in:.0f} s: {len(faults)} faults of {len(absences)} devices, {sum(absences.values())} absences, "
        f"each told by a gap; at begin {begin}; at end {end}; memory {_growth(quiet) / 1024:+.1f} MiB a day"
    )


def _is_long_death(fault: Fault, hour: float) -> bool:
    """Whether the device is away for so long that nobody could overlook it; `hour` is how long one takes, s."""
    return fault.name == DEATH and (fault.ends - fault.begins) * hour * 1_000_000 > 2 * HOLE


def _growth(quiet: Sequence[tuple[float, Vitals]]) -> float:
    """KiB in 24 hours, after the first third of the day."""
    return HOURS * slope([(hour, float(look.rss)) for hour, look in quiet if hour >= HOURS / 3])


def _judge_vitals(quiet: Sequence[tuple[float, Vitals]]) -> None:
    begin, end = quiet[0][1], quiet[-1][1]
    assert end.tasks == begin.tasks
    assert end.sockets <= begin.sockets
    assert end.files <= begin.files
    assert end.threads <= begin.threads + POOL
    assert _growth(quiet) < GROWTH
