from pathlib import Path

from simulators.broker.errors import BrokerError
from simulators.broker.jars import Say, say
from simulators.broker.kafka import KafkaBroker
from simulators.broker.mock import MockBroker


def open_broker(directory: Path, *, tell: Say = say) -> KafkaBroker | MockBroker:
    """A Kafka in `directory`, not yet started; the mock broker where Java or Kafka's jars cannot be had.

    `tell` is given the reason and what the mock cannot do, a line each.
    """
    try:
        return KafkaBroker(directory)
    except BrokerError as reason:
        tell(str(reason))
        tell(f"Going on with librdkafka's mock broker, {MockBroker.limits}")
        return MockBroker()
