"""The holder's node killed at moments that nobody chose."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.kills import kill_node_at_random
from tests.support.line import line

pytestmark = pytest.mark.kafka
KILLS = 4


async def test_a_node_killed_at_any_moment_has_everything_once(kafka: str, tmp_path: Path) -> None:
    """Its archive ends complete and without a double row; a receipt never counts what a kill could still take."""
    async with line(tmp_path, kafka, holder=f"holder-{uuid4().hex[:8]}") as one:
        verdict = await kill_node_at_random(one, KILLS, seed=4)
    assert verdict.good, verdict
    assert verdict.samples > 200
