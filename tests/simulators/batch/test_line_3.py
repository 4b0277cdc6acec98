"""What line 3 has for the exports of its systems: a mapping for each list, and sources that name them."""

import os
from pathlib import Path

import pytest
import yaml

from adapters.exports.accounting import Account, Taken
from adapters.exports.mapping import load
from adapters.exports.settings import FolderSettings
from adapters.exports.trying import outcomes_of
from gateway.masters import Masters
from simulators.batch.dialects import DIALECTS
from simulators.batch.folders import MARKER
from tests.simulators.batch.made import planned, site
from tests.simulators.batch.mapped import text

EXPORTS = Path("simulators/line-3/exports")
LISTS = sorted({(one.system, one.kind) for one in planned().facts if one.system != "analyser"})


def planned_name(system: str, kind: str) -> str:
    """What the names of its files begin with."""
    name = next(one.name for one in planned().files if (one.system, one.kind) == (system, kind))
    return name.partition(f"-{planned().batch.number}")[0]


@pytest.mark.parametrize(("system", "kind"), LISTS)
def test_a_mapping_says_what_the_dialect_is(system: str, kind: str) -> None:
    """`UPDATE=1` writes it anew."""
    wanted = text(system, kind, planned().site.dialect_of(system, kind))
    path = EXPORTS / f"{system}-{planned_name(system, kind)}.yaml"
    if os.environ.get("UPDATE"):
        path.write_text(wanted, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == wanted
    load(path)


def test_the_analyser_has_a_mapping(tmp_path: Path) -> None:
    """Its results come out as the truth has them."""
    (file,) = [one for one in planned().files if one.system == "analyser"]
    path = tmp_path / file.name
    path.write_bytes(file.octets)
    taken = list(outcomes_of(path, load(EXPORTS / "analyser-toc.yaml"), Account()))
    truth = {one.key: one for one in planned().facts if one.system == "analyser"}
    assert len(taken) == len(truth)
    for one in taken:
        assert isinstance(one, Taken)
        record, told = one.record, truth[one.record.key].fields
        for name in ("sample", "test", "reported", "value", "qualifier", "unit", "time", "equipment", "analyst"):
            assert getattr(record, name) == told[name]


def test_each_list_has_a_source_that_takes_it(tmp_path: Path) -> None:
    """By the name of its files; of what no mapping is for nothing is looked at."""
    given = yaml.safe_load((EXPORTS / "sources.yaml").read_text(encoding="utf-8").replace("${EXPORTS}", str(tmp_path)))
    context = {"folder": EXPORTS.parent.absolute()}
    sources = {one["name"]: FolderSettings.model_validate(one, context=context) for one in given}
    for file in planned().files:
        if file.dialect in DIALECTS or file.system == "analyser":
            source = sources[file.system]
            assert source.mount_marker == MARKER
            fitting = [one.mapping.name for one in source.mappings if one.fit(file.name)]
            assert fitting == [f"{file.system}-{file.name.partition('-' + planned().batch.number)[0]}.yaml"]


def test_the_master_batch_record_asks_for_what_the_recipe_does() -> None:
    """Steps, clearances, tests, materials and yields; nothing that never comes."""
    text = Path("simulators/line-3/masters.yaml").read_text(encoding="utf-8")
    (master,) = Masters.model_validate(yaml.safe_load(text)).master_records
    recipe = site()[1]
    facts = planned().facts
    assert (master.product, master.name, master.version) == (
        recipe.product.code,
        recipe.product.master_record,
        recipe.product.master_version,
    )
    assert [one.step for one in master.steps] == [one.id for one in recipe.operations]
    assert {one.material for one in master.materials} == {one.code for one in recipe.materials}
    told = {(one.fields["test"], one.fields["stage"]) for one in facts if one.kind == "TestResult"}
    for one in master.tests:
        assert any(one.test == test and one.stage in (None, stage) for test, stage in told)
    stages = {one.fields["stage"] for one in facts if one.kind == "Yield"}
    assert {one.stage for one in master.yields} == stages
    clearances = {(one.fields["stage"], one.fields["room"]) for one in facts if one.kind == "LineClearance"}
    assert {(one.stage, one.room) for one in master.clearances} == clearances
