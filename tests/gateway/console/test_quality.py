"""Every page in a real browser, full of everything: in both languages, light and dark, wide and narrow."""

import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from pypdf import PdfReader
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from gateway.console.routes import PAGES
from gateway.languages import Language, words_in
from tests.gateway.console.entered import PASSWORD, door_beside
from tests.gateway.console.pilot import DESKTOP, PHONE, Reader
from tests.gateway.console.rich import examples, rich_desk
from tests.support.npm import installed

pytestmark = pytest.mark.browser
ROUTES = [route for route, _, _ in PAGES]
THEMES = ("light", "dark")
ENLARGED = ((683, 384), (320, 640))
"""A desk's window at twice the size, and the narrowest that has to be readable (WCAG 1.4.4, 1.4.10)."""
SPACED = """const sheet = document.createElement("style"); document.head.append(sheet);
    sheet.textContent = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`"""
"""Text as far apart as a reader may want it (WCAG 1.4.12)."""
BY_LOOK = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
"""Rules of axe whose verdict depends on theme or size; the others look at the page once."""
EXCEPTIONS = {
    "rules": [
        {"id": "target-size", "selector": "*:not(.lane *, .strip *)"},
        {"id": "label-content-name-mismatch", "selector": "*:not(.room-shape)"},
    ]
}
"""How long a gap or a half hour lasts is how wide its mark is; a table, or a field for the moment, does the same
(WCAG 2.5.8). A room in the plan is called by its number and name as drawn; what else is drawn in it follows in a
sentence (WCAG 2.5.3)."""
MATTERS = {"serious", "critical"}
ZONE = re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?! UTC\+8)")


@dataclass(frozen=True)
class Tour:
    """A browser in which a person of the quality unit has signed in, and where that person may look."""

    reader: Reader
    addresses: dict[str, Sequence[str]]
    axe: str


