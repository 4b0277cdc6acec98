import signal
from itertools import chain, groupby, zip_longest
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.support.kafka import kafka, kafka_ready, private_kafka

__all__ = ["kafka", "kafka_ready", "private_kafka"]

set_hypothesis_home_dir(Path(__file__).parents[1] / ".cache" / "hypothesis")
SLOW = [HealthCheck.too_slow]  # neither a slow example nor a slow machine is a fault of the code
settings.register_profile("same", deadline=None, suppress_health_check=SLOW, derandomize=True)
settings.register_profile("new", deadline=None, suppress_health_check=SLOW)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--examples", choices=["same", "new"], help="of property tests; new ones in long tests, else same")
    parser.addoption("--kills", type=int, default=30, help="how often the long tests kill a process (30)")
    parser.addoption("--seed", type=int, default=None, help="repeats the chances of an earlier long test")
    parser.addoption("--day-in", type=float, default=3600, help="seconds for the faults of 24 hours (3600)")


def pytest_configure(config: pytest.Config) -> None:
    """What passed once passes again; whoever looks for faults draws new examples."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored behind a shell's `&`, and then by all children
    settings.load_profile(config.option.examples or ("new" if config.option.markexpr == "soak" else "same"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several share the work: the files of fewest and of most tests in turns, those between at the end.

    Files of few tests wait for processes, those of many compute. In turns they fill the machine, and none of the long
    ones is left to be waited for alone. `./dev test` asks the distribution to keep this order.
    """
    if not hasattr(config, "workerinput"):
        return
    files = sorted((list(tests) for _, tests in groupby(items, lambda one: one.path)), key=len)
    few, many = files[: len(files) // 2], files[len(files) // 2 :]
    turns = chain.from_iterable(zip_longest(few, reversed(many), fillvalue=[]))
    items[:] = chain.from_iterable(turns)
