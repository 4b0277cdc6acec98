"""The trend's page around its chart: several tags, the year beneath, the table of readings, limits as they were."""

from dataclasses import replace
from uuid import uuid4

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from schemas.codec import Record
from schemas.records import AlarmEvent, AlarmKind, AlarmPriority, AlarmState
from tests.gateway.console.pilot import Pilot
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND, alarm, frame

pytestmark = pytest.mark.browser
DAY = 86_400 * SECOND
TREND = "/trend?tag=F1.DP.M1&tag=M1.DP.C1&tag=Door.F1-M1&range=1h"


@pytest.fixture
def pilot(chromium: webdriver.Chrome, stage: Stage) -> Pilot:
    """An hour of readings, one of a hundred days ago, and a limit that was another one half an hour ago."""
    records: list[Record] = [frame({"F1.DP.M1": 3.0}, received=NOW - 100 * DAY)]
    for age in range(3600, -1, -20):
        values = {"F1.DP.M1": 14.6, "M1.DP.C1": 12.2, "Door.F1-M1": age > 3000}
        records.append(frame(values, received=NOW - age * SECOND))
    for age, limit in ((3000, 8.0), (1800, 12.0)):
        time, state = NOW - age * SECOND, AlarmState.UNACKNOWLEDGED
        raised = alarm(AlarmEvent.RAISED, state, time, alarm=uuid4(), since=time, tag="F1.DP.M1")
        records.append(replace(raised, limit=limit, kind=AlarmKind.LOW, priority=AlarmPriority.ACTION))
    stage.receive(*records)
    return Pilot(chromium, stage)


def labels(pilot: Pilot) -> list[str]:
    return pilot.texts(".chart svg text")


@pytest.mark.parametrize(("language", "add", "limit"), [("en", "Add a tag", "≥ 10 Pa"), ("zh", "添加位号", "≥ 10 Pa")])
def test_several_tags_are_drawn_and_each_can_be_left_out(pilot: Pilot, language: str, add: str, limit: str) -> None:
    """With a legend; the address has all of them, and another language keeps them."""
    pilot.open(f"/{language}{TREND}")
    pilot.until(lambda: {"F1 → M1", "M1 → C1"} <= set(labels(pilot)))
    assert any(limit in text for text in labels(pilot))
    chosen = pilot.texts(".chosen-tags a.btn")
    assert [one.rstrip(" ×") for one in chosen][:2] == ["F1 → M1", "M1 → C1"]
    assert add in pilot.text(".chosen-tags")
    assert pilot.complaints() == []
    pilot.driver.find_elements(By.CSS_SELECTOR, ".chosen-tags a.btn")[1].click()
    pilot.until(lambda: len(pilot.texts(".chosen-tags a.btn")) == 2)
    assert "M1.DP.C1" not in pilot.driver.current_url
    pilot.driver.find_element(By.CSS_SELECTOR, "a[data-language]").click()
    pilot.until(lambda: f"/{'zh' if language == 'en' else 'en'}/trend" in pilot.driver.current_url)
    assert pilot.driver.current_url.count("tag=") == 2


def test_a_tag_is_added_from_a_list_that_is_filled_when_it_opens(pilot: Pilot) -> None:
    """The link keeps the tags and the window."""
    pilot.open("/en/trend?tag=F1.DP.M1&range=8h")
    assert pilot.texts(".chosen-tags li") == []
    pilot.driver.find_element(By.CSS_SELECTOR, ".chosen-tags summary").click()
    pilot.sees("M1 → C1", ".chosen-tags")
    pilot.driver.find_element(By.LINK_TEXT, "M1 → C1").click()
    pilot.until(lambda: {"F1 → M1", "M1 → C1"} <= set(labels(pilot)))
    assert "range=8h" in pilot.driver.current_url


def test_a_click_on_the_year_goes_there(pilot: Pilot) -> None:
    """To a window as long as before, around the day."""
    pilot.open("/en/trend?tag=F1.DP.M1&range=1h")
    strip = pilot.driver.find_element(By.CSS_SELECTOR, ".strip")
    assert strip.find_element(By.CSS_SELECTOR, ".trace").get_attribute("d").count("M") == 2  # type: ignore[union-attr]
    width = strip.rect["width"]
    share = (366 - 100) / 366
    webdriver.ActionChains(pilot.driver).move_to_element_with_offset(
        strip, int(width * (share - 0.5)), 0
    ).click().perform()
    pilot.until(lambda: "from=2026-03-0" in pilot.driver.current_url)


def test_readings_and_limits_stand_in_a_table_that_opens(pilot: Pilot) -> None:
    """Each reading and each limit leads to its record; what a record named goes before what is set now."""
    pilot.open("/en/trend?tag=F1.DP.M1&range=1h")
    pilot.driver.find_element(By.XPATH, "//summary[contains(., 'as a table')]").click()
    pilot.sees("The newest 60 of 180 readings", "details[open]")
    limits, readings = pilot.driver.find_elements(By.CSS_SELECTOR, "details[open] .readings")
    told = [one.text for one in limits.find_elements(By.CSS_SELECTOR, "li")]
    assert [("8.0 Pa" in text, "12.0 Pa" in text) for text in told] == [(True, False), (False, True)]
    assert all("#" in text for text in told)
    first = readings.find_element(By.CSS_SELECTOR, "li")
    assert "2026-06-11 12:03:02 UTC+8" in first.text
    assert "14.6 Pa" in first.text
    first.find_element(By.CSS_SELECTOR, "a.chip").click()
    pilot.until(lambda: "/en/r/" in pilot.driver.current_url)
