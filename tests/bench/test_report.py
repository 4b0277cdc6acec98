"""A month of fifty tags and a year of eight, reported: how long the figures and the PDF take, and how much memory."""

import subprocess
import sys
import time
from pathlib import Path

from gateway.archive.archive import Archive
from gateway.archive.levels import roll_up
from gateway.cleanroom.site import Site
from gateway.languages import Language
from gateway.reports.archived import report_of
from gateway.reports.pdf import pdf_of
from gateway.reports.report import Report

EVERY = 10
"""Seconds between two readings of a tag."""
DAY = 86_400
BEGIN = 1_700_000_000_000_000
STREAM = "cmo-a.line-3.holder-b.measurements.v1"
TIME = f"{BEGIN} + i * {EVERY * 1_000_000}"
ALONE = """
import sys, time
from pathlib import Path
from gateway.archive.archive import Archive
from tests.bench.test_report import reported

def kib(name):
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])

archive = Archive(Path(sys.argv[1]))
archive.rows("SET memory_limit = '256MB'")
Path("/proc/self/clear_refs").write_text("5")  # the most that was held begins anew
before, clock, cpu = kib("VmRSS"), time.perf_counter(), time.process_time()
report = reported(archive, int(sys.argv[2]), int(sys.argv[3]))
clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
readings = sum(one.figures.counts.all for one in report.tags)
print(readings, (kib("VmHWM") - before) // 1024, round(clock, 1), round(cpu, 1))
"""
"""Readings, MiB, seconds and seconds of CPU of a report, in a process of its own; DuckDB may keep 256 MB of it."""


def site(tags: int) -> Site:
    """A room with so many temperatures."""
    return Site.model_validate(
        {
            "site": "plant-a", "name": {"en": "Plant A", "zh": "甲工厂"}, "line": "line-3", "zone": "Asia/Shanghai",
            "rooms": [{
                "id": "F1", "name": {"en": "Aseptic filling", "zh": "无菌灌装间"}, "grade": "B", "at": [0, 0, 3, 3],
                "points": [{
                    "tag": f"T{n + 1}", "quantity": "temperature",
                    "levels": {"action": [{"low": 10}, {"high": 18.9}], "alert": [{"low": 12}, {"high": 18}]},
                } for n in range(tags)],
            }],
        }
    )  # fmt: skip


def filled(file: Path, tags: int, days: int) -> Archive:
    """A reading of each tag in ten seconds; one of a thousand is Bad."""
    frames = days * DAY // EVERY
    archive = Archive(file)
    connection = archive._database.cursor()
    rows = [(n + 1, f"T{n + 1}") for n in range(tags)]
    connection.executemany("INSERT INTO tags VALUES (?, 'ems', ?, 'F1', 'Cel', 'DIRECT')", rows)
    for sql in (
        f"INSERT INTO frames SELECT i + 1, uuid(), '{STREAM}', i + 1, {TIME}, false, 1.0 FROM range({frames}) AS t(i)",
        f"""INSERT INTO entries SELECT '{STREAM}', i + 1, ''::BLOB, ''::BLOB, 'Frame', 'ems', {TIME}
            FROM range({frames}) AS t(i)""",
        f"""INSERT INTO readings SELECT j // {tags} + 1, j % {tags} + 1,
            {BEGIN} + j // {tags} * {EVERY * 1_000_000} - (hash(j) % 900000)::BIGINT, true,
            round(15 + 4 * sin(j / 3e6) + (hash(-j) % 1000000) / 1e6, 3), NULL, NULL,
            CASE WHEN hash(j) % 1000 = 0 THEN 2147483648 ELSE 0 END, 0
            FROM range({tags * frames}) AS t(j)""",
    ):
        connection.execute(sql)
    roll_up(connection, 0, 0, frames)
    connection.execute("CHECKPOINT")
    return archive


def reported(archive: Archive, tags: int, days: int) -> Report:
    end = BEGIN + days * DAY * 1_000_000
    return report_of(archive, site(tags), "F1", BEGIN, end, now=end)


def test_a_month_of_fifty_tags_is_reported(tmp_path: Path) -> None:
    """With every figure, 13.4 million readings; the times are printed."""
    archive = filled(tmp_path / "a.duckdb", 50, 31)
    cpu, clock = time.process_time(), time.perf_counter()
    report = reported(archive, 50, 31)
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    archive.close()
    began = time.perf_counter()
    octets = len(pdf_of(report, Language.ZH, printed=report.until))
    drawn = time.perf_counter() - began
    count = sum(one.figures.counts.all for one in report.tags)
    assert count > 0.99 * 50 * 31 * DAY / EVERY
    print(f"\n31 days of 50 tags, {count / 1e6:.1f} million readings: {clock:.1f} s, {cpu:.1f} s CPU")
    print(f"PDF: {drawn:.1f} s, {octets / 1e6:.2f} MB")


def test_a_year_of_a_room_fits_into_a_bounded_memory(tmp_path: Path) -> None:
    """25 million readings of eight tags: 400 MB as columns at once."""
    filled(tmp_path / "a.duckdb", 8, 366).close()

    def alone(days: int) -> list[float]:
        command = [sys.executable, "-c", ALONE, str(tmp_path / "a.duckdb"), "8", str(days)]
        return [float(one) for one in subprocess.run(command, check=True, capture_output=True).stdout.split()]

    month, year = alone(31), alone(366)
    for days, (count, memory, clock, cpu) in ((31, month), (366, year)):
        print(f"\n{days} days of 8 tags, {count / 1e6:.1f} million readings: {clock} s, {cpu} s CPU, {memory:.0f} MiB")
    assert year[0] > 11 * month[0]
    assert year[1] < 512
