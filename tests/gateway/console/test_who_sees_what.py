"""Each role at each page and each question, over real HTTP, against the design's table and not the code's own."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from itertools import cycle
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from gateway.access.roles import Right, Role
from gateway.access.viewer import Scope
from gateway.console.api import ROUTER
from gateway.console.desk import Desk
from gateway.console.routes import PAGES
from tests.gateway.batches.records import BATCH
from tests.gateway.console.entered import PASSWORD, Door, entered
from tests.gateway.console.rich import NOW, OTHER_BATCH, examples, questions, rich_desk
from tests.gateway.messages import SECOND

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROUTES = [route for route, _, _ in PAGES]
METHODS = [(route.path, one) for route in ROUTER.routes if isinstance(route, APIRoute) for one in route.methods or ()]
ASKED = [path for path, method in METHODS if method == "GET"]
BEGINS = {("/api/verification", "POST"), ("/api/verification", "DELETE")}
"""What is not asked for but done: no record changes by it."""
CHANGING = ("POST", "PUT", "PATCH", "DELETE")

PERSON = {
    "O": "zhao.lei", "Q": "wang.fang", "P": "zhou.min", "H": "li.na", "I": "sun.wei", "A": "chen.jie",
    "E": "sun.yan", "B": "sun.li",
}  # fmt: skip
"""Operator, quality unit, qualified person, holder's reviewer, inspector of everything, administrator; inspectors whose
scope is evidence alone, and one batch alone."""
QUALITY = "QPHI"
WHO = {
    "": f"O{QUALITY}", "/rooms": f"O{QUALITY}", "/trend": f"O{QUALITY}", "/alarms": f"O{QUALITY}",
    "/alarms/performance": f"O{QUALITY}", "/alarms/{alarm}": f"O{QUALITY}", "/deviations": f"O{QUALITY}",
    "/deviations/{draft}": f"O{QUALITY}", "/weighings": f"O{QUALITY}",
    "/batches": f"{QUALITY}B", "/batches/{number:path}": f"{QUALITY}B",
    "/findings": QUALITY, "/tests": QUALITY, "/lots": QUALITY, "/reports": QUALITY, "/agreement": QUALITY,
    "/capability": QUALITY, "/trend/compare": QUALITY,
    "/evidence": f"{QUALITY}E", "/people": f"{QUALITY}A", "/search": f"O{QUALITY}AEB",
    "/evidence/{stream}": QUALITY, "/evidence/{stream}/seals": QUALITY, "/r": f"{QUALITY}E",
    "/r/{stream}/{number}": QUALITY,
}  # fmt: skip
"""Who opens which page. An operator has the line page besides; what tells of all batches tells nothing of one alone.
A stream and its records ask for the right to what they are about, too."""
RECORDS = ("", "/entry", "/proof", "/tlog-proof")
WHO_ASKS = {
    **{f"/api{route}": who for route, who in WHO.items() if route not in {"", "/lots", "/r", "/r/{stream}/{number}"}},
    "/api/overview": f"O{QUALITY}", "/api/alarms/held": f"O{QUALITY}", "/api/retention": QUALITY,
    "/api/lots/{name:path}": QUALITY, "/api/agreement/paper.{form}": QUALITY, "/api/commitments/{record}": QUALITY,
    "/api/openings/{record}": "Q", "/api/reports/report.{form}": QUALITY, "/api/certificates": "A",
    "/api/capability/report.pdf": QUALITY, "/api/capability/report.zip": QUALITY,
    "/api/openapi.json": f"O{QUALITY}AEB", "/api/verification": f"{QUALITY}E",
    **{f"/api/records/{{stream}}/{{number}}{what}": QUALITY for what in RECORDS}, "/api/records": f"{QUALITY}E",
    "/api/evidence/{stream}/quarantine/{leaf}": QUALITY, "/api/trend/readings.{kind}": f"O{QUALITY}",
    "/api/trend/proof": f"{QUALITY}E", "/api/rules": QUALITY,
}  # fmt: skip
"""Who is answered which question. What opens a commitment stays with the manufacturer's quality unit."""


class Entered:
    """A console in which each of PERSON has signed in."""

    def __init__(self, door: Door, browsers: Mapping[str, httpx.AsyncClient], desk: Desk, clock: list[int]) -> None:
        self.door, self.browsers, self.clock = door, browsers, clock
        self.pages, self.questions = examples(desk), questions(desk)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Entered]:
    folder, clock = tmp_path_factory.mktemp("node"), [NOW]
    desk = rich_desk(folder)
    desk.now = lambda: clock[0]
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(entered(folder, desk))
        accounts = door.entrance.accounts
        accounts.add("zhou.min", "Zhou Min", [Role.QUALIFIED_PERSON], PASSWORD)
        for login, scope in (("sun.wei", frozenset(Right)), ("sun.yan", frozenset({Right.EVIDENCE}))):
            ends = NOW + 86_400 * SECOND
            accounts.add(login, login, [Role.INSPECTOR], PASSWORD, scope=Scope(rights=scope), ends=ends)
        browsers = {letter: await stack.enter_async_context(door.person(login)) for letter, login in PERSON.items()}
        await desk.proof.latest()  # then every page's head bar says the same
        yield Entered(door, browsers, desk, clock)


async def test_every_page_and_every_question_is_decided(console: Entered) -> None:
    """A new one without a line here, or without an address to try it at, fails."""
    assert set(WHO) >= set(ROUTES)
    assert set(console.pages) >= set(ROUTES)
    assert set(WHO_ASKS) >= set(ASKED)
    assert set(console.questions) >= set(ASKED)
    assert {one for one in METHODS if one[1] != "GET"} == BEGINS, "what changes something needs an origin, and a table"


