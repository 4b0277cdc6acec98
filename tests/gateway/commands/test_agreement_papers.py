"""Versions of agreements as a person handles them: compared, printed, signed, verified."""

import sys
from pathlib import Path

import pytest
import yaml

from gateway.commands.keys import Suite
from gateway.proof.keys import Role, generate, save, save_public
from gateway.proof.suites import ALGORITHMS
from tests.gateway.agreement.making import CMO, HOLDER, data_of, listed, quantum
from tests.gateway.running_commands import Done, call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two versions of an agreement, and both signatories' keys."""
    write(tmp_path / "1.yaml", 1, "2026-01-01")
    write(tmp_path / "2.yaml", 2, "2027-01-01", pseudonyms=True)
    for name, key in (("holder", HOLDER), ("cmo", CMO)):
        save(key, tmp_path / f"{name}.key")
        save_public(key, tmp_path / f"{name}.vkey")
    return tmp_path


def write(file: Path, version: int, effective: str, **changes: object) -> None:
    file.write_text(yaml.safe_dump(data_of(version, effective, **changes), allow_unicode=True), encoding="utf-8")


def agreement(folder: Path, *arguments: str) -> Done:
    return call(folder, "agreement", *arguments)


def signed(folder: Path, name: str, *keys: str) -> None:
    for key in keys or ("holder", "cmo"):
        assert agreement(folder, "sign", name, "--key", f"{key}.key").returncode == 0


TRUST = ("--trust", "holder.vkey", "--trust", "cmo.vkey")


def test_what_both_signed_is_verified_and_its_time_is_told(folder: Path) -> None:
    """Each version with its signatories; the second one ends the first."""
    signed(folder, "1.yaml")
    signed(folder, "2.yaml")
    done = agreement(folder, "verify", ".", *TRUST)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first.startswith("1.yaml: holder-b version 1 holds from 2026-01-01 00:00:00+08:00 until 2027-01-01 00:00:00")
    assert second.startswith("2.yaml: holder-b version 2 holds from 2027-01-01 00:00:00+08:00; signed by holder-b/")
    assert "第 2 版，自 2027-01-01" in agreement(folder, "verify", "1.yaml", "2.yaml", "--zh", *TRUST).stdout


def test_what_does_not_count_is_named_and_ends_with_1(folder: Path) -> None:
    """In the language that was asked for; the version before goes on."""
    signed(folder, "1.yaml")
    signed(folder, "2.yaml", "holder")
    done = agreement(folder, "verify", ".", *TRUST)
    assert done.returncode == 1
    assert done.stderr == "2.yaml: cmo-a/signatory/qa has not signed it (Plant A Example Pharma Co., Ltd.).\n"
    assert "version 1 holds from 2026-01-01 00:00:00+08:00; signed" in done.stdout
    assert "cmo-a/signatory/qa 未签名" in agreement(folder, "verify", ".", "--zh", *TRUST).stderr


def test_a_file_that_was_changed_after_it_was_signed_is_named(folder: Path) -> None:
    """By whatever it was changed."""
    signed(folder, "1.yaml")
    with (folder / "1.yaml").open("a", encoding="utf-8") as file:
        file.write("# a remark\n")
    done = agreement(folder, "verify", "1.yaml", *TRUST)
    assert (done.returncode, done.stderr) == (1, "1.yaml: The file is not the one that was signed.\n")
    again = agreement(folder, "sign", "1.yaml", "--key", "cmo.key")
    assert again.returncode == 1
    assert "the file was changed after them" in again.stderr


def test_without_keys_the_fingerprints_to_be_compared_are_told(folder: Path) -> None:
    """And nothing is said to hold."""
    done = agreement(folder, "verify", "1.yaml")
    assert done.returncode == 2
    assert [line.split(": ")[1] for line in done.stdout.splitlines()] == [HOLDER.name, CMO.name]
    assert "compare these fingerprints on paper" in done.stderr


