"""Tests of what a server tells run both ways: notifications read as columns, and item by item by the library."""

import pytest

BOTH_WAYS = ("test_source", "test_faults", "test_inbox")
ONE_WAY = (
    "fast_path",
    "connect_fail",
    "at_the_port",
    "f02_a_server",
    "f08",
    "f10",
    "f11",
    "f12",
    "a_lie_has",
    "history_before",
)
"""In the names of tests that are not about notifications, or wait for long: the fast way alone."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    name = metafunc.function.__name__
    if metafunc.module.__name__.endswith(BOTH_WAYS) and not any(word in name for word in ONE_WAY):
        metafunc.parametrize("way", ["fast", "slow"], indirect=True)


@pytest.fixture(autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How notifications are read: `slow` as on the day on which the client library does not fit any more."""
    chosen: str = getattr(request, "param", "fast")
    if chosen == "slow":
        monkeypatch.setattr("adapters.opcua.source.misfit", lambda _: "the test wants the slow path")
    return chosen
