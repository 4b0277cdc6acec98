"""`cmo-edge keygen`, as a person calls it."""

import subprocess
import sys
from pathlib import Path

import yaml

from gateway.journal.journal import Journal
from gateway.proof.keyring import KeyRing
from gateway.proof.keys import Role, load, public_keys
from gateway.proof.note import ED25519
from gateway.proof.rotation import load_rotations
from gateway.proof.statement import Sender
from tests.edge.test_agent import SITE


def configured(folder: Path) -> None:
    tag = {"name": "M1.DP.C1", "unit": "Pa", "address": 4, "type": "float32"}
    source = {"type": "modbus", "name": "meter", "host": "127.0.0.1", "proof": "none-available", "tags": [tag]}
    config = {
        "cmo": "cmo-a", "sender": "line-3", "recipients": ["holder-b"], "site": "site.yaml", "journal": "journal.db",
        "key": "line-3.key", "trust": ["holder-b.vkey"], "sources": [source],
        "kafka": {"bootstrap": "127.0.0.1:1", "security": "plaintext"},
    }  # fmt: skip
    (folder / "site.yaml").write_text(yaml.safe_dump(SITE, allow_unicode=True))
    (folder / "edge.yaml").write_text(yaml.safe_dump(config))


def keygen(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("cmo-edge")
    return subprocess.run(
        [program, "keygen", "edge.yaml", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_key_is_exchanged_while_the_agent_stands_still(tmp_path: Path) -> None:
    """Refused in a line while it runs; then the statement leads whoever trusts the old key to the new one."""
    configured(tmp_path)
    assert keygen(tmp_path).returncode == 0
    file = tmp_path / "line-3.key"
    old = load(file, Role.SENDER)
    running = Journal(tmp_path / "journal.db", limit=2**24)
    refused = keygen(tmp_path, "--rotate")
    assert (refused.returncode, "is in use" in refused.stderr) == (1, True)
    assert len(refused.stderr.splitlines()) == 1
    assert load(file, Role.SENDER).verifier(ED25519) == old.verifier(ED25519)
    running.close()
    done = keygen(tmp_path, "--rotate")
    assert (done.returncode, done.stderr) == (0, "")
    new = load(file, Role.SENDER)
    assert new.verifier(ED25519) != old.verifier(ED25519)
    (statement,) = load_rotations(file, new)
    ring = KeyRing(Sender("cmo-a", "line-3"), public_keys(old))
    assert ring.take(statement, 0) is None
    assert set(public_keys(new)) <= set(ring.keys)
