"""A program that asks a broker for whatever it wants, without the manners of a client library."""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import DescribeGroupsRequest
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.types import Schema
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from gateway.link import exchanges
from gateway.link.settings import KafkaSettings

NO_TOPIC, NO_GROUP, NO_CLUSTER = 29, 30, 31
"""Kafka's codes of what is not allowed."""
GUARD_MS = 60_000


class Intruder:
    """A connection with one name; each method gives the codes of the broker's answer, 0 where all of it was done."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self._admin = admin

    async def topics(self) -> set[str]:
        """Those that it is shown."""
        return set(await self._admin.list_topics())

    async def describe(self, topic: str) -> set[int]:
        return await self._codes(MetadataRequest([topic], False))

    async def ends(self, topic: str) -> set[int]:
        return await self._codes(OffsetRequest(-1, 0, [(topic, [(0, -1)])]))

    async def read(self, topic: str) -> set[int]:
        return await self._codes(_fetch(topic))

    async def held_back(self, topic: str) -> int:
        """For how long, ms, the broker will not serve it after having read the topic's first megabyte (KIP-219)."""
        answer = await self._admin._send_request(_fetch(topic))
        delay: int = answer.get_item("throttle_time_ms")
        return delay

    async def write(self, topic: str, value: bytes = b"intruded") -> set[int]:
        batch = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 2 * len(value) + 1000)
        batch.append(0, timestamp=int(time.time() * 1000), key=b"k", value=value, headers=[])
        return await self._codes(ProduceRequest(None, -1, 30_000, [(topic, [(0, bytes(batch.build()))])]))

    async def coordinator(self, group: str) -> set[int]:
        """Asking makes the broker make the topic of positions, where there is none."""
        return await self._codes(FindCoordinatorRequest(group, 0))

    async def positions(self, group: str) -> set[int]:
        return await self._codes(OffsetFetchRequest(group, None))

    async def move(self, group: str, topic: str) -> set[int]:
        return await self._codes(OffsetCommitRequest(group, -1, "", -1, [(topic, [(0, 7, "")])]))

    async def members(self, group: str) -> set[int]:
        return await self._codes(DescribeGroupsRequest([group]))

    async def rules(self) -> set[int]:
        return await self._codes(exchanges.describe_rules(1, None, 1, None, None, 1, 1))

    async def become_user(self) -> set[int]:
        row: tuple[Any, ...] = ("intruder", 2, 8192, b"s" * 32, b"p" * 64, {})
        return await self._codes(exchanges.alter_users([], [row], {}))

    async def _codes(self, request: Any) -> set[int]:
        answer = await self._admin._send_request(request)
        values = [answer.get_item(name) for name in answer.SCHEMA.names]
        return set(_found(answer.SCHEMA, values)) - {0} or {0}


def _fetch(topic: str) -> FetchRequest:
    return FetchRequest(0, 0, 1_000_000, 0, [(topic, [(0, 0, 1_000_000)])])


def _found(schema: Schema, values: Sequence[Any]) -> Iterator[int]:
    """Codes, wherever in the answer they stand."""
    for name, kind, value in zip(schema.names, schema.fields, values, strict=True):
        if name == "error_code":
            yield value
        inner = getattr(kind, "array_of", None)
        for row in value or () if isinstance(inner, Schema) else ():
            yield from _found(inner, row)


@asynccontextmanager
async def intruding(kafka: KafkaSettings) -> AsyncIterator[Intruder]:
    """Connected by these settings. Raises KafkaConnectionError where it is not let in."""
    admin = AIOKafkaAdminClient(**kafka.client_options(), request_timeout_ms=GUARD_MS)
    try:
        await admin.start()
        yield Intruder(admin)
    finally:
        await admin.close()
