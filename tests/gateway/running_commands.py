"""`cmo-gateway` as a person calls it, and a node's configuration to call it with."""

import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import yaml

from gateway.cli import main
from gateway.proof.keys import Role, generate, save
from gateway.proof.note import SigningKey
from tests.gateway.published import NODE

SITE = Path(__file__).parents[2] / "simulators" / "line-3" / "site.yaml"


@dataclass(frozen=True)
class Done:
    """How a call of the command ended."""

    returncode: int
    stdout: str
    stderr: str


def call(folder: Path, *arguments: str) -> Done:
    """The command's entry point, run in a folder in this process: a new one takes seconds to load."""
    out, err = StringIO(), StringIO()
    program = ["cmo-gateway", *arguments]
    with chdir(folder), patch.object(sys, "argv", program), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            return Done(int(ended.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("a command ends by telling its exit code")


def configured(
    folder: Path, bootstrap: str = "127.0.0.1:1", recipient: str = "holder-b", node: SigningKey = NODE
) -> None:
    """`holder.yaml` of a node with its key; nobody listens where its Kafka should be, unless told."""
    settings = {
        "name": recipient, "cmo": "cmo-a", "trust": ["sender.vkey"], "key": "node.key", "site": str(SITE),
        "sender_key": "sender.key", "archive": "a.duckdb", "kafka": {"bootstrap": bootstrap, "security": "plaintext"},
    }  # fmt: skip
    (folder / "holder.yaml").write_text(yaml.safe_dump(settings))
    save(node, folder / "node.key")
    save(generate(recipient, Role.SENDER, recipient), folder / "sender.key")
