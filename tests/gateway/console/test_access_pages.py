"""Signing in and out in a real browser, on a phone and at a desk."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from gateway.access.accounts import utc_now
from gateway.archive.archive import Archive
from gateway.console.desk import Desk
from gateway.intake.live import Live
from schemas.access import Access, Act, Outcome
from tests.gateway.console.entered import PASSWORD, door_beside
from tests.gateway.console.pilot import DESKTOP, PHONE, Reader
from tests.gateway.console.rich import STREAM, rich_desk
from tests.gateway.console.stage import NOW, SITE
from tests.gateway.messages import sent

pytestmark = pytest.mark.browser


def test_a_person_signs_in_looks_around_and_signs_out(chromium: webdriver.Chrome, tmp_path: Path) -> None:
    """In Chinese on a phone, in English at a desk: each page says who looks, stays live, and fits the screen."""
    with door_beside(tmp_path, Desk(SITE, Archive(None), Live(), now=lambda: NOW)) as door:
        reader = Reader(chromium, door.address)
        reader.size(*PHONE)
        chromium.get(f"{door.address}/zh/rooms?room=F1")
        reader.sees("登录", "h1")
        reader.sign_in("li.na", "not the password")
        reader.sees("未登录", ".notice")
        assert reader.driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
        reader.sign_in("li.na", PASSWORD)
        reader.live()
        assert chromium.current_url.endswith("/zh/rooms?room=F1")
        reader.sees("Li Na", ".who")
        assert reader.driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
        reader.open("/zh/people", PHONE)
        reader.sees("/rooms?room=F1", ".looks")
        reader.sees("已拒绝", ".looks")
        assert reader.driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
        reader.driver.find_element(By.CSS_SELECTOR, ".who button").click()
        reader.sees("登录", "h1")
        reader.size(*DESKTOP)
        chromium.get(f"{door.address}/en")
        reader.sees("Sign in", "h1")
        reader.sign_in("chen.jie", PASSWORD)
        reader.live()
        assert chromium.current_url.endswith("/en/people")
        reader.sees("You are Chen Jie, administrator.")
        assert reader.texts(".menu a") == []
        refused = [line for line in reader.complaints() if "401" not in line]
        assert refused == []
        assert reader.requested() == {door.address.split("/")[2]}


def test_a_record_tells_who_looked_at_it(chromium: webdriver.Chrome, tmp_path: Path) -> None:
    """Here and at the other side's console; asked for when it is opened, and not for who may not see the log."""
    path = f"/r/{STREAM}/9"
    seen = Access(
        time=utc_now(), node="cmo-a", act=Act.QUERIED, outcome=Outcome.DONE, name="Wang Fang",
        path=f"/records/{STREAM}/9/proof",
    )  # fmt: skip
    beside = replace(seen, id=uuid4(), name="Zhao Lei", path=f"/records/{STREAM}/90")
    desk = rich_desk(tmp_path)
    desk.archive.store([sent("cmo-a.cmo-a.holder-b.access.v1", n, one, n) for n, one in enumerate((seen, beside), 1)])
    with door_beside(tmp_path, desk) as door:
        reader = Reader(chromium, door.address)
        reader.size(*DESKTOP)
        chromium.get(f"{door.address}/en{path}")
        reader.sign_in("li.na", PASSWORD)
        reader.live()
        chromium.find_element(By.XPATH, "//summary[contains(., 'Who looked at it')]").click()
        reader.sees("Wang Fang", "details[open]")
        shown = " ".join(reader.texts("details[open] .readings li"))
        assert ("cmo-a" in shown, "Zhao Lei" in shown) == (True, False)
        reader.sees("Li Na", "details[open]")
