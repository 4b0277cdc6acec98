"""Verifying in front of whoever reads: by button and by program, what holds and what does not."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from gateway.archive.archive import Archive
from gateway.bundle.archived import Proofs
from gateway.console import verifying
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey
from tests.gateway.archives import archived
from tests.gateway.console.pilot import PATIENCE, PHONE, Pilot
from tests.gateway.console.stage import Stage
from tests.gateway.published import COUNT, NODE, ONE, key


@pytest.fixture
def own() -> SigningKey:
    return key()


@pytest.fixture
def proven(stage: Stage, own: SigningKey, tmp_path: Path) -> Iterator[Stage]:
    """A console whose archive holds the stream ONE, sealed and confirmed."""
    archive, before = archived(tmp_path, own), stage.desk.archive
    stage.desk.archive, stage.desk.proofs = archive, Proofs(NODE, public_keys(own))
    stage.do(lambda: stage.desk.live.streams.update(archive.standings()))
    yield stage
    stage.desk.verifying.stop()
    over(stage)
    stage.desk.archive, stage.desk.proofs = before, None
    archive.close()


@pytest.fixture
def pilot(chromium: webdriver.Chrome, proven: Stage) -> Pilot:
    return Pilot(chromium, proven)


def ask(stage: Stage, method: str = "GET", query: str = "") -> tuple[int, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{stage.address}/api/verification{query}", method=method)  # noqa: S310 - http
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def over(stage: Stage) -> Any:
    """The check, once it is over."""
    check = stage.desk.verifying.check
    if check is None:
        return None
    WebDriverWait(stage, PATIENCE, 0.05).until(lambda _: not ask(stage)[1]["running"])  # type: ignore[type-var]
    return ask(stage)[1]


def altered(archive: Archive) -> None:
    archive.rows("UPDATE entries SET octets = octets || '\\x00'::BLOB WHERE number = 9")


def test_a_program_begins_a_check_and_reads_what_holds(proven: Stage) -> None:
    """Every record is computed anew, and the seal's key and the receipt are named."""
    assert ask(proven) == (200, None)
    status, begun = ask(proven, "POST")
    assert (status, begun["waiting"]) == (202, [ONE.name])
    (found,) = over(proven)["streams"]
    assert (found["verdict"], found["done"], found["size"]) == ("HOLDS", COUNT, COUNT)
    assert (found["receipt"], found["altered"], found["missing"]) == (True, [], None)
    assert found["key"].startswith("cmo-a/")


def test_what_was_altered_in_the_archive_is_named(proven: Stage) -> None:
    """One octet more under one number."""
    altered(proven.desk.archive)
    ask(proven, "POST", f"?stream={ONE.name}")
    (found,) = over(proven)["streams"]
    assert (found["verdict"], found["altered"]) == ("ALTERED", [9])


def test_a_key_that_is_trusted_no_more_proves_nothing(proven: Stage) -> None:
    """Although all leaves are as they were."""
    proven.desk.proofs = Proofs(NODE, public_keys(key()))
    ask(proven, "POST")
    (found,) = over(proven)["streams"]
    assert found["verdict"] == "NOT_TRUSTED"


def test_without_a_seal_nothing_is_said(proven: Stage) -> None:
    """Nor where the archive has none of the stream."""
    proven.desk.archive.rows("UPDATE streams SET receipt = NULL")
    ask(proven, "POST")
    (found,) = over(proven)["streams"]
    assert found["verdict"] == "NO_SEAL"


def test_what_could_not_be_verified_does_not_look_as_if_it_held(proven: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check ends, and another one may begin."""

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(verifying, "entries_between", broken)
    ask(proven, "POST")
    (found,) = over(proven)["streams"]
    assert found["verdict"] == "FAILED"
    assert ask(proven, "POST")[0] == 202


def test_one_check_at_a_time_and_it_can_be_stopped(proven: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is refused; what was stopped says nothing of its stream."""
    monkeypatch.setattr(verifying, "FIRST", 1)
    monkeypatch.setattr(verifying, "MOST", 1)
    monkeypatch.setattr(verifying, "FEWEST", 1)
    monkeypatch.setattr(verifying, "RESTS", 1e9)
    ask(proven, "POST")
    assert ask(proven, "POST")[0] == 409
    assert ask(proven, "DELETE")[0] == 200
    (found,) = over(proven)["streams"]
    assert found["verdict"] == "STOPPED"
    monkeypatch.undo()
    assert ask(proven, "POST")[0] == 202


def test_a_stream_that_is_not_there_is_not_checked(proven: Stage) -> None:
    """And nothing begins."""
    assert ask(proven, "POST", "?stream=nothing")[0] == 404
    assert proven.desk.verifying.check is None


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "begin", "holds", "wrong"),
    [
        ("en", "Verify now", f"holds: all {COUNT} records were computed anew", "1 records are not what they were"),
        ("zh", "立即验证", f"通过：{COUNT} 条记录已全部重新计算", "1 条记录与收到时不同"),
    ],
)
def test_a_reader_watches_a_check_end_well_and_badly(
    pilot: Pilot, language: str, begin: str, holds: str, wrong: str
) -> None:
    """On the page of all streams and on that of one, pushed without a reload; an altered record is one click away."""
    pilot.open(f"/{language}/evidence?range=1h")
    press(pilot, begin)
    pilot.sees(holds, ".outcomes")
    altered(pilot.stage.desk.archive)
    pilot.open(f"/{language}/evidence/{ONE.name}", PHONE)
    pilot.sees(holds, ".outcomes")
    press(pilot, begin)
    pilot.sees(wrong, ".outcomes")
    assert pilot.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    address = pilot.driver.find_element(By.CSS_SELECTOR, ".outcomes a").get_attribute("href")
    assert str(address).endswith(f"/{language}/r/{ONE.name}/9")
    assert pilot.complaints() == []


def press(pilot: Pilot, text: str) -> None:
    """The button, away from the bar at a phone's foot."""
    button = pilot.driver.find_element(By.XPATH, f"//button[.='{text}']")
    pilot.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
