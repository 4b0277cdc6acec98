"""`cmo-edge page`: what keeps it from being served is one line."""

import socket
from pathlib import Path

import pytest
import typer

from edge.commands import page as command
from gateway.running import Exit
from tests.edge.test_agent import agent


@pytest.fixture
def config(tmp_path: Path) -> Path:
    agent(tmp_path, "127.0.0.1:1", 1).journal.close()
    return tmp_path / "edge.yaml"


def test_without_a_control_socket_there_is_nobody_to_ask(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what to add."""
    text = config.read_text()
    config.write_text(text.replace("control_socket: a.sock\n", ""))
    assert config.read_text() != text
    with pytest.raises(typer.Exit) as ended:
        command.page(config, port=0)
    assert ended.value.exit_code == Exit.CONFIGURATION
    assert capsys.readouterr().err == (
        "cmo-edge: the configuration has no control_socket; add one and restart the agent\n"
    )


def test_without_its_library_it_says_what_to_install(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent's own installation has no NiceGUI."""
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    with pytest.raises(typer.Exit) as ended:
        command.page(config, port=0)
    assert ended.value.exit_code == Exit.CONFIGURATION
    assert "pip install" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(typer.Exit) as ended:
            command.page(config, port=port)
    assert ended.value.exit_code == Exit.FAILED
    assert f"127.0.0.1:{port} is taken by another program; give the line page" in capsys.readouterr().err
