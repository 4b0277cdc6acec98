"""Where to go on: what the topics have, compared with what the journal gave."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from gateway.journal.journal import Journal
from gateway.link.admin import wanted_partitions
from gateway.link.tail import Last, last_numbers
from gateway.link.topics import Stream

log = structlog.get_logger(__name__)

WHAT_TO_DO = (
    "another agent sends under this name, or the journal was replaced or restored from a copy. Stop the other agent, "
    "or give this one a new `sender` and key"
)


class ForkError(Exception):
    """The topic holds what this journal never gave; the message names the stream and says what to do."""


async def placed(options: Mapping[str, Any], topics: Mapping[Stream, str]) -> dict[Stream, TopicPartition]:
    """The partition of each stream in the topic named for it. Raises KafkaError."""
    counts = Counter(place.topic for place in await wanted_partitions(options, list(set(topics.values()))))
    if missing := set(topics.values()) - counts.keys():
        raise UnknownTopicOrPartitionError(f"not there yet: {', '.join(sorted(missing))}")
    return {stream: TopicPartition(name, stream.partition(counts[name])) for stream, name in topics.items()}


async def read_back(
    options: Mapping[str, Any], places: Mapping[Stream, TopicPartition], *, settled: bool
) -> dict[Stream, Last]:
    """The last that the topics have of each stream. Raises KafkaError."""
    nothing = dict.fromkeys(places, Last(0, frozenset()))
    return nothing | await last_numbers(options, places, settled=settled)


def compare(journal: Journal, found: Mapping[Stream, Last]) -> None:
    """Raises ForkError when a topic has more than the journal ever gave, or something else. Blocking."""
    for stream, last in found.items():
        given = journal.anchor(stream.name)
        if last.number > given and not journal.provisional(stream.name):
            raise ForkError(
                f"{stream.topic} has number {last.number} of {stream.name}, this journal gave {given}: {WHAT_TO_DO}"
            )
        own = journal.entries(stream.name, last.number - 1, 1) if last.leaves else []
        if own and own[0].number == last.number and own[0].leaf not in last.leaves:
            raise ForkError(
                f"{stream.topic} has another number {last.number} of {stream.name} than this journal: {WHAT_TO_DO}; "
                "where neither is so, the topic was altered"
            )


def lost(journal: Journal, found: Mapping[Stream, Last]) -> str | None:
    """What a topic lost and the journal has no more, since the recipient confirmed it; None where nothing is."""
    for stream, last in found.items():
        if last.number < journal.cursor(stream.name):
            log.error("topic lost what it had confirmed", stream=stream.name, has=last.number)
        confirmed, _ = journal.confirmed(stream.name)
        if last.number < confirmed:
            return (
                f"{stream.topic} lost numbers {last.number + 1} to {confirmed} of {stream.name}: the journal has let "
                "them go, since the recipient confirmed them. Ask the recipient to keep its archive; what follows is "
                "published"
            )
    return None
