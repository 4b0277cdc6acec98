"""The watched folder over SFTP, at a real OpenSSH server; passwords at asyncssh's, as OpenSSH needs root for them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from pydantic import ValidationError

from adapters.contract import SourceError
from adapters.exports.ways.sftp import SftpSource
from adapters.exports.ways.sftp_settings import SftpSettings
from adapters.exports.ways.sftp_tree import CHUNK
from schemas.records import GapCause
from tests.adapters.exports import samples
from tests.adapters.exports.driving import Agent
from tests.adapters.exports.taking import mapping
from tests.support.link import link
from tests.support.sshd import Sshd, sshd
from tests.support.unprivileged import own_folder

ROWS = [("A", "1"), ("B", "2")]
OTHER = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"


@pytest.fixture(scope="module")
def server() -> Iterator[Sshd]:
    with sshd() as one:
        yield one


@pytest.fixture
def out(server: Sshd) -> Iterator[Path]:
    """The folder that is watched."""
    with own_folder("out-") as folder:
        yield folder


def put(out: Path, name: str, rows: list[tuple[str, str]]) -> Path:
    path = out / name
    path.write_text("id,result\n" + "".join(f"{key},{result}\n" for key, result in rows))
    return path


def settings(base: Path, **changed: Any) -> SftpSettings:
    mappings = [{"files": "*.csv", "mapping": str(mapping(base))}]
    usual = {
        "type": "sftp", "name": "lims", "host": "127.0.0.1", "keep": "kept", "mappings": mappings, "quiet": 0,
        "poll_interval": 0.1, "user": "lims",
    }  # fmt: skip
    return SftpSettings.model_validate(usual | changed, context={"folder": base})


def at(server: Sshd, out: Path, folder: Path, **changed: Any) -> SftpSettings:
    usual = {"port": server.port, "user": server.user, "private_key": str(server.key), "folder": str(out)}
    return settings(folder, **({"fingerprint": server.fingerprint} | usual | changed))


def an_agent(wanted: SftpSettings, mark: str | None = None) -> Agent:
    return Agent(SftpSource(wanted), mark)


async def test_files_of_a_read_only_account_are_taken_once(server: Sshd, out: Path, tmp_path: Path) -> None:
    """In subfolders too, over all lives; what stands there stays as it is."""
    (out / "deep").mkdir()
    put(out, "a.csv", ROWS)
    put(out / "deep", "批.csv", [("C", "3")])
    (out / "link.csv").symlink_to(out / "a.csv")
    agent = an_agent(at(server, out, tmp_path))
    await agent.until({"Records": 3, "FilesRead": 2})
    later = an_agent(at(server, out, tmp_path), agent.mark)
    put(out, "b.csv", [("A", "7")])
    await later.until({"Corrections": 1, "FilesRead": 3})
    assert later.said == [("A", 2, "7")]
    assert {one.name for one in out.iterdir()} == {"a.csv", "b.csv", "deep", "link.csv"}


async def test_f60_what_is_unfinished_is_left_until_it_has_its_name(server: Sshd, out: Path, tmp_path: Path) -> None:
    """By the rules of the folder."""
    put(out, "a.csv", ROWS)
    put(out, "b.csv.part", [("C", "3")])
    agent = an_agent(at(server, out, tmp_path))
    await agent.until({"FilesRead": 1})
    (out / "b.csv.part").rename(out / "b.csv")
    await agent.until({"FilesRead": 2})
    assert agent.said == [("A", 1, "1"), ("B", 1, "2"), ("C", 1, "3")]


async def test_f60_a_file_that_is_written_stands_still_first(server: Sshd, out: Path, tmp_path: Path) -> None:
    """Size and time as the server tells them."""
    put(out, "a.csv", ROWS)
    agent = an_agent(at(server, out, tmp_path, quiet=3600))
    await agent.until({"FilesWaiting": 1})
    assert agent.portions == []


async def test_f72_a_folder_that_is_gone_is_a_loss(server: Sshd, out: Path, tmp_path: Path) -> None:
    """Never a deletion; so is one that had files and is empty, or has no mark."""
    file = put(out, "a.csv", ROWS)
    agent = an_agent(at(server, out, tmp_path))
    await agent.until({"FilesRead": 1})
    file.unlink()
    with pytest.raises(SourceError, match="is empty, and there were files"):
        await agent.until({"FilesRead": 2})
    with pytest.raises(SourceError, match=r"has no \.mark: the share is not mounted"):
        await an_agent(at(server, out, tmp_path, mount_marker=".mark"), agent.mark).until({})
    with pytest.raises(SourceError, match="away is no folder") as caught:
        await an_agent(at(server, out / "away", tmp_path), agent.mark).until({})
    assert caught.value.cause is GapCause.DEVICE_UNREACHABLE


async def test_a_transfer_that_breaks_goes_on(server: Sshd, out: Path, tmp_path: Path) -> None:
    """On a new connection, at the octet where it was; what is kept is the file."""
    file = put(out, "a.csv", [(f"K{number}", "1" * 500) for number in range(4 * CHUNK // 500)])
    async with link(server.port) as wire:
        wire.left = 3 * CHUNK
        agent = an_agent(at(server, out, tmp_path, port=wire.port))
        await agent.until({"FilesRead": 1})
        assert wire.left is None
        assert wire.connections == 2
    (kept,) = (tmp_path / "kept" / "originals").glob("*/*")
    assert kept.read_bytes() == file.read_bytes()


async def test_a_connection_that_ended_while_nothing_was_asked_is_no_loss(
    server: Sshd, out: Path, tmp_path: Path
) -> None:
    """Servers end what is idle."""
    put(out, "a.csv", ROWS)
    async with link(server.port) as wire:
        agent = an_agent(at(server, out, tmp_path, port=wire.port))

        def cut() -> None:
            wire.cut()
            put(out, "b.csv", [("C", "3")])

        agent.at["FilesRead", 1] = cut
        await agent.until({"FilesRead": 2})
        assert wire.connections == 2


async def test_a_server_with_another_key_gets_no_password(server: Sshd, out: Path, tmp_path: Path) -> None:
    """By fingerprint or known_hosts; the right one in known_hosts is known."""
    hosts = tmp_path / "hosts"
    hosts.write_text(server.known_hosts)
    put(out, "a.csv", ROWS)
    await an_agent(at(server, out, tmp_path, fingerprint=None, known_hosts="hosts")).until({"FilesRead": 1})
    hosts.write_text(server.known_hosts.replace("127.0.0.1", "127.0.0.2"))
    for change in ({"fingerprint": None, "known_hosts": "hosts"}, {"fingerprint": OTHER}):
        with pytest.raises(SourceError, match="is not the known server") as caught:
            await an_agent(at(server, out, tmp_path, **change)).until({})
        assert (caught.value.cause, caught.value.pause) == (GapCause.OTHER, 60)


async def test_an_account_that_is_refused_is_not_tried_at_once_again(server: Sshd, out: Path, tmp_path: Path) -> None:
    """A server that counts would lock it."""
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "other")
    with pytest.raises(SourceError, match=f"refuses {server.user}; correct user") as caught:
        await an_agent(at(server, out, tmp_path, private_key="other")).until({})
    assert caught.value.pause == 60


async def test_the_sample_of_the_readme_takes_its_files(server: Sshd, out: Path, tmp_path: Path) -> None:
    """As it stands there."""
    (out / "results-1.csv").write_bytes((samples.MAPPINGS / "lims-zh.results.csv").read_bytes())
    for name in (".lims-share", "results-1.csv.ok"):
        (out / name).touch()
    given = samples.given("sftp", tmp_path) | {
        "host": "127.0.0.1", "port": server.port, "user": server.user, "folder": str(out), "quiet": 0,
    }  # fmt: skip
    key = asyncssh.read_private_key(server.key)
    key.write_private_key(tmp_path / "lims-key", "pkcs8-pem", "a secret of some length")
    (tmp_path / "lims.known_hosts").write_text(server.known_hosts)
    agent = an_agent(SftpSettings.model_validate(given, context={"folder": tmp_path}))
    await agent.until({"FilesRead": 1, "FilesRefused": 0})
    assert {record.system for record in agent.portions[0].records} == {"lims"}


async def test_files_that_cannot_be_used_are_told(server: Sshd, out: Path, tmp_path: Path) -> None:
    """A key that is none, and known hosts that are none; nobody is asked."""
    (tmp_path / "none").write_text("no key")
    for change in ({"private_key": "none"}, {"private_key": "away"}, {"fingerprint": None, "known_hosts": "away"}):
        with pytest.raises(SourceError, match="key, password or known_hosts cannot be used") as caught:
            await an_agent(at(server, out, tmp_path, **change)).until({})
        assert caught.value.cause is GapCause.OTHER


class _Account(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("lims", "秘密")


@asynccontextmanager
async def with_passwords(out: Path) -> AsyncIterator[tuple[int, str]]:
    """Port and fingerprint of a server for passwords."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with await asyncssh.create_server(
        _Account, "127.0.0.1", 0, server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(out).encode()),
    ) as server:  # fmt: skip
        yield server.get_port(), key.get_fingerprint()


async def test_a_password_comes_from_its_file(out: Path, tmp_path: Path) -> None:
    """A wrong one is refused, in a line."""
    put(out, "a.csv", ROWS)
    (tmp_path / "password").write_text("秘密\n")
    async with with_passwords(out) as (port, fingerprint):
        wanted = settings(
            tmp_path, port=port, fingerprint=fingerprint, folder="/", password_file="password", user="lims"
        )
        await an_agent(wanted).until({"FilesRead": 1})
        (tmp_path / "password").write_text("wrong")
        with pytest.raises(SourceError, match="refuses lims"):
            await an_agent(wanted).until({})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fingerprint": OTHER}, "either password_file or private_key"),
        ({"private_key": "key"}, "another server would take our password"),
        ({"private_key": "key", "fingerprint": OTHER, "silence": 20}, "at least twice patience"),
        ({"password_file": "none", "fingerprint": OTHER}, "none: cannot be read"),
    ],
)
def test_a_fault_in_the_settings_is_told(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """Before anybody is asked."""
    with pytest.raises(ValidationError, match=told):
        settings(tmp_path, folder="out", **change)
