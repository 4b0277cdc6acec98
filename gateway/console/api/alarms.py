"""Alarms, how well they serve, and the deviations they draft."""

from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse

from gateway.archive.lives import EVER
from gateway.console.api.answering import answer, asked_window, the_desk
from gateway.console.api.described import ALARMS, PERIOD, RANGED, answers
from gateway.console.ranges import range_of
from gateway.deviations.archived import draft_with, drafts
from gateway.deviations.draft import Draft
from gateway.views.alarms import AlarmRow, HeldRow, alarm_rows, held_rows
from gateway.views.display import Clock
from gateway.views.performance import Performance, performance
from gateway.views.wanted_alarms import Wanted
from gateway.views.wanted_alarms import wanted as wanted_alarms
from schemas.records import Alarm

ROUTER = APIRouter(prefix="/api")


@ROUTER.get("/alarms", responses=answers(list[AlarmRow]), dependencies=ALARMS)
async def get_alarms(request: Request) -> JSONResponse:
    """Every open alarm, and those that were open over `from` to `to` (ISO 8601) or `range`.

    Of one `room`, `priority` (action, alert) or `state` (active, unacknowledged, acknowledged, held, ended), with a
    `batch`, or a `text` in the alarm, its tag's name, a person or a reason.
    """
    desk = the_desk()
    now = desk.now()
    asked = _wanted(request)
    begin, end = asked.span(now)
    lives = await desk.ask(lambda archive: archive.alarms(begin, end, asked.chosen(desk.site)))
    return answer(alarm_rows(lives, now))


def _wanted(request: Request) -> Wanted:
    desk = the_desk()
    try:
        return wanted_alarms(request.query_params, Clock.of(desk.site.zone), desk.now())
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


@ROUTER.get("/alarms/held", responses=answers(list[HeldRow]), dependencies=ALARMS)
async def get_held(request: Request) -> JSONResponse:
    """What is shelved, suppressed by design or out of service; chosen as `/alarms`, but by no period."""
    desk = the_desk()
    asked = _wanted(request)
    standing = await desk.ask(lambda archive: archive.standing_alarms(asked.chosen(desk.site)))
    return answer(held_rows(step for step in desk.live.held.values() if step.alarm in standing))


@ROUTER.get("/alarms/performance", responses=answers(Performance), dependencies=PERIOD)
async def get_performance(request: Request) -> JSONResponse:
    """How well the alarms serve the people who answer them, over `from` to `to` (ISO 8601) or `range`."""
    desk = the_desk()
    now = desk.now()
    asked = asked_window(request, now)
    return answer(await desk.ask(lambda archive: performance(archive, asked, now)))


@ROUTER.get("/deviations", responses=answers(list[Draft]), dependencies=RANGED)
async def get_deviations(request: Request) -> JSONResponse:
    """Draft deviations of the alarms that were open within `range` up to now."""
    desk = the_desk()
    now, begin = desk.now(), desk.now() - range_of(request.query_params).length
    return answer(await desk.ask(lambda archive: drafts(archive, desk.site, begin, EVER, now)))


@ROUTER.get("/deviations/{draft}", responses=answers(Draft, 404))
async def get_deviation(draft: UUID) -> JSONResponse:
    """One draft deviation."""
    desk = the_desk()
    found = await desk.ask(lambda archive: draft_with(archive, desk.site, draft, desk.now()))
    if found is None:
        raise HTTPException(404, "no such draft, or not yours")
    return answer(found)


@ROUTER.get("/alarms/{alarm}", responses=answers(list[Alarm], 404))
async def get_alarm(alarm: UUID) -> JSONResponse:
    """The steps of one alarm, as received."""
    steps = await the_desk().ask(lambda archive: archive.alarm_steps(alarm))
    if not steps:
        raise HTTPException(404, "no such alarm, or not yours")
    return answer(steps)
