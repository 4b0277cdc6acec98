"""The capability report, as data and as files."""

import asyncio

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from gateway.bundle.zipped import zipped
from gateway.capability.archived import Capability
from gateway.capability.made import files_of, name_of
from gateway.capability.pdf import pdf_of
from gateway.configuration import ConfigurationError
from gateway.console.api.answering import answer, the_desk
from gateway.console.api.described import PERIOD, SPOKEN, answers, files
from gateway.console.desk import Desk
from gateway.console.reporting import capability
from gateway.languages import Language
from gateway.views.capability import capability_asked

ROUTER = APIRouter(prefix="/api")
PDF, ZIP = "application/pdf", "application/zip"


@ROUTER.get("/capability", responses=answers(Capability, 503), dependencies=PERIOD)
async def get_capability(request: Request) -> JSONResponse:
    """What 134 art. 14 and 17 ask, with verdicts and figures, over `from` to `to` (ISO 8601) or `range`."""
    desk, now = the_desk(), the_desk().now()
    async with desk.reporting:
        return answer(await _report(desk, request, now))


@ROUTER.get("/capability/report.pdf", response_class=Response, responses=files([PDF], 503), dependencies=SPOKEN)
async def get_capability_pdf(request: Request) -> Response:
    """The same as PDF in a `language`, not signed: for reading."""
    desk, now, language = the_desk(), the_desk().now(), _language(request)
    async with desk.reporting:
        report = await _report(desk, request, now)
        octets = await asyncio.to_thread(pdf_of, report, language, printed=now)
    return _file(octets, f"{name_of(report, language)}.pdf", PDF)


@ROUTER.get("/capability/report.zip", response_class=Response, responses=files([ZIP], 404, 503), dependencies=SPOKEN)
async def get_capability_signed(request: Request) -> Response:
    """The PDF, the same as data and the note by which the node's key signs both; `cmo-gateway verify` checks it."""
    desk, now, language = the_desk(), the_desk().now(), _language(request)
    if desk.proofs is None:
        raise HTTPException(404, "this console has no key to sign with")
    async with desk.reporting:
        report = await _report(desk, request, now)
        made = await asyncio.to_thread(files_of, report, language, printed=now, key=desk.proofs.key)
    name = name_of(report, language)
    return _file(zipped(made, name), f"{name}.zip", ZIP)


async def _report(desk: Desk, request: Request, now: int) -> Capability:
    try:
        return await capability(desk, capability_asked(request.query_params, desk.site.zone, now), now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    except ConfigurationError as error:
        raise HTTPException(503, str(error)) from error


def _language(request: Request) -> Language:
    try:
        return Language(request.query_params.get("language", Language.EN))
    except ValueError as error:
        raise HTTPException(422, f"language is not one of {', '.join(Language)}") from error


def _file(octets: bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(octets, media_type=media_type, headers=headers)
