"""The stage, and a browser that is driven over its own driver and fetches nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.gateway.console.stage import Stage, staged

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--lang=en-US"),
)


@pytest.fixture(scope="module")
def served() -> Iterator[Stage]:
    with staged() as stage:
        yield stage


@pytest.fixture
def stage(served: Stage) -> Stage:
    served.clear()
    return served


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browser(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@contextmanager
def browser(profile: Path) -> Iterator[webdriver.Chrome]:
    """A headless Chromium that keeps what it keeps in the folder."""
    if not (CHROMIUM.exists() and DRIVER.exists()):
        pytest.fail("needs Debian's chromium and chromium-driver: apt install chromium chromium-driver", pytrace=False)
    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(executable_path=str(DRIVER)))
    driver.set_script_timeout(180)
    try:
        yield driver
    finally:
        driver.quit()
