"""Which topics there are, and making those that are not."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from gateway.link.closing import closed

log = structlog.get_logger(__name__)

TIMEOUT_MS = 6000
"""A hung broker is given up after this; the client's own default is 40 s."""


@asynccontextmanager
async def _admin(options: Mapping[str, Any]) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**options, request_timeout_ms=TIMEOUT_MS)
    try:
        await admin.start()
        yield admin
    finally:
        await closed(admin.close())


async def partitions(options: Mapping[str, Any], topics: Sequence[str]) -> set[TopicPartition]:
    """The partitions of those of the topics that are there. Raises KafkaError."""
    async with _admin(options) as admin:
        there = set(await admin.list_topics()) & set(topics)
        return await _described(admin, there)


async def wanted_partitions(options: Mapping[str, Any], topics: Sequence[str]) -> set[TopicPartition]:
    """The partitions of topics that should be there; asking makes a broker that makes topics by itself make them.

    Raises KafkaError.
    """
    async with _admin(options) as admin:
        return await _described(admin, set(topics))


async def _described(admin: AIOKafkaAdminClient, topics: set[str]) -> set[TopicPartition]:
    described = await admin.describe_topics(sorted(topics)) if topics else []
    return {TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]}


async def create_topics(options: Mapping[str, Any], topics: Sequence[NewTopic]) -> None:
    """Make the topics that are not there yet. Raises KafkaError when the broker refuses."""
    async with _admin(options) as admin:
        there = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in there]
        if not missing:
            return
        try:
            answer = await admin.create_topics(missing)
        except (
            AttributeError
        ):  # aiokafka, of a broker that answers this request with nothing: librdkafka's mock cluster
            log.warning("this broker makes topics only by itself", bootstrap=options["bootstrap_servers"])
            return
    for name, code, *message in answer.topic_errors:
        if code not in {0, TopicAlreadyExistsError.errno}:
            raise for_code(code)(f"topic {name} cannot be made: {message}")
