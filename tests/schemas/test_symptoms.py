"""One table says what every symptom is called: the code gives no other status and reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

from schemas.status import Reason, StatusCode
from schemas.symptoms import SYMPTOMS, symptom_table

ROOT = Path(__file__).parents[2]
CODE = [*sorted((ROOT / "adapters").rglob("*.py")), *sorted((ROOT / "edge").rglob("*.py"))]


def words(node: ast.expr, of: str) -> Iterator[str]:
    """`X` of `of.X`; both of a choice."""
    if isinstance(node, ast.IfExp):
        yield from words(node.body, of)
        yield from words(node.orelse, of)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == of:
        yield node.attr


def pairs(source: str) -> Iterator[tuple[StatusCode, Reason]]:
    """Every status that stands beside a reason, in a tuple or in a call."""
    for node in ast.walk(ast.parse(source)):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Tuple):
            parts = node.elts
        elif isinstance(node, ast.Call):
            parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        for status in (name for part in parts for name in words(part, "StatusCode")):
            for reason in (name for part in parts for name in words(part, "Reason")):
                yield StatusCode[status], Reason[reason]


def test_every_status_in_the_code_stands_in_the_table_with_its_reason() -> None:
    """So an adapter that invents another word for a symptom fails here."""
    found = {pair: path for path in CODE for pair in pairs(path.read_text(encoding="utf-8"))}
    assert {pair: path for pair, path in found.items() if pair not in SYMPTOMS} == {}


def test_every_row_of_the_table_is_given_by_some_code() -> None:
    """No row is of the past."""
    found = {pair for path in CODE for pair in pairs(path.read_text(encoding="utf-8"))}
    assert set(SYMPTOMS) - found == set()


def test_the_document_is_that_of_the_table() -> None:
    """`SYMPTOMS.md` is made by `symptom_table`."""
    assert (ROOT / "schemas" / "SYMPTOMS.md").read_text(encoding="utf-8") == symptom_table() + "\n"
