"""What the command does with passwords, with faults in the middle, and in which order, without a broker."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.link.access import Access, Rule
from gateway.link.governing import Governor, _row, principal_of
from gateway.link.settings import KafkaSettings
from gateway.link.whole import UnreachableError
from gateway.provision.applying import apply, renew
from gateway.provision.difference import Difference, difference
from gateway.provision.passwords import PasswordFileError, password_in
from gateway.provision.plan import planned
from gateway.provision.settings import ProvisionSettings, parties_of
from tests.gateway.running_commands import Done, call
from tests.support.certificates import Authority

PASSWORD = "a password of sixteen and more"
NARROW = Rule("User:line-3", "topic", "cmo-a.holder-b.", prefixed=True, operation="read")
WIDE = Rule("User:line-3", "topic", "cmo-a.", prefixed=True, operation="all")
FILE: dict[str, Any] = {
    "cmo": "cmo-a",
    "passwords": "secrets",
    "clusters": {name: {"kafka": {"bootstrap": "127.0.0.1:1", "security": "plaintext"}} for name in ("one", "two")},
    "agents": [{"sender": "line-3", "users": ["line-3"]}],
    "holders": [
        {"id": "holder-b", "cluster": "one", "users": ["b"]}, {"id": "holder-c", "cluster": "two", "users": ["c"]},
    ],
}  # fmt: skip


class Told(Governor):
    """Keeps what it is told; fails at its first word where it is to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails, self.passwords, self.done = fails, list[str](), list[tuple[str, Rule]]()

    async def set_password(self, user: str, password: str) -> None:
        self.passwords.append(password)
        if self.fails:
            raise UnreachableError(f"user {user}: no answer")

    async def add_rules(self, rules: Sequence[Rule]) -> None:
        self.done += [("add", one) for one in rules]

    async def remove_rules(self, rules: Sequence[Rule]) -> None:
        self.done += [("remove", one) for one in rules]

    async def access(self, topics: Collection[str]) -> Access:
        assert topics
        return Access()


def private(file: Path, text: str = PASSWORD) -> Path:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def linked(file: Path) -> None:
    file.symlink_to(private(file.with_name("other")))


def readable(file: Path) -> None:
    private(file).chmod(0o640)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (readable, "others can read or write it"),
        (linked, "cannot be read"),
        (Path.mkdir, "cannot be read"),
        (os.mkfifo, "is not a file of yours"),
        (lambda file: file.symlink_to("nowhere"), "cannot be read"),
        (lambda file: private(file, "kurz"), "16 characters or more"),
        (lambda file: private(file, "ein Kennwort für alle Fälle"), "ASCII"),
        (lambda file: private(file, f"{PASSWORD}\n{PASSWORD}"), "one line"),
    ],
)
def test_a_password_that_others_may_know_or_have_chosen_is_refused(
    tmp_path: Path, make: Callable[[Path], object], why: str
) -> None:
    """In a line that says what to do and repeats nothing of it."""
    file = tmp_path / "b.password"
    make(file)
    with pytest.raises(PasswordFileError, match=why) as refused:
        password_in(file)
    assert str(file) in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_a_password_of_ones_own_is_taken_and_one_that_is_missing_is_made(tmp_path: Path) -> None:
    """For its owner alone; what was made is what is read afterwards."""
    assert password_in(private(tmp_path / "b.password", f"{PASSWORD}\n")) == PASSWORD
    file = tmp_path / "secrets" / "one" / "c.password"
    assert password_in(file) == password_in(file)
    assert [path.stat().st_mode & 0o777 for path in (file, file.parent, file.parent.parent)] == [0o600, 0o700, 0o700]


async def test_a_password_that_may_be_in_force_is_never_thrown_away(tmp_path: Path) -> None:
    """A broker that did not answer may have taken it; trying again gives the same."""
    file = private(tmp_path / "b.password")
    broken, whole = Told(fails=True), Told()
    for _ in range(2):
        with pytest.raises(UnreachableError):
            await renew(broken, "b", file)
    await renew(whole, "b", file)
    assert {*broken.passwords, *whole.passwords} == {file.read_text().strip()}
    assert file.read_text().strip() != PASSWORD
    assert [one.name for one in tmp_path.iterdir()] == ["b.password"]


async def test_who_had_more_keeps_what_is_its_own_meanwhile(tmp_path: Path) -> None:
    """The narrow rule is made before the wide one goes."""
    governor = Told()
    found = Difference(rules=(NARROW,), foreign=(WIDE,))
    await apply(governor, found, 1, lambda user: tmp_path / user, prune=True, say=list[str]().append)
    assert governor.done == [("add", NARROW), ("remove", WIDE)]


