"""The pages of batches in a real browser, in both languages, wide and narrow."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from gateway.console.pages.batch import TABS
from gateway.console.words import Language, words_in
from gateway.redaction.redact import Reason, redact
from gateway.review.judging import Judging
from gateway.review.settings import Agreed
from schemas.derived import changed
from schemas.exported import MaterialMovement, OrderStatus
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.batches.records import (
    ASSAY,
    BATCH,
    CLEARED,
    DEVIATION,
    MASTERS,
    ORDER,
    RECORDS,
    STEPS,
    another,
    at,
    corrected,
)
from tests.gateway.console.pilot import DESKTOP, PHONE, Pilot
from tests.gateway.console.stage import Stage
from tests.gateway.messages import alarm, frame, gap

pytestmark = pytest.mark.browser
SIZES = [("en", DESKTOP), ("zh", DESKTOP), ("en", PHONE), ("zh", PHONE)]
HOSTILE = '<script>document.title="taken"</script> :onclick {{ 7*7 }}'
RAISED = replace(
    alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, at(60), alarm=UUID(int=1), since=at(59), tag="F1.DP.M1"),
    room="F1",
)


@pytest.fixture
def pilot(chromium: webdriver.Chrome, stage: Stage) -> Pilot:
    stage.time = at(1000)
    stage.do(lambda: setattr(stage.desk, "masters", MASTERS))
    hidden, _ = redact(changed(CLEARED, items="next to C-1"), "s", {"items": Reason("NAMED-TERMS", "next to ███")})
    records = [hidden if one is CLEARED else one for one in RECORDS if one is not STEPS[3]]
    pressure = [frame({"F1.DP.M1": value}, received=at(minute)) for minute, value in ((40, 12.5), (60, 7.8))]
    wrong = corrected(ASSAY, value=90.0, reported="90.0")
    stage.receive(*records, wrong, *pressure, RAISED, replace(gap(at(70), at(80)), tags=("F1.DP.M1",)))
    stage.do(lambda: Judging(stage.desk.archive, Agreed(), ZoneInfo("Asia/Shanghai")).turn(at(1000)))
    return Pilot(chromium, stage)


SAID = {
    "en": {
        "pieces": ("fill", "missing", "not completed", "there", "Assay"),
        "findings": ("Result out of specification (OOS)", "Assay S-1", "failed", "TestResult lims S-1|Assay v2"),
        "steps": ("weigh", "completed", "M1", "BAL-1", "checked by wang"),
        "weighings": ("accepted", "net 100 g", "lot RM-1"),
        "rooms": ("Aseptic filling", "7.8 Pa – 12.5 Pa", "F1 → M1 below the action limit", "device silent"),
        "tests": ("Assay", "90.0 %", "≥ 95 ≤ 105 %", "SP-7, version 3", "passes", "outside", "out of specification",
                  "contradicts the conclusion"),
        "materials": ("lot RM-1 of API", "issued · 5 kg", "supplier's lot FC-77 of Fine Chemicals", "received · 25 kg",
                      "100 %", "It went into nothing that is known."),
        "events": ("DEV-26-031", "Differential below limit while filling", "open, under investigation"),
        "documents": ("BPR-240611A", "ab" * 32, "archive 3"),
        "corrections": ("99.1", "90", "li", "typo", "number"),
        "records": ("Batch order", "master batch record: MBR-2", "Line clearance", "Signature",
                    "Withheld by agreement", "LineClearance.items", "NAMED-TERMS", "next to ███"),
    },
    "zh": {
        "pieces": ("fill", "缺失", "未完成", "有"),
        "findings": ("检验结果", "Assay S-1", "TestResult lims S-1|Assay v2"),
        "steps": ("weigh", "完成", "M1", "复核 wang"),
        "weighings": ("有效", "净重 100 g", "物料批号 RM-1"),
        "rooms": ("无菌灌装间", "7.8 Pa – 12.5 Pa", "F1 → M1 低于纠偏限度", "设备无应答"),
        "tests": ("Assay", "90.0 %", "SP-7，版本 3", "合格", "超出", "超标", "与结论矛盾"),
        "materials": ("物料批号 RM-1（API）", "发放 · 5 kg", "供应商批号 FC-77（Fine Chemicals）", "100 %"),
        "events": ("DEV-26-031", "未关闭，under investigation"),
        "documents": ("BPR-240611A", "archive 3"),
        "corrections": ("99.1", "90", "li", "typo", "数值"),
        "records": ("生产指令", "工艺规程：MBR-2", "清场", "签名", "按协议不予披露", "next to ███"),
    },
}  # fmt: skip


@pytest.mark.parametrize(("language", "size"), SIZES)
def test_everything_of_a_batch_is_on_its_page(pilot: Pilot, language: str, size: tuple[int, int]) -> None:
    """By tab; nothing is wider than the window, and nothing complains."""
    for tab in TABS:
        pilot.open(f"/{language}/batches/{BATCH}?tab={tab}", size)
        text = pilot.text("main")
        assert [one for one in SAID[language][tab] if one not in text] == [], tab
        assert pilot.driver.execute_script("return document.documentElement.scrollWidth") <= size[0], tab
        current = pilot.texts(".tabs [aria-current=page]")
        assert current == [words_in(Language(language))(f"batches.tabs.{tab}")]
    assert pilot.complaints() == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_findings_of_all_batches_are_listed(pilot: Pilot, language: str) -> None:
    """Each leads to its batch."""
    pilot.open(f"/{language}/findings", DESKTOP)
    pilot.sees("TestResult lims S-1|Assay v2", "main")
    assert pilot.driver.find_elements(By.CSS_SELECTOR, f"main a[href*='/batches/{BATCH}']")
    assert pilot.complaints() == []


def test_numbers_of_any_signs_have_pages(pilot: Pilot) -> None:
    """The list leads to the batch, and the switch of language to the same batch."""
    number = "24/06#1?a 批&%2F"
    pilot.stage.receive(another(ORDER, batch=number))
    pilot.open("/en/batches", DESKTOP)
    pilot.sees(number, ".batch-table")
    for language in ("en", "zh"):
        links = pilot.driver.find_elements(By.CSS_SELECTOR, ".batch-table a" if language == "en" else "a.switch")
        (address,) = [one.get_attribute("href") for one in links if number in one.text or language == "zh"]
        pilot.driver.get(str(address))
        pilot.until(lambda: number in pilot.text("h1"))


@pytest.mark.parametrize(("language", "size"), SIZES)
def test_a_batch_has_one_time_line(pilot: Pilot, language: str, size: tuple[int, int]) -> None:
    """A lane for each room, then alarms, weighings, tests, materials, deviations; each piece says what and when."""
    pilot.open(f"/{language}/batches/{BATCH}", size)
    names = pilot.texts(".lane-name")
    assert [name.split()[0] for name in names[:2]] == ["M1", "F1"]
    assert len(names) == 8
    told = pilot.texts(".piece .sr")
    assert any("2026-06-11 09:06:40 UTC+8" in text and "2026-06-11 09:26:40 UTC+8" in text for text in told)
    assert len(pilot.driver.find_elements(By.CSS_SELECTOR, ".piece.action")) == 2
    assert len(pilot.driver.find_elements(By.CSS_SELECTOR, ".piece.open")) == 2


@pytest.mark.parametrize(("language", "size"), SIZES)
def test_batches_are_listed_and_lead_to_lots(pilot: Pilot, language: str, size: tuple[int, int]) -> None:
    """From the list to a batch; from a lot, by its supplier's number, to the batch."""
    pilot.open(f"/{language}/batches", size)
    pilot.sees(BATCH, ".batch-table")
    assert pilot.driver.execute_script("return document.documentElement.scrollWidth") <= size[0]
    pilot.driver.find_element(By.CSS_SELECTOR, "input[name=lot]").send_keys("FC-77")
    pilot.driver.find_element(By.CSS_SELECTOR, "form.window button").click()
    pilot.until(lambda: "/lots?lot=FC-77" in pilot.driver.current_url)
    pilot.sees(BATCH, ".downstream")
    assert pilot.driver.execute_script("return document.documentElement.scrollWidth") <= size[0]
    pilot.driver.find_element(By.CSS_SELECTOR, ".downstream a").click()
    pilot.until(lambda: f"/{language}/batches/{BATCH}" in pilot.driver.current_url)
    pilot.sees(BATCH, "h1")
    assert pilot.complaints() == []


