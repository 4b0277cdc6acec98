"""Every page in a real browser, full of everything: in both languages, light and dark, wide and narrow."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from gateway.console.routes import PAGES
from gateway.console.words import Language, words_in
from tests.gateway.console.entered import PASSWORD, door_beside
from tests.gateway.console.pilot import DESKTOP, PHONE, Reader
from tests.gateway.console.rich import examples, rich_desk
from tests.support.npm import installed

pytestmark = pytest.mark.browser
ROUTES = [route for route, _, _ in PAGES]
THEMES = ("light", "dark")
SIZES = (DESKTOP, PHONE)
BY_LOOK = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
"""Rules of axe whose verdict depends on theme or size; the others look at the page once."""
EXCEPTIONS = {
    "rules": [
        {"id": "target-size", "selector": "*:not(.lane *)"},
        {"id": "label-content-name-mismatch", "selector": "*:not(.room-shape)"},
    ]
}
"""How long a gap lasts is how wide its mark is, and a table beside it says the same (WCAG 2.5.8). A room in the plan is
called by its number and name as drawn; what else is drawn in it follows in a sentence (WCAG 2.5.3)."""
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
    with door_beside(folder, desk) as door:
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
    """In both languages, themes and sizes: no text is missing, nothing is too wide, nothing complains, and axe-core has
    no serious or critical finding.
    """
    reader, faults = tour.reader, []
    for language, address in product(Language, tour.addresses[route]):
        reader.open(f"/{language}{address}")
        reader.until(lambda: reader.texts("h1"))
        faults += _frame(reader, language)
        reader.driver.execute_script(f"{tour.axe}; axe.configure(arguments[0])", EXCEPTIONS)
        for theme, size in product(THEMES, SIZES):
            reader.driver.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
            reader.size(*size)
            if (width := reader.driver.execute_script("return document.documentElement.scrollWidth")) > size[0]:
                faults.append(f"{width} px wide at {size[0]}: {_widest(reader)}")
            if language is Language.ZH:
                found = _judged(reader, again=(theme, size) != (THEMES[0], SIZES[0]))
                faults += [f"{theme} {size[0]}: {one}" for one in found]
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
            twin: document.querySelector(".foot a[href^='/api/']") !== null,
        };"""
    found: dict[str, Any] = reader.driver.execute_script(script)
    faults = [] if found.pop("lang") == language.html else ["another language is told to the browser"]
    text = "\n".join(reader.texts(".console *:not(:has(*))"))
    keys = set(re.findall(r"[a-z_]+\.[a-z_.0-9A-Z]+", text)) & set(words_in(language).texts)
    faults += [f"no {what}" for what, good in found.items() if not good]
    return [*faults, *(f"{key} has no text" for key in keys), *(f"{one} names no zone" for one in ZONE.findall(text))]


def _widest(reader: Reader) -> Any:
    """What reaches beyond the window."""
    script = """return [...document.querySelectorAll("main *")].filter((e) =>
        e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + "." + e.className).slice(0, 5)"""
    return reader.driver.execute_script(script)


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
