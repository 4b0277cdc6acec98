"""Copies for authorities: who may get one, what it says of itself, and that it was logged."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bundle.checking import check
from gateway.bundle.contents import PURPOSE, README
from gateway.bundle.export import Choice, bundle_of
from gateway.bundle.logged import ExportLogError, broken, log_export, log_of
from gateway.bundle.purpose import AUTHORITIES, Copy, Purpose, PurposeError
from gateway.proof.keys import public_keys
from tests.gateway.bundle.bundles import EXPORTED, gathered, listed_anew, trust
from tests.gateway.published import NODE, key, published

ASKED = Purpose(authority="13", reason="inspection 7", asked_by="Li", approved_by="Wang")
LINE = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=40)


def test_a_copy_says_for_whom_it_is_and_the_manifest_signs_it(tmp_path: Path) -> None:
    """In its README and in `purpose`; whoever changes it is named, also with the key of another."""
    own = key()
    proven = gathered(published(tmp_path / "j.db", own), own)
    files = bundle_of(proven, Choice(first=3, last=5), public_keys(own), NODE, EXPORTED, purpose=ASKED)
    found = check(files, trust(own, NODE))
    assert found.faults == []
    assert found.copy is not None
    assert found.copy.purpose == ASKED
    english, chinese = found.copy.lines()
    assert files[README].decode().startswith(f"{english}\n\n{chinese}\n\nPROOF BUNDLE")
    assert "河北省药品监督管理局（13）" in chinese
    assert f"{PURPOSE}: {english}" in list(found.lines())
    other = files[PURPOSE].replace(b"Wang", b"Zhao")
    assert [fault.path for fault in check(files | {PURPOSE: other}, trust(own, NODE)).faults] == [PURPOSE]
    forged = listed_anew(files | {PURPOSE: b"{}"})
    assert [fault.path for fault in check(forged, trust(own, NODE)).faults] == [PURPOSE]


PURPOSES = st.builds(
    Purpose,
    authority=st.sampled_from(sorted(AUTHORITIES)),
    reason=LINE,
    asked_by=LINE,
    approved_by=LINE,
    approval=st.none() | LINE,
)


@given(PURPOSES, st.integers(0, 2**32))
def test_a_purpose_comes_back_as_it_was_written(told: Purpose, made: int) -> None:
    """Every authority, every text of one line."""
    copy = Copy(purpose=told, of="s", entries="1 to 2", by="n", made=made)
    assert Copy.parse(copy.to_bytes()) == copy


def test_all_provinces_are_known() -> None:
    """The 31 of GB/T 2260 whose authorities supervise, and the national one."""
    assert len(AUTHORITIES) == 32
    assert AUTHORITIES["15"] == ("Medical Products Administration of Inner Mongolia", "内蒙古自治区药品监督管理局")
    assert AUTHORITIES["65"][1] == "新疆维吾尔自治区药品监督管理局"


def test_an_authority_abroad_needs_the_approval_of_one_at_home() -> None:
    """Data Security Law, art. 36; it then stands on the copy."""
    with pytest.raises(PurposeError, match=r"art\. 36.*--approval"):
        replace(ASKED, authority="DE")
    told = replace(ASKED, authority="DE", approval="2026-7")
    english, chinese = Copy(purpose=told, of="s", entries="1", by="n", made=0).lines()
    assert "approval 2026-7" in english
    assert "批准文号：2026-7" in chinese


@pytest.mark.parametrize("octets", [b"", b"[]", b"{}", b"\xff", b'{"purpose": {"authority": "13"}}'])
def test_a_file_that_tells_no_purpose_is_refused(octets: bytes) -> None:
    """With one kind of error."""
    with pytest.raises(PurposeError):
        Copy.parse(octets)


def test_the_log_of_exports_is_a_chain(tmp_path: Path) -> None:
    """A line that is changed, taken out or cut is told, and nothing is exported any more."""
    log = log_of(tmp_path / "a.duckdb")
    for number in range(3):
        log_export(log, {"n": number})
    octets = log.read_bytes()
    lines = octets.splitlines(keepends=True)
    assert [json.loads(line)["n"] for line in lines] == [0, 1, 2]
    assert list(broken(octets)) == []
    assert list(broken(octets.replace(b'"n": 1', b'"n": 7'))) == ["line 3 does not follow the one before it"]
    assert list(broken(lines[0] + lines[2])) == ["line 2 does not follow the one before it"]
    assert list(broken(octets[:-1])) == ["the last line is cut"]
    log.write_bytes(lines[1])
    with pytest.raises(ExportLogError, match="line 1 does not follow"):
        log_export(log, {"n": 3})
    with pytest.raises(ExportLogError, match="cannot be written"):
        log_export(tmp_path / "nowhere" / "log", {})
