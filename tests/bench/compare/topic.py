"""The samples in a topic, however they are written there."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from schemas.catalogue import KINDS, schema
from schemas.codec import decode
from schemas.frame import NO_TIME, Frame
from tests.bench.compare.counting import Samples

PUBLISHED = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
MANY = 20_000
TIMEOUT = 30.0
QUIET = 3
"""The client's level of errors (syslog)."""
_FIELD = re.compile(rb"[ ,]V(\d+)=")

Reader = Callable[[bytes, int], Samples | None]
"""From a message's octets and the broker's time, microseconds, to its samples."""


def product_samples(entry: bytes, appended: int) -> Samples | None:
    """Of an entry of ours; None of one that is no frame of a device."""
    record = decode(entry, PUBLISHED)
    if not isinstance(record, Frame):
        return None
    numbers = np.array([_number(name) for name in record.tags.names], dtype=np.int32)
    times = np.where(record.source_time == NO_TIME, record.received, record.source_time)
    return Samples(numbers[record.tag], times, np.full(len(record), appended))


def _number(tag: str) -> int:
    return int(tag[1:]) if tag[:1] == "V" and tag[1:].isdigit() else 0


def telegraf_samples(lines: bytes, appended: int) -> Samples | None:
    """Of Telegraf's line protocol: fields `V1=20.5`, the time in nanoseconds at the end."""
    numbers, times = list[int](), list[int]()
    for line in lines.splitlines():
        found = _FIELD.findall(line)
        numbers += [int(number) for number in found]
        times += [int(line[line.rindex(b" ") :]) // 1000] * len(found)
    return Samples(np.array(numbers, np.int32), np.array(times, np.int64), np.full(len(numbers), appended))


def read(bootstrap: str, topic: str, reader: Reader) -> Samples:
    """Everything that the topic holds now. Raises KafkaException."""
    return Samples.joined([part for part in _parts(bootstrap, topic, reader) if part is not None])


def _parts(bootstrap: str, topic: str, reader: Reader) -> Iterator[Samples | None]:
    consumer = Consumer(_settings(bootstrap))
    try:
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        while True:
            for message in consumer.consume(MANY, timeout=1.0):
                if (error := message.error()) is None:
                    yield reader(message.value() or b"", message.timestamp()[1] * 1000)
                elif error.code() == KafkaError._PARTITION_EOF:
                    return
                else:
                    raise KafkaException(error)
    finally:
        consumer.close()


def _settings(bootstrap: str) -> dict[str, Any]:
    return {
        "bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False,
        "fetch.message.max.bytes": 8 << 20, "isolation.level": "read_committed",
        "enable.partition.eof": True, "log_level": QUIET,
    }  # fmt: skip


def _admin(bootstrap: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": QUIET})


def create(bootstrap: str, topic: str) -> None:
    """As the product makes its own: one partition, the broker's time. Raises KafkaException."""
    config = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1", "max.message.bytes": str(2 << 20)}
    admin = _admin(bootstrap)
    admin.create_topics([NewTopic(topic, 1, 1, config=config)])[topic].result(TIMEOUT)


def delete_all(bootstrap: str) -> None:
    """Make room for the next run."""
    admin = _admin(bootstrap)
    names = [name for name in admin.list_topics(timeout=TIMEOUT).topics if not name.startswith("__")]
    for done in admin.delete_topics(names).values() if names else ():
        done.result(TIMEOUT)


def octets(data: Path, topic: str) -> int:
    """Of the topic's segments on the broker's disk."""
    return sum(segment.stat().st_size for segment in data.glob(f"{topic}-0/*.log"))


_READERS: Mapping[str, Reader] = {"product": product_samples, "telegraf": telegraf_samples}


def reader_of(side: str) -> Reader:
    """How that side writes."""
    return _READERS[side]