@pytest.fixture(scope="module")
def tour(chromium: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    home = installed("axe-core", Path(__file__).parent / "axe")
    folder = tmp_path_factory.mktemp("node")
    desk = rich_desk(folder)
    with pytest.MonkeyPatch.context() as patch, door_beside(folder, desk) as door:
        patch.setattr("gateway.console.desk.BEAT_EVERY", 5.0)  # pages that were left follow for half a minute more
        reader = Reader(chromium, door.address)
        chromium.get(f"{door.address}/en/sign-in")
        reader.sign_in("wang.fang", PASSWORD)
        reader.live()
        yield Tour(reader, dict(examples(desk)), (home / "node_modules/axe-core/axe.min.js").read_text())


def test_every_page_has_an_example(tour: Tour) -> None:
    """A new one is looked at as all others are."""
    assert set(ROUTES) == set(tour.addresses)


@pytest.mark.parametrize("route", ROUTES)
def test_a_page_is_whole_fits_and_keeps_nobody_out(tour: Tour, route: str) -> None:
    """In both languages, wide, narrow, enlarged and spaced: no text is missing, nothing is too wide, nothing complains.
    Axe-core has no serious or critical finding, light and dark, at a desk and on a phone.
    """
    reader, faults = tour.reader, []
    for language, address in product(Language, tour.addresses[route]):
        reader.open(f"/{language}{address}")
        reader.until(lambda: reader.texts("h1"))
        faults += _frame(reader, language)
        if language is Language.ZH:
            faults += _barriers(reader, tour.axe)
        for size in (DESKTOP, *ENLARGED, PHONE):
            reader.size(*size)
            faults += _too_wide(reader, size)
        reader.driver.execute_script(SPACED)
        faults += [f"spaced: {one}" for one in _too_wide(reader, PHONE)]
        faults += reader.complaints()
    assert faults == [], "\n".join(faults)
    assert reader.requested() <= {reader.address.removeprefix("http://")}


def _frame(reader: Reader, language: Language) -> list[str]:
    """What of that which every page has is not as it should be."""
    script = """
        const one = (selector) => document.querySelectorAll(selector).length === 1;
        return {
            lang: document.documentElement.lang, title: document.title.trim() !== "",
            heading: one("h1"), main: one("main:not([role])"),
            skip: document.querySelector("a.skip")?.hash === "#content",
            order: !document.querySelector('[tabindex]:not([tabindex="0"], [tabindex="-1"])'),
            twin: document.querySelector(".foot a[href^='/api/']") !== null,
        };"""
    found: dict[str, Any] = reader.driver.execute_script(script)
    faults = [] if found.pop("lang") == language.html else ["another language is told to the browser"]
    text = "\n".join(reader.texts(".console *:not(:has(*))"))
    keys = set(re.findall(r"[a-z_]+\.[a-z_.0-9A-Z]+", text)) & set(words_in(language).texts)
    faults += [f"no {what}" for what, good in found.items() if not good]
    return [*faults, *(f"{key} has no text" for key in keys), *(f"{one} names no zone" for one in ZONE.findall(text))]


def _too_wide(reader: Reader, size: tuple[int, int]) -> list[str]:
    """Whether somebody has to scroll sideways, and what for."""
    script = """const wide = document.documentElement.scrollWidth;
        const beyond = (part) => part.getBoundingClientRect().right > arguments[0] + 1;
        return [wide, wide <= arguments[0] ? [] : [...document.querySelectorAll("main *")].filter(beyond)
            .map((part) => part.tagName + "." + part.className).slice(0, 5)]"""
    width, what = reader.driver.execute_script(script, size[0])
    return [] if width <= size[0] else [f"{width} px wide at {size[0]}: {what}"]


def _barriers(reader: Reader, axe: str) -> list[str]:
    """What keeps somebody out."""
    reader.driver.execute_script(f"{axe}; axe.configure(arguments[0])", EXCEPTIONS)
    faults = []
    looks = (("light", DESKTOP, False), ("dark", DESKTOP, True), ("dark", PHONE, True), ("light", PHONE, True))
    for theme, size, again in looks:
        reader.driver.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
        reader.size(*size)
        faults += [f"{theme} {size[0]}: {one}" for one in _judged(reader, again=again)]
    return faults


def _judged(reader: Reader, *, again: bool) -> list[str]:
    """What axe finds, each with its elements; `again` looks only at what theme and size change."""
    script = """const done = arguments[arguments.length - 1];
        const told = (node) => node.html.slice(0, 200) + " | "
            + node.any.concat(node.all, node.none).map((check) => check.message).join("; ").slice(0, 200);
        axe.run(document, arguments[0]).then((all) => done(all.violations.map(
            (one) => [one.impact, `${one.id}: ${one.nodes.slice(0, 5).map(told).join("\\n  ")}`])))"""
    only = {"runOnly": {"type": "rule", "values": list(BY_LOOK)}} if again else {}
    found = reader.driver.execute_async_script(script, {"resultTypes": ["violations"], **only})
    return [told for impact, told in found if impact in MATTERS]


def test_a_printed_page_is_white_and_says_when_from_where_and_how_far_it_is_verified(tour: Tour) -> None:
    """Also out of the dark: no bar, no menu, and a link that is a chip tells its address."""
    reader, driver = tour.reader, tour.reader.driver
    reader.open("/en/evidence?range=1d")
    driver.execute_script("document.documentElement.dataset.theme = 'dark'")
    driver.execute_script(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<a class=chip href=/en/r>#1</a>')"
    )
    sheets = _printed(reader)
    for sheet in sheets:
        text = " ".join(sheet.split())
        assert "Plant A · line-3 · printed 2026-06-11 15:46:40 UTC+8 from" in text
        assert f"{reader.address}/en/evidence?range=1d" in text.replace(" ", "")
        assert "verified to 2026-06-11 15:46:38 UTC+8" in text
        assert "Sign out" not in text
        assert "Overview" not in text
    assert f"#1 {reader.address}/en/r" in " ".join(" ".join(sheets).split())
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    ground = driver.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert ground in {"rgb(255, 255, 255)", "rgba(255, 255, 255, 1)"}


def _printed(reader: Reader) -> list[str]:
    """The text of each sheet."""
    made = reader.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    return [normalize("NFKC", page.extract_text()) for page in PdfReader(BytesIO(b64decode(made["data"]))).pages]


def test_the_system_chooses_the_theme_and_nothing_moves_for_whoever_wants_it_still(tour: Tour) -> None:
    """Where the reader chose no theme; what shows that a page is live goes on, and does not move."""
    reader, driver = tour.reader, tour.reader.driver
    grounds = {}
    for theme in THEMES:
        wanted = [("prefers-color-scheme", theme), ("prefers-reduced-motion", "reduce")]
        features = {"features": [{"name": name, "value": value} for name, value in wanted]}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
        reader.open("/en/rooms?room=F1")
        grounds[theme] = driver.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")
        moving = driver.execute_script("return document.getAnimations().map((one) => one.animationName)")
        assert {name for name in moving if name not in {"expire-a", "expire-b", "reveal-a", "reveal-b"}} == set()
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert grounds["light"] == "rgba(233, 236, 239, 1)"
    assert grounds["dark"] == "rgba(21, 25, 29, 1)"


GOES = {"o": "", "r": "/rooms", "a": "/alarms", "b": "/batches", "e": "/evidence"}


def test_g_and_a_letter_lead_to_a_page(tour: Tour) -> None:
    """To each of those that the design names; not while somebody writes, and not with a key that is held."""
    reader, driver = tour.reader, tour.reader.driver
    for letter, path in GOES.items():
        reader.open("/en/people")
        driver.find_element(By.TAG_NAME, "body").send_keys("g", letter)
        reader.until(partial(_at, reader, f"/en{path}"))
    reader.open("/en/lots")
    field = driver.find_element(By.CSS_SELECTOR, "main input")
    field.send_keys("gr?/")
    assert field.get_attribute("value") == "gr?/"
    driver.find_element(By.TAG_NAME, "h1").click()
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.CONTROL, "g", Keys.NULL, "r")
    assert _at(reader, "/en/lots"), driver.current_url


