"""A day of fifty tags, drawn: from cells, as a ratio to the same question asked of the readings."""

import time
from pathlib import Path
from statistics import median

from gateway.archive.archive import Archive
from gateway.archive.levels import roll_up

TAGS, SECONDS = 50, 2 * 86_400
"""Two days at 1 Hz: 8.64 million readings, of which half are asked for."""
BEGIN = 1_700_000_000_000_000
PIXELS = 600
FRAMES = f"""
INSERT INTO frames SELECT i + 1, uuid(), 's', i + 1, {BEGIN} + i * 1000000, false, 1.0 FROM range({SECONDS}) AS t(i)
"""
READINGS = f"""
INSERT INTO readings SELECT i // {TAGS} + 1, i % {TAGS} + 1,
    {BEGIN} + i // {TAGS} * 1000000 - (hash(i) % 900000)::BIGINT, true,
    round(15 + sin(i / 3e6) + (hash(-i) % 1000000) / 1e6, 3), NULL, NULL, 0, 0
FROM range({TAGS * SECONDS}) AS t(i)
"""


def test_a_day_of_fifty_tags_comes_faster_from_cells_than_from_readings(tmp_path: Path) -> None:
    """The lowest and the highest of each pixel, both ways; by the processor's time, the clock's is printed."""
    archive = Archive(tmp_path / "a.duckdb")
    connection, names = archive._database.cursor(), [f"T{n + 1}" for n in range(TAGS)]
    connection.executemany("INSERT INTO tags VALUES (?, 'ems', ?, 'F1', 'Pa', 'DIRECT')", list(enumerate(names, 1)))
    for sql in (FRAMES, READINGS, "CHECKPOINT"):
        connection.execute(sql)

    def asked() -> tuple[float, float, dict[str, tuple[float, float]]]:
        cpu, clock = time.process_time(), time.perf_counter()
        found = archive.trends(names, BEGIN + SECONDS * 500_000, BEGIN + SECONDS * 1_000_000, PIXELS)
        seconds = time.process_time() - cpu, time.perf_counter() - clock
        return *seconds, {name: (trend.value.min(), trend.value.max()) for name, trend in found.items()}

    readings = [asked() for _ in range(5)]
    roll_up(connection, 0, 0, SECONDS)
    connection.execute("CHECKPOINT")
    cells = [asked() for _ in range(5)]
    archive.close()
    assert cells[0][2] == readings[0][2]
    ratio = median(one[0] for one in cells) / median(one[0] for one in readings)
    clock = median(one[1] for one in cells)
    octets = (tmp_path / "a.duckdb").stat().st_size / (TAGS * SECONDS)
    print(f"\na day of {TAGS} tags: {clock:.2f} s by the clock; cells / readings, CPU: {ratio:.2f}")
    print(f"archive without octets of entries: {octets:.1f} MB per million samples")
    assert ratio < 0.7
