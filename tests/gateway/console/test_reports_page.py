"""The page of reports in a real browser, and the files and data behind it."""

import io
import json
import urllib.error
import urllib.request

import pytest
from pypdf import PdfReader
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.gateway.console.pilot import DESKTOP, PHONE, Pilot
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND, frame

HOUR = 3600 * SECOND


@pytest.fixture
def pilot(chromium: webdriver.Chrome, stage: Stage) -> Pilot:
    stage.receive(*(frame({"F1.DP.M1": 14.0}, received=NOW - ago * SECOND) for ago in range(600, -1, -10)))
    pilot = Pilot(chromium, stage)
    pilot.complaints()
    return pilot


def fetched(address: str) -> tuple[int, str, bytes]:
    """Status, type of content, octets."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=60) as answer:
            return answer.status, answer.headers["content-type"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["content-type"], error.read()


def files(pilot: Pilot) -> dict[str, str]:
    """The addresses of the files, by the form that stands on the links first."""
    links = pilot.driver.find_elements(By.CSS_SELECTOR, "main a[download]")
    return {link.text.split()[0]: str(link.get_attribute("href")) for link in links}


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize(
    ("language", "heading", "title"),
    [("en", "F1 · Aseptic filling", "Report on room F1"), ("zh", "F1 · 无菌灌装间", "房间报告 F1")],
)
def test_a_report_is_chosen_and_taken(
    pilot: Pilot, language: str, heading: str, title: str, size: tuple[int, int]
) -> None:
    """A room by its link, a period by its own; the file is in the language of the page. Nothing is wider than it."""
    pilot.open(f"/{language}/reports", size)
    room = next(one for one in pilot.driver.find_elements(By.CSS_SELECTOR, "main .btn") if one.text.startswith("F1"))
    room.click()
    pilot.sees(heading, "main")
    links = pilot.driver.find_elements(By.CSS_SELECTOR, "main .period .btn")
    next(one for one in links if one.text in {"7 d", "7 天"}).click()
    pilot.until(lambda: "2026-06-04 12:03:22 UTC+8" in pilot.text("main"))
    pilot.sees(heading, "main")
    status, kind, octets = fetched(files(pilot)["PDF"])
    assert (status, kind) == (200, "application/pdf")
    text = PdfReader(io.BytesIO(octets)).pages[0].extract_text()
    assert title in text
    assert "2026-06-04 12:03:22 UTC+8" in text
    status, kind, octets = fetched(files(pilot)["CSV"])
    assert (status, kind) == (200, "text/csv; charset=utf-8")
    assert octets.decode("utf-8-sig").count("\r\n") > 3
    assert pilot.driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    assert pilot.complaints() == []


@pytest.mark.browser
def test_a_period_of_ones_own_keeps_the_room(pilot: Pilot) -> None:
    """Without a script: a form with the plant's time; the address says all of it."""
    pilot.open("/en/reports?room=F1&from=2026-06-11T11:00:00&to=2026-06-11T13:00:00")
    pilot.sees("This period is not over")
    pilot.driver.find_element(By.CSS_SELECTOR, "form.window button").click()
    pilot.until(lambda: "?room=F1&from=2026-06-11T11%3A00" in pilot.driver.current_url)
    pilot.sees("F1 · Aseptic filling", "main")
    assert "from=2026-06-11T11%3A00%3A00.000%2B08%3A00" in files(pilot)["PDF"]


@pytest.mark.browser
@pytest.mark.parametrize("query", ["room=X9", "from=noon&to=now", "from=2030-01-01T00:00&to=2030-01-02T00:00"])
def test_an_address_that_is_not_understood_says_so(pilot: Pilot, query: str) -> None:
    """And shows the first room and the last day."""
    pilot.open(f"/en/reports?{query}")
    pilot.sees("The address was not understood")
    pilot.sees("C1 · Corridor", "main")


def test_the_twin_says_what_the_report_says(stage: Stage) -> None:
    """As data, with every kind of time by its name."""
    stage.receive(*(frame({"F1.DP.M1": 14.0}, received=NOW - ago * SECOND) for ago in range(600, -1, -10)))
    status, _, body = fetched(f"{stage.address}/api/reports?room=F1&range=1h")
    report = json.loads(body)
    assert status == 200
    (tag,) = (one for one in report["tags"] if one["subject"]["tag"] == "F1.DP.M1")
    assert tag["figures"]["durations"] == {
        "WITHIN": 600 * SECOND, "ALERT": 0, "ACTION": 0, "NO_LEVEL": 0, "UNCERTAIN": 0, "BAD": 0,
        "UNMONITORED": HOUR - 600 * SECOND,
    }  # fmt: skip
    assert (tag["figures"]["mean"], report["until"]) == (14.0, NOW)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?room=X9", "room 'X9' is not one of C1, F1, M1"),
        ("?language=fr", "Input should be 'en' or 'zh'"),
        ("?from=2030-01-01T00:00&to=2030-01-02T00:00", "nothing of this period has passed"),
        ("?from=2020-01-01T00:00&to=2026-01-02T00:00", "a year at most"),
        ("/report.pdf?room=X9", "room 'X9' is not one of C1, F1, M1"),
    ],
)
def test_what_cannot_be_reported_is_refused(stage: Stage, query: str, said: str) -> None:
    """With what is wrong."""
    status, _, body = fetched(f"{stage.address}/api/reports{query}")
    assert (status, said in _detail(body)) == (422, True)


def _detail(body: bytes) -> str:
    """Why, by the view or by the description of the question."""
    said = json.loads(body)["detail"]
    return said if isinstance(said, str) else " ".join(one["msg"] for one in said)
