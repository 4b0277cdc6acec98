"""The file of master batch records."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from gateway.configuration import ConfigurationError
from gateway.masters import Masters, load_masters

README = Path(__file__).parents[2] / "gateway/batches/README.md"


def written(folder: Path, text: str) -> Path:
    file = folder / "masters.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_sample_in_the_readme_is_one(tmp_path: Path) -> None:
    """It can be copied."""
    sample = README.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    found = load_masters(written(tmp_path, sample))
    assert [one.product for one in found.master_records] == ["P-002"]
    assert found.same() == {"INJ-2": "P-002"}


@pytest.mark.parametrize(
    ("master", "said"),
    [
        ({"product": "P", "steps": [{"step": "a"}, {"step": "a"}]}, "step a stands twice"),
        ({"product": "P", "steps": [{"step": "a", "after": ["b"]}]}, "step a comes after b, which is not listed"),
        ({"product": "P", "equipment": [{"equipment": "E", "use": "CLEANING", "before": "fil"}],
          "steps": [{"step": "fill"}]}, "no such step: fil; did you mean 'fill'?"),
        ({"product": "P", "materials": [{"material": "M", "low": 1}]}, "low and high need their unit"),
        ({"product": "P", "signatures": [{"meaning": "m", "kind": "TestResults"}]}, "did you mean 'TestResult'?"),
        ({"product": "P", "weighing": []}, "weighings"),
    ],
)  # fmt: skip
def test_a_fault_is_named(tmp_path: Path, master: object, said: str) -> None:
    """With its file and line."""
    with pytest.raises(ConfigurationError, match=r"masters\.yaml") as caught:
        load_masters(written(tmp_path, yaml.safe_dump({"master_records": [master]})))
    assert said in str(caught.value)


@pytest.mark.parametrize("second", [{"product": "P"}, {"product": "Q", "also": ["P"]}])
def test_a_product_has_one_list_for_each_version_and_a_code_one_product(
    tmp_path: Path, second: dict[str, object]
) -> None:
    """Otherwise nobody knew which counts."""
    with pytest.raises(ConfigurationError, match="keep one"):
        load_masters(written(tmp_path, yaml.safe_dump({"master_records": [{"product": "P"}, second]})))


STEPS = [
    {"step": "dispensing"}, {"step": "compounding"}, {"step": "washing", "after": []},
    {"step": "filling", "after": ["compounding", "washing"]}, {"step": "freeze-drying"},
]  # fmt: skip


def test_a_step_comes_after_those_that_are_named_else_after_the_one_before() -> None:
    """The first one after none; of a step that is not listed nothing is known."""
    (master,) = Masters.model_validate({"master_records": [{"product": "P", "steps": STEPS}]}).master_records
    found = {step: master.before(step) for step in ("dispensing", "washing", "filling", "freeze-drying", "sieving")}
    assert found == {
        "dispensing": (), "washing": (), "filling": ("compounding", "washing"), "freeze-drying": ("filling",),
        "sieving": None,
    }  # fmt: skip


def test_of_versions_the_last_that_began_is_in_force() -> None:
    """On its first day, too; by any code of the product, and before the first none."""
    first = {"product": "P", "also": ["W"], "version": "1", "since": "2026-01-01"}
    masters = Masters.model_validate({"master_records": [first, first | {"version": "2", "since": "2026-03-01"}]})
    days = (date(2025, 12, 31), date(2026, 2, 28), date(2026, 3, 1))
    found = [masters.on(code, day) for day in days for code in ("P", "W", "X", None)]
    assert [one and one.version for one in found] == [None] * 4 + ["1", "1", None, None] + ["2", "2", None, None]
