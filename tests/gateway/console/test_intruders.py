"""Requests that no browser of a friend makes, against the real server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nicegui import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from gateway.archive.archive import Archive
from gateway.console.desk import Desk
from gateway.intake.live import Live
from schemas.exported import BatchOrder, OrderStatus
from tests.gateway.console.entered import BATCH, Door, entered
from tests.gateway.console.stage import NOW, SITE, staged
from tests.gateway.messages import message
from tests.support.eventually import eventually

UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n"
)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    desk = Desk(SITE, Archive(None), Live(), now=lambda: NOW)
    order = BatchOrder(system="mes", key=BATCH, batch=BATCH, status=OrderStatus.STARTED, time=NOW)
    desk.archive.store([message(order, 0, arrived=NOW)])
    async with entered(tmp_path, desk) as made:
        yield made


async def status(address: str, request: str, *headers: str) -> int:
    """What the server answers to octets that no client library would send."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = "\r\n".join((request, *headers))
    writer.write(f"{head}\r\n\r\n".encode("latin-1"))
    answer = await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    return int(answer.split()[1])


def socket_of(door: Door, client: str, session: str) -> connect:
    """The connection of an open page, as its script makes it."""
    query = f"EIO=4&transport=websocket&client_id={client}&implicit_handshake=true&tab_id=t&document_id=d"
    address = f"{door.address.replace('http', 'ws')}/_nicegui_ws/socket.io/?{query}&next_message_id=0"
    headers = {"Origin": door.address, "Cookie": f"session={session}"}
    return connect(address, additional_headers=headers, proxy=None)


async def live(page: ClientConnection) -> None:
    """Until the page is told that it is live."""
    async with asyncio.timeout(60):
        assert str(await page.recv()).startswith("0")
        await page.send("40")
        while not str(await page.recv()).startswith("40"):
            pass


async def test_no_page_is_made_for_whoever_has_not_signed_in(door: Door) -> None:
    """Wherever the address leads: nothing of the plant is told, and nothing is kept for a stranger."""
    addresses = ("/en/sign-out", "/sign-in/nowhere", "/assets/nowhere", "/favicon.icox", "/_nicegui_x", "/sign-in/")
    before = set(Client.instances)
    async with door.browser() as stranger:
        for address in addresses:
            answer = await stranger.get(address)
            assert answer.status_code in {303, 401, 404}
            assert "beat" not in answer.text
            assert "Plant A" not in answer.text
    assert set(Client.instances) <= before  # those of before end by themselves in time


async def test_a_page_beside_the_gate_shows_what_is_somebodys_to_nobody(door: Door) -> None:
    """No menu, and so none of what the menu leads to."""
    async with door.person("sun.li") as inspector:
        for address in ("/_nicegui_x", "/_nicegui/nowhere", "/favicon.icox"):
            answer = await inspector.get(address)
            assert answer.status_code == 404
            assert "/en/alarms" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        ("POST /en/sign-in HTTP/1.1", "Host: [", "Origin: http://["),
        ("GET /api/rooms HTTP/1.1", "Host: a", "Origin: http://a", "Authorization: Bearer x", UPGRADE.strip()),
        ("GET /en/rooms HTTP/1.1", "Host: a", "Origin: http://a", UPGRADE.strip()),
        ("GET /en/sign-in HTTP/1.1", "Host: a", "Origin: http://a", UPGRADE.strip()),
        ("GET /en HTTP/1.1", "Host: [", "Cookie: session=\xff"),
        ("GET /sign-in/provider/back?state=x HTTP/1.1", "Host: a", "Cookie: signing-in=\xff"),
    ],
)
async def test_what_is_no_request_is_refused(door: Door, headers: tuple[str, ...]) -> None:
    """And is no fault of the console's."""
    assert 300 <= await status(door.address, *headers) < 500


async def test_an_open_page_is_its_sessions_alone(door: Door) -> None:
    """Whoever signs in next at the same browser does not go on with the page of the one before."""
    async with door.person("wang.fang") as first, door.person("zhao.lei") as second:
        before = set(Client.instances)
        assert (await first.get("/en/evidence")).status_code == 200
        (client,) = set(Client.instances) - before
        with pytest.raises(InvalidStatus):
            await socket_of(door, client, second.cookies["session"]).__aenter__()
        async with socket_of(door, client, first.cookies["session"]) as own:
            await live(own)
            assert client in Client.instances
            await first.post("/en/sign-out")
            await asyncio.wait_for(own.wait_closed(), 60)
        assert client not in Client.instances


async def test_another_password_ends_what_the_old_one_opened(door: Door) -> None:
    """Whoever learned the old one is out; the person signs in anew."""
    async with door.person("wang.fang") as browser, door.person("li.na") as other:
        door.entrance.accounts.set_password("wang.fang", "another one of a kind")
        assert (await browser.get("/api/overview")).status_code == 401
        assert (await other.get("/api/overview")).status_code == 200
        assert (await door.sign_in(browser, "wang.fang", "another one of a kind")).status_code == 303
        assert (await browser.get("/api/overview")).status_code == 200


async def test_nobody_is_let_in_unrecorded(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the right password neither, and the attempts of strangers do not fill the memory."""
    monkeypatch.setattr("gateway.access.log.MOST_WAITING", 0)
    async with door.browser() as browser:
        answer = await door.sign_in(browser, "wang.fang")
        assert (answer.status_code, "cannot let anybody in just now" in answer.text) == (503, True)
        assert "session" not in browser.cookies


async def test_many_attempts_at_once_are_sent_away(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for its turn is bounded, and after them the console lets in as before."""
    monkeypatch.setattr("gateway.access.entrance.MOST_IN_LINE", 3)
    turns = asyncio.Semaphore(0)
    monkeypatch.setattr(door.entrance, "_hashing", turns)
    async with door.browser() as browser:
        waiting = [asyncio.create_task(door.sign_in(browser, "nobody")) for _ in range(3)]
        await eventually(lambda: door.entrance._in_line == 3, within=60)
        assert (await door.sign_in(browser, "wang.fang")).status_code == 503
        turns.release()
        assert {(await one).status_code for one in waiting} == {401}
        assert (await door.sign_in(browser, "wang.fang")).status_code == 303


async def test_accounts_that_cannot_be_read_let_nobody_in(door: Door) -> None:
    """And the node goes on."""
    accounts = door.entrance.accounts
    accounts._db.execute("ALTER TABLE accounts RENAME TO other")
    async with door.browser() as browser:
        assert (await door.sign_in(browser, "wang.fang")).status_code == 503
        accounts._db.execute("ALTER TABLE other RENAME TO accounts")
        assert (await door.sign_in(browser, "wang.fang")).status_code == 303


async def test_a_console_without_access_answers_to_the_names_of_its_machine_alone() -> None:
    """The name of another site that leads to this machine is refused, for pages, questions and connections."""
    with staged() as stage:
        port = stage.address.rpartition(":")[2]
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "localhost"):
            assert await status(stage.address, "GET /api/rooms HTTP/1.1", f"Host: {host}") == 200
        for host in (f"evil.example:{port}", "evil.example", "127.0.0.1.evil.example", "[", ""):
            assert await status(stage.address, "GET /api/rooms HTTP/1.1", f"Host: {host}") == 421
        socket = "GET /_nicegui_ws/socket.io/?EIO=4&transport=websocket HTTP/1.1"
        assert await status(stage.address, socket, "Host: evil.example", UPGRADE.strip()) == 403
