"""The demo, as somebody who never saw it: from the overview, by visible links alone, to what matters in five clicks."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.gateway.console.conftest import chromium  # noqa: F401 - a fixture
from tests.gateway.console.pilot import Reader
from tests.gateway.running_commands import call

ROOT = Path(__file__).parents[2]
DEMO = ROOT / ".cache" / "demo"
BATCH = "B2611043"
"""The batch that is being filled while the door is held open."""
MOST = 5
"""Clicks from the overview."""


class Walk:
    """A reader who clicks only what can be seen, and counts."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.clicks = 0

    def begin(self) -> "Walk":
        """At the overview."""
        self._reader.open("/en")
        self.clicks = 0
        return self

    def click(self, text: str, within: str = "body") -> None:
        """The first link or button in view of which the text is a part; the page it leads to is waited for."""
        before = self._reader.driver.current_url
        self.clicks += 1
        assert self.clicks <= MOST, f"{text} is more than {MOST} clicks away"
        (download,) = self._reader.until(lambda: self._clicked(text, within))
        if download is None:
            self._reader.until(lambda: self._reader.driver.current_url != before)
            self._reader.until(lambda: self._reader.driver.execute_script("return window.did_handshake === true"))

    def _clicked(self, text: str, within: str) -> tuple[str | None] | None:
        """Found and clicked at once: a page that follows its desk may have made it anew in between."""
        found = self._found(text, within)
        if found is None:
            return None
        self._reader.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        download = found.get_dom_attribute("download")
        found.click()
        return (download,)

    def _found(self, text: str, within: str) -> WebElement | None:
        links = self._reader.driver.find_elements(By.CSS_SELECTOR, f"{within} a, {within} button")
        return next((link for link in links if text in link.text and link.is_displayed()), None)


@pytest.fixture(scope="module")
def demo(kafka_ready: None) -> Iterator[str]:
    """The demo with its batches; its console, once the alarm has come and gone."""
    command = [sys.executable, "-m", "simulators.demo", "--port", "0"]
    environment = {**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        try:
            assert running.stdout is not None
            address, told = "", []
            for line in running.stdout:
                told.append(line)
                if found := re.search(r"Console of holder-b: (http://\S+)/en", line):
                    address = found[1]
                if "M1.DP.C1.LOW returned" in line:
                    break
            assert address, "".join(told)
            yield address
        finally:
            running.send_signal(signal.SIGINT)
            running.communicate(timeout=120)


@pytest.fixture
def walk(chromium: webdriver.Chrome, demo: str) -> Walk:  # noqa: F811 - a fixture
    return Walk(Reader(chromium, demo)).begin()


@pytest.mark.kafka
@pytest.mark.browser
def test_the_excursion_in_its_trend_with_the_batch_in_it(walk: Walk) -> None:
    """The alarm, then the trend around it; the batch that was there is named and is a link."""
    walk.click("M1 → C1", "main")
    walk.click("Open in trend", "main")
    walk._reader.sees(f"Batch {BATCH} in F1")
    walk._reader.sees("M1 → C1 below the action limit")
    walk.click(f"Batch {BATCH}", "main")
    walk._reader.sees(f"Batch {BATCH}", "h1")


@pytest.mark.kafka
@pytest.mark.browser
def test_what_is_missing_of_a_batch(walk: Walk) -> None:
    """What its master record wants and what has not come, by name."""
    walk.click("Batches", "nav")
    walk.click(BATCH, "main")
    walk.click("Missing pieces", "main")
    walk._reader.sees("not come so far")
    walk._reader.sees("Sterility")


@pytest.mark.kafka
@pytest.mark.browser
def test_the_proof_of_one_record_holds_with_no_network(walk: Walk, tmp_path: Path) -> None:
    """Of what the alarm began with: downloaded, and checked by the command with the owners' keys alone."""
    walk._reader.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    walk.click("M1 → C1", "main")
    walk.click("record", "main td")
    walk._reader.sees("in the sealed list")
    walk.click("Download proof (ZIP)", "main")
    (proof,) = walk._reader.until(lambda: list(tmp_path.glob("*.zip")))
    trust = [word for name in ("agent", "holder-b") for word in ("--trust", str(DEMO / f"{name}.vkey"))]
    done = call(tmp_path, "verify", proof.name, *trust)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(
        r"cmo-a\.line-3\.holder-b\.[a-z]+\.v1: entries [\d, to]+ of \d+, proven by the seal of", done.stdout
    )
    assert "received and confirmed by holder-b" in done.stdout
