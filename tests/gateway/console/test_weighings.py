"""The page of weighings in a real browser, in both languages, wide and narrow."""

import json
from dataclasses import replace

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from gateway.views.weighings import SHOWN
from schemas.records import Refusal, Weighing, WeighingMethod
from tests.gateway.console.pilot import DESKTOP, PHONE, Pilot
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND, weighing

pytestmark = pytest.mark.browser
ROWS = ".weigh-table tbody tr"


@pytest.fixture
def pilot(chromium: webdriver.Chrome, stage: Stage) -> Pilot:
    return Pilot(chromium, stage)


def weighings() -> list[Weighing]:
    """One that counts, and a later one at another balance that is refused for two reasons."""
    good = replace(weighing(NOW - 60 * SECOND, net=79.5004), gross=100.0004, tare=20.5, batch="240611A")
    refused = replace(
        weighing(NOW - 30 * SECOND, accepted=False, net=None), source="big-scale", method=WeighingMethod.TRIGGER,
        refusals=(Refusal.BROKEN, Refusal.SECOND_CHECK), detail="another weighing was under way", operator=None,
        second=None, second_required=True, lot=None, unit=None,
    )  # fmt: skip
    return [good, refused]


SAID = {
    "en": (
        ("2026-06-11 12:02:22 UTC+8", "asked for by a person", "accepted", "net 79.5004 g",
         "gross 100.0004 g, tare 20.5 g", "scale", "number B021002593", "calibrated until 2026-12-13", "li",
         "checked by wang", "lot L-77", "batch 240611A"),
        ("asked for by another system", "refused", "could not be finished, second check missing or by the same person",
         "another weighing was under way", "no weight", "big-scale", "operator not told", "second check missing",
         "lot not told"),
    ),
    "zh": (
        ("2026-06-11 12:02:22 UTC+8", "由人员发起", "有效", "净重 79.5004 g", "毛重 100.0004 g，皮重 20.5 g", "scale",
         "编号 B021002593", "校准有效期至 2026-12-13", "li", "复核 wang", "物料批号 L-77", "产品批号 240611A"),
        ("由其他系统发起", "拒绝", "未能完成，缺少复核，或复核为同一人", "another weighing was under way", "无重量",
         "big-scale", "未说明操作人", "缺少复核", "未说明物料批号"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", SAID)
def test_a_weighing_is_told_whole_and_a_refused_one_with_its_reasons(
    pilot: Pilot, language: str, size: tuple[int, int]
) -> None:
    """Newest first, times in the plant's zone, which is named, and weights as the balance showed them."""
    pilot.stage.receive(*weighings())
    pilot.open(f"/{language}/weighings", size)
    refused, good = (row.text for row in pilot.driver.find_elements(By.CSS_SELECTOR, ROWS))
    assert [text for text in SAID[language][0] if text not in good] == []
    assert [text for text in SAID[language][1] if text not in refused] == []
    assert "Asia/Shanghai" in "".join(pilot.texts(".zone"))
    assert len(pilot.driver.find_elements(By.CSS_SELECTOR, f"{ROWS} .mark.alert")) == 1
    assert pilot.driver.execute_script("return document.documentElement.scrollWidth") <= size[0]
    for cell in pilot.driver.find_elements(By.CSS_SELECTOR, f"{ROWS} td"):
        assert pilot.driver.execute_script("return arguments[0].scrollWidth - arguments[0].clientWidth", cell) <= 0


def test_weighings_are_chosen_by_balance_and_outcome_in_the_address(pilot: Pilot) -> None:
    """A click keeps what was chosen before; the page's twin for programs gives the same."""
    pilot.stage.receive(*weighings(), replace(weighing(NOW - 90 * SECOND), source="big-scale"))
    pilot.open("/en/weighings?range=1d")
    assert len(pilot.texts(ROWS)) == 3
    pilot.driver.find_element(By.LINK_TEXT, "big-scale").click()
    pilot.until(lambda: len(pilot.texts(ROWS)) == 2)
    pilot.driver.find_element(By.LINK_TEXT, "refused").click()
    pilot.until(lambda: len(pilot.texts(ROWS)) == 1)
    assert pilot.driver.current_url.endswith("/en/weighings?range=1d&balance=big-scale&outcome=refused")
    assert pilot.texts(".buttons [aria-current=true]") == ["1 d", "refused", "big-scale"]
    pilot.driver.find_element(By.CSS_SELECTOR, ".foot a").click()
    (row,) = json.loads(pilot.until(lambda: pilot.text("pre")))["weighings"]
    assert (row["source"], row["refusals"], row["net"]) == ("big-scale", ["BROKEN", "SECOND_CHECK"], None)
    pilot.driver.back()
    pilot.until(lambda: pilot.driver.find_elements(By.LINK_TEXT, "1 h"))[0].click()
    pilot.until(lambda: "range=1h&balance=big-scale&outcome=refused" in pilot.driver.current_url)
    pilot.until(lambda: len(pilot.texts(ROWS)) == 1)


def test_a_new_weighing_appears_by_itself_and_leads_to_its_record(pilot: Pilot) -> None:
    """By its number."""
    pilot.open("/en/weighings")
    pilot.sees("No weighing was recorded in this range.")
    pilot.stage.receive(weighings()[0])
    pilot.stage.wait(6)
    pilot.sees("net 79.5004 g", ROWS)
    assert "No weighing was recorded" not in pilot.text()
    pilot.driver.find_element(By.CSS_SELECTOR, f"{ROWS} td:last-child a").click()
    pilot.until(lambda: "/en/r/s/" in pilot.driver.current_url)
    pilot.sees("Weighing, record", "h1")


def test_of_very_many_weighings_the_newest_are_listed(pilot: Pilot) -> None:
    """And the page says so."""
    pilot.stage.receive(*(weighing(NOW - at * SECOND) for at in range(SHOWN + 1)))
    pilot.open("/en/weighings")
    assert len(pilot.texts(ROWS)) == SHOWN
    pilot.sees(f"Only the newest {SHOWN} are listed")
