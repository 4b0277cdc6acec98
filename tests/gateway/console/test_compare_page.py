"""Batches side by side, in a browser."""

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from schemas.codec import Record
from schemas.context import Assignment, PlaceKind
from tests.gateway.console.pilot import Pilot
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND, frame

pytestmark = pytest.mark.browser
HOUR = 3600 * SECOND
TAG = "F1.DP.M1"


@pytest.fixture
def pilot(chromium: webdriver.Chrome, stage: Stage) -> Pilot:
    return Pilot(chromium, stage)


def day_of(batch: str, day: int, value: float) -> list[Record]:
    """An hour in the room, read each minute."""
    began = NOW - day * 24 * HOUR
    stay = Assignment(
        key=batch, system="line-3", place_kind=PlaceKind.ROOM, place="F1", batch=batch, product="P", began=began,
        ended=began + HOUR, time=began,
    )  # fmt: skip
    return [stay, *(frame({TAG: value}, received=began + n * 60 * SECOND) for n in range(60))]


@pytest.mark.parametrize(
    ("language", "band", "missing"),
    [("en", "batches before (1)", "nobody: was never here"), ("zh", "此前批次（1 批）", "nobody：未曾在此处")],
)
def test_batches_are_laid_over_each_other(pilot: Pilot, language: str, band: str, missing: str) -> None:
    """With the band of those before; each can be left out and others added, and the address keeps them all."""
    for batch, day, value in (("B1", 3, 12.0), ("B2", 2, 13.0), ("B3", 1, 14.0)):
        pilot.stage.receive(*day_of(batch, day, value))
    pilot.open(f"/{language}/trend/compare?tag={TAG}&batch=B3&batch=B2&batch=nobody")
    pilot.sees(band, ".chart")
    assert {"B3", "B2"} <= set(pilot.text(".chart").split("\n"))
    assert missing in pilot.text(".notice")
    assert pilot.texts("tbody tr td:first-child a") == ["B3", "B2"]
    other = "zh" if language == "en" else "en"
    switch = (
        pilot.driver.find_element(By.CSS_SELECTOR, f"a[href^='/{other}/trend/compare']").get_attribute("href") or ""
    )
    assert "batch=B3&batch=B2&batch=nobody" in switch
    assert pilot.complaints() == []
    pilot.driver.find_element(By.LINK_TEXT, "B1").click()
    pilot.until(lambda: pilot.texts("tbody tr td:first-child a") == ["B3", "B2", "B1"])
    pilot.driver.find_element(By.CSS_SELECTOR, "tbody tr:first-child a.btn").click()
    pilot.until(lambda: pilot.texts("tbody tr td:first-child a") == ["B2", "B1"])
