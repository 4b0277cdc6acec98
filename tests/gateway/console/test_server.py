"""The web server within somebody else's event loop."""

import asyncio
import json
import re
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from email.message import Message as Headers
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from gateway.archive.archive import Archive
from gateway.console import desk as desks
from gateway.console.desk import Desk
from gateway.console.server import serve
from gateway.console.serving import PortTakenError
from gateway.intake.live import Live
from schemas.codec import Record
from schemas.records import AlarmEvent, AlarmState
from schemas.status import StatusCode
from tests.gateway.console.stage import NOW, SITE
from tests.gateway.messages import SECOND, alarm, frame, gap, message


def desk_with(*records: Record | None) -> Desk:
    desk = Desk(SITE, Archive(None), Live(), now=lambda: NOW)
    messages = [message(record, offset, arrived=NOW) for offset, record in enumerate(records)]
    desk.archive.store(messages)
    desk.live.apply(messages)
    return desk


@asynccontextmanager
async def served(*records: Record | None, certificates: Sequence[dict[str, Any]] = ()) -> AsyncIterator[str]:
    """The address of a console that knows these records."""
    desk = desk_with(*records)
    desk.certificates = lambda: list(certificates)
    ready = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(desk, "127.0.0.1", 0, ready=ready.set_result))
    try:
        yield await asyncio.wait_for(ready, 60)
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def get(address: str, **headers: str) -> tuple[int, Headers, str]:
    """Status, headers and body; redirects are not followed."""

    def fetch() -> tuple[int, Headers, str]:
        try:
            with opener.open(urllib.request.Request(address, headers=headers), timeout=60) as answer:  # noqa: S310 - http
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    return await asyncio.to_thread(fetch)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))


async def data(address: str) -> Any:
    status, _, body = await get(address)
    assert status == 200, body
    return json.loads(body)


async def test_a_taken_port_is_named_before_anything_starts() -> None:
    """Host, port and what to do, in a line."""
    taken = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    before = asyncio.all_tasks()
    with pytest.raises(PortTakenError, match=f"^127.0.0.1:{port} is taken by another program; give the console "):
        await serve(desk_with(), "127.0.0.1", port)
    assert asyncio.all_tasks() == before
    taken.close()


async def test_an_address_of_somebody_else_is_named_too() -> None:
    """With the system's reason."""
    with pytest.raises(PortTakenError, match=r"^192\.0\.2\.1:8080 cannot be listened on: "):
        await serve(desk_with(), "192.0.2.1", 8080)


async def test_it_ends_when_cancelled_and_can_be_started_again() -> None:
    """Nothing of it goes on, and the next one shows its own desk."""
    before = asyncio.all_tasks()
    for samples in (1, 2):
        async with served(frame({str(tag): 1.0 for tag in range(samples)}, received=NOW)) as address:
            assert (await get(f"{address}/en"))[0] == 200
            assert (await data(f"{address}/api/evidence?range=1h"))["counts"]["samples"] == samples
    assert {task for task in asyncio.all_tasks() - before if not task.done()} == set()


@pytest.mark.parametrize(("wish", "page"), [("zh-CN,zh;q=0.9", "/zh"), ("fr", "/en")])
async def test_the_root_leads_to_the_browsers_language(wish: str, page: str) -> None:
    """By a redirect."""
    async with served() as address:
        status, headers, _ = await get(address + "/", **{"Accept-Language": wish})
        assert (status, headers["location"]) == (307, page)


@pytest.mark.parametrize("path", ["/en", "/api/overview", "/assets/console.css", "/nowhere"])
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    """No frame around it, nothing from other hosts, no guessing of types, no cookie."""
    async with served() as address:
        _, headers, _ = await get(address + path)
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["set-cookie"] is None


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/redoc"])
async def test_there_are_no_pages_that_load_from_elsewhere(path: str) -> None:
    """The framework's own documentation pages would."""
    async with served() as address:
        assert (await get(address + path))[0] == 404


async def test_programs_are_told_when_the_nodes_certificates_end() -> None:
    """As the node's watch has them."""
    known = {"file": "node.pem", "subject": "CN=node", "expires": "2026-12-01T00:00:00Z", "days": 8}
    async with served(certificates=[known]) as address:
        assert await data(f"{address}/api/certificates") == [known]


async def test_the_overviews_twin_tells_what_the_page_tells() -> None:
    """Ages, counts, latency and what is wrong, with values only where they may be trusted."""
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW, alarm=uuid4(), tag="F1.DP.M1")
    good = frame({"F1.DP.M1": 8.0, "M1.DP.C1": 14.0}, received=NOW, source_time=NOW - 40_000)
    bad = frame({"F1.DP.C1": None}, received=NOW, status=StatusCode.BAD)
    async with served(good, bad, raised) as address:
        found = await data(f"{address}/api/overview")
    assert (found["rooms_in_limits"], found["rooms_with_limits"]) == (1, 2)
    assert found["latency_ms"] == {"p50": 40.0, "p99": 40.0}
    assert (found["messages"], found["now"], found["last_data"]) == (3, NOW, NOW)
    assert [wrong["fault"] for wrong in found["wrong"]] == ["ALARM", "READING", "NEVER"]
    assert [wrong["reading"]["value"] for wrong in found["wrong"][:2]] == [8.0, None]


