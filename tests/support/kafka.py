"""Fixtures with a real Apache Kafka. Without Java or Maven they fail, in one line; `CMO_NO_KAFKA=1` skips instead."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from simulators.broker import BrokerError, KafkaBroker
from simulators.broker.jars import ensure_jars
from simulators.broker.java import find_java
from simulators.broker.security import Security

PrivateKafka = Callable[[], KafkaBroker]


@pytest.fixture(scope="session")
def kafka_ready() -> None:
    """Java and Kafka's jars are there. For tests that make their brokers themselves."""
    if os.environ.get("CMO_NO_KAFKA") == "1":
        pytest.skip("CMO_NO_KAFKA=1")
    try:
        find_java()
        ensure_jars()
    except BrokerError as error:
        message = f"{error}; CMO_NO_KAFKA=1 skips the tests that need it"
        raise pytest.fail.Exception(message, pytrace=False) from None


@pytest.fixture(scope="session")
def kafka(kafka_ready: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`host:port` of a Kafka shared by all tests of a run, also across pytest-xdist workers: use topics of your own."""
    base = tmp_path_factory.getbasetemp()
    with _shared(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as bootstrap:
        yield bootstrap


@pytest.fixture
def private_kafka(kafka_ready: None, tmp_path: Path) -> Iterator[PrivateKafka]:
    """Starts Kafkas that belong to one test, to be killed and restarted."""
    with ExitStack() as brokers:

        def start() -> KafkaBroker:
            broker = started(tmp_path / f"kafka-{uuid4().hex[:8]}")
            brokers.callback(broker.stop)
            return broker

        yield start


async def create_topic(bootstrap: str, name: str, partitions: int = 1, **configs: str) -> None:
    """A topic is never created by using it. `configs` as in Kafka, dots written `_`: `cleanup_policy="compact"`."""
    settings = {key.replace("_", "."): value for key, value in configs.items()}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=settings)])
        assert [code for _, code, *_ in answer.topic_errors] == [0], answer
    finally:
        await admin.close()


def started(directory: Path, security: Security | None = None, *, within: float = 60) -> KafkaBroker:
    """A broker that runs; a test that needs it fails in a line where it does not start."""
    broker = KafkaBroker(directory, security=security)
    try:
        broker.start(within)
    except BrokerError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    return broker


@contextmanager
def _shared(directory: Path) -> Iterator[str]:
    """The first process to come starts the broker and stops it when the last has gone.

    Each of the others holds a shared lock on `kafka.users`; the kernel frees it also when one crashes.
    """
    address = directory / "kafka.address"
    with (directory / "kafka.users").open("w") as users:
        with _exclusive(directory / "kafka.lock"):
            mine = None if address.exists() else started(directory / "kafka")
            if mine:
                address.write_text(mine.bootstrap)
            else:
                fcntl.flock(users, fcntl.LOCK_SH)
            bootstrap = address.read_text()
        try:
            yield bootstrap
        finally:
            if mine:
                with _exclusive(directory / "kafka.lock"):
                    address.unlink()
                fcntl.flock(users, fcntl.LOCK_EX)
                mine.stop()


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
