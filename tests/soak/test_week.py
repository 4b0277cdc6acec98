"""Seven days of ordinary running, some twenty minutes of ours: whether anybody is called for nothing."""

import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from schemas.records import AlarmEvent
from tests.scenarios.days import Days
from tests.scenarios.routine import BEGIN, DAY, week

pytestmark = pytest.mark.soak
WEEK = 7 * DAY


async def test_a_week_of_normal_running_gives_no_false_alarm(seed: int, told: Callable[[str], None]) -> None:
    """A look at every sensor each second, noise, shifts, doors, slow ones too, cleaning with fog, an empty Sunday."""
    begun = time.monotonic()
    routine, steps = week(8, BEGIN, np.random.default_rng(seed))
    steps = [step for step in steps if step.at < WEEK - 1000]
    line = Days(seed=seed)
    await line.pass_by(WEEK, steps)
    doors, counts = sum(step.do == "open_door" for step in steps), line.counts()
    raised = Counter(one.condition for one in line.alarms(AlarmEvent.RAISED))
    told(
        f"a week in {time.monotonic() - begun:.0f} s: {line.tally.samples:,} samples, {doors} doors opened, "
        f"{routine.slow} of {routine.doors} slowly; {counts}; raised {dict(raised)}"
    )
    assert line.tally.samples > 25 * WEEK * 0.9
    assert doors > 1000
    assert counts[AlarmEvent.PASSED.value, "ACTION"] > 500
    assert not raised
