"""Signing in and out in a real browser, on a phone and at a desk."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from gateway.archive.archive import Archive
from gateway.console.desk import Desk
from gateway.intake.live import Live
from tests.gateway.console.entered import PASSWORD, Door, entered
from tests.gateway.console.pilot import DESKTOP, PHONE, Reader
from tests.gateway.console.stage import NOW, SITE

pytestmark = pytest.mark.browser


@contextmanager
def door_beside(folder: Path) -> Iterator[Door]:
    """A console that asks who comes, on a loop in a thread of its own."""
    opened, closing = Future[tuple[Door, asyncio.AbstractEventLoop]](), asyncio.Event()

    async def run() -> None:
        desk = Desk(SITE, Archive(None), Live(), now=lambda: NOW)
        async with entered(folder, desk) as door:
            opened.set_result((door, asyncio.get_running_loop()))
            await closing.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    door, loop = opened.result(60)
    try:
        yield door
    finally:
        loop.call_soon_threadsafe(closing.set)
        thread.join(60)


def sign_in(reader: Reader, login: str, password: str = PASSWORD) -> None:
    for name, text in (("name", login), ("password", password)):
        field = reader.driver.find_element(By.NAME, name)
        field.clear()
        field.send_keys(text)
    reader.driver.find_element(By.CSS_SELECTOR, ".sign-in button").click()


def live(reader: Reader) -> None:
    reader.until(lambda: reader.driver.execute_script("return window.did_handshake === true"))


def test_a_person_signs_in_looks_around_and_signs_out(chromium: webdriver.Chrome, tmp_path: Path) -> None:
    """In Chinese on a phone, in English at a desk: each page says who looks, stays live, and fits the screen."""
    with door_beside(tmp_path) as door:
        reader = Reader(chromium, door.address)
        reader.size(*PHONE)
        chromium.get(f"{door.address}/zh/rooms?room=F1")
        reader.sees("登录", "h1")
        sign_in(reader, "li.na", "not the password")
        reader.sees("未登录", ".notice")
        assert reader.driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
        sign_in(reader, "li.na")
        live(reader)
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
        sign_in(reader, "chen.jie")
        live(reader)
        assert chromium.current_url.endswith("/en/people")
        reader.sees("You are Chen Jie, administrator.")
        assert reader.texts(".menu a") == []
        refused = [line for line in reader.complaints() if "401" not in line]
        assert refused == []
        assert reader.requested() == {door.address.split("/")[2]}
