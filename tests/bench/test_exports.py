"""How fast an export of 100,000 rows becomes records, with all checks on, and what memory its rows take."""

import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from adapters.exports import mapping as mappings
from adapters.exports.accounting import Account
from adapters.exports.rows import rows_of
from adapters.exports.trying import outcomes_of

ROWS = 100_000
READY = Path(mappings.__file__).parent / "mappings"
MEBIBYTE = 2**20


def an_export(folder: Path) -> Path:
    """Of the Chinese layout, every row of another sample."""
    head, first, *_ = (READY / "lims-zh.results.csv").read_text(encoding="gb18030").splitlines()
    path = folder / "results.csv"
    with path.open("w", encoding="gb18030") as file:
        file.write(head + "\n")
        file.writelines(f"{number:06}{first[5:]}\n" for number in range(ROWS))
    return path


def test_a_hundred_thousand_rows_become_records(tmp_path: Path) -> None:
    """Rows a second are printed; all are accounted for."""
    path, mapping, account = an_export(tmp_path), mappings.load(READY / "lims-zh.yaml"), Account()
    begin, cpu = time.perf_counter(), time.process_time()
    for _ in outcomes_of(path, mapping, account):
        pass
    took, used = time.perf_counter() - begin, time.process_time() - cpu
    print(f"\n{ROWS / took:,.0f} rows/s, {ROWS / used:,.0f} for each CPU second; {account}")
    assert (account.read, account.records) == (ROWS, ROWS)


def test_rows_are_read_in_memory_that_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Less than a mebibyte over a file of many; the ledger of keys comes on top."""
    path, mapping = an_export(tmp_path), mappings.load(READY / "lims-zh.yaml")
    assert path.stat().st_size > 8 * MEBIBYTE

    def count(rows: Iterator[object]) -> int:
        return sum(1 for _ in rows)

    tracemalloc.start()
    try:
        assert count(rows_of(path, mapping.format, mapping.columns)) == ROWS
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEBIBYTE
