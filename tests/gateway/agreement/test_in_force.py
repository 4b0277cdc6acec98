"""Which version holds when, and what is said of the files that do not count."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.agreement.in_force import Candidate, Doubt, Signed, signed_agreements, versions_of
from gateway.agreement.loading import load_agreement
from gateway.agreement.signing import ENDING, Fault, sign
from gateway.configuration import ConfigurationError
from gateway.proof.keys import renew
from tests.gateway.agreement.making import CMO, HOLDER, SIGNED, TRUST, agreed, data_of, listed, signed


def day(text: str, zone: str = "Asia/Shanghai") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1e6)


def held(found: Signed, moment: int) -> list[tuple[str, int]]:
    return [(one.agreement.agreement, one.agreement.version) for one in found.at(moment)]


def codes(found: Signed) -> list[tuple[str, str]]:
    assert all(one.words.en and one.words.zh for one in found.findings)
    return [(one.file.name, one.code) for one in found.findings]


FIRST = signed(agreed(1, "2027-01-01"), name="1.yaml")
SECOND = signed(agreed(2, "2027-07-01"), name="2.yaml")
ID = FIRST.agreement.agreement


def test_a_version_holds_from_midnight_of_its_first_day_until_the_next_one() -> None:
    """In its zone; the last microsecond before is the old one's."""
    found = versions_of([SECOND, FIRST], TRUST)
    assert not found.findings
    assert held(found, day("2027-01-01") - 1) == []
    assert held(found, day("2027-01-01")) == held(found, day("2027-07-01") - 1) == [(ID, 1)]
    assert held(found, day("2027-07-01")) == held(found, day("2099-01-01")) == [(ID, 2)]
    assert found.boundaries() == (day("2027-01-01"), day("2027-07-01"))
    assert found.next_boundary(day("2027-01-01")) == day("2027-07-01")
    assert found.next_boundary(day("2027-07-01")) is None
    assert found.before(found.versions[1]) is found.versions[0]
    assert found.before(found.versions[0]) is None


def test_a_newer_version_that_one_side_has_not_signed_is_named_and_the_older_goes_on() -> None:
    """Until both did."""
    found = versions_of([FIRST, signed(SECOND.agreement, HOLDER, name="2.yaml")], TRUST)
    assert codes(found) == [("2.yaml", Fault.MISSING_PARTY)]
    assert held(found, day("2028-01-01")) == [(ID, 1)]


def test_a_version_signed_after_its_first_day_holds_from_the_signature_on() -> None:
    """Nobody can have acted on it before; the first version holds from its first day."""
    late = day("2027-08-01T09:00") // 1_000_000
    found = versions_of([FIRST, signed(SECOND.agreement, time=late)], TRUST)
    assert found.boundaries() == (day("2027-01-01"), late * 1_000_000)
    first = versions_of([signed(FIRST.agreement, time=late)], TRUST)
    assert first.boundaries() == (day("2027-01-01"),)


def test_a_version_that_is_overtaken_never_holds() -> None:
    """A higher number with an earlier day."""
    third = signed(agreed(3, "2027-03-01"), name="3.yaml")
    found = versions_of([FIRST, SECOND, third], TRUST)
    assert codes(found) == [("2.yaml", Doubt.SUPERSEDED)]
    assert [one.agreement.version for one in found.versions] == [1, 3]
    same = versions_of([FIRST, SECOND, signed(agreed(3, "2027-07-01"), name="3.yaml")], TRUST)
    assert codes(same) == [("2.yaml", Doubt.SUPERSEDED)]
    assert held(same, day("2027-07-01")) == [(ID, 3)]


def test_an_agreement_that_ends_holds_through_its_last_day() -> None:
    """Unless a version follows before; its products are then free for another agreement."""
    ending = signed(agreed(1, "2027-01-01", until="2027-06-30"))
    after = signed(agreed(1, "2027-07-01", agreement="another"))
    found = versions_of([ending, after], TRUST)
    assert not found.findings
    assert held(found, day("2027-07-01") - 1) == [(ID, 1)]
    assert held(found, day("2027-07-01")) == [("another", 1)]
    assert versions_of([ending], TRUST).boundaries() == (day("2027-01-01"), day("2027-07-01"))
    sooner = versions_of([ending, signed(agreed(2, "2027-03-01"))], TRUST)
    assert [one.ends for one in sooner.versions] == [day("2027-03-01"), None]
    later = versions_of([ending, signed(agreed(2, "2027-09-01"))], TRUST)
    assert [one.ends for one in later.versions] == [day("2027-07-01"), None]
    assert later.before(later.versions[1]) is later.versions[0]


