"""The broker killed, frozen, or one of three gone, while samples flow."""

from pathlib import Path

import pytest

from simulators.broker.cluster import KafkaCluster
from tests.support.kafka import PrivateKafka
from tests.support.outages import frozen, killed, leader_killed

pytestmark = pytest.mark.kafka


async def test_a_broker_killed_while_samples_flow_costs_nothing(private_kafka: PrivateKafka, tmp_path: Path) -> None:
    """Killed and started again twice: every scan is archived, so no gap is needed."""
    verdict, evidence = await killed(private_kafka(), tmp_path, times=2)
    assert verdict.good, verdict
    assert evidence.gaps == []


async def test_a_broker_frozen_for_a_while_costs_nothing(private_kafka: PrivateKafka, tmp_path: Path) -> None:
    """It keeps its connections and answers nothing, then goes on: every scan is archived."""
    verdict, evidence = await frozen(private_kafka(), tmp_path, seconds=10)
    assert verdict.good, verdict
    assert evidence.gaps == []


async def test_one_of_three_brokers_killed_costs_nothing(kafka_ready: None, tmp_path: Path) -> None:
    """The one that leads the partition: another takes over, with all that was acknowledged."""
    async with KafkaCluster(tmp_path / "kafka") as cluster:
        verdict, evidence = await leader_killed(cluster, tmp_path)
    assert verdict.good, verdict
    assert evidence.gaps == []
