"""What a Kafka client raises while brokers are away, and its text in one line."""

from aiokafka.errors import KafkaError

CLIENT_FAULTS = (KafkaError, OSError, TimeoutError, ValueError, AssertionError)
"""ValueError: no such host. AssertionError: all brokers left between two steps of aiokafka's start."""


def told(error: BaseException) -> str:
    """The problem; the fault's name where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__
