"""The page of the capability report in a real browser, and the files and data behind it."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from gateway.access.roles import Role
from gateway.access.viewer import Viewer
from gateway.bundle.archived import Proofs
from gateway.bundle.zipped import read_zipped
from gateway.capability.signed import check
from gateway.checking.trust import Trust
from gateway.proof.keys import public_keys
from schemas.exported import Origin
from tests.gateway.capability.support import END, filled, result
from tests.gateway.console.pilot import DESKTOP, PHONE, Pilot
from tests.gateway.console.stage import Stage
from tests.gateway.published import NODE

PERIOD = "from=2026-06-11T12:00:00&to=2026-06-11T13:00:00"


@pytest.fixture
def hour(stage: Stage) -> Iterator[Stage]:
    """The stage at the end of an hour in which all but one result is as it should be."""
    stage.time = END
    stage.desk.archive = filled([result("T-3", Origin.KEYED)])
    stage.desk.proofs = Proofs(NODE, [])
    yield stage
    stage.desk.proofs = None


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "size", "said"),
    [
        ("en", DESKTOP, ("Keyed by hand without a second check: 1", "98.33 %", "not met")),
        ("zh", PHONE, ("1 条手工录入未经第二人复核", "98.33 %", "不满足")),
    ],
)
def test_reports_lead_to_what_is_met_and_what_is_not(
    chromium: webdriver.Chrome, hour: Stage, language: str, size: tuple[int, int], said: tuple[str, ...]
) -> None:
    """By visible links, with figures; nothing is wider than the page, and the signed file is there."""
    pilot = Pilot(chromium, hour)
    pilot.open(f"/{language}/reports", size)
    link = chromium.find_element(By.CSS_SELECTOR, f"main a[href='/{language}/capability']")
    chromium.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)  # a phone's menu covers the end
    link.click()
    pilot.until(lambda: "/capability" in chromium.current_url)
    pilot.open(f"/{language}/capability?{PERIOD}", size)
    for text in said:
        pilot.sees(text, "main")
    assert chromium.execute_script("return document.documentElement.scrollWidth") <= size[0]
    assert pilot.complaints() == []
    files = [str(one.get_attribute("href")) for one in chromium.find_elements(By.CSS_SELECTOR, "main a[download]")]
    assert [address.partition("?")[0].rpartition(".")[2] for address in files] == ["zip", "pdf"]


def test_the_signed_file_is_what_the_nodes_key_signed(hour: Stage, tmp_path: Path) -> None:
    """It holds the figures that the twin of the page gives."""
    answer = httpx.get(f"{hour.address}/api/capability/report.zip?{PERIOD}&language=zh", timeout=60)
    (tmp_path / "r.zip").write_bytes(answer.raise_for_status().content)
    files, faults = read_zipped(tmp_path / "r.zip", lambda _: None)
    (name,) = (one for one in files if one.endswith(".note"))
    note = files.pop(name)
    assert (faults, len(check(files, note, Trust(public_keys(NODE))))) == ([], 3)
    (data,) = (octets for one, octets in files.items() if one.endswith(".json"))
    assert json.loads(data) == httpx.get(f"{hour.address}/api/capability?{PERIOD}", timeout=60).json()


def test_the_pdf_can_be_read_without_a_key(hour: Stage) -> None:
    """But nothing is signed then."""
    hour.desk.proofs = None
    assert httpx.get(f"{hour.address}/api/capability/report.pdf?{PERIOD}", timeout=60).content.startswith(b"%PDF-")
    assert httpx.get(f"{hour.address}/api/capability/report.zip?{PERIOD}", timeout=60).status_code == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?from=2030-01-01T00:00&to=2030-01-02T00:00", "nothing of this period has passed"),
        ("?from=2020-01-01T00:00&to=2026-01-02T00:00", "a year at most"),
        ("/report.pdf?language=fr", "Input should be 'en' or 'zh'"),
    ],
)
def test_what_cannot_be_reported_is_refused(hour: Stage, query: str, said: str) -> None:
    """With what is wrong."""
    answer = httpx.get(f"{hour.address}/api/capability{query}", timeout=60)
    assert (answer.status_code, said in str(answer.json()["detail"])) == (422, True)


@pytest.mark.parametrize("role", list(Role))
def test_who_may_see_reports_may_see_it(role: Role) -> None:
    """No operator and no administrator."""
    viewer = Viewer("1", "Wang Fang", frozenset({role}))
    assert viewer.may("/capability/report.zip") is viewer.may("/reports")
    assert viewer.may("/capability") is (role not in {Role.OPERATOR, Role.ADMINISTRATOR})
