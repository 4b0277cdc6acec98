"""Who is let in, what is shown to whom, and that every look is a record: against the real server."""

import asyncio
import re
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.archive.archive import Archive
from gateway.console.desk import Desk
from gateway.console.routes import PAGES
from gateway.console.serving import Certificate
from gateway.console.shell import MENU, MORE
from gateway.intake.live import Live
from schemas.access import Act, Outcome
from schemas.codec import Record
from schemas.exported import BatchOrder, OrderStatus
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.console.entered import BATCH, DAY, PASSWORD, Door, entered
from tests.gateway.console.stage import NOW, SITE
from tests.gateway.messages import alarm, frame, message
from tests.support.certificates import Authority
from tests.support.eventually import eventually

FIXED = [path for path, _, _ in PAGES if "{" not in path]


def desk() -> Desk:
    made = Desk(SITE, Archive(None), Live(), now=lambda: NOW)
    orders = [
        BatchOrder(system="mes", key=number, batch=number, status=OrderStatus.STARTED, time=NOW)
        for number in (BATCH, "240612B")
    ]
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW, alarm=uuid4(), tag="F1.DP.M1")
    records: list[Record] = [frame({"F1.DP.M1": 8.0}, received=NOW), raised, *orders]
    messages = [message(record, offset, arrived=NOW) for offset, record in enumerate(records)]
    made.archive.store(messages)
    made.live.apply(messages)
    return made


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with entered(tmp_path, desk()) as made:
        yield made


async def test_nobody_sees_anything_without_signing_in(door: Door) -> None:
    """Pages lead to the sign-in and back, questions are answered 401; what the sign-in needs is open."""
    async with door.browser() as stranger:
        for path in FIXED:
            answer = await stranger.get(f"/zh{path}?range=1h")
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/zh/sign-in?next=%2Fzh")
        for path in ("/api/overview", "/api/alarms", "/api/people", "/api/openapi.json", "/api/nowhere"):
            answer = await stranger.get(path)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert (await stranger.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling")).status_code == 401
        assert (await stranger.get("/zh/sign-in")).status_code == 200
        assert (await stranger.get("/assets/console.css")).status_code == 200
        assert (await stranger.get("/nowhere")).status_code == 303
    assert [look.act for look in await door.looks()] == [Act.ACCOUNT_CHANGED] * 5


async def test_a_session_is_a_cookie_that_scripts_and_other_sites_do_not_get(door: Door) -> None:
    """Random, for this host, gone when it ends; an older one of the browser ends too."""
    async with door.person("wang.fang") as browser:
        first = browser.cookies["session"]
        answer = await door.sign_in(browser, "wang.fang")
        told = answer.headers["set-cookie"]
        assert "HttpOnly" in told
        assert "SameSite=lax" in told
        assert "Path=/" in told
        assert "Secure" not in told
        assert browser.cookies["session"] != first
        assert (await browser.get("/en")).status_code == 200
        browser.cookies.set("session", first)
        assert (await browser.get("/en")).status_code == 303


async def test_signing_out_ends_the_session_everywhere(door: Door) -> None:
    """The name that the browser had is worth nothing afterwards."""
    async with door.person("wang.fang") as browser:
        name = browser.cookies["session"]
        answer = await browser.post("/en/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/en/sign-in")
        browser.cookies.set("session", name)
        assert (await browser.get("/api/overview")).status_code == 401
    assert (await door.looks())[-1].act is Act.SIGNED_OUT


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_what_another_site_begins_is_refused(door: Door, origin: str) -> None:
    """Signing in and out, and the connection of a page; a look by a link is none of it."""
    async with door.person("wang.fang") as browser:
        browser.headers["Origin"] = origin
        for path in ("/en/sign-in", "/en/sign-out", "/_nicegui_ws/socket.io/"):
            assert (await browser.post(path)).status_code == 403
        assert (await browser.get("/en")).status_code == 200
        cookie = f"session={browser.cookies['session']}"
    socket = f"{door.address.replace('http', 'ws')}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(InvalidStatus):
        await connect(socket, additional_headers={"Cookie": cookie, "Origin": origin}, proxy=None).__aenter__()


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil", "/en\r\nX: y", "/enough", "/api"]
)
async def test_nobody_is_led_to_another_site_after_signing_in(door: Door, wanted: str) -> None:
    """To the overview instead."""
    async with door.browser() as browser:
        form = {"name": "wang.fang", "password": PASSWORD, "next": wanted}
        answer = await browser.post("/en/sign-in", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/en")
        assert "evil" not in (await browser.get("/en/sign-in", params={"next": wanted})).text
        form["next"] = "/zh/alarms?room=F1"
        assert (await browser.post("/en/sign-in", data=form)).headers["location"] == "/zh/alarms?room=F1"


async def test_every_refusal_reads_alike_and_is_a_record(door: Door) -> None:
    """Nobody learns whether there is such an account; the record tells who was meant, and no password."""
    async with door.browser() as browser:
        answers = [
            await door.sign_in(browser, "wang.fang", "wrong"),
            await door.sign_in(browser, "nobody", "wrong"),
            await browser.post("/en/sign-in", content=b"\xff" * 10),
            await browser.post("/en/sign-in", content=b"name=wang.fang&password=" + b"x" * 5000),
        ]
        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.text for answer in answers[:2]}) == 1
    refused = [look for look in await door.looks() if look.act is Act.SIGNED_IN]
    assert [look.name for look in refused] == ["王芳", None, None, None]
    assert {look.outcome for look in refused} == {Outcome.REFUSED}
    assert {look.address for look in refused} == {"127.0.0.1"}
    assert "wrong password, 1 in a row" in str(refused[0].reason)


