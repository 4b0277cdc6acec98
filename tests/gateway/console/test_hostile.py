"""Records whose words were written by somebody who means harm: whatever a page or a file shows, nothing of it runs."""

import asyncio
import csv
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from io import StringIO
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from gateway.console.routes import PAGES
from gateway.reports.csv_file import FORMULA
from schemas.codec import Record
from schemas.exported import Exported
from tests.gateway.batches.records import RECORDS
from tests.gateway.console.entered import PASSWORD, Door, door_beside
from tests.gateway.console.pilot import Reader
from tests.gateway.console.rich import NOW, OPEN, absent, alarms, examples, rich_desk
from tests.gateway.messages import SECOND, frame, weighing

RUNS = "window.taken = 1"
SAID = (
    f"<script>{RUNS}</script>",
    f'"><img src=x onerror="{RUNS}">',
    f"'-({RUNS})-'",
    f"javascript:{RUNS}",
    f"{{{{ constructor.constructor('{RUNS}')() }}}}",
    f":onclick={RUNS}",
    '=HYPERLINK("https://evil.example")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe",
    "a\0b\r\nlevel=error forged\x1b[31m",
    "../../../etc/passwd%2f..%2f",
    "w" * 100_000,
)
"""What a name, a number, a comment or a person may be called."""
OURS = {"key", "system", "unit", "tag", "condition", "line", "clause", "sha256", "signed_kind", "file", "holder"}
"""Fields in which a record names what only the agent or the agreement does."""


def hostile(record: Any, word: str, place: int) -> Any:
    """The record with this word in all in which somebody writes."""
    texts = {
        one.name: word for one in fields(record) if type(getattr(record, one.name)) is str and one.name not in OURS
    }
    more: dict[str, Any] = {"id": uuid4()}
    if isinstance(record, Exported):
        more |= {"key": f"{record.key} hostile {place}"}
    for name in ("alarm", "gap"):
        if hasattr(record, name):
            more[name] = UUID(int=getattr(record, name).int + (1 + place << 32))
    return replace(record, **texts | more)


def records() -> Iterator[Record]:
    """Of every kind, each of these words in each of its texts; and tags that are called so."""
    honest = [*RECORDS, *alarms(), *absent(), weighing(NOW - 60 * SECOND)]
    for place, word in enumerate(SAID):
        some = honest if len(word) < 1000 else honest[::7]
        yield from (hostile(one, word, place) for one in some)
        yield frame({word[:2000]: 1.0}, received=NOW - SECOND, source=word[:2000])


@dataclass(frozen=True)
class Visited:
    """A browser in which a person has signed in, at a console that has received all that."""

    reader: Reader
    door: Door
    pages: list[str]
    session: str


@pytest.fixture(scope="module")
def visited(chromium: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visited]:
    folder = tmp_path_factory.mktemp("node")
    desk = rich_desk(folder, more=records())
    known = examples(desk)
    pages = [*(path for route, _, _ in PAGES for path in known[route]), f"/alarms/{UUID(int=OPEN.int + (1 << 32))}"]
    pages += [f"/batches/{quote(SAID[0], safe='')}?tab={tab}" for tab in ("pieces", "tests", "materials", "records")]
    pages += [f"{path}={quote(SAID[1])}" for path in ASKED]
    with pytest.MonkeyPatch.context() as patch, door_beside(folder, desk) as door:
        patch.setattr("gateway.console.desk.BEAT_EVERY", 5.0)
        reader = Reader(chromium, door.address)
        chromium.get(f"{door.address}/en/sign-in")
        reader.sign_in("wang.fang", PASSWORD)
        reader.live()
        yield Visited(reader, door, pages, str(chromium.get_cookie("session")["value"]))  # type: ignore[index]


ASKED = (
    *("/lots?lot", "/trend?tag", "/rooms?room", "/alarms?text", "/alarms?room", "/weighings?balance", "/people?person"),
    *("/people?batch", "/evidence?from", "/reports?room", "/batches?q", "/rooms?path", "/rooms?language"),
)
"""Addresses that go on with what somebody writes into them."""