def test_a_version_signed_when_its_last_day_was_over_never_holds() -> None:
    """Its time is over."""
    late = signed(agreed(2, "2027-07-01", until="2027-07-31"), time=day("2027-08-01") // 1_000_000, name="2.yaml")
    found = versions_of([FIRST, late], TRUST)
    assert codes(found) == [("2.yaml", Doubt.OVER)]
    assert held(found, day("2027-08-01")) == [(ID, 1)]


def test_two_files_of_one_version_count_both_for_nothing() -> None:
    """Unless they are the same file."""
    other = signed(agreed(2, "2027-06-01"), name="2b.yaml")
    found = versions_of([FIRST, SECOND, other], TRUST)
    assert codes(found) == [("2.yaml", Doubt.SAME_VERSION), ("2b.yaml", Doubt.SAME_VERSION)]
    assert held(found, day("2028-01-01")) == [(ID, 1)]
    copy = Candidate(Path("copy.yaml"), SECOND.agreement, SECOND.octets, SECOND.note)
    assert held(versions_of([FIRST, SECOND, copy], TRUST), day("2028-01-01")) == [(ID, 2)]


def test_a_product_in_two_agreements_stays_where_it_was() -> None:
    """Two holders would get it; of two that begin together neither counts."""
    other = signed(agreed(1, "2027-03-01", agreement="another"), name="other.yaml")
    found = versions_of([FIRST, other], TRUST)
    assert codes(found) == [("other.yaml", Doubt.OVERLAPPING)]
    assert held(found, day("2028-01-01")) == [(ID, 1)]
    together = versions_of([FIRST, signed(agreed(1, "2027-01-01", agreement="another"), name="other.yaml")], TRUST)
    assert together.versions == ()
    assert len(together.findings) == 2


def test_a_product_moves_from_one_agreement_to_another_on_one_day() -> None:
    """The version that gives it up and the one that takes it begin together."""
    product = data_of()["products"][0]
    without = agreed(2, "2027-07-01", products=[product | {"code": "OTHER", "also": []}])
    taking = agreed(1, "2027-07-01", agreement="another")
    found = versions_of([FIRST, signed(without), signed(taking)], TRUST)
    assert not found.findings
    assert held(found, day("2027-07-01")) == sorted([(ID, 2), ("another", 1)])


def test_the_parties_of_an_agreement_stay() -> None:
    """Another holder needs another agreement."""
    data = data_of(2, "2027-07-01")
    data["cmo"]["id"] = "cmo-z"
    second = signed(agreed(2, "2027-07-01", cmo=[]), HOLDER)
    moved = Candidate(second.file, second.agreement.model_validate(data), second.octets, second.note)
    assert codes(versions_of([FIRST, moved], TRUST)) == [(second.file.name, Doubt.OTHER_PARTIES)]


def test_keys_are_handed_on_from_version_to_version() -> None:
    """The third is signed by a key that only the second, signed by the old one, has named."""
    new = renew(HOLDER)
    second = signed(agreed(2, "2027-07-01", holder=listed(new)))
    third = signed(agreed(3, "2028-01-01", holder=listed(new)), new, CMO)
    assert not versions_of([FIRST, second, third], TRUST).findings
    found = versions_of([FIRST, third], TRUST)
    assert codes(found)[0] == (third.file.name, Fault.UNKNOWN_KEY)


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    """What is no agreement is named; the others count."""
    for version, effective in ((1, "2027-01-01"), (2, "2027-07-01")):
        file = tmp_path / f"{version}.yaml"
        file.write_text(yaml.safe_dump(data_of(version, effective), allow_unicode=True), encoding="utf-8")
        agreement, octets = load_agreement(file), file.read_bytes()
        note = sign(agreement, octets, CMO, SIGNED, sign(agreement, octets, HOLDER, SIGNED))
        (tmp_path / (file.name + ENDING)).write_bytes(note)
    (tmp_path / "3.yaml").write_text("agreement: [", encoding="utf-8")
    (tmp_path / "4.yaml").write_text("effective: 2026-99-99", encoding="utf-8")
    (tmp_path / "5.yaml").write_text("[" * 1500, encoding="utf-8")
    (tmp_path / "6.yaml").write_text("effective: !!python/object:os.system x", encoding="utf-8")
    found = signed_agreements(tmp_path, TRUST)
    assert codes(found) == [(f"{number}.yaml", Doubt.NOT_AN_AGREEMENT) for number in (3, 4, 5, 6)]
    assert held(found, day("2027-07-01")) == [(ID, 2)]
    assert len(found.versions[0].sha256) == 64


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed agreement."""
    file = tmp_path_factory.mktemp("agreements") / "1.yaml"
    file.write_text(yaml.safe_dump(data_of(), allow_unicode=True), encoding="utf-8")
    agreement, octets = load_agreement(file), file.read_bytes()
    note = sign(agreement, octets, CMO, SIGNED, sign(agreement, octets, HOLDER, SIGNED))
    (file.parent / (file.name + ENDING)).write_bytes(note)
    return file


@settings(max_examples=20, deadline=None)
@given(st.data(), st.sampled_from(["", ENDING]))
def test_no_octet_can_be_changed(file: Path, draw: st.DataObject, ending: str) -> None:
    """Neither of the agreement nor of its signatures: nothing holds, nothing is raised, and something is said."""
    path = file.with_name(file.name + ending)
    before = path.read_bytes()
    at, octet = draw.draw(st.integers(0, len(before) - 1)), draw.draw(st.binary(max_size=2))
    changed = before[:at] + octet + before[at + 1 :]
    try:
        path.write_bytes(changed)
        found = signed_agreements(file.parent, TRUST)
    finally:
        path.write_bytes(before)
    assert bool(found.versions) == (changed == before)
    assert bool(found.findings) == (changed != before)


def test_no_folder_is_refused(tmp_path: Path) -> None:
    """A wrong path is no empty set of agreements."""
    with pytest.raises(ConfigurationError, match="is no folder"):
        signed_agreements(tmp_path / "away", TRUST)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 28)), max_size=5, unique_by=lambda one: one[0]))
def test_at_every_moment_at_most_one_version_holds_and_numbers_only_rise(found: list[tuple[int, int]]) -> None:
    """Whatever the days."""
    files = [signed(agreed(version, f"2027-01-{first:02}")) for version, first in found]
    result = versions_of(files, TRUST)
    ordered = result.versions
    assert all(one.ends == two.begins for one, two in pairwise(ordered))
    numbers = [one.agreement.version for one in ordered]
    assert numbers == sorted(set(numbers))
    assert len(result.versions) + len(result.findings) == len(files)
    assert not files or numbers[-1] == max(version for version, _ in found)
