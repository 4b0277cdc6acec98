"""`cmo-edge certificate`: made once, for the agent's user, with what the server has to be told."""

from pathlib import Path
from typing import Any

from adapters.opcua.certificates import load_pair
from adapters.opcua.security import fingerprint
from tests.edge.commands.command import command, configure

SECURITY = {"policy": "Basic256Sha256", "certificate": "own.der", "private_key": "own.pem", "fingerprint": "0" * 64}


def opcua(**more: Any) -> dict[str, Any]:
    tags = [{"name": "DP", "node": "i=2258"}]
    known = {"type": "opcua", "name": "ems", "endpoint": "opc.tcp://127.0.0.1:1/", "security": SECURITY, "tags": tags}
    return known | more


async def test_a_pair_is_made_once_and_its_fingerprint_printed(tmp_path: Path) -> None:
    """The application URI names agent and manufacturer; a second call changes nothing."""
    configure(tmp_path, opcua())
    made = await command(tmp_path, "certificate", "edge.yaml", "ems")
    pair = load_pair(tmp_path / "own.der", tmp_path / "own.pem")
    assert made.code == 0
    assert pair.application_uri == "urn:cmo-a:line-3"
    assert fingerprint(pair.certificate) in made.out
    assert "At the server" in made.out
    assert (tmp_path / "own.pem").stat().st_mode & 0o777 == 0o600
    before = (tmp_path / "own.der").read_bytes(), (tmp_path / "own.pem").read_bytes()
    again = await command(tmp_path, "certificate", "edge.yaml", "ems")
    assert (again.code, "there is a file already" in again.err) == (1, True)
    assert before == ((tmp_path / "own.der").read_bytes(), (tmp_path / "own.pem").read_bytes())


async def test_one_file_that_is_there_keeps_the_other_from_being_made(tmp_path: Path) -> None:
    """No key without its certificate."""
    configure(tmp_path, opcua())
    (tmp_path / "own.der").write_bytes(b"an old one")
    assert (await command(tmp_path, "certificate", "edge.yaml", "ems")).code == 1
    assert not (tmp_path / "own.pem").exists()


async def test_a_source_that_needs_no_certificate_is_told_so(tmp_path: Path) -> None:
    """In one line; and a source that does not exist gets a hint."""
    balance = {"type": "mt-sics", "name": "scale", "port": "/dev/null", "tag": {"name": "W", "unit": "g"}}
    configure(tmp_path, opcua(security="none"), balance)
    for source, said in (
        ("ems", "has security none"),
        ("scale", "have no certificate"),
        ("emz", "did you mean 'ems'?"),
    ):
        done = await command(tmp_path, "certificate", "edge.yaml", source)
        assert done.code != 0
        assert said in done.err
        assert done.err.count("\n") == 1
