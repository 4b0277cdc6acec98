"""Accounts as an administrator makes them, and what the node's configuration must say before it shows anything beyond
its machine.
"""

import io
import sys
from pathlib import Path

import pytest
import yaml

from gateway.access.accounts import Accounts
from gateway.access.roles import Role
from gateway.configuration import ConfigurationError
from gateway.proof.keys import save_public
from gateway.settings import load
from tests.gateway.console.entered import quick_passwords
from tests.gateway.published import key
from tests.gateway.running_commands import Done, call, configured

PASSWORD = "correct horse battery"


def change(folder: Path, **settings: object) -> None:
    """Settings of the configuration."""
    file = folder / "holder.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | settings))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a node that asks who comes, with a password in a file."""
    quick_passwords()
    configured(tmp_path)
    save_public(key(), tmp_path / "sender.vkey")
    change(tmp_path, access={})
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    return tmp_path


def user(folder: Path, action: str, *arguments: str) -> Done:
    return call(folder, "user", action, "holder.yaml", *arguments)


def add(folder: Path, login: str, person: str, *arguments: str) -> Done:
    return user(folder, "add", login, "--person", person, "--password-file", "password", *arguments)


def test_an_account_is_made_listed_and_closed(folder: Path) -> None:
    """In the file beside the configuration, from a password in a file."""
    made = add(folder, "wang.fang", "王芳", "--role", "qa", "--role", "qualified-person")
    assert (made.returncode, made.stdout) == (0, "account made: wang.fang (王芳), qa, qualified-person\n")
    accounts = Accounts(folder / "accounts.sqlite")
    assert accounts.attempt("wang.fang", PASSWORD).good
    assert user(folder, "disable", "wang.fang").stdout == "disabled: wang.fang\n"
    assert not accounts.attempt("wang.fang", PASSWORD).good
    listed = user(folder, "list")
    assert (listed.returncode, "wang.fang" in listed.stdout, "disabled" in listed.stdout) == (0, True, True)
    assert user(folder, "enable", "wang.fang").returncode == 0
    assert user(folder, "unlock", "wang.fang").returncode == 0
    assert accounts.attempt("wang.fang", PASSWORD).good
    accounts.close()


