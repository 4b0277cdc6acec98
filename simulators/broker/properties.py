"""The settings of a Kafka (KRaft: broker and controller in one process), alone or one of several. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulators.broker.security import Security, secured

HOST = "127.0.0.1"
LISTENER, CONTROLLER = "BROKER", "CONTROLLER"


@dataclass(frozen=True, slots=True)
class Member:
    """One node of a cluster and its ports."""

    node: int
    port: int
    controller_port: int


def server_properties(port: int, controller_port: int) -> str:
    """Text of `server.properties` for a broker alone at `port`."""
    alone = Member(1, port, controller_port)
    return member_properties([alone], alone)


def member_properties(members: Sequence[Member], own: Member, security: Security | None = None) -> str:
    """Text of `server.properties` for one of the members (Kafka 4.3 documentation, "Broker Configs").

    Data go to `data`, relative to the working directory, so that no path has to be escaped.
    """
    port, controller_port = own.port, own.controller_port
    settings: dict[str, str | int] = {
        "process.roles": "broker,controller",
        "node.id": own.node,
        "controller.quorum.voters": ",".join(f"{one.node}@{HOST}:{one.controller_port}" for one in members),
        "listeners": f"{LISTENER}://{HOST}:{port},{CONTROLLER}://{HOST}:{controller_port}",
        "advertised.listeners": f"{LISTENER}://{HOST}:{port}",
        "listener.security.protocol.map": f"{LISTENER}:PLAINTEXT,{CONTROLLER}:PLAINTEXT",
        "inter.broker.listener.name": LISTENER,
        "controller.listener.names": CONTROLLER,
        "log.dirs": "data",
        # 7 days by default, counted from a message's own time: what a test dates years back would vanish as it runs.
        "log.retention.ms": -1,
        "auto.create.topics.enable": "false",
        **_replicated(len(members)),
        **_QUICK,
        **_SMALL,
    }
    if security is not None:
        settings = secured(settings, security, HOST)
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def _replicated(nodes: int) -> dict[str, int]:
    """Topics on all nodes, and written to all but one of them; internal ones want three unless told otherwise."""
    in_sync = max(1, nodes - 1)
    return {
        "default.replication.factor": nodes,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": nodes,
        "transaction.state.log.replication.factor": nodes,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": nodes,
        "share.coordinator.state.topic.min.isr": in_sync,
    }


_QUICK = {
    # A killed broker cannot come back before its old session has ended: 9 s by default.
    "broker.session.timeout.ms": 1000,
    "broker.heartbeat.interval.ms": 250,
    "group.initial.rebalance.delay.ms": 0,
}

_SMALL = {
    "offsets.topic.num.partitions": 1,
    "transaction.state.log.num.partitions": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    # 128 MB by default, half of the heap this broker is given.
    "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
}
