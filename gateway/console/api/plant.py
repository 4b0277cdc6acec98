"""What stands now, and readings over time."""

from dataclasses import dataclass, fields
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from nicegui import background_tasks

from gateway.batches.alongside import SHOWN, Asked, alongside
from gateway.console.api.answering import answer, looker_of, the_desk
from gateway.console.api.described import ALONGSIDE, MOMENT, PERIOD, TREND, Text, answers
from gateway.console.ranges import moment_of
from gateway.console.views.display import Clock
from gateway.console.views.overview import Overview, overview
from gateway.console.views.rooms import Cascade, cascade
from gateway.console.views.today import Today, today
from gateway.console.views.trend import MOST_TAGS, read, subject, window
from gateway.intake.live import Live

ROUTER = APIRouter(prefix="/api")


@dataclass(frozen=True, slots=True)
class OverviewToday(Overview):
    """The line as it stands, and what of it is for whoever asks."""

    today: Today


@ROUTER.get("/overview", responses=answers(OverviewToday))
async def get_overview(request: Request) -> JSONResponse:
    """What is wrong now, rooms in limits, ages, counts and latency.

    Beneath `today`: batches that have ended and what their rules say, what waits for whoever asks, lines, proof.
    """
    desk = the_desk()
    work, proof, now = await desk.to_do(), await desk.proof.latest(), desk.now()
    background_tasks.create(desk.count(work))
    view = today(
        desk.site,
        desk.live,
        work=work,
        proof=proof,
        certificates=desk.certificates(),
        looker=looker_of(request),
        now=now,
    )
    state = overview(desk.site, desk.live, now)
    return answer(OverviewToday(**{one.name: getattr(state, one.name) for one in fields(state)}, today=view))


@ROUTER.get("/rooms", responses=answers(Cascade), dependencies=MOMENT)
async def get_rooms(request: Request) -> JSONResponse:
    """Rooms, differentials and doors as they stand, or stood `at` a moment (ISO 8601)."""
    desk = the_desk()
    try:
        moment = moment_of(request.query_params, Clock.of(desk.site.zone), desk.now())
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    live = desk.live if moment is None else await desk.ask(lambda archive: Live.at(archive, moment))
    return answer(cascade(desk.site, live, desk.now() if moment is None else moment))


@ROUTER.get("/trend/compare", responses=answers(ALONGSIDE, 404))
async def get_compared(
    tag: Annotated[str, Query(max_length=200)],
    batch: Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=SHOWN)] = [],  # noqa: B006 - read
    step: Text = None,
) -> JSONResponse:
    """One tag in several batches, each from its begin or from that of a step, with the band of those before."""
    desk = the_desk()
    if tag not in {one.tag for one in desk.site.watched()}:
        raise HTTPException(404, "no such tag, or not yours")
    rooms = subject(tag, desk.site, desk.live).rooms
    asked = Asked(tag, rooms, tuple(batch), step or None)
    view = await desk.ask(lambda archive: alongside(archive, asked, desk.masters.same(), desk.now()))
    return answer(view)


@ROUTER.get("/trend", responses=answers(TREND), dependencies=PERIOD)
async def get_trend(
    request: Request,
    tag: Annotated[list[Annotated[str, Query(max_length=200)]], Query(min_length=1, max_length=MOST_TAGS)],
) -> JSONResponse:
    """Readings of a tag over `from` to `to` (ISO 8601) or `range`, as the page draws them, with further tags beside."""
    desk = the_desk()
    now = desk.now()
    try:
        asked = window(request.query_params, Clock.of(desk.site.zone), now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    about, *beside = (subject(one, desk.site, desk.live) for one in dict.fromkeys(tag))
    view = await desk.ask(lambda archive: read(archive, about, asked, now, beside))
    return answer(view)
