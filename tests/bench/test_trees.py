"""How fast XML and JSON with millions of nodes are read, and in what memory."""

import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.exports.formats.json_tree import json_rows
from adapters.exports.formats.row import Row
from adapters.exports.formats.xml_tree import xml_rows
from adapters.exports.mapping import Format

MEBIBYTE = 2**20
XML = (
    "<SegmentResponse><ID>{}</ID><D>x</D><MaterialActual><MaterialLotID>L{}</MaterialLotID></MaterialActual>"
    "{}</SegmentResponse>"
)
JSON = '{{"id": "{}", "d": "x", "materials": [{{"lot": "L{}"}}], "other": [{}]}}'


def a_file(folder: Path, kind: str, size: int) -> tuple[Path, int]:
    """Of about `size` octets, and its rows."""
    path, rows = folder / f"a.{kind}", 0
    with path.open("w", encoding="utf-8") as file:
        file.write("<OperationsPerformance>" if kind == "xml" else '{"steps": [')
        while file.tell() < size:
            more = "<Other>1</Other>" * 20 if kind == "xml" else ", ".join(['"1"'] * 20)
            comma = "" if kind == "xml" or not rows else ","
            file.write(comma + (XML if kind == "xml" else JSON).format(rows, rows, more))
            rows += 1
        file.write("</OperationsPerformance>" if kind == "xml" else "]}")
    return path, rows


def read(path: Path, kind: str) -> int:
    def count(rows: Iterator[Row]) -> int:
        return sum(1 for _ in rows)

    if kind == "xml":
        form = Format.model_validate({"type": "b2mml", "row": 4_096, "rows": "SegmentResponse/MaterialActual"})
        return count(xml_rows(path, form, frozenset({"MaterialLotID", "ancestor::SegmentResponse/ID"})))
    form = Format.model_validate({"type": "json", "row": 4_096, "rows": "steps[].materials[]"})
    return count(json_rows(path, form, frozenset({"lot", "ancestor::steps.id"})))


USUAL = {
    "xml": "<MaterialActual><MaterialLotID>{:07}</MaterialLotID><MaterialDefinitionID>MAT-7</MaterialDefinitionID>"
    "<StorageLocation>WH-1</StorageLocation><Quantity><QuantityString>{}.5</QuantityString><UnitOfMeasure>kg"
    "</UnitOfMeasure></Quantity><Description>Lactose monohydrate, sieved</Description></MaterialActual>",
    "json": '{{"lot": "{:07}", "material": "MAT-7", "place": "WH-1", "quantity": {{"value": {}.5, "unit": "kg"}}, '
    '"description": "Lactose monohydrate, sieved", "supplier": null}}',
}


@pytest.mark.parametrize("kind", ["xml", "json"])
def test_lists_of_material_become_rows(tmp_path: Path, kind: str) -> None:
    """As exporters write them: four cells are read of each row. MiB and rows for each CPU second are printed."""
    path, rows = tmp_path / f"a.{kind}", range(20_000)
    begin, between, end = ("<B><S>", "", "</S></B>") if kind == "xml" else ('{"materials": [', ",", "]}")
    path.write_text(begin + between.join(USUAL[kind].format(one, one) for one in rows) + end)
    mib, cpu = path.stat().st_size / MEBIBYTE, time.process_time()
    if kind == "xml":
        form = Format.model_validate({"type": "xml", "rows": "MaterialActual"})
        wanted = ("MaterialLotID", "MaterialDefinitionID", "Quantity/QuantityString", "Quantity/UnitOfMeasure")
        found = [*xml_rows(path, form, frozenset(wanted))]
    else:
        form = Format.model_validate({"type": "json", "rows": "materials[]"})
        found = [*json_rows(path, form, frozenset({"lot", "material", "quantity.value", "quantity.unit"}))]
    used = time.process_time() - cpu
    print(f"\n{kind}: {mib / used:.1f} MiB and {len(found) / used:,.0f} rows for each CPU second, one pass")
    assert len(found) == len(rows)


def peak(path: Path, kind: str) -> int:
    """Most octets that were held while the file was read."""
    tracemalloc.start()
    try:
        read(path, kind)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["xml", "json"])
def test_trees_are_read_in_memory_that_does_not_grow_with_the_file(tmp_path: Path, kind: str) -> None:
    """One of four times the size takes no more; the speed is printed, of small elements."""
    held = peak(a_file(tmp_path, kind, MEBIBYTE // 4)[0], kind)
    path, rows = a_file(tmp_path, kind, MEBIBYTE)
    cpu = time.process_time()
    assert read(path, kind) == rows
    print(f"\n{kind}: {1 / (time.process_time() - cpu):.1f} MiB for each CPU second, {rows} rows, 2 passes")
    assert peak(path, kind) < 1.2 * held
