"""The page of the agreement in a real browser, in both languages, wide and narrow."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from gateway.agreement.loading import load_agreement
from gateway.agreement.shelf import Shelf
from gateway.agreement.signing import ENDING, sign
from gateway.proof.note import SigningKey
from schemas.withheld import WhyWithheld, Withdrawn, Withheld
from tests.gateway.agreement.making import CMO, HOLDER, SIGNED, TRUST, listed, sample
from tests.gateway.console.pilot import DESKTOP, PHONE, Pilot
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND

ROWS = ".clauses tbody tr"


def put(folder: Path, name: str, *keys: SigningKey) -> None:
    """The sample, with the signatures of these keys beside it."""
    data = yaml.safe_load(sample())
    data["holder"]["keys"], data["cmo"]["keys"] = listed(HOLDER), listed(CMO)
    data["agreement"] = name
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    note: bytes | None = None
    for key in keys:
        note = sign(load_agreement(file), file.read_bytes(), key, SIGNED, note)
    if note is not None:
        file.with_name(file.name + ENDING).write_bytes(note)


@pytest.fixture
def pilot(chromium: webdriver.Chrome, stage: Stage, tmp_path: Path) -> Iterator[Pilot]:
    put(tmp_path, "holder-b", HOLDER, CMO)
    put(tmp_path, "other", HOLDER)
    stage.desk.agreements = Shelf(tmp_path, TRUST)
    yield Pilot(chromium, stage)
    stage.desk.agreements = None


SAID = {
    "en": (
        "Weighing, filling and freeze-drying rooms",
        "W1, F1, L1",
        "120 min before it",
        "measurements, alarms, gaps",
    ),
    "zh": ("称量、灌装、冻干装载间", "W1、F1、L1", "之前 120 分钟", "测量值、报警、数据缺口"),
}


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", SAID)
def test_the_page_names_the_version_in_force_and_each_clause(
    pilot: Pilot, language: str, size: tuple[int, int]
) -> None:
    """What is exchanged, of what, when; the file that one party did not sign does not count, and says why."""
    pilot.open(f"/{language}/agreement", size)
    first, *_ = pilot.texts(ROWS)
    assert [text for text in SAID[language] if text not in first] == []
    assert len(pilot.texts(ROWS)) == len(yaml.safe_load(sample())["exchange"])
    assert "2026-01-01 00:00:00 UTC+8" in pilot.text("main")
    assert "other.yaml" in pilot.text("main ul.plain")
    assert pilot.driver.execute_script("return document.documentElement.scrollWidth") <= size[0]


@pytest.mark.browser
def test_the_data_of_the_page_are_those_of_the_page(pilot: Pilot) -> None:
    """Its twin for programs has the version in force with its hash."""
    pilot.open("/en/agreement")
    pilot.driver.find_element(By.CSS_SELECTOR, ".foot a").click()
    view = json.loads(pilot.until(lambda: pilot.text("pre")))
    (version,) = view["versions"]
    assert (version["agreement"], version["in_force"], len(version["sha256"])) == ("holder-b", True, 64)
    assert [one["file"] for one in view["doubts"]] == ["other.yaml"]


@pytest.mark.browser
def test_the_agreement_is_had_as_a_paper(pilot: Pilot) -> None:
    """In each form, with the hash of what both signed; of what is not there, or not signed by both, there is none."""
    pilot.open("/zh/agreement")
    buttons = [str(one.get_attribute("href")) for one in pilot.driver.find_elements(By.CSS_SELECTOR, "main .buttons a")]
    assert [one.split("paper.")[1].split("?")[0] for one in buttons] == ["html", "docx", "pdf"]
    page, word, pdf = (httpx.get(one, timeout=60, trust_env=False) for one in buttons)
    shelf = pilot.stage.desk.agreements
    assert shelf is not None
    (version,) = shelf.signed().versions
    assert version.sha256 in page.text.replace(" ", "")
    assert "药品委托生产质量协议" in page.text
    assert (word.content[:2], pdf.content[:5]) == (b"PK", b"%PDF-")
    assert 'filename="holder-b-v1.pdf"' in pdf.headers["content-disposition"]
    english = httpx.get(f"{buttons[0]}&language=en", timeout=60, trust_env=False)
    assert "药品委托生产质量协议" not in english.text
    wrong = {"version=1": "version=9", "agreement=holder-b": "agreement=other", "paper.html": "paper.exe"}
    for good, bad in wrong.items():
        assert httpx.get(buttons[0].replace(good, bad), trust_env=False).status_code == 404
    assert httpx.get(buttons[0].replace("version=1", "version=one"), trust_env=False).status_code == 422


WITHHELD = {
    "en": ("1\u202f234", "another's batch was there", "1\u202f234 readings of this room were not yours"),
    "zh": ("1\u202f234", "期间为他方批次", "本房间有 1\u202f234 个读数不属于本持有人"),
}


@pytest.mark.browser
@pytest.mark.parametrize("language", WITHHELD)
def test_what_was_withheld_is_told_with_its_clause_and_reason(pilot: Pilot, language: str) -> None:
    """On the evidence page, from there to the clause; on the room's; and what came and is another's now."""
    clause = yaml.safe_load(sample())["exchange"][0]["clause"]
    version = yaml.safe_load(sample())["version"]
    name = f"holder-b v{version} {clause}"
    began, ended = NOW - 900 * SECOND, NOW - 300 * SECOND
    pilot.stage.receive(
        Withheld(
            system="line-3", key="k", holder="holder-b", room="F1", clause=name, reason=WhyWithheld.OTHER_BATCH,
            samples=1234, began=began, time=ended,
        ),
        Withdrawn(
            system="line-3", key="w", holder="holder-b", room="F1", clause=name, began=began, ended=ended, time=NOW
        ),
    )  # fmt: skip
    samples, why, sentence = WITHHELD[language]
    pilot.open(f"/{language}/rooms?room=F1")
    pilot.until(lambda: sentence in "".join(pilot.texts("ul.withheld li")))
    pilot.open(f"/{language}/evidence?range=1h", PHONE)
    assert pilot.driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
    counted, back = pilot.texts("table.withheld tbody tr")
    assert [text for text in ("F1", samples, name, why, "11:48:22") if text not in counted] == []
    assert "s #" in back
    pilot.driver.find_element(By.CSS_SELECTOR, "table.withheld a").send_keys(Keys.ENTER)
    row = f"[id='clause-{name.replace(' ', '-')}']"
    pilot.until(lambda: clause in pilot.text(row))
    script = f'return document.querySelector("{row}").getBoundingClientRect().top < innerHeight'
    pilot.until(lambda: pilot.driver.execute_script(script))


def test_a_folder_is_read_again_when_a_file_changes(tmp_path: Path) -> None:
    """And only then."""
    shelf = Shelf(tmp_path, TRUST)
    put(tmp_path, "holder-b", HOLDER)
    assert shelf.signed().versions == ()
    put(tmp_path, "holder-b", HOLDER, CMO)
    found = shelf.signed()
    assert len(found.versions) == 1
    assert shelf.signed() is found