def test_a_number_of_two_products_shows_both_and_mixes_nothing(pilot: Pilot) -> None:
    """The page says so, and a record that names no product stands apart."""
    pilot.stage.receive(another(ORDER, product="P-009", status=OrderStatus.STARTED), another(CLEARED, product=None))
    pilot.open(f"/en/batches/{BATCH}?tab=steps")
    pilot.sees("This number is used by several products", ".notice")
    assert "Line clearance" in pilot.text(".undecided")
    assert "BAL-1" in pilot.text("main")
    pilot.driver.find_element(By.LINK_TEXT, "P-009").click()
    pilot.until(lambda: "product=P-009" in pilot.driver.current_url)
    pilot.until(lambda: pilot.texts(".buttons [aria-current=true]") == ["P-009"])
    assert "BAL-1" not in pilot.text("main")
    pilot.open("/en/batches")
    pilot.until(lambda: len(pilot.texts(".batch-table tbody tr")) == 3)
    assert "number used by several products" in pilot.text(".batch-table")


def test_what_arrives_late_appears_by_itself(pilot: Pilot) -> None:
    """And a missing piece is missing no more."""
    pilot.open(f"/en/batches/{BATCH}")
    pilot.sees("1 missing, 0 cannot be told, of 10", ".figures")
    pilot.stage.receive(STEPS[3])
    pilot.stage.wait(11)
    pilot.sees("all 10 are there", ".figures")


