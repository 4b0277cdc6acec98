"""The table of behaviours and their tests in `tests/README.md`: `python -m tests.fault_table` writes it anew.

A test speaks of a behaviour when its name begins with its ID: `test_f21_…`, `test_fa5_…` for F-A5.
"""

import re
from collections.abc import Iterable
from pathlib import Path

TESTS = Path(__file__).parent
README = TESTS / "README.md"
BEGIN, END = "<!-- behaviours: written by python -m tests.fault_table -->", "<!-- end of behaviours -->"
_NAME = re.compile(r"def test_f(a\d|\d\d)_(\w+)")


def _ids(first: int, last: int) -> list[str]:
    return [f"F{number:02}" for number in range(first, last + 1)]


IDS = [*(f"F-A{number}" for number in range(1, 10)), *_ids(1, 13), *_ids(20, 33), *_ids(40, 50), *_ids(60, 72)]
"""What devices do, as the catalogue of faults numbers it: common, OPC UA, Modbus, serial, exports."""


def behaviours() -> dict[str, list[str]]:
    """File and name of every test of each behaviour, in order; an ID that has none is there too."""
    found: dict[str, list[str]] = {one: [] for one in IDS}
    for file in sorted(TESTS.rglob("test_*.py")):
        for match in _NAME.finditer(file.read_text(encoding="utf-8")):
            tag = match[1].upper()
            name = f"F-{tag}" if tag.startswith("A") else f"F{tag}"
            found.setdefault(name, []).append(f"`{file.relative_to(TESTS)}`: {match[2].replace('_', ' ')}")
    return found


def table(found: dict[str, list[str]]) -> str:
    """Markdown."""
    rows = [f"| {one} | {'<br>'.join(tests)} |" for one, tests in found.items()]
    return "\n".join(["| behaviour | tests |", "|---|---|", *rows])


def with_table(text: str, rows: Iterable[str]) -> str:
    """The README with the table in its place."""
    head, _, rest = text.partition(BEGIN)
    return "\n".join([head + BEGIN, *rows, END + rest.partition(END)[2]])


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8"), [table(behaviours())]), encoding="utf-8")
