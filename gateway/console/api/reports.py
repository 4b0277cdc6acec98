"""Reports on a room, as data and as files."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from gateway.archive.archive import Archive
from gateway.console.api.answering import answer, the_desk
from gateway.console.api.described import REPORT, REPORT_VIEW, answers, files
from gateway.console.desk import Desk
from gateway.reports.archived import report_of
from gateway.reports.formats import Format, written
from gateway.views.display import Clock
from gateway.views.reports import ReportAsked, report_asked

ROUTER = APIRouter(prefix="/api")
FILE = files(one.media_type for one in Format)


@ROUTER.get("/reports", responses=answers(REPORT_VIEW), dependencies=REPORT)
async def get_reports(request: Request) -> JSONResponse:
    """The report on a `room` over `from` to `to` (ISO 8601) or `range`, as data."""
    desk, about, now = _report_asked(request)
    period = about.window
    async with desk.reporting:
        return answer(
            await desk.ask(lambda archive: report_of(archive, desk.site, about.room, period.begin, period.end, now=now))
        )


@ROUTER.get("/reports/report.{form}", response_class=Response, responses=FILE, dependencies=REPORT)
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
    desk = the_desk()
    now = desk.now()
    try:
        return desk, report_asked(request.query_params, desk.site, now), now
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