def test_text_of_a_record_is_only_ever_text(pilot: Pilot) -> None:
    """On every tab, on the time line, in the list and in a trace."""
    hostile = replace(DEVIATION, key="x", reference=HOSTILE, title=HOSTILE, status=HOSTILE, grade=HOSTILE)
    moved = next(one for one in RECORDS if isinstance(one, MaterialMovement) and one.batch)
    pilot.stage.receive(
        hostile, another(moved, lot=HOSTILE, material=HOSTILE, supplier=HOSTILE), another(ORDER, batch=HOSTILE),
        corrected(CLEARED, stage=HOSTILE, why=HOSTILE), another(ASSAY, test=HOSTILE, reported=HOSTILE),
        replace(STEPS[0], key="x", step=HOSTILE, name=HOSTILE, room=HOSTILE, comment=HOSTILE),
    )  # fmt: skip
    for path in (*(f"/batches/{BATCH}?tab={tab}" for tab in TABS), "/batches", "/lots?lot=FC-77"):
        pilot.open(f"/en{path}")
        assert pilot.driver.title != "taken"
    assert pilot.complaints() == []


def test_the_pages_have_their_twins_for_programs(pilot: Pilot) -> None:
    """The page's foot leads there; the same batch."""
    pilot.open(f"/en/batches/{BATCH}")
    address = pilot.driver.find_element(By.CSS_SELECTOR, ".foot a").get_attribute("href")
    assert address == f"{pilot.stage.address}/api/batches/{BATCH}"
    (whole,) = data(pilot, str(address))
    assert whole["batch"]["number"] == BATCH
    assert {one["verdict"] for one in whole["answers"]} == {"PRESENT", "MISSING"}
    (row,) = data(pilot, f"{pilot.stage.address}/api/batches")["batches"]
    assert (row["number"], row["open"]) == (BATCH, 1)
    found = data(pilot, f"{pilot.stage.address}/api/lots/RM-1")
    assert [link["basis"] for link in found["down"]] == ["ISSUE", "WEIGHING"]


def data(pilot: Pilot, address: str) -> Any:
    pilot.driver.get(address)
    return json.loads(pilot.until(lambda: pilot.text("pre")))


def test_a_number_that_nothing_names_is_not_found(pilot: Pilot) -> None:
    """As with every page."""
    pilot.open("/en/batches/nothing")
    pilot.sees("Nothing here", "h1")
