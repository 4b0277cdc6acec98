"""Looks at pages as a reader does."""

import json
from collections.abc import Callable
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.gateway.console.stage import Stage

PATIENCE = 60.0
"""Seconds until something that has to appear is missed."""
GONE = "does not belong to the document"
"""The driver's words for what is no longer there, where it does not call it stale."""
DESKTOP, PHONE = (1366, 768), (390, 844)


class Reader:
    """One browser at one server of pages."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver, self.address = driver, address
        driver.get("about:blank")  # a page left open by an earlier test complains that its server is gone
        self.complaints()

    def size(self, width: int, height: int) -> None:
        """A desktop or a phone."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, path: str, size: tuple[int, int] = DESKTOP) -> None:
        """Open a page and wait until it is live."""
        self.size(*size)
        self.driver.get(self.address + path)
        self.live()

    def live(self) -> None:
        """Wait until the page is connected to its server."""
        self.until(lambda: self.driver.execute_script("return window.did_handshake === true"))

    def sign_in(self, login: str, password: str) -> None:
        """On the page for it, as a person does."""
        for name, text in (("name", login), ("password", password)):
            field = self.driver.find_element(By.NAME, name)
            field.clear()
            field.send_keys(text)
        self.driver.find_element(By.CSS_SELECTOR, ".sign-in button").click()

    def until(self, true: Callable[[], Any]) -> Any:
        """Wait for it. What was found may go while it is read, when the page changes or another one comes."""

        def now(_: object) -> Any:
            try:
                return true()
            except StaleElementReferenceException:
                return None
            except WebDriverException as error:
                if GONE in str(error.msg):
                    return None
                raise

        return WebDriverWait(self.driver, PATIENCE, 0.1).until(now)

    def text(self, selector: str = "body") -> str:
        """What can be read there."""
        return str(self.driver.find_element(By.CSS_SELECTOR, selector).text)

    def texts(self, selector: str) -> list[str]:
        """The text of each such element, also within SVG."""
        script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
        return list(self.driver.execute_script(script, selector))

    def sees(self, text: str, selector: str = "body") -> None:
        """Wait for the text."""
        self.until(lambda: text in self.text(selector))

    def complaints(self) -> list[str]:
        """What the browser's log holds against the page since the last call."""
        return [entry["message"] for entry in self._log("browser") if entry["level"] == "SEVERE"]

    def requested(self) -> set[str]:
        """The hosts that were asked for anything since the last call."""
        messages = (json.loads(entry["message"])["message"] for entry in self._log("performance"))
        urls = (m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent")
        return {url.split("/")[2] for url in urls if url.startswith("http")}

    def _log(self, name: str) -> list[dict[str, Any]]:
        log: Any = self.driver.get_log  # has no types
        entries: list[dict[str, Any]] = log(name)
        return entries


class Pilot(Reader):
    """One browser at one stage."""

    def __init__(self, driver: webdriver.Chrome, stage: Stage) -> None:
        super().__init__(driver, stage.address)
        self.stage = stage