@pytest.mark.browser
def test_nothing_that_a_record_says_runs(visited: Visited) -> None:
    """On any page, nor of what an address says; nothing is asked of another host, and nothing is complained of."""
    reader, driver = visited.reader, visited.reader.driver
    faults, shown = [], 0
    for page in visited.pages:
        driver.get(f"{reader.address}/en{page}")
        reader.until(lambda: reader.texts("h1"))
        shown += SAID[0] in "".join(reader.texts("main"))
        if driver.execute_script("return window.taken !== undefined || document.title === 'taken'"):
            faults.append(f"{page}: it ran")
        made = driver.find_elements(
            By.CSS_SELECTOR, "main script, main img, main iframe, main [onclick], main [onerror]"
        )
        bad = driver.find_elements(By.CSS_SELECTOR, "a[href^='javascript'], a[href*='//evil'], form[action*='//evil']")
        faults += [f"{page}: {one.get_attribute('outerHTML')}" for one in (*made, *bad)]
        faults += [f"{page}: {one}" for one in reader.complaints() if "404" not in one]
    assert faults == []
    assert shown > 10, "what records say is not on the pages, so nothing was tried"
    assert reader.requested() <= {reader.address.removeprefix("http://")}


def test_no_file_is_a_formula_or_leads_elsewhere(visited: Visited) -> None:
    """No cell of a CSV begins as a spreadsheet's formula, and the name of a file is a plain name."""
    with httpx.Client(base_url=visited.door.address, cookies={"session": visited.session}, trust_env=False) as browser:
        answer = browser.get("/api/reports/report.csv?room=F1&range=1d", timeout=60)
        assert answer.status_code == 200
        cells = [cell for row in csv.reader(StringIO(answer.text.lstrip("\ufeff"))) for cell in row]
        assert any(word in cell for word in SAID[6:8] for cell in cells)
        assert [cell for cell in cells if cell.startswith(FORMULA) and not number(cell)] == []
        name = answer.headers["content-disposition"]
        assert name == 'attachment; filename="report-F1-20260610T1546-20260611T1546.csv"'
        for room in ("../F1", 'F1"\r\nX: y', "%2e%2e%2f", SAID[0]):
            answer = browser.get("/api/reports/report.csv", params={"room": room})
            assert answer.status_code == 422
            assert "x" not in answer.headers


def number(cell: str) -> bool:
    """A figure may begin with a sign."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_every_question_is_answered_as_data_whatever_records_say(visited: Visited) -> None:
    """Never as a page, which a browser would run."""
    with httpx.Client(base_url=visited.door.address, cookies={"session": visited.session}, trust_env=False) as browser:
        for address in ("/api/alarms?range=1d", "/api/batches", "/api/findings", "/api/weighings", "/api/deviations"):
            answer = browser.get(address, timeout=60)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert any(str(word)[:40] in str(answer.json()) for word in SAID[:3])


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../../pyproject.toml", "/assets/..%2f..%2f..%2fpyproject.toml", "/assets/%2e%2e/routes.py",
        "/assets//etc/passwd", "/assets/..\\..\\routes.py", "/en/batches/..%2f..%2f..%2fetc%2fpasswd",
        "/api/batches/..%2f..%2fetc%2fpasswd", "/api/lots/%00", "/en/batches/%00", "/en/%2e%2e/api/overview",
        "/api/agreement/paper.html?agreement=../../holder-b&version=1", "/en/alarms/..%2fbatches",
    ],
)  # fmt: skip
async def test_no_path_leads_out_of_what_is_shown(visited: Visited, path: str) -> None:
    """As octets that no client library would send; no file of the machine is told."""
    host, _, port = visited.door.address.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: session={visited.session}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    answer = (await asyncio.wait_for(reader.read(), 60)).decode(errors="replace")
    writer.close()
    assert answer.split()[1] in {"200", "400", "404", "422"}
    assert not [told for told in ("root:", "[project]", "ROUTER =", "from gateway") if told in answer]
