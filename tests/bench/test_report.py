"""A month of fifty tags, reported: how long the figures and the PDF take."""

import time
from pathlib import Path

from gateway.archive.archive import Archive
from gateway.archive.trends import roll_up
from gateway.cleanroom.site import Site
from gateway.console.words import Language
from gateway.reports.archived import report_of
from gateway.reports.pdf import pdf_of
from gateway.reports.report import Report

TAGS, SECONDS, EVERY = 50, 31 * 86_400, 10
"""31 days, a reading of each tag in ten seconds: 13.4 million."""
FRAMES = SECONDS // EVERY
BEGIN = 1_700_000_000_000_000
STREAM = "cmo-a.line-3.holder-b.measurements.v1"
TIME = f"{BEGIN} + i * {EVERY * 1_000_000}"
SITE = Site.model_validate(
    {
        "site": "plant-a", "name": {"en": "Plant A", "zh": "甲工厂"}, "line": "line-3", "zone": "Asia/Shanghai",
        "rooms": [{
            "id": "F1", "name": {"en": "Aseptic filling", "zh": "无菌灌装间"}, "grade": "B", "at": [0, 0, 3, 3],
            "points": [{
                "tag": f"T{n + 1}", "quantity": "temperature",
                "levels": {"action": [{"low": 10}, {"high": 18.9}], "alert": [{"low": 12}, {"high": 18}]},
            } for n in range(TAGS)],
        }],
    }
)  # fmt: skip
FILL = (
    f"INSERT INTO frames SELECT i + 1, uuid(), '{STREAM}', i + 1, {TIME}, false, 1.0 FROM range({FRAMES}) AS t(i)",
    f"""INSERT INTO entries SELECT '{STREAM}', i + 1, ''::BLOB, ''::BLOB, 'Frame', 'ems', {TIME}
        FROM range({FRAMES}) AS t(i)""",
    f"""INSERT INTO readings SELECT j // {TAGS} + 1, j % {TAGS} + 1,
        {BEGIN} + j // {TAGS} * {EVERY * 1_000_000} - (hash(j) % 900000)::BIGINT, true,
        round(15 + 4 * sin(j / 3e6) + (hash(-j) % 1000000) / 1e6, 3), NULL, NULL,
        CASE WHEN hash(j) % 1000 = 0 THEN 2147483648 ELSE 0 END, 0
        FROM range({TAGS * FRAMES}) AS t(j)""",
)


def filled(file: Path) -> Archive:
    archive = Archive(file)
    connection = archive._database.cursor()
    rows = [(n + 1, f"T{n + 1}") for n in range(TAGS)]
    connection.executemany("INSERT INTO tags VALUES (?, 'ems', ?, 'F1', 'Cel', 'DIRECT')", rows)
    for sql in FILL:
        connection.execute(sql)
    roll_up(connection, 0, FRAMES)
    connection.execute("CHECKPOINT")
    return archive


def reported(archive: Archive) -> Report:
    end = BEGIN + SECONDS * 1_000_000
    return report_of(archive, SITE, "F1", BEGIN, end, now=end)


def test_a_month_of_fifty_tags_is_reported(tmp_path: Path) -> None:
    """With every figure; the times are printed."""
    archive = filled(tmp_path / "a.duckdb")
    cpu, clock = time.process_time(), time.perf_counter()
    report = reported(archive)
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    archive.close()
    began = time.perf_counter()
    octets = len(pdf_of(report, Language.ZH, printed=report.until))
    drawn = time.perf_counter() - began
    assert sum(one.figures.counts.all for one in report.tags) > 0.99 * TAGS * FRAMES
    assert len(report.tags) == TAGS
    print(f"\n31 days of {TAGS} tags, {TAGS * FRAMES / 1e6:.1f} million readings: {clock:.1f} s, {cpu:.1f} s CPU")
    print(f"PDF: {drawn:.1f} s, {octets / 1e6:.2f} MB")
