"""What every long-running command does alike."""

import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog

from gateway.running import configure_logs


@pytest.fixture
def configured() -> Iterator[None]:
    configure_logs()
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("configured")
def test_logs_go_to_standard_error_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """A logger that wrote before outlives the stream that it wrote to; a log line must never end what logs it."""
    log, first, second = structlog.get_logger("a"), io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    log.warning("one")
    said = first.getvalue()
    first.close()
    monkeypatch.setattr(sys, "stderr", second)
    log.warning("two", tag="F1.DP.M1")
    assert json.loads(said)["event"] == "one"
    assert json.loads(second.getvalue())["tag"] == "F1.DP.M1"
