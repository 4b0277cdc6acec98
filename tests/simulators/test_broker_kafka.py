import asyncio
import os
import socket
import sys
from pathlib import Path
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from simulators.broker import BrokerError, KafkaBroker
from simulators.ports import free_ports, is_free
from tests.support.eventually import eventually
from tests.support.kafka import PrivateKafka, create_topic

pytestmark = [pytest.mark.kafka, pytest.mark.usefixtures("kafka_ready")]

OWNER = """
import sys, threading, time
from pathlib import Path
from simulators.broker import KafkaBroker
broker = KafkaBroker(Path(sys.argv[1]))
starter = threading.Thread(target=broker.start)
starter.start()
starter.join()
print(broker.port, flush=True)
time.sleep(600)
"""


async def produce(bootstrap: str, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def consume(bootstrap: str, topic: str, count: int) -> list[bytes]:
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        async with asyncio.timeout(60):
            return [(await consumer.getone()).value for _ in range(count)]


async def test_what_is_produced_is_consumed_in_order(kafka: str) -> None:
    """Idempotent producer, acknowledged by all replicas."""
    await create_topic(kafka, "broker-round-trip")
    await produce(kafka, "broker-round-trip", b"one", b"two", b"three")
    assert await consume(kafka, "broker-round-trip", 3) == [b"one", b"two", b"three"]


async def test_acknowledged_data_survive_a_kill_and_a_restart(private_kafka: PrivateKafka) -> None:
    """Same port, same data, after SIGKILL."""
    broker = private_kafka()
    bootstrap = broker.bootstrap
    await create_topic(bootstrap, "t")
    await produce(bootstrap, "t", b"before")
    broker.kill()
    assert not broker.running
    await asyncio.to_thread(broker.restart)
    assert broker.bootstrap == bootstrap
    await produce(bootstrap, "t", b"after")
    assert await consume(bootstrap, "t", 2) == [b"before", b"after"]


def test_ctrl_c_at_the_terminal_does_not_reach_the_broker(private_kafka: PrivateKafka) -> None:
    """It is in a session of its own; a terminal signals the foreground group of its session."""
    broker = private_kafka()
    assert broker._process is not None
    assert os.getsid(broker._process.pid) != os.getsid(0)


async def test_the_broker_dies_with_its_owner(tmp_path: Path) -> None:
    """The owner is killed and can clean nothing up; it had started the broker from a thread that has ended."""
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    owner = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert owner.stdout is not None
        port = int(await owner.stdout.readline())
        assert not is_free(port)
    finally:
        owner.kill()
        await owner.communicate()
    await eventually(lambda: is_free(port), within=60)


def test_a_taken_port_is_named_in_one_line(tmp_path: Path) -> None:
    """Nothing is started then."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        broker = KafkaBroker(tmp_path, port)
        with pytest.raises(BrokerError, match=rf"^port {port} on 127\.0\.0\.1 is taken by another process: .*$"):
            broker.start()
    assert not broker.running


def test_a_broker_that_will_not_start_says_why_in_one_line(tmp_path: Path) -> None:
    """Here its data directory belongs to another node."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meta.properties").write_text("version=1\nnode.id=7\ncluster.id=AAAAAAAAAAAAAAAAAAAAAA\n")
    broker = KafkaBroker(tmp_path)
    with pytest.raises(BrokerError) as caught:
        broker.start()
    message = str(caught.value)
    assert "it ended while starting" in message
    assert "Stored node id 7" in message
    assert str(broker.log) in message
    assert "\n" not in message
    assert not broker.running


def test_a_directory_with_spaces_commas_and_foreign_letters_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkouts stand in all kinds of folders; Kafka splits lists at commas, Java follows the locale."""
    monkeypatch.setenv("LC_ALL", "C")
    port = free_ports(1)[0]
    with KafkaBroker(tmp_path / "Prüfung, 无菌 室", port) as broker:
        assert broker.running
        assert broker.bootstrap == f"127.0.0.1:{port}"
    assert is_free(port)


def test_a_cluster_id_may_begin_with_a_hyphen(
    kafka_ready: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One random id in 64 does; it must not be taken for an option."""
    monkeypatch.setattr("uuid.uuid4", lambda: UUID(bytes=b"\xfb" * 16))
    with KafkaBroker(tmp_path / "kafka") as broker:
        assert "cluster.id=-" in (tmp_path / "kafka" / "data" / "meta.properties").read_text()
        assert broker.running
