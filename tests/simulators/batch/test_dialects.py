"""Exports of one batch, in ten dialects, through the product's readers: the same records, and those are the truth."""

from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters.exports import mapping as mappings
from adapters.exports.accounting import Account, Ledger, Refused, Taken
from adapters.exports.converting import Converter
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.formats.rows import blocks_once
from adapters.exports.mapping import Mapping, load
from simulators.batch.dialects import DIALECTS
from simulators.batch.facts import Fact
from simulators.batch.plan import RECORD, File, Plan
from tests.simulators.batch.made import planned
from tests.simulators.batch.mapped import mapping

READY = Path(mappings.__file__).parent / "mappings"
MADE = {"id", "file", "row", "replaces"}


def records(plan: Plan, folder: Path) -> Iterator[dict[str, Any]]:
    """What the product makes of all lists of a batch, in the order in which they came."""
    ledger, account = Ledger(), Account()
    for file in plan.files:
        if file.dialect not in DIALECTS:
            continue
        path = folder / sha256(file.octets).hexdigest()  # as the agent keeps it: without an ending
        path.write_bytes(file.octets)
        means = Mapping.model_validate(mapping(file.system, file.kind, plan.site.dialect_of(file.system, file.kind)))
        for outcome in ledger.outcomes(blocks_once(path, means.format, means.columns), Converter(means), account):
            assert not isinstance(outcome, Refused), (file.name, outcome)
            if isinstance(outcome, Taken):
                record = asdict(outcome.record)
                assert (record["replaces"] is None) == (record["version"] == 1)
                kind = type(outcome.record).__name__
                yield {"kind": kind, **{name: value for name, value in record.items() if name not in MADE}}
    assert account.unaccounted == 0


def expected(one: Fact, decimal: str) -> dict[str, Any]:
    """The record that has to come of a fact; a result is kept with the decimal sign that it is reported with."""
    fields = dict(one.fields)
    if fields.get("value") is not None and "reported" in fields:
        fields["reported"] = fields["reported"].replace(".", decimal)
    return {"kind": one.kind, "system": one.system, "key": one.key, "version": one.version, **fields}


def placed(found: list[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """By what names them."""
    by_place = {(one["system"], one["kind"], one["key"], one["version"]): one for one in found}
    assert len(by_place) == len(found)
    return by_place


@pytest.mark.parametrize("dialect", DIALECTS)
def test_ten_exports_of_one_batch_in_ten_dialects_give_the_same_records(dialect: str, tmp_path: Path) -> None:
    """Every field of every record is the truth's, whatever the columns, codes, encodings, dates and decimal signs."""
    plan = planned(dialect=dialect)
    found = placed(list(records(plan, tmp_path)))
    decimal = DIALECTS[dialect].decimal
    truth = placed([expected(one, decimal) for one in plan.facts if one.system != "analyser"])
    assert found.keys() == truth.keys()
    for place, record in found.items():
        assert record == truth[place]


@pytest.mark.parametrize("fault", ["F61", "F62", "F67", "F68", "F70"])
def test_what_is_wrong_within_lists_leaves_the_records_right(fault: str, tmp_path: Path) -> None:
    """Corrections, rows twice, totals, odd results and sharp cells, in the dialects of the simulated site."""
    plan = planned(fault)
    found = placed(list(records(plan, tmp_path)))
    for one in plan.facts:
        if one.system != "analyser":
            dialect = plan.site.dialect_of(one.system, one.kind)
            assert found[one.system, one.kind, one.key, one.version] == expected(one, dialect.decimal)


def meant(plan: Plan, file: File) -> Mapping:
    """What a file of the site means."""
    if file.system == RECORD:
        return load(READY / "b2mml-steps.yaml")
    if file.system == "analyser":
        return load(Path("simulators/line-3/exports/analyser-toc.yaml"))
    return Mapping.model_validate(mapping(file.system, file.kind, plan.site.dialect_of(file.system, file.kind)))


def outcomes(plan: Plan, path: str, folder: Path) -> list[Any]:
    """What becomes of the rows of a file. Raises FileRefusedError."""
    file = next(one for one in plan.files if f"{one.system}/{one.name}" == path)
    (folder / "export").write_bytes(file.octets)
    means = meant(plan, file)
    rows = blocks_once(folder / "export", means.format, means.columns)
    return list(Ledger().outcomes(rows, Converter(means), Account()))


@pytest.mark.parametrize("fault", ["F63", "F66", "F69", "F71"])
def test_a_file_that_is_not_as_it_should_be_is_refused(fault: str, tmp_path: Path) -> None:
    """Other encodings, columns missing, XML that is dangerous or cut off, wrong checksums."""
    plan = planned(fault)
    bad = [note["file"] for note in plan.notes if note["expect"] in {"file refused", "refused"}]
    assert bad
    for path in bad:
        with pytest.raises(FileRefusedError):
            outcomes(plan, path, tmp_path)


@pytest.mark.parametrize("fault", ["F64", "F66"])
def test_rows_that_are_wounded_are_refused_and_no_other_is_taken_wrongly(fault: str, tmp_path: Path) -> None:
    """Numbers that were words, and rows that are too short."""
    plan = planned(fault)
    for note in plan.notes:
        if note["expect"] != "rows refused":
            continue
        found = outcomes(plan, note["file"], tmp_path)
        assert any(isinstance(one, Refused) for one in found)
        truth = {one.key: one for one in plan.facts}
        for one in found:
            if isinstance(one, Taken):
                fields = truth[one.record.key].fields
                assert all(getattr(one.record, name) == value for name, value in fields.items())


def test_times_that_the_clock_shows_twice_are_refused_and_all_others_are_right(tmp_path: Path) -> None:
    """F65: both candidates are told; day and month are read as the mapping says."""
    plan = planned("F65")
    unclear = next(note["keys"] for note in plan.notes if "keys" in note)
    steps = [one for one in plan.files if (one.system, one.kind) == ("mes", "BatchStep")]
    found = [one for file in steps for one in outcomes(plan, f"{file.system}/{file.name}", tmp_path)]
    refused = [one for one in found if isinstance(one, Refused)]
    assert [one.raw.decode().split(",")[0] for one in refused] == unclear
    assert all("+02:00 or " in one.reason for one in refused)
    truth = {one.key: one.fields["time"] for one in plan.facts if one.kind == "BatchStep"}
    taken = {one.record.key: one.record.time for one in found if isinstance(one, Taken)}
    assert taken == {key: time for key, time in truth.items() if key not in unclear}