@pytest.mark.parametrize(
    "rule",
    [Rule("User:b", "other", "x", prefixed=False, operation="read"), Rule("User:b", "topic", "x", False, "99")],
)
def test_a_rule_of_a_later_broker_is_left_to_a_person(rule: Rule) -> None:
    """It is told and not guessed at."""
    with pytest.raises(UnreachableError, match="remove it with the broker's own tools"):
        _row(rule)


def test_an_administrator_with_a_certificate_keeps_its_own_rules(tmp_path: Path) -> None:
    """Whoever runs the command does not lose by it what it runs with."""
    authority = Authority("Test")
    authority.issue("kafka-admin").save(tmp_path, "admin")
    kafka = KafkaSettings.model_validate(
        {
            "bootstrap": "kafka.example:9093", "certificate_file": tmp_path / "admin.pem",
            "key_file": tmp_path / "admin.key",
        }
    )  # fmt: skip
    own = principal_of(kafka)
    assert own == {"User:CN=kafka-admin"}
    parties = parties_of(ProvisionSettings.model_validate(FILE))["one"]
    rule = Rule("User:CN=kafka-admin", "cluster", "kafka-cluster", prefixed=False, operation="alter")
    assert difference(parties, planned(parties, {}), Access(rules=frozenset({rule}))).foreign == (rule,)
    assert not difference(parties, planned(parties, {}), Access(rules=frozenset({rule})), own).foreign


def test_a_cluster_that_nobody_uses_any_more_is_looked_at(tmp_path: Path) -> None:
    """What a holder who left may still do there is found; nobody is given anything there."""
    moved = {**FILE, "holders": [{**one, "cluster": "two"} for one in FILE["holders"]]}
    parties = parties_of(ProvisionSettings.model_validate(moved))["one"]
    held = Access(rules=frozenset({NARROW}), users=frozenset({"b"}))
    assert difference(parties, planned(parties, {}), held) == Difference(foreign=(NARROW,))


def provision(folder: Path, *options: str) -> Done:
    (folder / "parties.yaml").write_text(yaml.safe_dump(FILE))
    return call(folder, "provision", "parties.yaml", *options)


def test_a_cluster_that_is_away_holds_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told in a line, the others are seen to, and the exit code says that something is left."""
    asked = list[str]()

    @asynccontextmanager
    async def governing(kafka: KafkaSettings) -> AsyncIterator[Governor]:
        asked.append(kafka.bootstrap)
        if len(asked) == 1:
            raise UnreachableError("kafka at one: away")
        yield Told()

    monkeypatch.setattr("gateway.commands.provision.governing", governing)
    done = provision(tmp_path, "--dry-run")
    assert (done.returncode, done.stderr) == (1, "cmo-gateway: kafka at one: away\n")
    assert done.stdout.startswith("two, 127.0.0.1:1: differs\n")
    assert "+ user c" in done.stdout.splitlines()


def test_a_command_that_is_stopped_does_not_end_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it may be done, and whoever waits for its exit code is told so."""

    @asynccontextmanager
    async def governing(kafka: KafkaSettings) -> AsyncIterator[Governor]:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()
        yield Told()

    monkeypatch.setattr("gateway.commands.provision.governing", governing)
    done = provision(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch("cmo-gateway: stopped; .*\n", done.stderr)


@pytest.mark.parametrize("name", ["ca_file", "certificate_file", "password_file"])
@pytest.mark.parametrize("octets", [None, b"\xff\xfe no PEM"])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, octets: bytes | None) -> None:
    """In a line, before any broker is asked."""
    Authority("Test").issue("admin").save(tmp_path, "admin")
    given = {"ca_file": "ca.pem", "certificate_file": "admin.pem", "password_file": "admin.key", name: "broken"}
    if octets is not None:
        (tmp_path / "broken").write_bytes(octets)
    files = {key: str(tmp_path / file) for key, file in given.items()}
    kafka = {"bootstrap": "127.0.0.1:1", "security": "sasl-tls", "user": "admin", "key_file": tmp_path / "admin.key"}
    with pytest.raises(OSError, match=str(tmp_path / "broken")):
        KafkaSettings.model_validate(kafka | files).client_options()


@pytest.mark.parametrize(
    ("holder", "why"),
    [
        ({"subjects": ["CN=b, O=Holder B"]}, "as the broker writes it"),
        ({"consumer_byte_rate": float("inf")}, "finite"),
        ({"producer_byte_rate": float("nan")}, "finite"),
    ],
)
def test_what_would_grant_or_limit_nothing_is_refused(holder: dict[str, object], why: str) -> None:
    """Instead of being told to the broker."""
    wrong = {**FILE, "holders": [{**FILE["holders"][0], **holder}]}
    with pytest.raises(ValueError, match=why):
        ProvisionSettings.model_validate(wrong)
