"""Every behaviour of the catalogue has a test, and the README says which."""

from tests.fault_table import IDS, README, behaviours, table, with_table


def test_every_behaviour_has_a_test() -> None:
    """A missing ID fails the build; one that the catalogue does not know is a slip."""
    found = behaviours()
    assert [one for one in IDS if not found[one]] == []
    assert set(found) == set(IDS)


def test_the_table_in_the_readme_is_that_of_the_tests() -> None:
    """Written by `python -m tests.fault_table`."""
    text = README.read_text(encoding="utf-8")
    assert with_table(text, [table(behaviours())]) == text
