"""Docs that can fail the build: references and samples are compared with the code."""

import re
from pathlib import Path

import pytest

import edge.cli
import edge.commands.settings
import gateway.cli
import gateway.commands.agreement
import gateway.commands.settings
from edge.settings import load as load_agent
from gateway.settings import load as load_node

ROOT = Path(__file__).parents[1]
LINE_3 = ROOT / "simulators" / "line-3"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("edge/SETTINGS.md", edge.commands.settings.settings_reference()),
        ("gateway/SETTINGS.md", gateway.commands.settings.settings_reference()),
        ("gateway/agreement/SETTINGS.md", gateway.commands.agreement.agreement_reference()),
    ],
)
def test_the_settings_reference_is_that_of_the_models(file: str, text: str) -> None:
    """Made by the commands `settings`; every setting says what it means."""
    assert (ROOT / file).read_text(encoding="utf-8") == text + "\n"
    meaningless = [line for line in text.splitlines() if re.fullmatch(r"\| `.*\|\s*\|", line)]
    assert meaningless == []


def test_the_sample_configurations_have_no_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the demo, with no variable set."""
    for name in ("KAFKA", "EMS", "CONSOLE_PORT"):
        monkeypatch.delenv(name, raising=False)
    agent, node = load_agent(LINE_3 / "edge.yaml"), load_node(LINE_3 / "holder.yaml")
    assert agent.settings.recipients == (node.settings.name,)
    assert agent.site == node.site


def test_every_folder_says_what_lives_there() -> None:
    """A README each."""
    for folder in ("schemas", "gateway", "adapters", "edge", "simulators", "tests"):
        text = (ROOT / folder / "README.md").read_text(encoding="utf-8")
        assert text.startswith("# "), folder
        assert "import" in text.lower(), f"{folder}/README.md does not say which way imports point"


@pytest.mark.parametrize("readme", ["README.md", "edge/README.md"])
def test_the_commands_of_the_readme_exist(readme: str) -> None:
    """Each `cmo-…` or `./dev` command in a code block is one that the programs have."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.split("#")[0].split() for block in blocks for line in block.splitlines() if line.strip()]
    dev = (ROOT / "dev").read_text(encoding="utf-8")
    known = {
        "cmo-edge": set(edge.cli.COMMANDS),
        "cmo-gateway": set(gateway.cli.COMMANDS),
        "./dev": set(re.findall(r"^    (\w+)(?: \|[^)]*)?\)", dev, re.MULTILINE)),
    }
    named = [(Path(words[0]).name if words[0] != "./dev" else "./dev", words[1]) for words in lines if len(words) > 1]
    ours = [(program, command) for program, command in named if program in known]
    assert ours
    assert [(program, command) for program, command in ours if command not in known[program]] == []


def test_every_command_of_the_engineer_stands_in_a_readme() -> None:
    """One that is nowhere explained would not be found."""
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "edge/README.md"))
    assert [name for name in sorted(edge.cli.COMMANDS) if f"cmo-edge {name}" not in text] == []
