import signal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.support.kafka import kafka, kafka_ready, private_kafka

__all__ = ["kafka", "kafka_ready", "private_kafka"]

set_hypothesis_home_dir(Path(__file__).parents[1] / ".cache" / "hypothesis")
settings.register_profile("same", deadline=None, derandomize=True)  # a slow example is no fault of the code
settings.register_profile("new", deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--examples", choices=["same", "new"], help="of property tests; new ones in long tests, else same")
    parser.addoption("--kills", type=int, default=30, help="how often the long tests kill a process (30)")
    parser.addoption("--seed", type=int, default=None, help="repeats the chances of an earlier long test")
    parser.addoption("--day-in", type=float, default=3600, help="seconds for the faults of 24 hours (3600)")


def pytest_configure(config: pytest.Config) -> None:
    """What passed once passes again; whoever looks for faults draws new examples."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored behind a shell's `&`, and then by all children
    settings.load_profile(config.option.examples or ("new" if config.option.markexpr == "soak" else "same"))
