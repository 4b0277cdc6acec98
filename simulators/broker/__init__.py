"""A Kafka to run against: the real one from its published jars, or librdkafka's mock where there is no Java."""

from simulators.broker.errors import BrokerError
from simulators.broker.kafka import KafkaBroker
from simulators.broker.mock import MockBroker
from simulators.broker.opening import open_broker

__all__ = ["BrokerError", "KafkaBroker", "MockBroker", "open_broker"]
