"""Agreements from files: every fault with its line, and nothing that is too large."""

from pathlib import Path

import pytest

from gateway.agreement.loading import MAX_OCTETS, load_agreement, load_agreements
from gateway.configuration import ConfigurationError
from tests.gateway.agreement.samples import SAMPLES

TEXT = (SAMPLES / "holder-b.yaml").read_text(encoding="utf-8")


def faults(folder: Path, *changes: tuple[str, str]) -> list[str]:
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    file = folder / "a.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_agreement(file)
    return [str(one).removeprefix(f"{folder}/") for one in raised.value.findings]


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(TEXT.splitlines(), 1) if text in line)


def test_all_agreements_of_a_folder_are_loaded_by_their_names() -> None:
    """The three samples."""
    assert [one.agreement for one in load_agreements(SAMPLES)] == ["holder-b", "holder-c", "holder-d"]


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    """An unknown zone, an unknown key, an unknown kind of record."""
    found = faults(
        tmp_path, ("Asia/Shanghai", "Asia/Nowhere"), ("leading: zh", "leeding: zh"), ("LineClearance", "LineClearing")
    )
    assert found[0].startswith(f"a.yaml:{line_of('zone:')}: zone: not a time zone")
    assert f"a.yaml:{line_of('leading:')}: unknown key 'leeding'; did you mean 'leading'?" in found
    assert any("no such kind of record: LineClearing; did you mean 'LineClearance'?" in one for one in found)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("field: previous", "field: previus", "a LineClearance has no field previus; did you mean 'previous'?"),
        ("licence: 冀B20990002", "licence: ${LICENCE:-冀B20990002}", "takes a value from the environment"),
        ("clause: E-2", "clause: E-1", "clause stands twice: E-1"),
        ("term: {amount: 24, unit: hours, at_once: true}", "term: {unit: hours}", "give an amount"),
        ("after_expiry_years: 2", "after_expiry_years: .nan", "finite number"),
        ("families: [weighings]", "families: [weighing]", "no such family: weighing"),
        ('chapter: "7.10"', 'chapter: "7.11"', "chapter: must be of a form like"),
        ("91130000XAMPLE00B1", "91130000XAMPLE00I1", "credit_code: must be of a form like"),
    ],
)
def test_a_word_that_means_nothing_is_refused(tmp_path: Path, before: str, after: str, says: str) -> None:
    """With what was meant, where that can be guessed."""
    assert any(says in one for one in faults(tmp_path, (before, after)))


def test_a_folder_without_agreements_is_a_fault(tmp_path: Path) -> None:
    """Not a folder in which nothing is wrong."""
    with pytest.raises(ConfigurationError, match="no agreement is in this folder"):
        load_agreements(tmp_path)


def test_the_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """Of two files with one fault each."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(TEXT.replace("version: 1\n", "version: 0\n", 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_agreements(tmp_path)
    assert [Path(one.file).name for one in raised.value.findings] == ["a.yaml", "b.yaml"]


def test_a_file_that_is_no_agreement_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Larger than any agreement is."""
    file = tmp_path / "a.yaml"
    file.write_bytes(b"#" * (MAX_OCTETS + 1))
    with pytest.raises(ConfigurationError, match="no agreement is"):
        load_agreement(file)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_agreement(tmp_path / "missing.yaml")
