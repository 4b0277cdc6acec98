from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from simulators.broker import MockBroker, open_broker


async def test_the_mock_broker_carries_messages() -> None:
    """Enough for a first look: what is produced, idempotent too, can be consumed."""
    broker = MockBroker()
    broker.start()
    try:
        async with AIOKafkaProducer(
            bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=True
        ) as producer:
            await producer.send_and_wait("mock", b"hello", partition=0)
        consumer = AIOKafkaConsumer("mock", bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
        async with consumer:
            message = await consumer.getone()
        assert message.value == b"hello"
    finally:
        broker.stop()


def test_without_java_the_mock_broker_stands_in_and_says_what_it_cannot_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lines: what is missing, and what to expect."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    told: list[str] = []
    broker = open_broker(tmp_path, tell=told.append)
    assert isinstance(broker, MockBroker)
    assert "apt-get install openjdk-17-jre-headless" in told[0]
    assert broker.limits in told[1]