def _at(reader: Reader, path: str) -> bool:
    return reader.driver.current_url.split("?")[0] == reader.address + path


def test_rows_are_gone_through_and_opened_by_keys(tour: Tour) -> None:
    """The keys j and k go to the next and the previous row, Enter opens it; what has the focus shows it."""
    reader, driver = tour.reader, tour.reader.driver
    reader.open("/en/batches")
    body = driver.find_element(By.TAG_NAME, "body")
    body.send_keys("j")
    first = driver.switch_to.active_element
    assert first.value_of_css_property("outline-style") == "solid"
    first.send_keys("j")
    assert driver.switch_to.active_element != first
    driver.switch_to.active_element.send_keys("k")
    assert driver.switch_to.active_element == first
    address = first.get_attribute("href")
    first.send_keys(Keys.ENTER)
    reader.until(lambda: driver.current_url == address)


def test_a_trend_is_moved_and_zoomed_by_keys(tour: Tour) -> None:
    """Earlier, closer, wider, later, and back to live: each leaves its window in the address."""
    reader, driver = tour.reader, tour.reader.driver
    reader.open("/en/trend?tag=F1.DP.M1&range=1h")
    seen = [driver.current_url]
    for key in ("[", "+", "-", "]"):
        driver.find_element(By.TAG_NAME, "body").send_keys(key)
        reader.until(lambda: driver.current_url != seen[-1])
        seen.append(driver.current_url)
    assert all("from=" in one for one in seen[1:])
    driver.find_element(By.TAG_NAME, "body").send_keys("l")
    reader.until(lambda: driver.current_url.endswith("range=1h"))


def test_whatever_takes_the_focus_shows_it(tour: Tour) -> None:
    """From the skip link on, in the order of the page; the skip link leads to the content."""
    reader, driver = tour.reader, tour.reader.driver
    reader.open("/en/evidence?range=1d")
    where = []
    for _ in range(25):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        where.append(driver.execute_script(FOCUSED))
    assert where[0]["skip"]
    assert [one["what"] for one in where if not one["shown"]] == []
    places = [one["place"] for one in where]
    assert places == sorted(places)
    driver.execute_script("document.querySelector('.skip').focus()")
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert driver.switch_to.active_element.get_attribute("id") == "content"


FOCUSED = """const at = document.activeElement, style = getComputedStyle(at);
    return { what: at.outerHTML.slice(0, 120), skip: at.matches(".skip"), place: [...document.all].indexOf(at),
        shown: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none" }"""
