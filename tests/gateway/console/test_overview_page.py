"""The overview and the search in a real browser: what they say, that they follow, and the keys."""

from dataclasses import replace
from uuid import uuid4

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from gateway.intake.inspection import Inspected, Standing
from gateway.intake.message import Batch
from gateway.languages import Language, words_in
from gateway.proof.findings import Code, Finding
from schemas.exported import OrderStatus, StepEvent
from schemas.records import AlarmEvent, AlarmKind, AlarmPriority, AlarmState
from tests.gateway.batches.records import ORDER, RECORDS, another, step
from tests.gateway.console.pilot import DESKTOP, PHONE, Pilot
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND, alarm, frame

pytestmark = pytest.mark.browser
HOSTILE = "<script>document.title='taken'</script>"
STREAM = "cmo.v1.plant-a.holder-b.results.line-3"


@pytest.fixture
def pilot(chromium: webdriver.Chrome, stage: Stage) -> Pilot:
    return Pilot(chromium, stage)


def inspected(pilot: Pilot, standing: Standing, *findings: Finding) -> None:
    """As the verifier leaves a stream."""
    stage = pilot.stage
    found = Inspected(Batch(), standings={STREAM: standing}, states={STREAM: b""}, findings=list(findings))
    stage.do(lambda: stage.desk.archive.store_inspected(found))
    stage.do(lambda: stage.desk.live.apply_inspected(found))
    stage.do(stage.desk.changed)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", list(Language))
def test_the_overview_answers_in_its_order(pilot: Pilot, language: Language, size: tuple[int, int]) -> None:
    """May I release, what waits, what is wrong, can I trust it, what runs; and it follows by itself."""
    say, stage = words_in(language), pilot.stage
    stage.receive(frame({"F1.DP.M1": 14.6}, received=NOW))
    pilot.open(f"/{language}", size)
    pilot.sees(say("today.nothing_waits"))
    pilot.sees(say("today.no_candidate"))
    pilot.sees(say("verdict.nothing"))
    assert pilot.texts("main section > h2") == [
        say("today.release"), say("today.waiting_n", n=0), say("overview.wrong"), say("today.trust"),
        say("today.lines"),
    ]  # fmt: skip
    running = another(ORDER, batch="240612A", status=OrderStatus.STARTED, time=NOW)
    stage.receive(*RECORDS, running, step("灌装", StepEvent.STARTED, 0, batch="240612A"))
    pilot.sees("240611A", ".candidates")
    pilot.until(lambda: say("today.counting") not in pilot.text(".candidates"))
    pilot.sees("DEV-26-031", ".candidates")
    pilot.sees("240612A", ".lines-table")
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW, alarm=uuid4(), since=NOW, tag="F1.DP.M1")
    facts = {"kind": AlarmKind.LOW, "priority": AlarmPriority.ACTION, "room": "F1", "batch": "240612A"}
    stage.receive(replace(raised, **facts))  # type: ignore[arg-type]
    pilot.sees(say("today.steps.ALARM"), ".tasks")
    pilot.sees(say("today.steps.DEVIATION"), ".tasks")
    width = pilot.driver.execute_script("return document.documentElement.scrollWidth")
    assert width <= size[0]


def test_the_badge_follows_the_proof(pilot: Pilot) -> None:
    """Verified to; without a seal for long; and a proof that failed is a band on every page."""
    seal = NOW // SECOND - 4
    pilot.stage.receive(frame({"F1.DP.M1": 14.6}, received=NOW))
    inspected(pilot, Standing(9, 9, seal))
    pilot.open("/en/rooms")
    pilot.sees("verified to 12:03:18", ".badge")
    pilot.stage.wait(1556)
    pilot.sees("no seal for 26 min", ".badge")
    failed = Finding(Code.ALTERED, STREAM, 7, 7, HOSTILE, NOW / SECOND)
    inspected(pilot, Standing(9, 9, seal), failed)
    pilot.sees(f"proof failed: {STREAM}, number 7", ".proof-failed")
    pilot.open("/zh/alarms")
    pilot.sees("验证不通过", ".proof-failed")
    pilot.driver.find_element(By.CSS_SELECTOR, ".badge").click()
    pilot.until(lambda: pilot.driver.current_url.endswith("/zh/evidence"))


def test_the_slash_leads_to_the_search(pilot: Pilot) -> None:
    """What is typed is found; each of it leads to its page, and a script is only a text."""
    pilot.stage.receive(frame({"F1.DP.M1": 14.6}, received=NOW), *RECORDS, another(ORDER, batch=HOSTILE))
    pilot.open("/en/alarms")
    pilot.driver.find_element(By.TAG_NAME, "body").send_keys("/")
    field = pilot.driver.switch_to.active_element
    field.send_keys("２４０６１１ａ" + Keys.ENTER)
    pilot.sees("240611A", ".hits")
    pilot.driver.find_element(By.LINK_TEXT, "240611A").click()
    pilot.sees("240611A", "h1")
    pilot.open("/zh/search?q=%3Cscript")
    pilot.sees(HOSTILE, ".hits")
    assert pilot.driver.title != "taken"
    pilot.open("/zh/search?q=" + "%25" * 500, PHONE)
    pilot.sees("没有此名称的内容")
    assert pilot.driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]


def test_on_a_phone_what_has_no_room_stands_under_more(pilot: Pilot) -> None:
    """By touch and by key; the page that is open is told there."""
    pilot.open("/en", PHONE)
    assert not pilot.driver.find_element(By.LINK_TEXT, "Overview").get_attribute("hidden")
    more = pilot.driver.find_element(By.CSS_SELECTOR, ".menu .more")
    assert not pilot.driver.find_element(By.CSS_SELECTOR, "[data-go=w]").is_displayed()
    more.click()
    pilot.until(lambda: pilot.driver.find_element(By.CSS_SELECTOR, "[data-go=w]").is_displayed())
    pilot.driver.find_element(By.CSS_SELECTOR, "[data-go=w]").click()
    pilot.until(lambda: pilot.driver.current_url.endswith("/en/weighings"))
    pilot.until(lambda: pilot.driver.find_element(By.CSS_SELECTOR, ".menu .more").get_attribute("aria-current"))
    pilot.open("/en")
    assert pilot.driver.find_element(By.CSS_SELECTOR, "[data-go=w]").is_displayed()
    assert not pilot.driver.find_element(By.CSS_SELECTOR, ".menu .more").is_displayed()
