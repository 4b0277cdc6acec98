import logging

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from simulators.broker.errors import BrokerError

_log = logging.getLogger(__name__)


class MockBroker:
    """librdkafka's mock cluster, inside this process: for a first look where there is no Java.

    Topics come into being when they are first asked for, with four partitions; data live in memory.
    """

    limits = (
        "not a real Kafka: keeps only the last 5 MB per partition, in memory; no restart, no topic settings, "
        "no consumer groups of two, no transactions"
    )

    def __init__(self) -> None:
        self._cluster: AdminClient | None = None
        self._bootstrap = ""

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients' `bootstrap_servers`; empty before `start`."""
        return self._bootstrap

    def start(self) -> None:
        """Returns when clients can connect. Raises BrokerError where the mock cluster does not answer."""
        # The name given is ignored: with mock brokers the client is connected to them.
        settings: dict[str, str | int | float | bool] = {
            "test.mock.num.brokers": 1,
            "bootstrap.servers": "mock",
            "log_level": 3,
        }
        self._cluster = AdminClient(settings, logger=_log)
        try:
            brokers = self._cluster.list_topics(timeout=10).brokers
        except KafkaException as error:
            self.stop()
            raise BrokerError(f"librdkafka's mock broker did not start: {error}") from error
        first = next(iter(brokers.values()))
        self._bootstrap = f"{first.host}:{first.port}"

    def stop(self) -> None:
        """The cluster ends with its last client, and the data with it."""
        self._cluster = None
        self._bootstrap = ""
