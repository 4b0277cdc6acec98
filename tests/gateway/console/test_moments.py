"""The rooms at a moment of the past, in a real browser: reached by links, sent as an address, left again."""

from uuid import uuid4

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from schemas.codec import Record
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.console.pilot import Pilot
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND, alarm, frame

pytestmark = pytest.mark.browser
THEN = "2026-06-11T11:43:22"
"""20 minutes before NOW, in plant time."""


@pytest.fixture
def pilot(chromium: webdriver.Chrome, stage: Stage) -> Pilot:
    """An hour of readings; 20 minutes ago the filling room was below its limit."""
    records: list[Record] = []
    for age in range(3600, -1, -10):
        value = 6.2 if 1100 <= age <= 1300 else 14.6
        records.append(frame({"F1.DP.M1": value, "M1.DP.C1": 14.2}, received=NOW - age * SECOND))
    raised, ended = AlarmState.UNACKNOWLEDGED, AlarmState.NORMAL
    one = uuid4()
    for age, event, state in ((1290, AlarmEvent.RAISED, raised), (1090, AlarmEvent.RETURNED, ended)):
        records.append(alarm(event, state, NOW - age * SECOND, alarm=one, since=NOW - 1300 * SECOND, tag="F1.DP.M1"))
    stage.receive(*records)
    return Pilot(chromium, stage)


@pytest.mark.parametrize(
    ("language", "text"), [("en", "As of 2026-06-11 11:43:22 UTC+8"), ("zh", "截至 2026-06-11 11:43:22")]
)
def test_a_moment_shows_what_was_known_then(pilot: Pilot, language: str, text: str) -> None:
    """The value and the alarm of then, though both are over; the page says over the plan that it is the past."""
    pilot.open(f"/{language}/rooms?at={THEN}&room=F1")
    pilot.sees(text, ".as-of")
    pilot.sees("6.2 Pa", ".room")
    assert pilot.texts(".flow.action text") == ["■ 6.2 Pa"]
    pilot.open(f"/{language}/rooms?room=F1")
    pilot.sees("14.6 Pa", ".room")
    assert not pilot.driver.find_elements(By.CSS_SELECTOR, ".as-of")
    assert pilot.complaints() == []


def test_the_past_is_walked_by_keys_and_left_by_one(pilot: Pilot) -> None:
    """A minute back, a minute on; `l` leads to now. The strip marks the half hour of the alarm."""
    pilot.open(f"/en/rooms?at={THEN}")
    body = pilot.driver.find_element(By.TAG_NAME, "body")
    body.send_keys("[")
    pilot.sees("As of 2026-06-11 11:42:22", ".as-of")
    assert [one for one in pilot.texts(".strip .half") if one] == ["■"]
    pilot.driver.find_element(By.TAG_NAME, "body").send_keys("l")
    pilot.until(lambda: "at=" not in pilot.driver.current_url)
    pilot.sees("14.6 Pa", ".room")


def test_an_address_that_names_no_moment_says_so(pilot: Pilot) -> None:
    """And shows now, not a guess."""
    pilot.open("/en/rooms?at=yesterday")
    pilot.sees("The moment in the address was not understood", ".notice")
    assert "14.6 Pa" in pilot.texts(".flow text")
