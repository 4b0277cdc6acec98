"""`cmo-gateway export` and `cmo-gateway verify` of what it wrote, as a person calls them."""

import asyncio
import json
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.bundle.contents import CHECKPOINT, MANIFEST, README, entry_path
from gateway.bundle.directory import write_bundle
from gateway.proof import keys
from gateway.proof.keys import Role, generate
from tests.gateway.bundle.bundles import bundle
from tests.gateway.checking.test_tampered_topic import OWN, fresh, publish
from tests.gateway.published import NODE, ONE, key
from tests.gateway.running_commands import call, configured
from tests.gateway.tampering import ACTS

TRUST = ("--trust", "sender.vkey", "--trust", "node.vkey")

PURPOSE = ("--reason", "inspection 7", "--asked-by", "inspector Li", "--approved-by", "Wang")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the bundle `out` and the public keys to check it."""
    own = key()
    keys.save_public(own, tmp_path / "sender.vkey")
    keys.save_public(NODE, tmp_path / "node.vkey")
    write_bundle(bundle(tmp_path, own), tmp_path / "out", lambda _: None)
    return tmp_path


def test_a_bundle_is_checked_offline(place: Path) -> None:
    """Exit code 0 while all holds; 1 with one line that names the altered file."""
    done = call(place, "verify", "out", *TRUST)
    assert (done.returncode, done.stderr) == (0, "")
    proven, received, signed = done.stdout.splitlines()
    assert proven.startswith(f"{ONE.name}: entries 1 to 22 of 22, proven by the seal of 2023-11-14")
    assert received == "checkpoint: received and confirmed by holder-b at 2023-11-14 22:15:07 UTC"
    assert signed.startswith("manifest: signed by holder-b/node/holder-b at")
    for path in (README, MANIFEST, CHECKPOINT, entry_path(9)):
        file = place / "out" / path
        octets = file.read_bytes()
        file.write_bytes(octets[:-2] + bytes([octets[-2] ^ 1]) + octets[-1:])
        done = call(place, "verify", "out", *TRUST)
        assert (done.returncode, done.stderr) == (1, "")
        assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [path]
        file.write_bytes(octets)


def test_keys_in_the_bundle_do_not_stand_in_for_trust(place: Path) -> None:
    """They can be named as well as any other file, but nothing takes them by itself."""
    done = call(place, "verify", "out", "--trust", "node.vkey")
    assert done.returncode == 1
    assert done.stdout.startswith("checkpoint: signed by cmo-a/sender/line-3, holder-b/node/holder-b, not by a trusted")


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["--stream", "line-3"], 2, "is no stream from cmo-a to holder-b"),
        (["--stream", "cmo-x.line-3.holder-b.measurements.v1"], 2, "is no stream from cmo-a to holder-b"),
        (["--stream", ONE.name, "--number", "3", "--from", "2"], 2, "leave --from and --to out"),
        (["--stream", ONE.name, "--from", "3", "--to", "2"], 2, "exchange them"),
        (["--stream", ONE.name, "--trust", "nowhere.vkey"], 2, "--trust nowhere.vkey: cannot be read"),
        (["--stream", ONE.name, "--for", "13"], 2, "--reason, --asked-by, --approved-by must be told too"),
        (["--stream", ONE.name, "--reason", "why"], 2, "belong to --for"),
        (["--stream", ONE.name, *PURPOSE, "--for", "99"], 2, "--for 99: is no authority"),
        (["--stream", ONE.name, *PURPOSE, "--for", "US"], 2, "Data Security Law, art. 36"),
        (["--stream", ONE.name, *PURPOSE, "--for", "13", "--reason", " "], 2, "--reason: write one line"),
        (["--stream", ONE.name, "--out", "."], 1, "is not empty; name a new folder"),
        (["--stream", ONE.name], 1, "kafka at 127.0.0.1:1"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(tmp_path: Path, arguments: list[str], code: int, why: str) -> None:
    """And nothing is written."""
    configured(tmp_path)
    keys.save_public(key(), tmp_path / "sender.vkey")
    done = call(tmp_path, "export", "holder.yaml", "--out", "out", "--trust", "sender.vkey", *arguments)
    assert done.returncode == code
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_export_needs_the_nodes_key_and_a_trusted_one(tmp_path: Path) -> None:
    """Readable by its owner alone; each fault is one line."""
    configured(tmp_path)
    keys.save_public(key(), tmp_path / "sender.vkey")
    command = ("export", "holder.yaml", "--stream", ONE.name, "--out", "out")
    done = call(tmp_path, *command)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "without --trust nothing can be proven" in done.stderr
    (tmp_path / "node.key").chmod(0o644)
    done = call(tmp_path, *command, "--trust", "sender.vkey")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "run chmod 600" in done.stderr
    (tmp_path / "node.key").unlink()
    done = call(tmp_path, *command, "--trust", "sender.vkey")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "run keygen" in done.stderr


@pytest.mark.kafka
async def test_what_is_exported_from_live_topics_is_proven_offline(kafka: str, tmp_path: Path) -> None:
    """The whole stream, and a few numbers of it, with the receipt; what is not sealed is refused."""
    topics = fresh(tmp_path / "topics")
    await publish(kafka, topics.messages)
    recipient, name = topics.stream.recipient, topics.stream.name
    configured(tmp_path, kafka, recipient, topics.node)
    for file, own in (("sender", OWN), ("node", topics.node)):
        keys.save_public(own, tmp_path / f"{file}.vkey")
    fixed = ("export", "holder.yaml", "--stream", name, "--trust", "sender.vkey", "--out")
    for out, chosen, proven in (
        ("all", (), "entries 1 to 22 of 22"),
        ("few", ("--number", "5", "--number", "17", "--for", "32", *PURPOSE), "entries 1 to 2, 5, 17 of 22"),
    ):
        done = await asyncio.to_thread(call, tmp_path, *fixed, out, *chosen)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"{out}: {name}: {proven}, proven by" in done.stdout
        checked = await asyncio.to_thread(call, tmp_path, "verify", out, *TRUST)
        assert checked.returncode == 0, checked.stdout
        assert f"{name}: {proven}, proven by" in checked.stdout
        assert f"checkpoint: received and confirmed by {recipient} at" in checked.stdout
    assert (
        "purpose: COPY for Medical Products Administration of Jiangsu (32) of entries 1 to 2, 5, 17 of"
        in checked.stdout
    )
    assert "inspector Li，批准人：Wang" in checked.stdout
    log = [json.loads(line) for line in (tmp_path / "a.duckdb.exports.jsonl").read_text().splitlines()]
    assert [(one["entries"], one["count"], one["stream"]) for one in log] == [
        ("1 to 22", 22, name),
        ("1 to 2, 5, 17", 4, name),
    ]
    assert log[0]["purpose"] is None
    assert log[1]["purpose"]["authority"] == "32"
    assert log[1]["manifest"] == sha256((tmp_path / "few" / MANIFEST).read_bytes()).hexdigest()
    again = await asyncio.to_thread(call, tmp_path, *fixed, "all")
    assert (again.returncode, again.stderr) == (1, "cmo-gateway: all: is not empty; name a new folder\n")
    beyond = await asyncio.to_thread(call, tmp_path, *fixed, "beyond", "--to", "23")
    assert beyond.returncode == 1
    assert "number 23 is not proven; the newest seal that holds counts 22 entries" in beyond.stderr


@pytest.mark.kafka
async def test_an_export_tells_what_it_found_in_the_topics(kafka: str, tmp_path: Path) -> None:
    """What the seal proves is exported all the same."""
    topics = fresh(tmp_path / "topics")
    act, _ = ACTS["a receipt forged"]
    act(topics)
    await publish(kafka, topics.messages)
    configured(tmp_path, kafka, topics.stream.recipient, generate("holder-x", Role.NODE, "holder-x"))
    keys.save_public(OWN, tmp_path / "sender.vkey")
    keys.save_public(topics.node, tmp_path / "node.vkey")
    done = await asyncio.to_thread(
        call, tmp_path, "export", "holder.yaml", "--stream", topics.stream.name, "--out", "out", *TRUST
    )
    assert done.returncode == 0
    assert done.stderr.startswith(f"wrong_key: {topics.stream.name}: a receipt:")
    assert "received and confirmed" in done.stdout
