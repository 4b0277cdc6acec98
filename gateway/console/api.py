"""What the pages show, as JSON for programs: the same views, in the words of the records.

Times are UTC microseconds, units UCUM codes, numbers unrounded. A reading that may not be trusted has no value.
"""

import asyncio
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from fastapi import APIRouter, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.openapi.utils import get_openapi as openapi
from fastapi.responses import JSONResponse, Response
from nicegui import app
from numpy.typing import NDArray

from gateway.agreement.papers.forms import FORMS, MEDIA
from gateway.archive.archive import Archive
from gateway.archive.judged import finding_counts, findings_of_records
from gateway.archive.lives import EVER
from gateway.archive.openings import commitments_of, openings_of
from gateway.batches.archived import assembled
from gateway.batches.genealogy import trace
from gateway.batches.listed import listed
from gateway.console.desk import Desk
from gateway.console.ranges import range_of, window_of
from gateway.console.views.agreement import AgreementView, agreements_on, paper_on
from gateway.console.views.alarms import alarm_rows, held_rows
from gateway.console.views.batches import LISTED
from gateway.console.views.display import Clock
from gateway.console.views.evidence import Evidence, evidence, received_in
from gateway.console.views.overview import overview
from gateway.console.views.people import Accesses, accesses_in, wanted_accesses
from gateway.console.views.performance import Performance, performance
from gateway.console.views.reports import ReportAsked, report_asked
from gateway.console.views.rooms import cascade
from gateway.console.views.trend import read, subject, window
from gateway.console.views.wanted_alarms import Wanted
from gateway.console.views.wanted_alarms import wanted as wanted_alarms
from gateway.console.views.weighings import Weighings, wanted, weighings_in
from gateway.console.words import Language
from gateway.deviations.archived import draft_with, drafts
from gateway.reports.archived import report_of
from gateway.reports.formats import Format, written
from gateway.reports.spells import Spell
from gateway.retention.archived import made_in

ROUTER = APIRouter(prefix="/api")


def _desk() -> Desk:
    desk: Desk = app.state.desk
    return desk


def _json(view: Any) -> JSONResponse:
    content = jsonable_encoder(view, custom_encoder={np.ndarray: _plain, Spell: lambda spell: spell.name})
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def _plain(column: NDArray[Any]) -> list[Any]:
    """A column as JSON knows it: no NaN."""
    return [None if value != value else value for value in column.tolist()]  # noqa: PLR0124 - NaN


@ROUTER.get("/overview")
async def get_overview() -> JSONResponse:
    """What is wrong now, rooms in limits, ages, counts and latency."""
    desk = _desk()
    return _json(overview(desk.site, desk.live, desk.now()))


@ROUTER.get("/rooms")
async def get_rooms() -> JSONResponse:
    """Rooms, differentials and doors as they stand."""
    desk = _desk()
    return _json(cascade(desk.site, desk.live, desk.now()))


