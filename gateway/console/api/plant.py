"""What stands now, and readings over time."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse

from gateway.console.api.answering import answer, the_desk
from gateway.console.api.described import PERIOD, TREND, answers
from gateway.console.views.display import Clock
from gateway.console.views.overview import Overview, overview
from gateway.console.views.rooms import Cascade, cascade
from gateway.console.views.trend import read, subject, window

ROUTER = APIRouter(prefix="/api")


@ROUTER.get("/overview", responses=answers(Overview))
async def get_overview() -> JSONResponse:
    """What is wrong now, rooms in limits, ages, counts and latency."""
    desk = the_desk()
    return answer(overview(desk.site, desk.live, desk.now()))


@ROUTER.get("/rooms", responses=answers(Cascade))
async def get_rooms() -> JSONResponse:
    """Rooms, differentials and doors as they stand."""
    desk = the_desk()
    return answer(cascade(desk.site, desk.live, desk.now()))


@ROUTER.get("/trend", responses=answers(TREND), dependencies=PERIOD)
async def get_trend(request: Request, tag: Annotated[str, Query(max_length=200)]) -> JSONResponse:
    """Readings of one tag over `from` to `to` (ISO 8601) or `range`, as the page draws them."""
    desk = the_desk()
    now = desk.now()
    try:
        asked = window(request.query_params, Clock.of(desk.site.zone), now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    about = subject(tag, desk.site, desk.live)
    view = await desk.ask(lambda archive: read(archive, about, asked, now))
    return answer(view)