async def test_failures_lock_the_account(tmp_path: Path) -> None:
    """The right password does not help; other accounts are as before."""
    async with entered(tmp_path, desk(), failures=2) as door, door.browser() as browser:
        for _ in range(2):
            await door.sign_in(browser, "wang.fang", "wrong")
        assert (await door.sign_in(browser, "wang.fang")).status_code == 401
        assert (await door.sign_in(browser, "li.na")).status_code == 303


async def test_a_stranger_keeps_nobody_out_of_the_own_browser(tmp_path: Path) -> None:
    """Also after it signed out; scripts and other sites do not get by what it is known."""
    async with entered(tmp_path, desk(), failures=2) as door, door.browser() as own, door.browser() as stranger:
        cookie = next(
            one for one in (await door.sign_in(own, "wang.fang")).headers.get_list("set-cookie") if "known" in one
        )
        assert all(told in cookie for told in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=15552000"))
        await own.post("/en/sign-out")
        for _ in range(3):
            assert (await door.sign_in(stranger, "wang.fang", "wrong")).status_code == 401
        assert (await door.sign_in(stranger, "wang.fang")).status_code == 401
        assert (await door.sign_in(own, "wang.fang")).status_code == 303


@pytest.mark.parametrize(
    ("login", "shown"),
    [
        (
            "zhao.lei",
            {"", "/rooms", "/trend", "/alarms", "/alarms/performance", "/deviations", "/weighings", "/search"},
        ),
        ("chen.jie", {"/people", "/search"}),
        ("sun.li", {"/batches", "/search"}),
    ],
)
async def test_each_role_sees_its_pages_and_of_others_only_that_they_are_not_there(
    door: Door, login: str, shown: set[str]
) -> None:
    """In the menu, as pages and as questions alike; what is refused reads as what is not there."""
    async with door.person(login) as browser:
        pages = {path: await browser.get(f"/en{path}") for path in FIXED}
        assert {path for path, answer in pages.items() if answer.status_code == 200} == shown
        refused = {answer.status_code for path, answer in pages.items() if path not in shown}
        assert refused <= {404, 303}
        page = next(answer.text for answer in pages.values() if answer.status_code == 200)
        menu = {path.removeprefix("/en") for path in re.findall(r'"href":"([^"]*)"[^{}]*"data-go"', page)}
        assert menu == {path for _, path, _ in (*MENU, *MORE)} & shown
        questions = {"/overview": "", "/alarms": "/alarms", "/people": "/people", "/evidence": "/evidence"}
        for question, path in questions.items():
            answer = await browser.get(f"/api{question}")
            assert (answer.status_code == 200) == (path in shown)
    outcomes = {(look.path, look.outcome) for look in await door.looks() if look.act is Act.OPENED}
    assert {path for path, outcome in outcomes if outcome is Outcome.DONE} == shown
    assert all(outcome is Outcome.REFUSED for path, outcome in outcomes if path not in shown)


async def test_whoever_has_no_overview_begins_elsewhere(door: Door) -> None:
    """The administrator with people."""
    async with door.person("chen.jie") as browser:
        answer = await browser.get("/zh")
        assert (answer.status_code, answer.headers["location"]) == (303, "/zh/people")


async def test_an_inspector_sees_the_batches_of_the_scope(door: Door) -> None:
    """And no other, in the list or by its address; after its end nothing."""
    async with door.person("sun.li") as browser:
        assert (await browser.get(f"/en/batches/{BATCH}")).status_code == 200
        other = await browser.get("/en/batches/240612B")
        assert other.status_code == 404
        assert [one["number"] for one in (await browser.get("/api/batches")).json()["batches"]] == [BATCH]
        assert "240612B" not in (await browser.get("/en/batches")).text
        assert (await browser.get("/api/batches/240612B")).status_code == 404
        assert (await browser.get("/api/lots/240612B")).status_code == 404
        door.entrance._now = lambda: NOW + DAY
        assert (await browser.get(f"/en/batches/{BATCH}")).status_code == 303


async def test_every_look_is_one_record(door: Door) -> None:
    """Who, what, with which filter, when, from where and with which outcome; numbered, and nothing besides."""
    async with door.person("li.na") as browser:
        for path in (
            "/zh/trend?tag=F1.DP.M1&range=1h", f"/en/batches/{BATCH}", "/api/alarms?room=F1", "/en/alarms/none",
            "/api/reports/report.csv?room=F1&range=1h", "/api/trend?tag=dp&range=2h", "/en/nowhere",
        ):  # fmt: skip
            await browser.get(path)
        await browser.get("/assets/console.css")
    made = [look for look in await door.looks() if look.act is not Act.ACCOUNT_CHANGED]
    assert {(look.name, look.roles, look.address, look.node) for look in made} == {
        ("Li Na", ("holder-reviewer",), "127.0.0.1", "holder-b")
    }
    told: list[Any] = [(look.act, look.outcome, look.path, look.query) for look in made]
    assert told == [
        (Act.SIGNED_IN, Outcome.DONE, "", ""),
        (Act.OPENED, Outcome.DONE, "/trend", "tag=F1.DP.M1&range=1h"),
        (Act.OPENED, Outcome.DONE, f"/batches/{BATCH}", ""),
        (Act.QUERIED, Outcome.DONE, "/alarms", "room=F1"),
        (Act.OPENED, Outcome.NOT_FOUND, "/alarms/none", ""),
        (Act.DOWNLOADED, Outcome.DONE, "/reports/report.csv", "room=F1&range=1h"),
        (Act.QUERIED, Outcome.FAILED, "/trend", "tag=dp&range=2h"),
        (Act.OPENED, Outcome.REFUSED, "/nowhere", ""),
    ]
    assert [(look.tag, look.batch, look.room) for look in made[1:4]] == [
        ("F1.DP.M1", None, None), (None, BATCH, None), (None, None, "F1"),
    ]  # fmt: skip


async def test_who_looked_at_what_can_be_asked(door: Door) -> None:
    """Of one person, about one batch, in one period; the newest first, with its number in the log."""
    async with door.person("li.na") as browser:
        await browser.get(f"/en/batches/{BATCH}")
        await browser.get("/en/rooms")
    async with door.person("wang.fang") as browser:
        await browser.get("/en/rooms")
        await door.entrance.log.settled()
        found = (await browser.get(f"/api/people?batch={BATCH}")).json()
        assert found["stream"] == "holder-b.holder-b.cmo-a.access.v1"
        assert [(one["access"]["name"], one["access"]["path"]) for one in found["accesses"]] == [
            ("Li Na", f"/batches/{BATCH}")
        ]
        found = (await browser.get("/api/people?person=li+n&range=1d")).json()["accesses"]
        assert [one["access"]["path"] for one in found] == ["/rooms", f"/batches/{BATCH}", "", ""]
        numbers = [one["number"] for one in found]
        assert numbers == sorted(numbers, reverse=True)
        found = (await browser.get(f"/api/people?path=/batches/{BATCH}&range=1d")).json()["accesses"]
        assert [one["access"]["path"] for one in found] == [f"/batches/{BATCH}"]
        assert (await browser.get("/api/people?path=/batch&range=1d")).json()["accesses"] == []
        old = "from=2026-06-01T00:00:00&to=2026-06-02T00:00:00"
        assert (await browser.get(f"/api/people?{old}")).json()["accesses"] == []
        assert (await browser.get("/api/people?from=yesterday")).status_code == 422


async def test_a_program_asks_with_a_token_of_its_person(door: Door) -> None:
    """It may read questions that the person may; no page, nothing else, and not after the account was disabled."""
    accounts = door.entrance.accounts
    token = accounts.make_token("zhao.lei", NOW + DAY)
    async with door.browser(auth=None) as program:
        program.headers["Authorization"] = f"Bearer {token}"
        assert (await program.get("/api/rooms")).status_code == 200
        assert (await program.get("/api/evidence")).status_code == 404
        assert (await program.get("/en/rooms")).status_code == 303
        assert (await program.post("/api/rooms")).status_code == 401
        program.headers["Authorization"] = f"Bearer {token}x"
        assert (await program.get("/api/rooms")).status_code == 401
        program.headers["Authorization"] = f"bearer {token}"
        accounts.disable("zhao.lei")
        assert (await program.get("/api/rooms")).status_code == 401
    looks = [look for look in await door.looks() if look.act is Act.QUERIED]
    assert [(look.name, look.path, look.outcome) for look in looks] == [
        ("Zhao Lei", "/rooms", Outcome.DONE), ("Zhao Lei", "/evidence", Outcome.REFUSED),
    ]  # fmt: skip


async def test_an_open_page_ends_with_its_session(door: Door) -> None:
    """Its connection is closed; without a session there is none."""
    socket = f"{door.address.replace('http', 'ws')}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    origin = {"Origin": door.address}
    with pytest.raises(InvalidStatus):
        await connect(socket, additional_headers=origin, proxy=None).__aenter__()
    async with door.person("wang.fang") as browser:
        cookie = {"Cookie": f"session={browser.cookies['session']}"}
        async with connect(socket, additional_headers=origin | cookie, proxy=None) as live:
            assert (await asyncio.wait_for(live.recv(), 60))[:1] == "0"
            await browser.post("/en/sign-out")
            async with asyncio.timeout(60):
                with suppress(ConnectionClosed):
                    async for _ in live:
                        pass
            assert live.close_code == 4401


async def test_nothing_is_shown_that_cannot_be_recorded(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once too many looks wait for the disk; when it writes again, none of them is lost."""
    real = door.entrance.outbox.journal.append

    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async with door.person("wang.fang") as browser:
        # What commands changed before is told by then, and does not count among those that wait.
        await eventually(lambda: not door.entrance.accounts.changes(), within=60)
        await door.looks()
        monkeypatch.setattr("gateway.access.log.MOST_WAITING", 3)
        monkeypatch.setattr("gateway.access.log.AGAIN_AFTER", 0.05)
        monkeypatch.setattr(door.entrance.outbox.journal, "append", broken)
        answers = [(await browser.get("/api/overview")).status_code for _ in range(5)]
        assert answers == [200, 200, 200, 503, 503]
        monkeypatch.setattr(door.entrance.outbox.journal, "append", real)
        assert [look.act for look in await door.looks()][-3:] == [Act.QUERIED] * 3
        assert (await browser.get("/api/overview")).status_code == 200


async def test_over_tls_the_cookie_is_this_hosts_alone(tmp_path: Path) -> None:
    """And travels over TLS only."""
    authority = Authority("Test")
    authority.issue("localhost").save(tmp_path, "console")
    certificate = Certificate(tmp_path / "console.pem", tmp_path / "console.key")
    trusted = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    async with entered(tmp_path, desk(), certificate=certificate) as door:
        assert door.address.startswith("https://")
        async with door.browser(verify=trusted) as browser:
            answer = await door.sign_in(browser, "wang.fang")
            told = answer.headers["set-cookie"]
            assert told.startswith("__Host-session=")
            assert "Secure" in told
            assert (await browser.get("/en")).status_code == 200
        async with door.browser() as browser:
            with pytest.raises(httpx.ConnectError):
                await browser.get("/en")
