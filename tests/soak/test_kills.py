"""`./dev soak --kills 300`: hours of bad luck in half an hour."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.soak.conftest import Tell
from tests.support.kafka import PrivateKafka
from tests.support.kills import kill_agent_at_random, kill_node_at_random
from tests.support.line import line
from tests.support.outages import frozen

pytestmark = [pytest.mark.kafka, pytest.mark.soak]


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How many, from the command line."""
    return int(request.config.getoption("--kills"))


@pytest.mark.parametrize("exactly_once", [False, True], ids=["idempotent", "exactly once"])
async def test_an_agent_killed_again_and_again_loses_nothing(
    kafka: str, tmp_path: Path, *, kills: int, seed: int, exactly_once: bool, tell: Tell
) -> None:
    """Lost, duplicated, undetected: none; with `exactly_once` no repeat in a topic either."""
    async with line(tmp_path, kafka, holder=f"holder-{uuid4().hex[:8]}", exactly_once=exactly_once) as one:
        verdict = await kill_agent_at_random(one, kills, seed)
    tell(f"agent killed {kills} times{', exactly once' * exactly_once}", verdict)
    assert verdict.good, verdict
    assert not exactly_once or verdict.repeats == 0, verdict


async def test_a_node_killed_again_and_again_has_everything_once(
    kafka: str, tmp_path: Path, kills: int, seed: int, tell: Tell
) -> None:
    """And a receipt never counts what a kill could still take."""
    async with line(tmp_path, kafka, holder=f"holder-{uuid4().hex[:8]}") as one:
        verdict = await kill_node_at_random(one, kills, seed)
    tell(f"node killed {kills} times", verdict)
    assert verdict.good, verdict


async def test_a_broker_frozen_for_a_minute_costs_nothing(private_kafka: PrivateKafka, tmp_path: Path) -> None:
    """Longer than every timeout of the clients."""
    verdict, evidence = await frozen(private_kafka(), tmp_path, seconds=60)
    assert verdict.good, verdict
    assert evidence.gaps == []
