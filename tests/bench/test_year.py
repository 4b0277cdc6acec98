"""The console on an archive of a simulated year: how long each page, and the archive's question for it, takes.

`YEAR_SHARE=0.01 ./dev bench tests/bench/test_year.py` takes a hundredth of a year. The file is kept in `.cache/`.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import duckdb
import pytest
from nicegui import Client

from gateway.archive import tables
from gateway.archive.archive import Archive
from gateway.console.routes import PAGES
from gateway.intake.live import Live
from gateway.views.evidence import received_in
from gateway.views.trend import BUCKETS, Window
from tests.bench.year import DIP, END, FAST, Year, build, year_of
from tests.gateway.console.stage import Stage, staged
from tests.gateway.messages import SECOND

SHARE = float(os.environ.get("YEAR_SHARE", "1"))
FILE = Path(__file__).parents[2] / ".cache" / f"year-{SHARE:g}.duckdb"
WITHIN = 1.0
"""Seconds in which a page answers."""
TIMES = 3
"""A question is asked so often: the first answer reads from the disk; the least of the others is within a second."""
ZOOMS = {"year": 365 * 86_400, "month": 30 * 86_400, "week": 7 * 86_400, "day": 86_400, "hour": 3_600, "second": 5}


@dataclass(frozen=True, slots=True)
class Opened:
    """The year with its archive and the console that shows it."""

    year: Year
    archive: Archive
    stage: Stage


def made() -> Path:
    """The file, made where there is none of this layout."""
    if FILE.exists():
        with duckdb.connect(str(FILE), read_only=True) as connection:
            there = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [tables.LAYOUT])
            if there.fetchall()[0][0]:
                return FILE
    began = time.perf_counter()
    for told in build(FILE, year_of(SHARE)):
        print(f"{time.perf_counter() - began:6.0f} s  {told}", flush=True)
    return FILE


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    began = time.perf_counter()
    archive = Archive(made())
    opened, live = time.perf_counter() - began, Live.of(archive)
    started = time.perf_counter() - began
    count = archive.counts()["samples"]
    print(f"\n{count / 1e6:,.0f} million samples, {FILE.stat().st_size / 1e9:.1f} GB; ", end="")
    print(f"the node's start: {opened:.1f} s to open, {started - opened:.1f} s to know what is newest")
    with staged() as stage:
        stage.time = END * SECOND

        def show() -> None:
            stage.desk.archive, stage.desk.live = archive, live

        stage.do(show)
        yield Opened(year_of(SHARE), archive, stage)
    archive.close()


def slow(questions: Iterable[tuple[str, Callable[[], object]]]) -> list[str]:
    """Ask each several times and print a table: seconds by the clock the first time, then the least, and of the CPU."""
    found = []
    for name, ask in questions:
        times = []
        for _ in range(TIMES):
            began, cpu = time.perf_counter(), time.process_time()
            ask()
            times.append((time.perf_counter() - began, time.process_time() - cpu))
        (first, _), again = times[0], min(times[1:])
        print(f"{name:24} {first:6.2f} s, then {again[0]:5.2f} s, {again[1]:5.2f} s CPU")
        found += [name] if again[0] > WITHIN else []
    return found


def read(address: str) -> bytes:
    with urlopen(address, timeout=120) as answer:  # noqa: S310 - our own console's
        content: bytes = answer.read()
    return content


def leave() -> None:
    """As browsers do that are closed."""
    for client in [*Client.instances.values()]:
        client.delete()


def windows(year: Year) -> dict[str, Window]:
    """Around the dip, each no longer than the year."""
    at = year.dip * SECOND
    found = {}
    for name, seconds in ZOOMS.items():
        length = min(seconds, year.days * 86_400) * SECOND
        begin = at - length // 2
        found[name] = Window(begin, begin + length)
    return found


def test_every_page_answers_within_a_second(opened: Opened) -> None:
    """The pages of the console, over HTTP, each the first time and then again."""
    moment = datetime.fromtimestamp(opened.year.dip, UTC).isoformat()
    stream = opened.archive.rows("SELECT min(stream) FROM frames")[0][0]
    alarm = opened.archive.rows("SELECT alarm FROM alarms ORDER BY time LIMIT 1")[0][0]
    pages = {
        "overview": "", "rooms": "/rooms", "rooms at a moment": f"/rooms?{urlencode({'at': moment})}",
        "alarms": "/alarms", "an alarm": f"/alarms/{alarm}", "alarms' performance": "/alarms/performance",
        "deviations": "/deviations", "batches": "/batches", "a batch": "/batches/B00000", "lots": "/lots",
        "weighings": "/weighings", "evidence of 30 days": "/evidence?range=30d",
        "evidence of a year": "/evidence?range=1y",
    }  # fmt: skip
    if any(path.startswith("/r/") for path, *_ in PAGES):
        pages["a record"] = f"/r/{stream}/1"
        pages["seals of a stream"] = f"/evidence/{stream}/seals"
        pages["the seal of a record"] = f"/evidence/{stream}/seals?to=100000"
    for name, asked in windows(opened.year).items():
        times = [datetime.fromtimestamp(at / SECOND, UTC).isoformat() for at in (asked.begin, asked.end)]
        pages[f"trend, {name}"] = "/trend?" + urlencode({"tag": FAST[0], "from": times[0], "to": times[1]})
    addresses = {name: f"{opened.stage.address}/en{path}" for name, path in pages.items()}

    def pages_asked() -> Iterator[tuple[str, Callable[[], object]]]:
        for name, address in addresses.items():
            opened.stage.do(leave)  # else the pages before follow what is pushed, as if somebody looked at them
            yield name, partial(read, address)

    assert slow(pages_asked()) == []


def test_every_question_is_answered_within_a_second(opened: Opened) -> None:
    """What the pages ask the archive; the dip of one second is in the trend at every zoom."""
    archive = opened.archive
    questions: dict[str, Callable[[], object]] = {"counts": archive.counts, "newest of each tag": archive.latest}
    for name, asked in windows(opened.year).items():
        span = asked.begin, asked.end
        assert DIP in archive.trend(FAST[0], *span, BUCKETS).value, name
        questions |= {
            f"trend, {name}": partial(archive.trend, FAST[0], *span, BUCKETS),
            f"30 trends, {name}": partial(archive.trends, FAST, *span, BUCKETS),
            f"figures, {name}": partial(archive.figures, FAST, *span),
            f"evidence, {name}": partial(received_in(asked), archive),
        }
    assert slow(questions.items()) == []
