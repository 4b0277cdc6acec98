"""How fast a million rows of a LIMS become records with all checks on, and in what memory."""

import gc
import random
import time
import tracemalloc
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from adapters.exports import mapping as mappings
from adapters.exports.accounting import Account, Candidate, candidates
from adapters.exports.converting import Converter
from adapters.exports.formats.rows import blocks_of
from adapters.exports.intake import Intake
from adapters.exports.ledger import Ledger
from adapters.exports.ledger_file import NAME
from adapters.exports.originals import Originals
from adapters.exports.settings import FolderSettings
from adapters.exports.trying import outcomes_of
from adapters.exports.ways.folder import Folder
from adapters.exports.ways.local_tree import LocalTree
from edge.collector import spare_the_collector
from edge.route import Route
from gateway.journal.journal import Journal
from gateway.link.publisher import streams_of
from schemas.derived import changed

ROWS = 1_000_000
FEW = 60_000
READY = Path(mappings.__file__).parent / "mappings"
MEBIBYTE = 2**20
TESTS = ("含量", "有关物质", "性状", "水分", "酸碱度")


@pytest.fixture(scope="module", autouse=True)
def collector() -> Iterator[None]:
    """As `cmo-edge map try` has it."""
    before = gc.get_threshold()
    spare_the_collector()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the Chinese layout: five tests of each sample, a new minute every third row, 2,000 different results."""
    draw = random.Random(1)
    head = (READY / "lims-zh.results.csv").read_text(encoding="gb18030").splitlines()[0]
    path = tmp_path_factory.mktemp("bench") / "results.csv"
    with path.open("w", encoding="gb18030") as file:
        file.write(head + "\n")
        for number in range(ROWS):
            sample, minute = number // 5, number // 3
            day = f"{minute // 40_000 % 12 + 1:02}/{minute // 1_440 % 28 + 1:02}"
            at = f"2026/{day} {minute // 60 % 24:02}:{minute % 60:02}"
            result = f"{draw.randrange(9_000, 11_000) / 100:.2f}"
            file.write(
                f"{sample:07},B{sample // 80:05},冻干粉针,{TESTS[number % 5]},{result},%,SP-7,4,95.0,105.0,合格,已审核,"
                f"王䶮,李明,{at},1,,\n"
            )
    return path


def test_a_million_rows_become_records(export: Path) -> None:
    """Read twice, every cell checked; the ledger of keys comes on top. Rows a second are printed."""
    mapping = mappings.load(READY / "lims-zh.yaml")
    begin, cpu = time.perf_counter(), time.process_time()
    blocks = blocks_of(export, mapping.format, mapping.columns, int)
    assert sum(isinstance(one, Candidate) for one in candidates(blocks, Converter(mapping))) == ROWS
    took, used = time.perf_counter() - begin, time.process_time() - cpu
    print(f"\nrecords of {ROWS:,} rows: {ROWS / took:,.0f} rows/s, {ROWS / used:,.0f} for each CPU second")


def test_memory_does_not_grow_with_the_file(export: Path, tmp_path: Path) -> None:
    """Beside the ledger of keys; what is remembered of texts is bounded."""
    mapping = mappings.load(READY / "lims-zh.yaml")
    peaks = []
    for rows in (FEW // 2, FEW):
        path = _beginning(export, tmp_path, rows)
        tracemalloc.start()
        try:
            blocks = blocks_of(path, mapping.format, mapping.columns, int)
            deque(candidates(blocks, Converter(mapping)), maxlen=0)
            peaks.append(tracemalloc.get_traced_memory()[1] / MEBIBYTE)
        finally:
            tracemalloc.stop()
    print(f"\nmost memory of {FEW // 2:,} rows {peaks[0]:.1f} MiB, of {FEW:,} rows {peaks[1]:.1f} MiB")
    assert peaks[1] < peaks[0] + 4


def _beginning(export: Path, folder: Path, rows: int) -> Path:
    path = folder / f"{rows}.csv"
    with export.open("rb") as whole, path.open("wb") as some:
        some.writelines(islice(whole, rows + 1))
    return path


def test_rows_reach_the_journal(export: Path, tmp_path: Path) -> None:
    """From the file over ledger and encoding to the commit, as the agent does it, for two recipients; microseconds of
    CPU for each row are printed by part.
    """
    (tmp_path / "in").mkdir()
    _beginning(export, tmp_path / "in", FEW)
    mapped = [{"files": "*", "mapping": str(READY / "lims-zh.yaml")}]
    given = {"type": "folder", "name": "lims", "folder": "in", "keep": "kept", "mappings": mapped, "quiet": 0}
    wanted = FolderSettings.model_validate(given, context={"folder": tmp_path})
    ledger, journal = Ledger(wanted.keep / NAME), Journal(tmp_path / "journal.db", limit=2**32)
    ledger.settle(None)
    folder = Folder(wanted, LocalTree(wanted.folder), ledger.signature, ledger.had_files)
    intake = Intake(wanted, ledger, Originals(wanted.keep), folder)
    route, used = (
        Route(streams_of("cmo-a", "line-3", ["cmo-a", "holder-b"])),
        dict.fromkeys(("file", "route", "journal"), 0.0),
    )
    intake.look()
    while not intake.idle:
        times = [time.process_time()]
        written = intake.step()
        times.append(time.process_time())
        drafts = [*route.all(changed(one, line="L1") for one in written.records)] if written else []
        times.append(time.process_time())
        if written:
            journal.append(drafts, {"lims": written.mark})
        times.append(time.process_time())
        for part, begin, end in zip(used, times, times[1:], strict=False):
            used[part] += end - begin
    whole = sum(used.values())
    parts = ", ".join(f"{part} {seconds / FEW * 1e6:.0f}" for part, seconds in used.items())
    print(f"\njournalled {FEW:,} rows: {FEW / whole:,.0f} for each CPU second; microseconds of a row: {parts}")
    assert ledger.total.records == FEW
    assert journal.waiting == 2 * (FEW + 2), "with two schemas in each stream"
    ledger.close()
    journal.close()


def test_rows_are_accounted_for(export: Path, tmp_path: Path) -> None:
    """As `cmo-edge map try` does it, with the ledger in memory."""
    mapping, account, path = mappings.load(READY / "lims-zh.yaml"), Account(), _beginning(export, tmp_path, FEW)
    cpu = time.process_time()
    deque(outcomes_of(path, mapping, account), maxlen=0)
    used = time.process_time() - cpu
    print(f"\noutcomes of {FEW:,} rows: {FEW / used:,.0f} for each CPU second; {account}")
    assert (account.read, account.records, account.unaccounted) == (FEW, FEW, 0)
