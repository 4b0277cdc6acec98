from hypothesis import given
from hypothesis import strategies as st

from simulators.broker.kafka import complaint
from simulators.broker.properties import server_properties
from simulators.ports import free_ports, is_free

ports = st.integers(min_value=1, max_value=65_535)


def parsed(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


@given(port=ports, controller=ports)
def test_broker_and_controller_listen_on_loopback_only(port: int, controller: int) -> None:
    """Whatever the ports: no other machine can reach the broker."""
    settings = parsed(server_properties(port, controller))
    assert settings["listeners"] == f"BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}"
    assert settings["advertised.listeners"] == f"BROKER://127.0.0.1:{port}"
    assert settings["controller.quorum.voters"] == f"1@127.0.0.1:{controller}"


def test_topics_are_not_created_by_using_them() -> None:
    """A misspelt topic is an error, as at a real site."""
    assert parsed(server_properties(9092, 9093))["auto.create.topics.enable"] == "false"


def test_nothing_in_a_topic_is_deleted_for_its_age() -> None:
    """Else a message that says to be of 2023 goes whenever the broker looks, every five minutes."""
    assert parsed(server_properties(9092, 9093))["log.retention.ms"] == "-1"


def test_free_ports_are_distinct_free_and_below_the_ephemeral_range() -> None:
    """Linux hands out ports from 32768 to clients, also the one of a broker that is down."""
    found = free_ports(5)
    assert len(set(found)) == 5
    assert all(is_free(port) and port < 32_768 for port in found)


def test_the_complaint_of_a_log_is_its_innermost_cause_else_its_last_error() -> None:
    """Kafka's own last line is often about shutting down."""
    log = "INFO starting\n2026 ERROR Server no luck\nCaused by: a\nCaused by: disk full\n2026 WARN Server bye\n"
    assert complaint(log) == "Caused by: disk full"
    assert complaint("2026 ERROR Server no luck\nbye\n") == "2026 ERROR Server no luck"
    assert complaint("Error: could not reserve heap\n\n") == "Error: could not reserve heap"
    assert complaint("") == "it said nothing"
