"""Which page stands at which address. One line adds a page."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from fastapi import Request, Response
from nicegui import app, ui

from gateway.console.pages import (
    agreement,
    alarm,
    alarms,
    batch,
    batches,
    capability,
    deviation,
    deviations,
    evidence,
    findings,
    lots,
    origin,
    over_batches,
    overview,
    people,
    performance,
    record,
    reports,
    rooms,
    seals,
    search,
    stream,
    trend,
    trend_compare,
    weighings,
)
from gateway.console.shell import not_found
from gateway.console.visit import Visit
from gateway.languages import Language, accepted, words_in

Builder = Callable[[Visit], Awaitable[Response | None]]

PAGES: tuple[tuple[str, str, Builder], ...] = (
    ("", "overview.title", overview.build),
    ("/rooms", "rooms.title", rooms.build),
    ("/trend", "trend.title", trend.build),
    ("/trend/compare", "alongside.title", trend_compare.build),
    ("/alarms", "alarms.title", alarms.build),
    ("/alarms/performance", "performance.title", performance.build),
    ("/alarms/{alarm}", "alarm.title", alarm.build),
    ("/deviations", "deviations.title", deviations.build),
    ("/deviations/{draft}", "deviations.title", deviation.build),
    ("/batches", "batches.title", batches.build),
    ("/batches/{number:path}", "batches.title", batch.build),
    ("/findings", "findings.title", findings.build),
    ("/lots", "lots.title", lots.build),
    ("/tests", "tests.title", over_batches.build),
    ("/weighings", "weighings.title", weighings.build),
    ("/reports", "reports.title", reports.build),
    ("/capability", "capability_page.title", capability.build),
    ("/evidence", "evidence.title", evidence.build),
    ("/r", "record.page", origin.build),
    ("/r/{stream}/{number}", "record.page", record.build),
    ("/evidence/{stream}", "evidence.title", stream.build),
    ("/evidence/{stream}/seals", "seals.title", seals.build),
    ("/agreement", "agreement.title", agreement.build),
    ("/people", "people.title", people.build),
    ("/search", "search.title", search.build),
)
"""Route after the language, key of the title, builder."""
BUILD_WITHIN = 10.0
"""Seconds a page may take to be built."""


def register() -> None:
    """Make every page known to NiceGUI in every language. What has no page says so."""
    for language in Language:
        for path, title, build in PAGES:
            _page(language, path, words_in(language)(title), build)
        _page(language, "/{rest:path}", words_in(language)("missing.title"), _missing)


def _page(language: Language, path: str, title: str, build: Builder) -> None:
    async def page(request: Request) -> Response | None:
        state = request.scope.get("state", {})
        return await (build if state.get("allowed", True) else _missing)(visit_of(request))

    ui.page(f"/{language}{path}", language=language.html, title=title, response_timeout=BUILD_WITHIN)(page)


def visit_of(request: Request) -> Visit:
    """The visit that a request asks for: its language is the address's, else the browser's."""
    head, _, path = request.scope["path"].removeprefix("/").partition("/")
    known = head in {language.value for language in Language}
    language = Language(head) if known else accepted(request.headers.get("accept-language"))
    return Visit(
        desk=app.state.desk, say=words_in(language), path=f"/{quote(path)}" if known and path else "",
        query=dict(request.query_params), parts=dict(request.path_params),
        pairs=tuple(request.query_params.multi_items()),
        viewer=request.scope.get("state", {}).get("viewer"), entrance=app.state.entrance,
    )  # fmt: skip


async def missing(request: Request) -> None:
    """The page for an address without a language."""
    await _missing(visit_of(request))


async def _missing(visit: Visit) -> None:
    not_found(visit)
