"""Publishing one signed note by hand, beside those that an agent publishes."""

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from gateway.link.admin import TIMEOUT_MS
from gateway.link.closing import closed
from gateway.link.reasons import reason
from gateway.link.settings import KafkaSettings
from gateway.link.whole import UnreachableError


async def publish_note(kafka: KafkaSettings, topic: str, key: str, note: bytes) -> None:
    """Put the note into the topic, acknowledged by all replicas. Raises UnreachableError."""
    producer = AIOKafkaProducer(**kafka.client_options(), enable_idempotence=True, request_timeout_ms=TIMEOUT_MS)
    try:
        await producer.start()
        await producer.send_and_wait(topic, note, key=key.encode(), partition=0)
    except KafkaError as error:
        raise UnreachableError(f"kafka at {kafka.bootstrap}: {await reason(kafka, error)}") from error
    finally:
        await closed(producer.stop())
