"""The page of the agreement in a real browser, in both languages, wide and narrow."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from selenium import webdriver
from selenium.webdriver.common.by import By

from gateway.agreement.loading import load_agreement
from gateway.agreement.shelf import Shelf
from gateway.agreement.signing import ENDING, sign
from gateway.proof.note import SigningKey
from tests.gateway.agreement.making import CMO, HOLDER, SIGNED, TRUST, listed, sample
from tests.gateway.console.pilot import DESKTOP, PHONE, Pilot
from tests.gateway.console.stage import Stage

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


def test_a_folder_is_read_again_when_a_file_changes(tmp_path: Path) -> None:
    """And only then."""
    shelf = Shelf(tmp_path, TRUST)
    put(tmp_path, "holder-b", HOLDER)
    assert shelf.signed().versions == ()
    put(tmp_path, "holder-b", HOLDER, CMO)
    found = shelf.signed()
    assert len(found.versions) == 1
    assert shelf.signed() is found
