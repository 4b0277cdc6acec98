"""The agent killed at moments that nobody chose: nothing lost, nothing twice, its absence told."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.kills import kill_agent_at_random
from tests.support.line import line

pytestmark = pytest.mark.kafka
KILLS = 5
"""For each way of publishing."""


@pytest.mark.parametrize("exactly_once", [False, True], ids=["idempotent", "exactly once"])
async def test_an_agent_killed_at_any_moment_loses_nothing(kafka: str, tmp_path: Path, exactly_once: bool) -> None:
    """Every sample that was committed is in the archive once; every other scan is told by a gap.

    With `exactly_once` nothing stands in a topic twice either.
    """
    holder = f"holder-{uuid4().hex[:8]}"
    async with line(tmp_path, kafka, holder=holder, exactly_once=exactly_once) as one:
        verdict = await kill_agent_at_random(one, KILLS, seed=4)
    assert verdict.good, verdict
    assert verdict.samples > 200
    assert not exactly_once or verdict.repeats == 0, verdict