@ROUTER.get("/trend")
async def get_trend(request: Request, tag: str) -> JSONResponse:
    """Readings of one tag over `from` to `to` (ISO 8601) or `range`, as the page draws them."""
    desk = _desk()
    now = desk.now()
    try:
        asked = window(request.query_params, Clock.of(desk.site.zone), now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    about = subject(tag, desk.site, desk.live)
    view = await desk.ask(lambda archive: read(archive, about, asked, now))
    return _json(view)


@ROUTER.get("/alarms")
async def get_alarms(request: Request) -> JSONResponse:
    """Every open alarm, and those that were open over `from` to `to` (ISO 8601) or `range`.

    Of one `room`, `priority` (action, alert) or `state` (active, unacknowledged, acknowledged, held, ended), with a
    `batch`, or a `text` in the alarm, its tag's name, a person or a reason.
    """
    desk = _desk()
    now = desk.now()
    asked = _wanted(request)
    begin, end = asked.span(now)
    lives = await desk.ask(lambda archive: archive.alarms(begin, end, asked.chosen(desk.site)))
    return _json(alarm_rows(lives, now))


def _wanted(request: Request) -> Wanted:
    desk = _desk()
    try:
        return wanted_alarms(request.query_params, Clock.of(desk.site.zone), desk.now())
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


@ROUTER.get("/alarms/held")
async def get_held(request: Request) -> JSONResponse:
    """What is shelved, suppressed by design or out of service; chosen as `/alarms`, but by no period."""
    desk = _desk()
    asked = _wanted(request)
    standing = await desk.ask(lambda archive: archive.standing_alarms(asked.chosen(desk.site)))
    return _json(held_rows(step for step in desk.live.held.values() if step.alarm in standing))


@ROUTER.get("/alarms/performance", responses={200: {"model": Performance}})
async def get_performance(request: Request) -> JSONResponse:
    """How well the alarms serve the people who answer them, over `from` to `to` (ISO 8601) or `range`."""
    desk = _desk()
    now = desk.now()
    try:
        asked = window_of(request.query_params, Clock.of(desk.site.zone), now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return _json(await desk.ask(lambda archive: performance(archive, asked, now)))


@ROUTER.get("/deviations")
async def get_deviations(request: Request) -> JSONResponse:
    """Draft deviations of the alarms that were open within `range` up to now."""
    desk = _desk()
    now, begin = desk.now(), desk.now() - range_of(request.query_params).length
    return _json(await desk.ask(lambda archive: drafts(archive, desk.site, begin, EVER, now)))


@ROUTER.get("/deviations/{draft}")
async def get_deviation(draft: UUID) -> JSONResponse:
    """One draft deviation."""
    desk = _desk()
    found = await desk.ask(lambda archive: draft_with(archive, desk.site, draft, desk.now()))
    if found is None:
        raise HTTPException(404, "no such draft, or not yours")
    return _json(found)


@ROUTER.get("/alarms/{alarm}")
async def get_alarm(alarm: UUID) -> JSONResponse:
    """The steps of one alarm, as received."""
    steps = await _desk().ask(lambda archive: archive.alarm_steps(alarm))
    if not steps:
        raise HTTPException(404, "no such alarm, or not yours")
    return _json(steps)


@ROUTER.get("/batches")
async def get_batches(request: Request) -> JSONResponse:
    """Every batch that any record names, the newest first."""
    desk, viewer = _desk(), request.scope.get("state", {}).get("viewer")
    found = await desk.ask(lambda archive: listed(archive, desk.masters.same(), LISTED))
    return _json([one for one in found if viewer is None or viewer.knows(one.number)])


@ROUTER.get("/batches/{number:path}")
async def get_batch(number: str) -> JSONResponse:
    """All of the batches that use a number, one for each product."""
    desk, now = _desk(), _desk().now()
    found = await desk.ask(lambda archive: assembled(archive, desk.site, desk.masters, number, now))
    if not found:
        raise HTTPException(404, "no such batch, or not yours")
    return _json(found)


@ROUTER.get("/commitments/{record}")
async def get_commitments(record: UUID) -> JSONResponse:
    """What is withheld in a record that came: fields, clauses, commitments."""
    return _json(await _desk().ask(lambda archive: commitments_of(archive, record)))


@ROUTER.get("/retention")
async def get_retention() -> JSONResponse:
    """Every batch with the dates from which it is counted how long it must be kept."""
    desk = _desk()
    return _json(await desk.ask(lambda archive: made_in(archive, ZoneInfo(desk.site.zone))))


@ROUTER.get("/openings/{record}")
async def get_openings(record: UUID) -> JSONResponse:
    """What opens that; only the archive of who withheld it has any."""
    return _json(await _desk().ask(lambda archive: openings_of(archive, record)))


@ROUTER.get("/findings")
async def get_findings() -> JSONResponse:
    """What the rules of the review found in exported records, with its history; counts by rule, and what waits."""

    def ask(archive: Archive) -> dict[str, Any]:
        return {"counts": finding_counts(archive), "findings": findings_of_records(archive, count=LISTED)}

    return _json(await _desk().ask(ask))


@ROUTER.get("/lots/{name:path}")
async def get_lot(name: str) -> JSONResponse:
    """Where a lot, a supplier's lot or a batch went, and what went into it; no starts where none has the name."""
    desk = _desk()
    return _json(await desk.ask(lambda archive: trace(archive, name, desk.masters.same())))


@ROUTER.get("/agreement", responses={200: {"model": AgreementView}})
async def get_agreement() -> JSONResponse:
    """Which version of the agreement holds, what is exchanged by which clause, and which files do not count."""
    desk = _desk()
    view = await asyncio.to_thread(agreements_on, desk.agreements, desk.now())
    if isinstance(view, str):
        raise HTTPException(503, view)
    return _json(view)


@ROUTER.get("/agreement/paper.{form}")
async def get_agreement_paper(request: Request, form: str) -> Response:
    """A `version` of an `agreement` as a paper in the official template's order: pdf, docx or html; in a `language`, or
    in both.
    """
    desk, asked, ending = _desk(), request.query_params, f".{form}"
    try:
        language = Language(asked["language"]) if "language" in asked else None
        wanted = asked.get("agreement", ""), int(asked.get("version", ""))
    except ValueError as error:
        raise HTTPException(422, "give agreement, version (a number) and, if wanted, language (zh, en)") from error
    if ending not in FORMS:
        raise HTTPException(404, f"no such form; there are {', '.join(FORMS)}")
    async with desk.reporting:
        octets = await asyncio.to_thread(paper_on, desk.agreements, wanted, ending, language)
    if octets is None:
        raise HTTPException(404, "no such version")
    name = f"{wanted[0]}-v{wanted[1]}{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(octets, media_type=MEDIA[ending], headers=headers)


@ROUTER.get("/weighings", responses={200: {"model": Weighings}})
async def get_weighings(request: Request) -> JSONResponse:
    """Weighings within `range` up to now, newest first; of one `balance`, or of one `outcome`: accepted, refused."""
    desk = _desk()
    begin = desk.now() - range_of(request.query_params).length
    return _json(await desk.ask(weighings_in(wanted(request.query_params), begin)))


@ROUTER.get("/reports")
async def get_reports(request: Request) -> JSONResponse:
    """The report on a `room` over `from` to `to` (ISO 8601) or `range`, as data."""
    desk, about, now = _report_asked(request)
    period = about.window
    async with desk.reporting:
        return _json(
            await desk.ask(lambda archive: report_of(archive, desk.site, about.room, period.begin, period.end, now=now))
        )


@ROUTER.get("/reports/report.{form}")
async def get_report_file(request: Request, form: Format) -> Response:
    """The same as PDF or CSV, in a `language`."""
    desk, about, now = _report_asked(request)
    period = about.window

    def write(archive: Archive) -> bytes:
        found = report_of(archive, desk.site, about.room, period.begin, period.end, now=now)
        return written(found, form, about.language, printed=now)

    first, last = (Clock.of(desk.site.zone).local(moment) for moment in (period.begin, period.end))
    name = f"report-{about.room}-{first:%Y%m%dT%H%M}-{last:%Y%m%dT%H%M}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    async with desk.reporting:
        octets = await desk.ask(write)
    return Response(octets, media_type=form.media_type, headers=headers)


def _report_asked(request: Request) -> tuple[Desk, ReportAsked, int]:
    desk = _desk()
    now = desk.now()
    try:
        return desk, report_asked(request.query_params, desk.site, now), now
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


@ROUTER.get("/evidence", responses={200: {"model": Evidence}})
async def get_evidence(request: Request) -> JSONResponse:
    """Completeness, gaps, seals, receipts and findings over `from` to `to` (ISO 8601) or `range`, as the page says."""
    desk = _desk()
    now = desk.now()
    try:
        asked = window_of(request.query_params, Clock.of(desk.site.zone), now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    received = await desk.ask(received_in(asked))
    return _json(evidence(desk.live, received, now))


@ROUTER.get("/certificates")
async def get_certificates() -> JSONResponse:
    """The certificates that this node uses, the first to expire first; `days` that are left, negative once over."""
    return _json(_desk().certificates())


@ROUTER.get("/people", responses={200: {"model": Accesses}})
async def get_people(request: Request) -> JSONResponse:
    """Who looked at what over `from` to `to` (ISO 8601) or `range`, newest first; of one `person`, about a `batch`.

    Of this node's console, and what the other side sent of its own.
    """
    desk, entrance = _desk(), app.state.entrance
    if entrance is None:
        raise HTTPException(404, "the console is open to its machine; nobody signs in")
    try:
        window = window_of(request.query_params, Clock.of(desk.site.zone), desk.now())
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    asked = wanted_accesses(request.query_params, window)
    return _json(await asyncio.to_thread(accesses_in(entrance, desk.archive, asked)))


@ROUTER.get("/openapi.json", include_in_schema=False)
async def get_openapi() -> JSONResponse:
    """What can be asked here (OpenAPI 3.1)."""
    return _json(openapi(title="Console data", version="1", routes=ROUTER.routes))
