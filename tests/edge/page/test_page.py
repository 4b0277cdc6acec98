"""The line page in a real browser, beside a real agent: alarms come, are answered, put aside and go."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from edge.page.visit import words_in
from gateway.languages import Language
from tests.edge.page.line import Line, running
from tests.edge.test_agent import SITE
from tests.gateway.console.pilot import DESKTOP, PHONE, Reader

pytestmark = pytest.mark.browser
ALARM = '.alarm[data-condition="M1.DP.C1.LOW"]'
VALUE = '[id="tag-M1.DP.C1"]'


class Operator(Reader):
    """Who stands at the line."""

    def __init__(self, driver: webdriver.Chrome, line: Line) -> None:
        super().__init__(driver, line.address)

    def state(self, state: str) -> None:
        """Wait until the alarm stands so."""
        self.until(lambda: self.driver.find_elements(By.CSS_SELECTOR, f'{ALARM}[data-state="{state}"]'))

    def does(self, what: str, *, name: str = "wang.li", reason: str, seconds: int | None = None) -> None:
        """Say who does it and why, and send it."""
        self.driver.find_element(By.CSS_SELECTOR, f'{ALARM} [data-do="{what}"]').click()
        self.until(self.driver.find_element(By.CSS_SELECTOR, "dialog.acting [name=actor]").is_displayed)
        self.driver.find_element(By.CSS_SELECTOR, "dialog.acting [name=actor]").send_keys(name)
        self.driver.find_element(By.CSS_SELECTOR, "dialog.acting [name=comment]").send_keys(reason)
        if seconds is not None:
            choice = self.driver.find_element(By.CSS_SELECTOR, "dialog.acting [name=seconds]")
            Select(choice).select_by_value(str(seconds))
        assert self.text("dialog.acting .meaning")
        self.driver.find_element(By.CSS_SELECTOR, "dialog.acting [type=submit]").click()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with running(tmp_path) as line:
        yield line


@pytest.mark.parametrize(("language", "size"), [(Language.EN, DESKTOP), (Language.ZH, PHONE)])
def test_an_alarm_is_shown_acknowledged_shelved_and_returned(
    chromium: webdriver.Chrome, line: Line, language: Language, size: tuple[int, int]
) -> None:
    """Each step with name and reason, which stand in the agent's record; the page fits its screen."""
    say, at = words_in(language), Operator(chromium, line)
    at.open(f"/{language}", size)
    at.sees("14.0 Pa", VALUE)
    at.sees(say("line.none"))
    line.pressure(3.0)
    at.state("UNACKNOWLEDGED")
    at.sees(say("line.kinds.LOW", name="M1 → C1", level=say("line.levels.ACTION")), ALARM)
    at.sees("3.0 Pa", VALUE)
    at.does("acknowledge", reason="door <b>open</b>")
    at.state("ACKNOWLEDGED")
    at.sees("door <b>open</b>", ALARM)
    (alarm,) = line.ask("alarms")
    assert (alarm["actor"], alarm["comment"], alarm["meaning"]) == ("wang.li", "door <b>open</b>", "RESPONSIBILITY")
    at.sees(say("signature.RESPONSIBILITY"), ALARM)
    at.does("shelve", name="chen", reason="cleaning", seconds=900)
    at.state("SHELVED")
    at.sees("chen", f".held {ALARM}")
    (alarm,) = line.ask("alarms")
    assert 0 < alarm["until"] - alarm["time"] <= 900_000_000
    line.pressure(14.0)
    at.sees("14.0 Pa", VALUE)
    at.does("unshelve", reason="done")
    at.until(lambda: not at.driver.find_elements(By.CSS_SELECTOR, ALARM))
    at.sees(say("line.none"))
    assert line.ask("alarms") == []
    width = at.driver.execute_script("return document.documentElement.scrollWidth")
    assert width <= size[0]
    assert at.complaints() == []


def test_the_plan_shows_the_air_in_its_real_direction(chromium: webdriver.Chrome, line: Line) -> None:
    """A reversed cascade turns the arrow round; the switch leads to the other language."""
    at = Operator(chromium, line)
    at.open("/en")
    at.until(lambda: at.texts(".plan .flow .number") == ["14.0 Pa"])
    assert at.texts(".plan .id") == ["M1", "C1"]
    before = at.driver.find_element(By.CSS_SELECTOR, ".plan .arrow").get_attribute("d")
    line.pressure(-5.0)
    at.until(lambda: at.driver.find_element(By.CSS_SELECTOR, ".plan .arrow").get_attribute("d") != before)
    at.until(lambda: at.driver.find_elements(By.CSS_SELECTOR, ".plan .flow.action"))
    at.driver.find_element(By.CSS_SELECTOR, "a.switch").click()
    at.sees("气锁间", ".plan")
    at.sees("低于纠偏限度", ALARM)


def test_a_wanted_direction_is_monitored_without_a_limit(
    chromium: webdriver.Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says from where on the flow is reversed, and then there is the alarm."""
    wanted = {"tag": "M1.DP.C1", "room": "M1", "against": "C1", "wanted": "out"}
    monkeypatch.setitem(SITE, "differentials", [wanted])
    with running(tmp_path) as line:
        at = Operator(chromium, line)
        at.open("/zh", PHONE)
        at.sees("≥ −0.5 Pa", VALUE)
        line.pressure(-5.0)
        at.sees(words_in(Language.ZH)("status.DELAYED"), VALUE)
        at.sees("压差梯度反向", '.alarm[data-condition="M1.DP.C1.REVERSED"]')
        at.sees("−5.0 Pa · ≥ −0.5 Pa", '.alarm[data-condition="M1.DP.C1.REVERSED"]')


def test_a_page_without_its_agent_shows_no_value(chromium: webdriver.Chrome, line: Line) -> None:
    """It says so, keeps the alarms as they stood, lets nobody answer them, and goes on with the agent's next life."""
    at = Operator(chromium, line)
    at.open("/en")
    line.pressure(3.0)
    at.state("UNACKNOWLEDGED")
    line.agent.kill()
    at.sees("The agent has not answered since", ".band.silent")
    assert at.texts(".plan .flow .number") == ["■ ?"]
    assert "Pa" not in at.text(f"{VALUE} .value")
    at.sees("not live", "h1")
    assert at.driver.find_elements(By.CSS_SELECTOR, f"{ALARM} .btn:not([hidden])") == []
    line.start_agent()
    at.sees("3.0 Pa", VALUE)
    at.until(lambda: at.text(".band.silent") == "")
    at.does("acknowledge", reason="seen")
    at.state("ACKNOWLEDGED")


def test_a_refusal_stays_in_the_dialog(chromium: webdriver.Chrome, line: Line) -> None:
    """A name of blanks is none; nothing was done."""
    at = Operator(chromium, line)
    at.open("/en")
    line.pressure(3.0)
    at.state("UNACKNOWLEDGED")
    at.does("acknowledge", name="  ", reason="x")
    at.sees("say who does it", "dialog.acting .refusal")
    (alarm,) = line.ask("alarms")
    assert alarm["state"] == "UNACKNOWLEDGED"