async def test_the_trends_twin_has_every_reading_and_nothing_that_is_no_number() -> None:
    """Bad readings are null, as JSON knows no NaN."""
    bad = frame({"dp": None}, received=NOW - SECOND, status=StatusCode.BAD)
    async with served(frame({"dp": 8.0}, received=NOW - 2 * SECOND), bad, gap(NOW - SECOND, None)) as address:
        found = await data(f"{address}/api/trend?tag=dp&range=1h")
        assert found["trend"]["value"] == [8.0, None]
        assert found["trend"]["time"] == [NOW - 2 * SECOND, NOW - SECOND]
        assert len(found["gaps"]) == 1
        window = f"from={quote('2026-06-11T12:00:00+08:00')}&to=2026-06-11T12:03:21"
        assert (await data(f"{address}/api/trend?tag=dp&{window}"))["trend"]["value"] == [8.0]
        assert (await get(f"{address}/api/trend?tag=dp&range=2h"))[0] == 422


async def test_rooms_alarms_and_evidence_have_twins() -> None:
    """An alarm that nobody knows is not there."""
    one = uuid4()
    raised = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW - SECOND, alarm=one, tag="F1.DP.M1")
    async with served(frame({"F1.DP.M1": 8.0}, received=NOW - SECOND), raised, None) as address:
        rooms = await data(f"{address}/api/rooms")
        assert [view["state"] for view in rooms["rooms"]] == ["NOT_MONITORED", "ACTION", "UNKNOWN"]
        assert [row["alarm"] for row in await data(f"{address}/api/alarms")] == [str(one)]
        assert [step["event"] for step in await data(f"{address}/api/alarms/{one}")] == ["RAISED"]
        assert (await get(f"{address}/api/alarms/{uuid4()}"))[0] == 404
        evidence = await data(f"{address}/api/evidence?range=1h")
        assert [found["samples"] for found in evidence["sources"]] == [1]
        assert evidence["counts"]["quarantine"] == 1


async def test_the_twin_of_the_alarms_is_filtered_as_the_page() -> None:
    """What is put aside too; a word that is none is refused."""
    one, other = uuid4(), uuid4()
    steps = [
        replace(
            alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW - SECOND, alarm=one, tag="F1.DP.M1"), room="F1"
        ),
        replace(alarm(AlarmEvent.SHELVED, AlarmState.SHELVED, NOW - SECOND, alarm=other, tag="M1.DP.C1"), room="M1"),
    ]
    async with served(*steps) as address:
        for query, open_, held in (
            ("room=F1", [one], []), ("room=M1&state=held", [], [other]), ("text=" + quote("F1 → m1"), [one], []),
            ("state=ended", [], []), ("", [one], [other]),
        ):  # fmt: skip
            assert [row["alarm"] for row in await data(f"{address}/api/alarms?{query}")] == [str(id_) for id_ in open_]
            found = [row["alarm"] for row in await data(f"{address}/api/alarms/held?{query}")]
            assert found == [str(id_) for id_ in held]
        for wrong in ("priority=urgent", "state=open", "range=2h"):
            assert (await get(f"{address}/api/alarms?{wrong}"))[0] == 422


@pytest.mark.parametrize("period", ["range=2h", "from=2026-06-11T12:00:00", "from=yesterday&to=now"])
async def test_a_period_that_is_unclear_is_refused(period: str) -> None:
    """With what it must look like."""
    async with served() as address:
        status, _, body = await get(f"{address}/api/evidence?{period}")
    assert status == 422
    assert re.search("range|from|ISO|Invalid", str(json.loads(body)["detail"]))


async def test_the_evidences_twin_tells_completeness_within_any_period() -> None:
    """The share, what is missing, and of which time."""
    minute = 60 * SECOND
    records = [frame({"dp": 8.0}, received=NOW - 60 * minute), frame({"dp": 8.0}, received=NOW)]
    async with served(*records, gap(NOW - 30 * minute, NOW - 24 * minute)) as address:
        (source,) = (await data(f"{address}/api/evidence?range=1h"))["sources"]
        assert source["percent"] == 90
        assert source["complete"] == {"begin": NOW - 60 * minute, "end": NOW, "missing": 6 * minute}
        window = "from=2026-06-11T11:33:22&to=2026-06-11T11:43:22"
        (source,) = (await data(f"{address}/api/evidence?{window}"))["sources"]
        assert source["percent"] == 40
        assert [drawn["kind"] for drawn in source["drawn"]] == ["DEVICE_SILENT"]


async def test_what_the_evidences_twin_gives_is_described() -> None:
    """In OpenAPI, with every field that stands in the answer."""
    async with served(frame({"dp": 8.0}, received=NOW)) as address:
        described, given = await data(f"{address}/api/openapi.json"), await data(f"{address}/api/evidence")
    schemas = described["components"]["schemas"]
    assert described["openapi"].startswith("3.")
    assert "/api/evidence" in described["paths"]
    assert schemas["Evidence"]["properties"].keys() == given.keys()
    assert schemas["SourceEvidence"]["properties"].keys() == given["sources"][0].keys()


async def test_pushes_are_few_however_many_messages_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first at once, the others together; and once in a while without any."""
    monkeypatch.setattr(desks, "PUSH_EVERY", 0.2)
    monkeypatch.setattr(desks, "BEAT_EVERY", 0.3)
    desk, pushes = desk_with(), asyncio.Queue[None]()
    desk.pushed.subscribe(lambda: pushes.put_nowait(None))
    for _ in range(1000):
        desk.changed()
    await asyncio.wait_for(pushes.get(), 60)
    for _ in range(1000):
        desk.changed()
    assert pushes.empty()
    await asyncio.wait_for(pushes.get(), 60)
    assert pushes.empty()
    beat = asyncio.create_task(desk.beat())
    await asyncio.wait_for(pushes.get(), 60)
    await asyncio.wait_for(pushes.get(), 60)
    beat.cancel()
