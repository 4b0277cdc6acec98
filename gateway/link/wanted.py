"""The topics around the streams of a sender. Pure."""

from collections.abc import Sequence

from aiokafka.admin import NewTopic

from gateway.link.outlet import MAX_OCTETS
from gateway.link.topics import RECEIPTS, RESENDS, RESENT, SCHEMAS, SEALS, Stream, topic


def besides(streams: Sequence[Stream], family: str) -> list[str]:
    """The topics of a kind that carries no records, beside those of the streams."""
    return list(dict.fromkeys(topic(stream.origin, stream.recipient, family) for stream in streams))


def leading_back(streams: Sequence[Stream], family: str) -> list[str]:
    """The topics of a kind that lead from the recipients back."""
    return list(dict.fromkeys(topic(stream.recipient, stream.origin, family) for stream in streams))


def wanted_topics(streams: Sequence[Stream]) -> list[NewTopic]:
    """Those that the sender makes: what is kept for good, and the compacted topics of schemas."""
    kept = {"retention.ms": "-1", "max.message.bytes": str(MAX_OCTETS)}
    names = dict.fromkeys([*(one.topic for one in streams), *besides(streams, SEALS), *besides(streams, RESENT)])
    compacted = [_topic(one, {"cleanup.policy": "compact"}) for one in besides(streams, SCHEMAS)]
    return [_topic(name, kept) for name in names] + compacted


def answer_topics(recipient: str, origin: str) -> list[NewTopic]:
    """Those that the recipient makes, from it back to the sender's party: also kept for good."""
    return [_topic(topic(recipient, origin, kind), {"retention.ms": "-1"}) for kind in (RECEIPTS, RESENDS)]


def _topic(name: str, configs: dict[str, str]) -> NewTopic:
    """One partition, replicated as the broker's `default.replication.factor` says (KIP-464): -1.

    aiokafka 0.14 takes -1 only beside assignments; none are made. Kafka's time is the broker's: it refuses messages
    that a sender whose clock is an hour ahead has stamped (`message.timestamp.after.max.ms`).
    """
    stamped = {"message.timestamp.type": "LogAppendTime", **configs}
    return NewTopic(name, 1, -1, replica_assignments={}, topic_configs=stamped)
