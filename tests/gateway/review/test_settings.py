"""What was agreed, as a file: the sample, and faults with their places."""

from datetime import date
from pathlib import Path

import pytest

from gateway.configuration import ConfigurationError
from gateway.review.settings import SIGNED, load_agreed
from tests.gateway.review.records import SAMPLE, sample


def test_the_sample_is_what_the_readme_says() -> None:
    """It loads with its list, and the tests of the rules run on it."""
    agreed = sample()
    assert agreed.suppliers is not None
    assert agreed.suppliers.version == "2026-03"
    assert [one.test for one in agreed.settings.tests] == ["Water content", "Assay", "Conductivity"]
    product = agreed.product("FD-100")
    assert product is not None
    assert agreed.product("10023") is product
    water = agreed.test("Water content", date(2026, 3, 1), product="10023", material=None, stage="FINISHED")
    assert water is agreed.settings.tests[0]


def faults(folder: Path, text: str) -> list[str]:
    file = folder / "review.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_agreed(file)
    return [f"{one.line}: {one.message}" for one in caught.value.findings]


CASES = {
    "tests:\n  - {test: pH, low: 5, high: 4, unit: '1'}": "2: tests.0: low is above high",
    "tests:\n  - {test: pH, low: 5}": "2: tests.0: numbers need their unit; write '1' for one without",
    "tests:\n  - {test: pH, unit: '1', trend: {rules: [nelson-9]}}": (
        "2: tests.0.trend.rules.0: no such rule: nelson-9; did you mean 'nelson-8'? (given: 'nelson-9')"
    ),
    "tests:\n  - {test: pH, unit: '1', trend: {centre: 1}}": "2: tests.0.trend: give centre and deviation, or neither",
    "signatures:\n  - {kind: TestResults}": "2: signatures.0: no such kind: TestResults; did you mean 'TestResult'?",
    "signatures:\n  - {kind: Yield, fields: [persn]}": (
        "2: signatures.0: a Yield has no field persn; did you mean 'person'?"
    ),
    "signatures:\n  - {kind: Yield, events: [COMPLETED]}": ("2: signatures.0: a Yield has no events; leave events out"),
    "products:\n  - {product: A}\n  - {product: A}": "3: product A stands twice; keep one",
    "products:\n  - {product: A}\n  - {product: B, also: [A]}": "3: product A stands twice; keep one",
    "suppliers: nowhere.yaml": "1: cannot be read: No such file or directory",
}


@pytest.mark.parametrize(("text", "said"), CASES.items())
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """And what to do."""
    assert faults(tmp_path, text) == [said]


def test_nothing_at_all_is_a_configuration(tmp_path: Path) -> None:
    """Its rules are not evaluable, but for what a record tells of itself; the usual signatures are asked for."""
    file = tmp_path / "review.yaml"
    file.write_text("{}", encoding="utf-8")
    assert load_agreed(file).settings.signatures == SIGNED
    assert SAMPLE.exists()
