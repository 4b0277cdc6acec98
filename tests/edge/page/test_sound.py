"""The sound of the line page and its chain test, in a real browser beside a real agent."""

import time
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from edge.page.visit import words_in
from gateway.languages import Language
from tests.edge.annunciation.parts import hook_server, mail_server
from tests.edge.page.line import running
from tests.edge.page.test_page import ALARM, Operator
from tests.gateway.console.pilot import PHONE

pytestmark = pytest.mark.browser
TONES = """window.tones = 0; const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { window.tones += 1; return start.apply(this, given); };"""
SHOWN = """window.shown = null; new MutationObserver(() => {
  if (!window.shown && document.querySelector(arguments[0])) window.shown = Date.now();
}).observe(document.body, { childList: true, subtree: true });"""
WITHIN = 20.0
"""Seconds, on a machine that does much else; what it takes is said."""


def test_the_page_sounds_until_the_alarm_is_answered_or_the_screen_silenced(
    chromium: webdriver.Chrome, tmp_path: Path
) -> None:
    """Mute until touched, and says so; silence holds until the next alarm; the alarm is on the page soon."""
    say = words_in(Language.EN)
    with running(tmp_path) as line:
        at = Operator(chromium, line)
        at.open("/en")
        at.sees("14.0 Pa")
        at.driver.execute_script(TONES)
        at.driver.execute_script(SHOWN, ALARM)
        line.pressure(3.0)
        shown = at.until(lambda: at.driver.execute_script("return window.shown"))
        (alarm,) = line.ask("alarms")
        took = shown / 1e3 - alarm["time"] / 1e6
        print(f"from the alarm to the page: {took:.2f} s")  # noqa: T201 - a measurement is told
        assert took < WITHIN
        at.sees(say("line.sound.muted"), ".sounding")
        assert at.driver.execute_script("return window.tones") == 0
        at.driver.find_element(By.CSS_SELECTOR, "h1").click()
        at.until(lambda: at.driver.execute_script("return window.tones") >= 4)
        at.sees(say("line.sound.silence"), ".sounding")
        at.driver.find_element(By.CSS_SELECTOR, ".sounding .silence").click()
        at.until(lambda: not at.driver.find_element(By.CSS_SELECTOR, ".sounding").is_displayed())
        quiet = at.driver.execute_script("return window.tones")
        time.sleep(2.5)  # longer than from one tone to the next
        assert at.driver.execute_script("return window.tones") == quiet
        at.does("acknowledge", reason="seen")
        at.state("ACKNOWLEDGED")
        line.pressure(14.0)
        at.until(lambda: line.ask("alarms") == [])
        line.pressure(3.0)
        at.until(lambda: at.driver.execute_script("return window.tones") > quiet)
        at.does("acknowledge", reason="seen again")
        at.until(lambda: not at.driver.find_element(By.CSS_SELECTOR, ".sounding").is_displayed())
        assert at.complaints() == []


@pytest.mark.parametrize(
    ("language", "good", "bad"), [(Language.EN, "mail ✓", "Kafka ✗"), (Language.ZH, "邮件 ✓", "Kafka ✗")]
)
def test_the_button_tests_the_chain(
    chromium: webdriver.Chrome, tmp_path: Path, language: Language, good: str, bad: str
) -> None:
    """Each part with its mark, what is wrong in words, and how long it took."""
    with mail_server() as (box, mail), hook_server() as (hook, port):
        annunciation = {
            "language": str(language),
            "mail": {"host": "127.0.0.1", "port": mail, "tls": "none", "from": "line@p.example",
                     "recipients": ["qa@p.example"]},
            "webhooks": [{"name": "pager", "url": f"http://127.0.0.1:{port}/"}],
        }  # fmt: skip
        with running(tmp_path, annunciation) as line:
            at = Operator(chromium, line)
            at.open(f"/{language}", PHONE)
            at.driver.find_element(By.CSS_SELECTOR, ".chain .btn").click()
            at.sees(good, ".chain")
            assert "pager ✓" in at.text(".chain")
            assert bad in at.text(".chain")
            at.sees("Kafka did not take the record within", ".chain-why")
            assert at.driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
            assert at.complaints() == []
    assert len(box.mails) == 1
    assert words_in(language)("call.test_text", sender="line-3") in box.bodies()[0]
    assert [body["data"]["test"] for _, _, body in hook.posts] == [True]
