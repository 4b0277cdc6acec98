"""A stream by its numbers, in a browser and for programs."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from gateway.intake.inspection import Inspected, Standing
from gateway.intake.message import Batch
from gateway.proof.findings import Code, Finding
from gateway.proof.merkle import leaf_hash
from tests.gateway.console.pilot import DESKTOP, PHONE, Pilot
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND, frame, message, sent

STREAM = "plant-a.line-3.mah.measurements.v1"
NUMBERS = 120


def filled(stage: Stage, *, verified: int = 110) -> None:
    """Readings under 120 numbers, one a second up to now; numbers 51 to 53 are missing, an entry was put aside."""
    here = [n for n in range(1, NUMBERS + 1) if not 51 <= n <= 53]
    times = {n: NOW - (NUMBERS - n) * SECOND for n in here}
    stage.desk.archive.store([sent(STREAM, n, frame({"F1.DP.M1": 14.6}, received=times[n]), n) for n in here])
    stage.desk.archive.store([message(None, 7, arrived=NOW)])
    missing = Finding(Code.MISSING, STREAM, 51, 53, "not in the topic", NOW / SECOND - 9)
    stage.desk.archive.store_inspected(Inspected(Batch(), findings=[missing]))
    standing = Standing(50, verified, NOW // SECOND - 2, verified, NOW // SECOND - 1)
    aside = Standing(0, 0, None)
    stage.do(lambda: stage.desk.live.streams.update({STREAM: standing, "s": aside}))


def get(stage: Stage, path: str) -> tuple[int, bytes, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(stage.address + path, timeout=60) as answer:
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        return error.code, error.read(), ""


def data(stage: Stage, query: str = "") -> Any:
    status, body, _ = get(stage, f"/api/evidence/{STREAM}{query}")
    assert status == 200, body
    return json.loads(body)


def test_programs_page_through_a_stream_by_number_time_and_kind(stage: Stage) -> None:
    """Each page says with which number the next one ends."""
    filled(stage)
    newest = data(stage)
    assert [newest["rows"][at]["first"] for at in (0, -1)] == [120, 71]
    older = data(stage, f"?to={newest['older']}")
    assert {row["here"]: (row["first"], row["last"]) for row in older["rows"]}["MISSING"] == (51, 53)
    assert older["findings"][0]["finding"]["code"] == "missing"
    at = data(stage, "?at=2026-06-11T12:02:22")
    assert at["found"] == 60
    assert data(stage, "?kind=Schema")["rows"] == []


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), (f"/{STREAM}?to=x", 422), ("/s/quarantine/xx", 422)])
def test_a_stream_that_is_not_there_or_an_unclear_question_is_said(stage: Stage, path: str, status: int) -> None:
    """Without telling more."""
    filled(stage)
    assert get(stage, f"/api/evidence{path}")[0] == status


def test_what_stands_in_quarantine_is_taken_as_octets(stage: Stage) -> None:
    """Exactly as it came, and never as something that a browser would open."""
    filled(stage)
    leaf = leaf_hash(b"entry").hex()
    body = get(stage, "/api/evidence/s")[1]
    assert [one["leaf"] for one in json.loads(body)["aside"]] == [leaf]
    assert get(stage, f"/api/evidence/s/quarantine/{leaf}") == (200, b"entry", "application/octet-stream")
    assert get(stage, f"/api/evidence/{STREAM}/quarantine/{leaf}")[0] == 404


@pytest.mark.parametrize(
    ("query", "number"),
    [(f"tag=F1.DP.M1&time={NOW}", 120), ("tag=F1.DP.M1&time=2026-06-11T12:02:22", 60), ("tag=F1.DP.M1&time=7", None)],
)
def test_a_value_leads_to_its_record(stage: Stage, query: str, number: int | None) -> None:
    """For programs and, by a redirect, for readers."""
    filled(stage)
    status, body, _ = get(stage, f"/api/records?{query}")
    page, text, _ = get(stage, f"/en/r?{query}")
    if number is None:
        assert (status, page) == (404, 404)
    else:
        assert json.loads(body) == {"stream": STREAM, "number": number}
        assert f"record {number}".encode() in text


@pytest.mark.parametrize("query", ["", "?tag=x", "?id=x", "?gap=1", "?tag=x&time=noon"])
def test_an_unclear_origin_is_said_to_be(stage: Stage, query: str) -> None:
    """To a reader as to whom nothing is there."""
    assert (get(stage, f"/api/records{query}")[0], get(stage, f"/en/r{query}")[0]) == (422, 404)


def test_a_missing_number_leads_to_its_place_in_the_stream(stage: Stage) -> None:
    """Where it is told; beyond the last number there is nothing."""
    filled(stage)
    assert b"51 \xe2\x80\x93 53" in get(stage, f"/en/r/{STREAM}/52")[1]
    assert get(stage, f"/en/r/{STREAM}/121")[0] == 404
    assert get(stage, f"/en/r/{STREAM}/0")[0] == 404


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_stream_is_read_from_the_evidence_page_back_to_its_first_number(
    chromium: webdriver.Chrome, stage: Stage, language: str
) -> None:
    """By links alone; what is missing stands in its place, and what the verifier proves grows while one reads."""
    filled(stage)
    pilot = Pilot(chromium, stage)
    pilot.open(f"/{language}/evidence?range=1h")
    pilot.driver.find_element(By.LINK_TEXT, STREAM).click()
    pilot.until(lambda: len(pilot.texts(".numbers tbody tr")) == 50)
    assert "14.6 Pa" in pilot.texts(".numbers tbody tr")[0]
    pilot.driver.find_element(By.PARTIAL_LINK_TEXT, "Older" if language == "en" else "较早").click()
    pilot.until(lambda: any("51 – 53" in row for row in pilot.texts(".numbers tbody tr")))
    pilot.driver.find_element(By.PARTIAL_LINK_TEXT, "Oldest" if language == "en" else "最早").click()
    pilot.until(lambda: pilot.texts(".numbers tbody tr td:first-child")[-1] == "1")
    standing = Standing(120, 120, NOW // SECOND - 1, 120, NOW // SECOND - 1)
    stage.do(lambda: stage.desk.live.streams.update({STREAM: standing}))
    stage.wait(1)
    pilot.sees("120", ".figures")
    assert pilot.complaints() == []


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_stream_fits_its_window(chromium: webdriver.Chrome, stage: Stage, size: tuple[int, int]) -> None:
    """Nothing is wider than the window."""
    filled(stage)
    pilot = Pilot(chromium, stage)
    pilot.open(f"/zh/evidence/{STREAM}?to=60", size)
    assert pilot.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
