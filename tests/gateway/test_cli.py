"""What a person gets wrong at `cmo-gateway` is told in one line, with the right exit code."""

from pathlib import Path

import pytest

import gateway.cli
from gateway.bundle.directory import write_bundle
from gateway.commands.arguments import kafka_from
from gateway.proof.keys import public_keys, save_public
from gateway.proof.note import SigningKey
from gateway.proof.statement import Rotation, Sender, write_statement
from tests.gateway.bundle.bundles import bundle
from tests.gateway.published import START, key
from tests.gateway.running_commands import call, configured

TOPIC = ("--bootstrap", "127.0.0.1:1", "--cmo", "cmo-a", "--holder", "holder-b")
TRUST = ("--trust", "sender.vkey")


@pytest.fixture(scope="module")
def own() -> SigningKey:
    return key()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, own: SigningKey) -> Path:
    """A folder with a configuration, keys good and bad, and folders that are no bundles."""
    folder = tmp_path_factory.mktemp("place")
    configured(folder)
    save_public(own, folder / "sender.vkey")
    (folder / "broken.vkey").write_text("no key\n")
    (folder / "empty.vkey").write_text("")
    (folder / "broken.yaml").write_text("name: [\n")
    (folder / "bad.pem").write_text("no certificate\n")
    (folder / "empty").mkdir()
    (folder / "other").mkdir()
    (folder / "other" / "notes.txt").write_text("mine")
    return folder


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("verify", "other"), "without --trust nothing can be proven"),
        (("verify", "holder.yaml"), "without --trust nothing can be proven"),
        (("verify", *TOPIC), "without --trust nothing can be proven"),
        (("verify", *TRUST), "needs one of three"),
        (("verify", "holder.yaml", *TOPIC, *TRUST), "needs one of three"),
        (("verify", "holder.yaml", "--cmo", "cmo-a", *TRUST), "belong to --bootstrap; leave them out"),
        (("verify", "holder.yaml", "--ca-file", "bad.pem", *TRUST), "belong to --bootstrap; leave them out"),
        (("verify", "nowhere", *TRUST), "nowhere: is not there"),
        (("verify", "empty", *TRUST), "empty: is no bundle"),
        (("verify", "other", *TRUST), "other: is no bundle"),
        (("verify", "broken.yaml", *TRUST), "broken.yaml:2: not YAML"),
        (("verify", "other", "--trust", "nowhere.vkey"), "--trust nowhere.vkey: cannot be read"),
        (("verify", "other", "--trust", "broken.vkey"), "--trust broken.vkey, line 1: not a verifier key"),
        (("verify", "other", "--trust", "empty.vkey"), "--trust empty.vkey: holds no verifier key"),
        (("verify", "other", "--trust", "."), "--trust .: cannot be read"),
        (("verify", "other", *TRUST, "--statements", "nowhere"), "--statements nowhere: "),
        (("verify", "other", *TRUST, "--statements", "broken.vkey"), "--statements broken.vkey: "),
        (("verify", *TOPIC[:4], *TRUST), "--holder is missing"),
        (("verify", *TOPIC[:2], *TRUST), "--cmo is missing"),
        (("verify", *TOPIC[:4], "--holder", "holder.b", *TRUST), "--holder holder.b: is no name of a party"),
        (("verify", "--bootstrap", "127.0.0.1", *TOPIC[2:], *TRUST), "'127.0.0.1' is not host:port"),
        (("verify", *TOPIC, "--user", "me", *TRUST), "sasl-tls needs user and password_file"),
        (("verify", *TOPIC, "--certificate-file", "bad.pem", *TRUST), "certificate_file and key_file belong together"),
        (("verify", *TOPIC, "--ca-file", "nowhere.pem", *TRUST), "--ca-file nowhere.pem: there is no such file"),
        (("verify", *TOPIC, "--ca-file", "bad.pem", *TRUST), "a certificate, key or password file cannot be used"),
    ],
)
def test_a_wrong_argument_is_one_line_and_exit_code_2(place: Path, arguments: tuple[str, ...], why: str) -> None:
    """It says which, and what to do."""
    done = call(place, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [("verify", "holder.yaml"), ("verify", *TOPIC)])
def test_a_kafka_that_is_away_is_one_line_and_exit_code_1(place: Path, arguments: tuple[str, ...]) -> None:
    """Nothing is said about what stands in it."""
    done = call(place, *arguments, *TRUST)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("cmo-gateway: kafka at 127.0.0.1:1: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("bootstrap", "user", "security"),
    [
        ("127.0.0.1:9092", None, "plaintext"),
        ("localhost:9092,[::1]:9093", None, "plaintext"),
        ("kafka.cmo-a.example:9092", None, "tls"),
        ("127.0.0.1:9092,10.0.0.1:9092", None, "tls"),
        ("127.0.0.1:9092", "me", "sasl-tls"),
    ],
)
def test_plaintext_is_spoken_to_this_machine_only(
    tmp_path: Path, bootstrap: str, user: str | None, security: str
) -> None:
    """And only where nothing else is asked for."""
    password = tmp_path / "password"
    password.write_text("secret")
    assert kafka_from(bootstrap, user, {"password_file": password if user else None}).security == security


def test_a_successor_is_trusted_by_a_statement_from_a_file(tmp_path: Path) -> None:
    """The seal is by the new key, the trusted one is the old; alone it proves nothing."""
    old, new = key(), key()
    save_public(old, tmp_path / "old.vkey")
    line = Sender("cmo-a", "line-3")
    rotation = Rotation(line, START - 10, public_keys(old), public_keys(new))
    (tmp_path / "rotation").write_bytes(write_statement(rotation, [old, new], START - 20))
    write_bundle(bundle(tmp_path, new), tmp_path / "out", lambda _: None)
    assert call(tmp_path, "verify", "out", "--trust", "old.vkey").returncode == 1
    done = call(tmp_path, "verify", "out", "--trust", "old.vkey", "--statements", "rotation")
    assert (done.returncode, done.stderr) == (0, "")
    save_public(new, tmp_path / "new.vkey")
    done = call(tmp_path, "verify", "out", "--trust", "new.vkey", "--statements", "rotation")
    assert (done.returncode, done.stdout) == (2, "")
    assert "that is replaced is not a trusted one" in done.stderr


def test_there_is_one_command_to_verify() -> None:
    """Not one for each thing that can be."""
    assert [name for name in gateway.cli.COMMANDS if "verify" in name] == ["verify"]
