"""The agent's clock stepped while it runs, by libfaketime; the host's clock stays."""

from pathlib import Path
from uuid import uuid4

import pytest

from schemas.records import GapCause
from tests.support.clock import Clock
from tests.support.eventually import eventually
from tests.support.judge import judge
from tests.support.line import LIMIT, Line, line
from tests.support.truth import LEVEL

pytestmark = pytest.mark.kafka
HOUR = 3600


async def test_a_clock_that_steps_is_told_and_harms_nothing(kafka: str, tmp_path: Path) -> None:
    """Two hours ahead, then one behind: two gaps of that size, no number missing, seals go on, on-delays are right.

    While the clock steps ahead a level is low for a moment: no alarm. While it steps back it stays low: an alarm.
    """
    clock = Clock(tmp_path)
    async with line(tmp_path, kafka, holder=f"holder-{uuid4().hex[:8]}", on_delay=6) as one:
        one.start_node()
        one.start_agent(**clock.environment)
        await one.flowing()
        await step(one, clock, 2 * HOUR, low=True)
        one.level(LEVEL)
        await one.flowing()
        assert await one.alarms() == {}
        await step(one, clock, -HOUR, low=True)
        await stands(one, "UNACKNOWLEDGED")
        one.level(LEVEL)
        await stands(one, "RETURNED_UNACKNOWLEDGED")
        one.stop("agent")
        await one.complete()
        one.stop("node")
        evidence = await one.evidence()
    evidence.samples = [sample for sample in evidence.samples if sample.tag != "T.Level"]
    verdict = judge(evidence)
    assert (verdict.lost, verdict.duplicated, verdict.accused) == ([], [], [])
    assert {gap.cause for gap in evidence.gaps} == {GapCause.CLOCK_STEPPED}
    sizes = sorted((gap.ended or 0) - gap.began for gap in evidence.gaps)
    assert [round(size / HOUR / 1e6, 2) for size in sizes] == [2, 3], evidence.gaps
    assert {gap.detail.split()[-2][0] for gap in evidence.gaps} == {"+", "-"}


async def step(one: Line, clock: Clock, seconds: int, *, low: bool) -> None:
    """Let the level fall, step the clock while the on-delay runs, and wait until the gap is told."""
    told = one.times("agent", "gap")
    if low:
        one.level(LIMIT - 2)
        made = await one.made()

        async def more() -> bool:
            return await one.made() > made + 3

        await eventually(more, within=60, what="scans with a low level")
    clock.step_to(seconds)
    await eventually(lambda: one.times("agent", "gap") > told, within=60, what="the step is told")


async def stands(one: Line, state: str) -> None:
    async def there() -> bool:
        return list((await one.alarms()).values()) == [state]

    await eventually(there, within=60, every=0.3, what=f"one alarm at the holder, {state}")
