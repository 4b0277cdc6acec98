"""Making keys and ending senders, as a person does it."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.commands import keys as keeping
from gateway.proof.keyring import End, KeyRing
from gateway.proof.keys import KeyFileError, Role, generate, load, load_public, save, save_public
from gateway.proof.note import encode64
from gateway.proof.statement import Sender

STREAM = "cmo-a.line-3.holder-b.measurements.v1"
ROOT = b"r" * 32

app = typer.Typer()
app.command()(keeping.keygen)
app.command()(keeping.close)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the public key of a sender and the key of a signatory of its party."""
    monkeypatch.chdir(tmp_path)
    save_public(generate("cmo-a", Role.SENDER, "line-3"), Path("line-3.vkey"))
    assert (
        call("keygen", "--role", "signatory", "--party", "cmo-a", "--name", "quality", "--out", "q.key").exit_code == 0
    )
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def close(**changes: str) -> Result:
    options = {
        "key": "q.key", "sender": "cmo-a.line-3", "revoked": "line-3.vkey", "stream": f"{STREAM}=300",
        "reason": "the box burnt", "unknown": "what it measured after 10:00", "out": "closing.note",
    }  # fmt: skip
    return call("close", *(word for name, value in (options | changes).items() for word in (f"--{name}", value)))


def test_a_signatorys_key_is_made(folder: Path) -> None:
    """For its owner alone, with the public file beside it."""
    assert load(folder / "q.key", Role.SIGNATORY).name == "cmo-a/signatory/quality"
    assert {key.name for key in load_public(folder / "q.vkey")} == {"cmo-a/signatory/quality"}
    assert (folder / "q.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("folder")
def test_a_closing_counts_for_whoever_trusts_the_signatory() -> None:
    """The streams end where it says; without the signatory's key they do not."""
    done = close(stream=f"{STREAM}=300={encode64(ROOT)}", since="1800000000")
    assert (done.exit_code, done.output) == (0, "closing: closing.note\n")
    note = Path("closing.note").read_bytes()
    ring = KeyRing(Sender("cmo-a", "line-3"), load_public(Path("q.vkey")))
    assert ring.take(note, 0) is None
    assert ring.end_of(STREAM) == End(300, ROOT, 1_800_000_000)
    stranger = KeyRing(Sender("cmo-a", "line-3"), load_public(Path("line-3.vkey")))
    assert stranger.take(note, 0) is not None
    assert stranger.end_of(STREAM) is None


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stream": "nonsense=3"}, "no name of a stream"),
        ({"stream": STREAM}, "not a decimal number"),
        ({"stream": f"{STREAM}=x"}, "not a decimal number"),
        ({"stream": f"{STREAM}=3=x"}, "not base64"),
        ({"stream": f"{STREAM}=3={encode64(b'short')}"}, "root has 32 bytes"),
        ({"sender": "cmo-a"}, "not a sender's name"),
        ({"sender": "cmo-a.line-4"}, "not one of cmo-a.line-4"),
        ({"reason": " "}, "one line each"),
        ({"revoked": "q.vkey"}, "not one of cmo-a.line-3"),
    ],
)
def test_a_closing_that_cannot_be_is_refused_in_a_line(changes: dict[str, str], said: str) -> None:
    """With exit code 2, and nothing is written."""
    done = close(**changes)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not Path("closing.note").exists()


@pytest.mark.usefixtures("folder")
def test_one_recipient_does_not_learn_of_another() -> None:
    """Each gets a closing of its own."""
    done = call(
        "close", "--key", "q.key", "--sender", "cmo-a.line-3", "--revoked", "line-3.vkey", "--out", "closing.note",
        "--reason", "stolen", "--unknown", "nothing", "--stream", f"{STREAM}=3",
        "--stream", f"{STREAM.replace('holder-b', 'holder-c')}=3",
    )  # fmt: skip
    assert done.exit_code == 2
    assert "one closing for each" in done.stderr


@pytest.mark.usefixtures("folder")
def test_only_a_signatory_of_the_party_closes() -> None:
    """Neither the sender's own key nor a signatory of another party."""
    save(generate("cmo-b", Role.SIGNATORY, "quality"), Path("other.key"))
    done = close(key="other.key")
    assert (done.exit_code, "no signatory of cmo-a" in done.stderr) == (2, True)
    save(generate("cmo-a", Role.SENDER, "line-3"), Path("line-3.key"))
    assert isinstance(close(key="line-3.key").exception, KeyFileError)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--role", "sender"),
        ("--role", "signatory"),
        ("--role", "signatory", "--party", "cmo-a", "--name", "quality"),
        ("--role", "signatory", "--party", "CMO A", "--name", "quality", "--out", "q.key"),
        ("node.yaml", "--party", "cmo-a"),
    ],
)
def test_keygen_says_what_it_needs(arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And makes nothing."""
    monkeypatch.chdir(tmp_path)
    assert call("keygen", *arguments).exit_code == 2
    assert list(tmp_path.iterdir()) == []
