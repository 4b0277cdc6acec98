"""The settings of a one-node Kafka (KRaft: broker and controller in one process). Pure: numbers in, text out."""

HOST = "127.0.0.1"
LISTENER, CONTROLLER = "BROKER", "CONTROLLER"


def server_properties(port: int, controller_port: int) -> str:
    """Text of `server.properties` for a broker at `port` (Kafka 4.3 documentation, "Broker Configs").

    Data go to `data`, relative to the working directory, so that no path has to be escaped.
    """
    settings: dict[str, str | int] = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listeners": f"{LISTENER}://{HOST}:{port},{CONTROLLER}://{HOST}:{controller_port}",
        "advertised.listeners": f"{LISTENER}://{HOST}:{port}",
        "listener.security.protocol.map": f"{LISTENER}:PLAINTEXT,{CONTROLLER}:PLAINTEXT",
        "inter.broker.listener.name": LISTENER,
        "controller.listener.names": CONTROLLER,
        "log.dirs": "data",
        "auto.create.topics.enable": "false",
        **_ALONE,
        **_QUICK,
        **_SMALL,
    }
    return "".join(f"{key}={value}\n" for key, value in settings.items())


_ALONE = {
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
}
"""Internal topics want three brokers unless told otherwise."""

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
