import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("script", ["dev", ".ci/run"])
def test_scripts_are_executable_and_parse(script: str) -> None:
    """A fresh clone can start them as they are."""
    assert (ROOT / script).stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", ROOT / script], check=False).returncode == 0


def test_help_names_every_command() -> None:
    """It needs no set-up."""
    done = subprocess.run([ROOT / "dev", "help"], capture_output=True, text=True, check=True)
    for command in ("demo", "test", "check", "bench", "soak", "setup", "lock"):
        assert f"./dev {command} " in done.stdout


def test_an_unknown_command_is_named() -> None:
    """With the list of those there are."""
    done = subprocess.run([ROOT / "dev", "tset"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "unknown command: tset" in done.stderr
    assert "./dev test" in done.stderr