def test_a_password_comes_from_standard_input_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never from the arguments."""
    add(folder, "wang.fang", "王芳", "--role", "qa")
    monkeypatch.setattr(sys, "stdin", io.StringIO("another one of a kind\n"))
    assert user(folder, "password", "wang.fang", "--password-file", "-").returncode == 0
    accounts = Accounts(folder / "accounts.sqlite")
    assert accounts.attempt("wang.fang", "another one of a kind").good
    accounts.close()
    assert user(folder, "password", "wang.fang", "--password", "x").returncode == 2


def test_a_token_is_printed_once_and_ended(folder: Path) -> None:
    """It stands for its person."""
    add(folder, "li.na", "Li Na", "--role", "holder-reviewer")
    token = user(folder, "token", "li.na", "--days", "1").stdout.strip()
    accounts = Accounts(folder / "accounts.sqlite")
    found = accounts.with_token(token)
    assert found is not None
    assert found.roles == {Role.HOLDER_REVIEWER}
    assert user(folder, "token", "li.na", "--drop").stdout == "tokens ended: li.na\n"
    assert accounts.with_token(token) is None
    accounts.close()


def test_an_inspector_has_scope_and_end(folder: Path) -> None:
    """In the plant's zone."""
    made = add(
        folder, "sun.li", "Sun Li", "--role", "inspector", "--ends", "2027-01-31T18:00", "--batch", "240611A",
        "--pages", "batches",
    )  # fmt: skip
    assert made.returncode == 0
    listed = user(folder, "list").stdout
    assert "2027-01-31 10:00Z" in listed
    assert "batch 240611A, batches" in listed


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("--role", "qa", "--role", "administrator"), 1, "art. 22(1)(2)"),
        (("--role", "operator", "--role", "qa"), 1, "GMP 2010 art. 16"),
        (("--role", "inspector"), 1, "--ends: an inspector's access has an end"),
        (("--role", "boss"), 2, "boss"),
        (("--role", "qa", "--ends", "soon"), 2, "--ends soon: is no time"),
        (("--role", "qa", "--password-file", "none"), 2, "--password-file none: No such file"),
        (("--role", "qa", "--password-file", "short"), 1, "at least 12 characters"),
        (("--role", "qa", "--password-file", "binary"), 2, "--password-file binary: is not UTF-8 text"),
        (("--role", "inspector", "--batch", "B1", "--ends", "0001-01-01"), 2, "--ends 0001-01-01: is a time of no rec"),
        (("--role", "inspector", "--batch", "B1", "--ends", "9999-12-31"), 2, "--ends 9999-12-31: is a time of no rec"),
        (("--role", "inspector", "--batch", "B1", "--ends", "2020-01-01"), 1, "--ends: is past"),
        (("--role", "inspector", "--batch", "", "--ends", "2999-01-01"), 1, "--batch: the number as it stands"),
        (("--role", "inspector", "--batch", "B1", "--pages", "rooms", "--ends", "2999-01-01"), 1, "nothing to see"),
        (("--role", "inspector", "--pages", "system", "--ends", "2999-01-01"), 1, "nothing to see"),
        (("--role", "inspector", "--batch", "B1 ", "--ends", "2999-01-01"), 1, "--batch: the number as it stands"),
    ],
)
def test_what_is_refused_is_told_in_a_line(folder: Path, arguments: tuple[str, ...], code: int, why: str) -> None:
    """With its clause or with what to do; no password is repeated."""
    (folder / "short").write_text("swordfish")
    (folder / "binary").write_bytes(b"\xff\xfe swordfish")
    done = add(folder, "li.na", "Li Na", *arguments)
    assert (done.returncode, why in done.stderr) == (code, True), done.stderr
    assert "swordfish" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_password_is_asked_for_at_a_terminal_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere it is said what to give instead; nothing waits, and nothing is echoed."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))
    done = user(folder, "add", "li.na", "--person", "Li Na", "--role", "qa")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "give --password-file FILE, or - for standard input" in done.stderr


def test_without_access_there_are_no_accounts(tmp_path: Path) -> None:
    """And it is said which setting is missing."""
    configured(tmp_path)
    done = user(tmp_path, "list")
    assert (done.returncode, "has no `access:`" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"access": None}, "give `access:` and make accounts by `cmo-gateway user add`, or listen on 127.0.0.1"),
        ({}, "passwords need TLS; give console.certificate_file and key_file"),
        ({"access": {"address": "http://console.example"}}, "http is accepted on loopback only"),
    ],
)
def test_beyond_this_machine_a_console_asks_who_comes_over_tls(
    folder: Path, settings: dict[str, object], why: str
) -> None:
    """Else the configuration is at fault, and it is said what to do."""
    change(folder, console={"host": "192.0.2.1"}, **settings)
    done = call(folder, "check", "holder.yaml")
    assert (done.returncode, why in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"issuer": "http://id.example"}, "http is accepted on loopback only"),
        ({"roles": {"a": "inspector"}}, "make a local account for each"),
        ({"roles": {}}, "roles"),
        ({"scopes": ["profile"]}, "with openid among them"),
    ],
)
def test_a_provider_at_fault_is_named(folder: Path, changes: dict[str, object], why: str) -> None:
    """Before anything is asked of it."""
    provider = {"issuer": "https://id.example", "client": "c", "secret_file": "secret", "roles": {"a": "qa"}}
    change(folder, access={"provider": provider})
    assert load(folder / "holder.yaml").settings.access is not None
    change(folder, access={"provider": provider | changes})
    with pytest.raises(ConfigurationError, match=why):
        load(folder / "holder.yaml")


def test_beyond_this_machine_somebody_has_an_account_before_anything_is_shown(folder: Path) -> None:
    """Else the node does not start, and says what to do."""
    change(folder, console={"host": "192.0.2.1"}, access={"address": "https://console.example"})
    done = call(folder, "run", "holder.yaml")
    assert done.returncode == 1
    assert "nobody has an account yet; make one by `cmo-gateway user add`" in done.stderr
