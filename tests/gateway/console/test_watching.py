"""Pages that are open while ten thousand samples come at once; how fast that may go on is measured in `tests/bench`."""

import pytest
from selenium import webdriver

from tests.gateway.console.pilot import Pilot
from tests.gateway.console.stage import NOW, SITE, Stage
from tests.gateway.messages import SECOND, frame

pytestmark = pytest.mark.browser
TAGS = [one.tag for one in SITE.differentials] + [f"X{number}" for number in range(997)]


def test_two_open_pages_show_the_last_of_ten_thousand_samples(chromium: webdriver.Chrome, stage: Stage) -> None:
    """Each by itself, and none of the samples is lost."""
    pilot = Pilot(chromium, stage)
    stage.receive(frame(dict.fromkeys(TAGS, 13.0), received=NOW))
    pilot.open("/en/rooms")
    first = chromium.current_window_handle
    chromium.switch_to.new_window("window")
    second = chromium.current_window_handle
    pilot.open("/en/trend?tag=F1.DP.M1&range=1h")
    for step in range(10):
        stage.time += SECOND
        stage.receive(frame(dict.fromkeys(TAGS, 14.0 + step / 10), received=stage.time))
    stage.wait(7)  # an hour is drawn again every six seconds
    pilot.sees("14.9 Pa", ".facts")
    chromium.switch_to.window(first)
    pilot.until(lambda: pilot.texts(".flow .number")[0] == "14.9 Pa")
    assert stage.desk.archive.rows("SELECT count(*) FROM readings") == [(11_000,)]
    assert pilot.complaints() == []
    chromium.switch_to.window(second)
    chromium.close()
    chromium.switch_to.window(first)
