"""Broken configurations: every fault is named, with its file and line; nothing starts.

A case is a folder in `broken/`: `edge.yaml`, what it refers to, and `expected.txt` with the lines that must be said.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from edge.settings import load
from gateway.configuration import ConfigurationError
from tests.edge.running import configure

BROKEN = Path(__file__).parent / "broken"
CASES = sorted(path.parent for path in BROKEN.glob("*/edge.yaml"))

ROOT = Path(__file__).parents[2]


def said_of(case: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(case / "edge.yaml")
    return str(caught.value).replace(f"{case}/", "") + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_fault_of_a_broken_configuration_is_named(case: Path) -> None:
    """One line each, all at once."""
    assert said_of(case) == (case / "expected.txt").read_text(encoding="utf-8")


def test_there_are_ten_broken_configurations_at_least() -> None:
    """And each names something."""
    assert len(CASES) >= 10
    assert all((case / "expected.txt").read_text(encoding="utf-8").strip() for case in CASES)


@pytest.mark.parametrize("command", ["check", "run", "read"])
def test_commands_refuse_a_broken_configuration_with_exit_code_2(command: str) -> None:
    """The faults stand on standard error, without a traceback."""
    program = Path(sys.executable).with_name("cmo-edge")
    done = subprocess.run(
        [program, command, BROKEN / "01-unknown-key" / "edge.yaml"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "did you mean 'sender'?" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_missing_file_is_named() -> None:
    """Also one line."""
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml:1: cannot be read: No such file"):
        load(Path("nowhere.yaml"))


def test_a_secret_comes_from_the_service_managers_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As edge/README.md has it; where the service manager gave none, that is a fault with its line."""
    readme = (ROOT / "edge" / "README.md").read_text(encoding="utf-8")
    shown = yaml.safe_load(re.findall(r"```yaml\n(kafka: .*CREDENTIALS_DIRECTORY.*)\n```", readme)[0])
    tag = {"name": "T", "unit": "Pa", "address": 4, "type": "int16"}
    source = {"type": "modbus", "name": "ems", "host": "127.0.0.1", "port": 1, "proof": "none-available", "tags": [tag]}
    file = configure(tmp_path, source)
    data = yaml.safe_load(file.read_text()) | shown
    file.write_text(yaml.safe_dump(data, width=1000))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(ConfigurationError, match=r"edge\.yaml:\d+: .*CREDENTIALS_DIRECTORY"):
        load(file)
    (tmp_path / "kafka").write_text("from the manager\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert load(file).settings.kafka.client_options()["sasl_plain_password"] == "from the manager"