def test_who_signs_with_a_key_that_the_file_does_not_list_is_told(folder: Path) -> None:
    """It may be the one that the version before lists, when a new key comes in."""
    write(folder / "2.yaml", 2, "2027-01-01", holder=listed(quantum("holder-b")))
    assert "is not listed here" in agreement(folder, "sign", "2.yaml", "--key", "holder.key").stdout
    assert "is not listed here" not in agreement(folder, "sign", "2.yaml", "--key", "cmo.key").stdout
    signed(folder, "1.yaml")
    assert agreement(folder, "verify", ".", *TRUST).returncode == 0


def test_a_key_of_another_role_signs_nothing(folder: Path) -> None:
    """One line, no signature."""
    save(generate("cmo-a", Role.NODE, "qa"), folder / "node.key")
    done = agreement(folder, "sign", "1.yaml", "--key", "node.key")
    assert done.returncode == 1
    assert "not for a signatory" in done.stderr
    assert not (folder / "1.yaml.signatures").exists()


def test_what_changed_is_told_in_words(folder: Path) -> None:
    """Exit code 1 where the two differ, 0 where they do not, as diff has it."""
    done = agreement(folder, "diff", "1.yaml", "2.yaml")
    assert done.returncode == 1
    assert "pseudonyms: no → yes" in done.stdout
    assert "以代号代替姓名：否 → 是" in agreement(folder, "diff", "1.yaml", "2.yaml", "--zh").stdout
    same = agreement(folder, "diff", "1.yaml", "1.yaml")
    assert (same.returncode, same.stdout) == (0, "The two versions are equal.\n")
    assert agreement(folder, "diff", "1.yaml", "away.yaml").returncode == 2


def test_a_paper_is_written_in_the_form_that_its_name_ends_with(folder: Path) -> None:
    """Both languages where none is asked for; another ending is refused."""
    assert agreement(folder, "render", "1.yaml", "--to", "1.html").returncode == 0
    both = (folder / "1.html").read_text(encoding="utf-8")
    assert both.index("1 定义") < both.index("1 Definitions")
    assert agreement(folder, "render", "1.yaml", "--to", "1.pdf", "--language", "zh").returncode == 0
    assert (folder / "1.pdf").read_bytes().startswith(b"%PDF")
    done = agreement(folder, "render", "1.yaml", "--to", "1.txt")
    assert done.returncode == 2
    assert "must end with .html, .docx, .pdf" in done.stderr


def test_a_form_whose_library_is_missing_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to install; the other forms need nothing."""
    monkeypatch.setitem(sys.modules, "docx", None)
    monkeypatch.delitem(sys.modules, "gateway.agreement.papers.word", raising=False)
    done = agreement(folder, "render", "1.yaml", "--to", "1.docx")
    assert done.returncode == 1
    assert "needs the library docx; install" in done.stderr


def test_a_signatory_can_have_a_key_of_another_algorithm(folder: Path) -> None:
    """Made, listed and used as any other; a closing, which seals' readers check, is not signed with it."""
    made = call(
        folder, "keygen", "--role", "signatory", "--party", "cmo-a", "--name", "qa", "--algorithm", "ml-dsa-44",
        "--out", "new.key",
    )  # fmt: skip
    assert made.returncode == 0
    other = quantum("cmo-a")
    save(other, folder / "other.key")
    save_public(other, folder / "other.vkey")
    write(folder / "1.yaml", 1, "2026-01-01", cmo=listed(other))
    signed(folder, "1.yaml", "holder", "other")
    done = agreement(folder, "verify", "1.yaml", "--trust", "holder.vkey", "--trust", "other.vkey")
    assert (done.returncode, done.stderr) == (0, "")
    assert {one.value for one in Suite} == set(ALGORITHMS)


def test_a_closing_is_not_signed_with_a_key_that_readers_of_seals_do_not_know(folder: Path) -> None:
    """One line says why."""
    save(quantum("cmo-a"), folder / "other.key")
    save_public(generate("cmo-a", Role.SENDER, "line-3"), folder / "line-3.vkey")
    done = call(
        folder, "close", "--key", "other.key", "--sender", "cmo-a.line-3", "--revoked", "line-3.vkey",
        "--stream", "cmo-a.line-3.holder-b.measurements.v1=3", "--reason", "r", "--unknown", "u", "--out", "c.note",
    )  # fmt: skip
    assert done.returncode == 2
    assert "is of ml-dsa-44, not ed25519" in done.stderr
