"""The deliberately unlawful agreements: each names its clause, and nothing else is found in it."""

from pathlib import Path

import pytest

from gateway.agreement.loading import load_agreement
from gateway.agreement.rules.case import Severity
from tests.gateway.agreement.samples import UNLAWFUL, judged

LAWFUL = "00-lawful.yaml"
ERRORS = {
    "01-market-release-by-manufacturer": {"107 G4(6)2"},
    "02-recall-given-away": {"107 G4(9)"},
    "03-no-notice-of-credit": {"134 (7)"},
    "04-at-once-without-number": {"107 G4(6)1"},
    "05-prohibited-implant": {"MD II"},
    "06-nobody-resides": {"MD V"},
    "07-room-not-exchanged": {"134 (14)"},
    "08-kept-too-short": {"HB 112; 107 T9.4"},
    "09-destroyed-unasked": {"107 T9.4"},
    "10-key-expired": {"ESL 13"},
    "11-overlapping-products": {"134 (10)"},
    "12-vaccine-audited-yearly": {"107 T13"},
    "13-one-person-makes-and-judges": {"GMP 20"},
    "14-leaves-the-country": {"DSL 36"},
    "15-shared-line-not-told": {"134 (8)"},
    "16-row-missing": {"107 annex 3"},
}
WARNINGS = {"06-nobody-resides": {"MD II"}, "14-leaves-the-country": {"PIPL 38"}}


def test_every_file_is_expected_here() -> None:
    """And the lawful one beside them has no finding."""
    assert sorted(ERRORS) == sorted(file.stem for file in UNLAWFUL.iterdir() if file.name != LAWFUL)
    assert judged(load_agreement(UNLAWFUL / LAWFUL)) == []


@pytest.mark.parametrize("name", ERRORS)
def test_an_unlawful_agreement_names_its_clause_and_no_other(name: str) -> None:
    """Where the fault lies between two holders, the lawful one is given beside it."""
    file = UNLAWFUL / f"{name}.yaml"
    beside = [UNLAWFUL / LAWFUL] if LAWFUL in _head(file) else []
    found = [one for one in judged(*map(load_agreement, [file, *beside])) if one.of == 0]
    by = {of: {one.clause for one in found if one.severity is of} for of in Severity}
    assert by == {Severity.ERROR: ERRORS[name], Severity.WARNING: WARNINGS.get(name, set())}


@pytest.mark.parametrize("name", ERRORS)
def test_the_first_lines_of_the_file_say_what_to_expect(name: str) -> None:
    """For who runs the command on it."""
    head = _head(UNLAWFUL / f"{name}.yaml")
    assert all(clause in head for clause in ERRORS[name] | WARNINGS.get(name, set()))


def _head(file: Path) -> str:
    return "".join(line for line in file.read_text(encoding="utf-8").splitlines()[:3] if line.startswith("#"))
