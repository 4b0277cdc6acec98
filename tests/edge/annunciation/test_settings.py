"""What the annunciation may be told, its sample, and its weekly test."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from edge.annunciation.proving import next_test
from edge.annunciation.settings import AnnunciationSettings, WeeklyTest
from edge.settings import load
from gateway.configuration import ConfigurationError
from tests.edge.test_agent import agent

README = Path(__file__).parents[3] / "edge" / "annunciation" / "README.md"
MAIL = {"host": "mail.example", "from": "line@p.example", "recipients": ["qa@p.example"]}


def sample() -> Any:
    (block,) = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return yaml.safe_load(block)["annunciation"]


def test_the_sample_of_the_readme_is_a_configuration(tmp_path: Path) -> None:
    """Password and token are files beside it."""
    agent(tmp_path, "127.0.0.1:1", 1).journal.close()
    config = yaml.safe_load((tmp_path / "edge.yaml").read_text())
    (tmp_path / "edge.yaml").write_text(yaml.safe_dump(config | {"annunciation": sample()}))
    told = load(tmp_path / "edge.yaml").settings.annunciation
    assert told.mail is not None
    assert (told.mail.password_file, told.mail.tls) == (tmp_path / "mail.password", "starttls")
    assert [step.after for step in told.escalation] == [0, 10]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mail": MAIL | {"tls": "none"}}, "tls none is for loopback only"),
        ({"mail": MAIL | {"tls": "none", "unprotected": True, "user": "u", "password_file": "p"}}, "a user needs tls"),
        ({"mail": MAIL | {"user": "u"}}, "belong together"),
        ({"mail": MAIL | {"recipients": ["qa"]}}, "pattern"),
        ({"webhooks": [{"name": "pager", "url": "http://pager.example/"}]}, "http is for loopback only"),
        ({"webhooks": [{"name": "pager", "url": "https://u:p@pager.example/"}]}, "without user and password"),
        ({"webhooks": [{"name": "mail", "url": "https://pager.example/"}]}, "take another name"),
        ({"webhooks": [{"name": "p", "url": "https://p.example/"}] * 2}, "two webhooks have the same name"),
        ({"escalation": [{"after": 0, "to": ["mail"]}]}, "needs the `mail` settings"),
        ({"mail": MAIL, "escalation": [{"after": 0, "to": ["pager"]}]}, "neither an address nor a webhook"),
        ({"beacon": {"type": "modbus", "coil": 0}}, "needs either `source` or `host`"),
        ({"beacon": {"type": "opcua", "source": "ems", "node": "Beacon"}}, "pattern"),
        ({"test": {"weekday": "monday", "time": "24:00"}}, "pattern"),
    ],
)
def test_what_cannot_work_or_protects_nothing_is_refused(given: dict[str, Any], said: str) -> None:
    """In words."""
    with pytest.raises(ValidationError, match=said):
        AnnunciationSettings.model_validate(given)


@pytest.mark.parametrize(
    ("beacon", "said"),
    [
        ({"type": "modbus", "source": "nobody", "coil": 0}, "there is no source 'nobody'"),
        ({"type": "opcua", "source": "transmitter", "node": "ns=2;s=B"}, "'transmitter' is of type modbus"),
    ],
)
def test_a_beacon_needs_a_source_that_fits(tmp_path: Path, beacon: dict[str, Any], said: str) -> None:
    """Found when the configuration is read, with file and line."""
    agent(tmp_path, "127.0.0.1:1", 1).journal.close()
    config = yaml.safe_load((tmp_path / "edge.yaml").read_text())
    (tmp_path / "edge.yaml").write_text(yaml.safe_dump(config | {"annunciation": {"beacon": beacon}}))
    with pytest.raises(ConfigurationError, match=said):
        load(tmp_path / "edge.yaml")


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-11-22T23:00:00", "2026-11-23T00:00:00"),
        ("2026-11-23T00:00:00", "2026-11-30T00:00:00"),
        ("2026-11-25T12:00:00", "2026-11-30T00:00:00"),
    ],
)
def test_the_weekly_test_is_due_by_the_plant_s_clock(after: str, due: str) -> None:
    """Monday 08:00 in Shanghai is midnight UTC; at that moment the next one is a week away."""
    weekly = WeeklyTest(weekday="monday", time="08:00")
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert next_test(weekly, "Asia/Shanghai", moment) == datetime.fromisoformat(due).replace(tzinfo=UTC)
