"""The agreement and what it withholds."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from gateway.agreement.papers.forms import FORMS, MEDIA
from gateway.archive.openings import commitments_of, openings_of
from gateway.console.api.answering import answer, the_desk
from gateway.console.views.agreement import AgreementView, agreements_on, paper_on
from gateway.console.words import Language

ROUTER = APIRouter(prefix="/api")


@ROUTER.get("/agreement", responses={200: {"model": AgreementView}})
async def get_agreement() -> JSONResponse:
    """Which version of the agreement holds, what is exchanged by which clause, and which files do not count."""
    desk = the_desk()
    view = await asyncio.to_thread(agreements_on, desk.agreements, desk.now())
    if isinstance(view, str):
        raise HTTPException(503, view)
    return answer(view)


@ROUTER.get("/agreement/paper.{form}")
async def get_agreement_paper(request: Request, form: str) -> Response:
    """A `version` of an `agreement` as a paper in the official template's order: pdf, docx or html; in a `language`, or
    in both.
    """
    desk, asked, ending = the_desk(), request.query_params, f".{form}"
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


@ROUTER.get("/commitments/{record}")
async def get_commitments(record: UUID) -> JSONResponse:
    """What is withheld in a record that came: fields, clauses, commitments."""
    return answer(await the_desk().ask(lambda archive: commitments_of(archive, record)))


@ROUTER.get("/openings/{record}")
async def get_openings(record: UUID) -> JSONResponse:
    """What opens that; only the archive of who withheld it has any."""
    return answer(await the_desk().ask(lambda archive: openings_of(archive, record)))
