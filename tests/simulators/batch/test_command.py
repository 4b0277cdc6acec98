"""`cmo-sim batch`: what it refuses, and that its README says what there is."""

import re
from pathlib import Path
from time import time_ns

import pytest

from simulators.batch import command
from simulators.batch.command import Options, make
from simulators.batch.dialects import DIALECTS
from simulators.batch.faults import FAULTS
from simulators.batch.recipe import load_recipe
from simulators.documents import DocumentError
from simulators.plant import load_plant
from tests.simulators.batch.made import LINE_3, SEED, course

README = Path("simulators/README.md").read_text(encoding="utf-8")


def test_all_that_is_wrong_is_said_before_anything_is_reckoned() -> None:
    """A line for each, with what there is."""
    with pytest.raises(DocumentError) as caught:
        make(Options(LINE_3, faults=["F59"], dialect="en-u"))
    fault, dialect = caught.value.faults
    assert fault.startswith("--fault F59: unknown; did you mean 'F")
    assert dialect == "--dialect en-u: unknown; did you mean 'en-us'?"


def test_a_batch_without_a_start_is_over_about_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its records are neither old nor of the future."""
    monkeypatch.setattr(command, "run", lambda *_: course())
    plan = make(Options(LINE_3, SEED))
    now = time_ns() / 1000
    assert now - 4 * 86_400e6 < max(one.told for one in plan.facts) < now


def test_a_batch_that_runs_has_told_nothing_of_what_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is filling since five minutes; its order is not completed, and it has no batch record yet."""
    monkeypatch.setattr(command, "run", lambda *_: course())
    plan = make(Options(LINE_3, SEED, running="OP40"))
    now = time_ns() / 1000
    events = {(one.fields["step"], one.fields["event"]) for one in plan.facts if one.kind == "BatchStep"}
    assert ("OP40", "STARTED") in events
    assert ("OP40", "COMPLETED") not in events
    assert max(one.told for one in plan.facts) <= now
    assert max(one.at for one in plan.files) <= now
    assert "BatchProductionRecord" not in {one.kind for one in plan.files}
    with pytest.raises(DocumentError, match="--running OP4: unknown; did you mean 'OP40'"):
        make(Options(LINE_3, SEED, running="OP4"))


def test_faults_of_a_recipe_are_named(tmp_path: Path) -> None:
    """Where, and what there is."""
    text = (LINE_3 / "batch.yaml").read_text(encoding="utf-8")
    path = tmp_path / "batch.yaml"
    wrong = text.replace("balance: balance-w1", "balance: balance-w2").replace("door: M1-C1", "door: C1-M1")
    path.write_text(wrong.replace("after: OP20", "after: OP21", 1), encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_recipe(path, load_plant(LINE_3))
    assert len(caught.value.faults) == 3
    assert "balance: 'balance-w2' is no balance of the plant" in caught.value.faults[0]
    assert "did you mean 'M1-C1'?" in caught.value.faults[1]


def test_the_readme_names_every_fault_and_dialect() -> None:
    """And no other."""
    assert set(re.findall(r"^\| `(F[67]\d)` \|", README, re.MULTILINE)) == set(FAULTS)
    assert all(f"`{name}`" in README for name in DIALECTS)


def test_a_recipe_takes_what_it_does_not_say_from_the_one_it_is_like() -> None:
    """Another product by another master batch record, made in the same way."""
    plant = load_plant(LINE_3)
    one, other = (load_recipe(LINE_3 / name, plant) for name in ("batch.yaml", "batch-c.yaml"))
    assert (one.product.code, other.product.code) == ("LYO-50", "LYO-50C")
    assert other.operations == one.operations


def test_a_batch_has_the_number_and_recipe_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every record names that batch and that product, and a number of another form is refused."""
    monkeypatch.setattr(command, "run", lambda *_: course())
    plan = make(Options(LINE_3, SEED, recipe="batch-c.yaml", number="B2611101"))
    assert {one.fields.get("batch") for one in plan.facts} <= {"B2611101", None}
    assert {one.fields.get("product") for one in plan.facts} <= {"LYO-50C", None}
    with pytest.raises(DocumentError, match="--number 17: is not B and seven digits"):
        make(Options(LINE_3, SEED, number="17"))
