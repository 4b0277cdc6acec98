"""Files of every format: checked to their end before a row is given, in memory that is bounded."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from adapters.exports.formats import csv_table, json_tree
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.formats.rows import Export
from adapters.exports.mapping import Format

MEBIBYTE = 2**20
SIZE, ROWS = 30 * MEBIBYTE, 1_000
LONG = "x" * (SIZE // ROWS)


def refused(work: Callable[[], object]) -> bool:
    try:
        work()
    except FileRefusedError:
        return True
    return False


def export(path: Path, needed: tuple[str, ...] = (), **form: Any) -> Export:
    return Export(path, Format.model_validate(form), frozenset(needed))


CSV = st.lists(st.sampled_from(["a", ",", "\n", "\r\n", '"', "\r", "x" * 20, "\0", " ", "王"]), max_size=40).map(
    "".join
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(text=CSV, page=st.integers(1, 40))
def test_a_csv_file_that_was_found_whole_gives_all_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, page: int
) -> None:
    """What is not parsed when it is checked cannot refuse it later; wherever its pages end."""
    monkeypatch.setattr(csv_table, "_PAGE", page)
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + text, newline="")
    one = export(path, cell=30, row=50)
    assert refused(lambda: list(one.check())) == refused(lambda: list(one.blocks()))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab\\"{}[]\x00é王\ud800', max_size=6),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.sampled_from("abc"), below, max_size=3),
    max_leaves=25,
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(value=VALUES, form=st.tuples(st.booleans(), st.booleans()), chunk=st.sampled_from([1, 7, 65_536]))
def test_values_that_are_read_at_once_give_the_rows_that_tokens_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: Any, form: tuple[bool, bool], chunk: int
) -> None:
    """Cells and octets, or the refusal; also where a name stands twice."""
    ascii_only, twice = form
    text = json.dumps({"r": [value, {"a": value, "b": [value]}]}, ensure_ascii=ascii_only)
    path = tmp_path / "a.json"
    path.write_bytes((text.replace('"c"', '"a"') if twice else text).encode("utf-8", "replace"))
    monkeypatch.setattr(json_tree, "_CHUNK", chunk)
    columns = ("a", "b", "a.b", "b[0]", "b[1].a", "c.a", ".", "ancestor::$.r[1].a")
    one = export(path, type="json", rows="r[] | r[].b[]", needed=columns)
    at_once = outcome(one)
    with monkeypatch.context() as patch:
        patch.setattr(json_tree._Tokens, "opens", lambda _: "")
        assert outcome(one) == at_once


def outcome(one: Export) -> object:
    try:
        return [(row.line, row.cells, row.raw) for block in one.blocks() for row in block.each()]
    except FileRefusedError as error:
        return str(error)


@pytest.mark.parametrize(
    ("content", "met"),
    [
        ('{"batches": [{"steps": []}]}', True),
        ('{"batches": []}', True),
        ('{"batches": [{"no": 1}]}', True),
        ('{"orders": [{"steps": [1]}]}', False),
        ('{"steps": [{"a": 1}]}', False),
        ("[]", False),
    ],
)
def test_a_tree_in_which_nothing_stands_at_the_path_of_the_rows_is_refused(
    tmp_path: Path, content: str, met: bool
) -> None:
    """The path is named; a list that is there and empty is no fault."""
    path = tmp_path / "a.json"
    path.write_text(content)
    one = export(path, type="json", rows="batches[].steps[]")
    if met:
        assert sum(one.check()) == 0
        return
    with pytest.raises(FileRefusedError, match=r"nothing stands at the mapping's rows: batches\[\]\.steps\[\]"):
        list(one.check())


@contextmanager
def within(octets: int) -> Iterator[None]:
    """Not more is held at any time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < octets
    finally:
        tracemalloc.stop()


def write_csv(path: Path) -> None:
    with path.open("w") as file:
        file.writelines(["a,b\n", *(f"{number},{LONG}\n" for number in range(ROWS))])


def write_lines(path: Path) -> None:
    with path.open("w") as file:
        file.writelines(json.dumps({"a": str(number), "b": LONG}) + "\n" for number in range(ROWS))


def write_json(path: Path) -> None:
    with path.open("w") as file:
        file.write('{"rows": [')
        file.writelines(json.dumps({"a": str(number), "b": LONG}) + "," for number in range(ROWS - 1))
        file.write('{"a": "last"}]}')


def write_xml(path: Path) -> None:
    with path.open("w") as file:
        file.write("<rows>")
        file.writelines(f"<row><a>{number}</a><b>{LONG}</b></row>" for number in range(ROWS))
        file.write("</rows>")


def write_excel(path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (["a", "b"], *([str(number), LONG] for number in range(ROWS))):
        sheet.append(row)
    book.save(path)


@pytest.mark.parametrize(
    ("write", "form"),
    [
        (write_csv, {"type": "csv"}),
        (write_lines, {"type": "json-lines"}),
        (write_json, {"type": "json", "rows": "rows[]"}),
        (write_xml, {"type": "xml", "rows": "rows/row"}),
        (write_excel, {"type": "excel"}),
    ],
    ids=["csv", "json-lines", "json", "xml", "excel"],
)
def test_a_file_of_30_mib_is_read_in_a_third_of_that(
    tmp_path: Path, write: Callable[[Path], None], form: dict[str, str]
) -> None:
    """However long its rows; bench has files of many rows."""
    path = tmp_path / "a"
    write(path)
    one = export(path, needed=("a",), **form)
    with within(SIZE // 3):
        for _ in one.check():
            pass
        assert sum(map(len, one.blocks())) == ROWS