@pytest.mark.parametrize("letter", PERSON)
async def test_a_role_opens_its_pages_and_no_others(console: Entered, letter: str) -> None:
    """What is another's is answered as what is not there, to the last octet but for the address that was asked for."""
    browser = console.browsers[letter]
    nothing = told(await browser.get("/en/nowhere"), "/nowhere")
    for route in ROUTES:
        for path in console.pages[route]:
            if letter in WHO[route]:
                answer = await browser.get(f"/en{path}", follow_redirects=True)
                assert answer.status_code == 200, f"{letter} {path}"
                continue
            bare = path.partition("?")[0]
            answer = await browser.get(f"/en{bare}")
            if route == "":
                assert (answer.status_code, answer.headers["location"] > "/en/") == (303, True)
            else:
                assert told(answer, bare) == nothing, f"{letter} {path}"


@pytest.mark.parametrize("letter", PERSON)
async def test_a_role_is_answered_its_questions_and_no_others(console: Entered, letter: str) -> None:
    """No method but reading is answered at all."""
    browser = console.browsers[letter]
    nothing, methods = await browser.get("/api/nowhere"), cycle(CHANGING)
    for route in ASKED:
        path = console.questions[route]
        answer = await browser.get(path)
        if letter not in WHO_ASKS[route]:
            assert (answer.status_code, answer.content) == (nothing.status_code, nothing.content), f"{letter} {path}"
            assert headers(answer) == headers(nothing)
        else:
            known = route not in {"/api/commitments/{record}", "/api/openings/{record}"}
            assert answer.status_code == 200 or not known, f"{letter} {path} {answer.text}"
        method = next(methods)
        if (route, method) in BEGINS and letter in WHO_ASKS[route]:
            continue
        refused = await browser.request(method, path)
        assert refused.status_code == (405 if letter in WHO_ASKS[route] else 404), f"{letter} {method} {path}"


def told(answer: httpx.Response, path: str) -> tuple[int, str, object]:
    """Status, what the page says and its headers, without what each answer has of its own, and the echo of the path."""
    echo = rf"/(en|zh)({re.escape(quote(path))}|{re.escape(path)})(?![\w/])"
    text = re.sub(echo, "", answer.text)
    own = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|beat-[ab]"  # a push may come while it is built
    return answer.status_code, re.sub(own, "", text), headers(answer)


def headers(answer: httpx.Response) -> list[tuple[str, str]]:
    """In their order, without the date and the length."""
    return [(name, value) for name, value in answer.headers.items() if name not in {"date", "content-length"}]


async def test_whoever_looks_at_one_batch_learns_nothing_of_another(console: Entered) -> None:
    """Neither by its page nor by any question, whether there is such a batch or not."""
    browser = console.browsers["B"]
    missing = told(await browser.get("/en/batches/no-such"), "/batches/no-such")
    assert told(await browser.get(f"/en/batches/{OTHER_BATCH}"), f"/batches/{OTHER_BATCH}") == missing
    for path in ("/en/batches", "/api/batches", f"/en/batches/{BATCH}", f"/api/batches/{BATCH}"):
        answer = await browser.get(path)
        assert (answer.status_code, OTHER_BATCH in answer.text) == (200, False), path
    other, none = [await browser.get(f"/api/batches/{one}") for one in (OTHER_BATCH, "no-such")]
    assert (other.status_code, other.content) == (none.status_code, none.content)


async def test_nobody_gets_nothing(console: Entered) -> None:
    """Each page leads to the sign-in, each question is answered 401, however it is asked, there or not."""
    async with console.door.browser() as stranger:
        for route in ROUTES:
            for path in console.pages[route]:
                answer = await stranger.get(f"/en{path}")
                assert (answer.status_code, answer.headers["location"][:12]) == (303, "/en/sign-in?")
        nothing, methods = (await stranger.get("/api/nowhere")).content, cycle(CHANGING)
        for route in ASKED:
            for method in ("GET", next(methods)):
                answer = await stranger.request(method, console.questions[route])
                assert (answer.status_code, answer.content) == (401, nothing), f"{method} {route}"


async def test_what_changes_something_has_to_come_from_a_page_of_this_console(console: Entered) -> None:
    """Whoever asks, whatever is asked for."""
    browser, methods = console.browsers["Q"], cycle(CHANGING)
    for path in ("/en/sign-out", "/en/sign-in", *(console.questions[route] for route in ASKED)):
        method = next(methods)
        answer = await browser.request(method, path, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403, f"{method} {path}"
    assert (await browser.get("/api/overview")).status_code == 200


async def test_an_inspector_whose_time_is_over_is_nobody(console: Entered) -> None:
    """From one second to the next, with a page open, and with the right password."""
    accounts, now = console.door.entrance.accounts, console.clock[0]
    scope = Scope(rights=frozenset({Right.EVIDENCE}))
    accounts.add("gao.yi", "Gao Yi", [Role.INSPECTOR], PASSWORD, scope=scope, ends=now + 60 * SECOND)
    async with console.door.person("gao.yi") as browser:
        assert (await browser.get("/api/evidence")).status_code == 200
        console.clock[0] = now + 61 * SECOND
        assert (await browser.get("/api/evidence")).status_code == 401
        assert (await browser.get("/en/evidence")).status_code == 303
        assert (await console.door.sign_in(browser, "gao.yi")).status_code == 401
    assert (await console.browsers["Q"].get("/api/evidence")).status_code == 200
