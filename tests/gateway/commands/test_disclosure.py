"""`cmo-gateway disclose`, and `verify --disclosed` of what it wrote: out of an archive, against a bundle and a node."""

import json
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from gateway.archive.archive import Archive
from gateway.bundle.directory import write_bundle
from gateway.bundle.export import Choice, bundle_of
from gateway.bundle.gathering import Gathering
from gateway.journal.journal import Draft, Journal
from gateway.link.messages import messages as outgoing
from gateway.link.sealer import Sealer
from gateway.link.topics import Stream
from gateway.link.whole import Raw
from gateway.proof import keys
from gateway.proof.note import SigningKey
from gateway.redaction.redact import Reason, redact
from schemas.codec import encode
from schemas.exported import Conclusion, LineClearance
from tests.gateway.bundle.bundles import trust
from tests.gateway.messages import sent
from tests.gateway.published import MIB, NODE, START, key, seals_of
from tests.gateway.running_commands import call, configured

STREAM = Stream("cmo-a", "line-3", "holder-b", "batches")
CLEARANCE = LineClearance(
    system="mes", key="k", batch="B-1", room="F3", stage="filling", conclusion=Conclusion.PASS, time=7, previous="C-9"
)
HIDDEN, OPENINGS = redact(CLEARANCE, STREAM.name, {"previous": Reason("E-7"), "room": Reason("E-7")})
RECORD = str(CLEARANCE.id)
TRUST = ("--trust", "sender.vkey")


def bundle_with(folder: Path, own: SigningKey) -> dict[str, bytes]:
    """The bundle of a stream in which the record stands, sealed."""
    journal, sealed = Journal(folder / "j.db", limit=MIB), list[Raw]()

    def offer(one: Stream, _size: int, note: bytes) -> None:
        sealed.append(Raw(seals_of(one), one.name.encode(), note, {}, START))

    journal.append([Draft(STREAM.name, "LineClearance", b"mes", 7, encode(HIDDEN))])
    every = [
        Raw(STREAM.topic, one.key, one.octets, dict(one.headers), START)
        for one in outgoing(journal.entries(STREAM.name, 0, 100), own)
    ]
    Sealer(journal, own, [STREAM], offer, interval=5).seal(START)
    journal.close()
    gathering = Gathering(STREAM, trust(own, NODE), Choice().__contains__)
    for message in [*every, *sealed]:
        gathering.take(message)
    return bundle_of(gathering.finish(START + 10), Choice(), keys.public_keys(own), NODE, START)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the manufacturer's node `home.yaml`, the holder's `holder.yaml`, and the bundle `out`."""
    own = key()
    keys.save_public(own, tmp_path / "sender.vkey")
    write_bundle(bundle_with(tmp_path, own), tmp_path / "out", lambda _: None)
    configured(tmp_path)
    config = yaml.safe_load((tmp_path / "holder.yaml").read_text())
    (tmp_path / "home.yaml").write_text(yaml.safe_dump(config | {"archive": "home.duckdb"}))
    with closing(Archive(tmp_path / "home.duckdb")) as archive:
        archive.store([sent("cmo-a.line-3.cmo-a.openings.v1", n, one, n) for n, one in enumerate(OPENINGS, 1)])
    with closing(Archive(tmp_path / "a.duckdb")) as archive:
        archive.store([sent(STREAM.name, 1, HIDDEN, 0)])
    return tmp_path


def test_what_is_disclosed_is_proven_by_the_bundle(place: Path) -> None:
    """One field alone; nothing else of the record is told."""
    done = call(place, "disclose", "home.yaml", RECORD, "previous", "--to", "holder-b", "--out", "open.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "F3" not in (place / "open.json").read_text()
    done = call(place, "verify", "out", *TRUST, "--disclosed", "open.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == (
        f"LineClearance.previous of record {RECORD}: is C-9, sealed in {STREAM.name}"
    )


def test_another_value_is_not(place: Path) -> None:
    """Exit code 1, and the commitment that it does not fit."""
    whole = json.loads(call(place, "disclose", "home.yaml", RECORD, "--to", "holder-b").stdout)
    assert len(whole["disclosed"]) == 2
    whole["disclosed"] = [one.replace("C-9", "C-8") for one in whole["disclosed"]]
    (place / "open.json").write_text(json.dumps(whole))
    done = call(place, "verify", "out", *TRUST, "--disclosed", "open.json")
    previous, room = sorted(done.stdout.splitlines()[-2:])
    assert done.returncode == 1
    assert "is not proven: the commitment" in previous
    assert room.endswith(f"is F3, sealed in {STREAM.name}")


def test_a_node_checks_against_what_seals_prove_in_its_archive(place: Path) -> None:
    """What came and is not sealed proves nothing."""
    call(place, "disclose", "home.yaml", RECORD, "--to", "holder-b", "--out", "open.json")
    done = call(place, "verify", "holder.yaml", "--disclosed", "open.json")
    assert (done.returncode, done.stdout.count("with anything withheld is here")) == (1, 2)
    with closing(Archive(place / "a.duckdb")) as archive:
        archive._database.execute("INSERT INTO streams VALUES (?, 1, 1, 0, 0, NULL, ''::BLOB, NULL)", [STREAM.name])
    done = call(place, "verify", "holder.yaml", "--disclosed", "open.json")
    assert (done.returncode, done.stdout.count(f"sealed in {STREAM.name}")) == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("disclose", "home.yaml", RECORD, "--to", "holder-c"), 1, "nothing is withheld from holder-c"),
        (("disclose", "home.yaml", RECORD, "stage", "--to", "holder-b"), 1, "withheld from holder-b as stage"),
        (("disclose", "holder.yaml", RECORD, "--to", "holder-b"), 1, "nothing is withheld from holder-b"),
        (("disclose", "home.yaml", RECORD, "--to", "holder-b", "--out", "home.yaml"), 2, "there is a file already"),
        (("verify", "out", *TRUST, "--disclosed", "nothing.json"), 2, "nothing.json: cannot be read"),
        (("verify", "out", *TRUST, "--disclosed", "home.yaml"), 2, "home.yaml: no disclosure"),
        (("verify", "nothing", *TRUST, "--disclosed", "home.yaml"), 2, "nothing: is not there"),
    ],
)
def test_what_cannot_be_disclosed_or_checked_is_one_line(
    place: Path, arguments: tuple[str, ...], code: int, why: str
) -> None:
    """With what to do where there is something."""
    done = call(place, *arguments)
    assert (done.returncode, done.stderr.count("\n"), why in done.stderr) == (code, 1, True)
