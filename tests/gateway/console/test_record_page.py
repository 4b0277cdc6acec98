"""One record on its page: read, proven, downloaded, and checked with no network; altered, it says so."""

from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from selenium import webdriver

from gateway.bundle.archived import Proofs
from gateway.proof import keys
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey
from tests.gateway.archives import archived
from tests.gateway.console.pilot import PHONE, Pilot
from tests.gateway.console.stage import Stage
from tests.gateway.published import COUNT, NODE, ONE, key
from tests.gateway.running_commands import call

TRUST = ("--trust", "sender.vkey", "--trust", "node.vkey")


@pytest.fixture
def own() -> SigningKey:
    return key()


@pytest.fixture
def proven(stage: Stage, own: SigningKey, tmp_path: Path) -> Iterator[Stage]:
    """A console whose archive holds the stream ONE, sealed and confirmed."""
    archive = archived(tmp_path, own)
    before = stage.desk.archive
    stage.desk.archive, stage.desk.proofs = archive, Proofs(NODE, public_keys(own))
    yield stage
    stage.desk.archive, stage.desk.proofs = before, None
    archive.close()


@pytest.fixture
def pilot(chromium: webdriver.Chrome, proven: Stage) -> Pilot:
    return Pilot(chromium, proven)


def had(stage: Stage, what: str) -> bytes:
    with urlopen(f"{stage.address}/api/records/{ONE.name}/{what}", timeout=60) as answer:  # noqa: S310
        octets: bytes = answer.read()
        return octets


def refused(stage: Stage, what: str) -> int:
    with pytest.raises(HTTPError) as error:
        had(stage, what)
    error.value.close()
    return error.value.code


def test_the_proof_of_a_record_is_accepted_with_no_network(proven: Stage, own: SigningKey, tmp_path: Path) -> None:
    """As it was downloaded; one altered octet is found."""
    keys.save_public(own, tmp_path / "sender.vkey")
    keys.save_public(NODE, tmp_path / "node.vkey")
    octets = had(proven, "9/proof")
    (tmp_path / "one.zip").write_bytes(octets)
    done = call(tmp_path, "verify", "one.zip", *TRUST)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{ONE.name}: entries 1 to 2, 9 of {COUNT}, proven by the seal of" in done.stdout
    at = octets.index(b"PK\x01\x02") // 2  # amid what is compressed
    (tmp_path / "one.zip").write_bytes(octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :])
    assert call(tmp_path, "verify", "one.zip", *TRUST).returncode == 1


def test_what_is_not_there_is_not_told_apart(proven: Stage) -> None:
    """A number beyond the last, none at all, another stream: the same answer."""
    assert {refused(proven, what) for what in ("23", "0", "-1", "23/proof", "23/entry", "99999999999999999999")} == {
        404
    }


def test_a_record_is_read_and_proven_in_both_languages(pilot: Pilot) -> None:
    """With its seal, its receipt and the record beside it; the language stays at the same record."""
    pilot.open(f"/en/r/{ONE.name}/9")
    for text in ("Readings, record 9", "in the sealed list", f"sealed a list of {COUNT} records", "holder-b confirmed"):
        pilot.sees(text)
    pilot.open(f"/zh/r/{ONE.name}/9", PHONE)
    pilot.sees("读数，记录 9")
    pilot.sees("下载证明（ZIP）")
    assert pilot.driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    assert pilot.complaints() == []


def test_a_record_that_was_altered_here_is_said_to_be(pilot: Pilot, proven: Stage) -> None:
    """Never silently good: the leaf is computed from the octets each time."""
    proven.desk.archive.rows("UPDATE entries SET octets = octets || '\\x00'::BLOB WHERE number = 9")
    pilot.open(f"/en/r/{ONE.name}/9")
    pilot.sees("it was altered after it came")
    pilot.sees("It cannot be read")


def test_a_record_that_only_a_leaf_is_left_of_says_so(pilot: Pilot, proven: Stage) -> None:
    """It is proven all the same; there is nothing to download but the proof."""
    proven.desk.archive.rows("UPDATE entries SET octets = NULL WHERE number = 9")
    pilot.open(f"/en/r/{ONE.name}/9")
    pilot.sees("kept only this hash")
    assert "Download proof (ZIP)" not in pilot.text()
    assert refused(proven, "9/proof") == 409
    assert refused(proven, "9/entry") == 404
    assert had(proven, "9/tlog-proof").startswith(b"c2sp.org/tlog-proof@v1\nindex 8\n")
