"""The agreement and what it withholds."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse, Response

from gateway.agreement.papers.forms import FORMS, MEDIA
from gateway.archive.openings import KeptCommitment, commitments_of, openings_of
from gateway.console.api.answering import answer, the_desk
from gateway.console.api.described import answers, files
from gateway.languages import Language
from gateway.views.agreement import AgreementView, agreements_on, paper_on
from schemas.opening import Opening

ROUTER = APIRouter(prefix="/api")
PAPER = files(MEDIA.values(), 404)


@ROUTER.get("/agreement", responses=answers(AgreementView, 503))
async def get_agreement() -> JSONResponse:
    """Which version of the agreement holds, what is exchanged by which clause, and which files do not count."""
    desk = the_desk()
    view = await asyncio.to_thread(agreements_on, desk.agreements, desk.now())
    if isinstance(view, str):
        raise HTTPException(503, view)
    return answer(view)


@ROUTER.get("/agreement/paper.{form}", response_class=Response, responses=PAPER)
async def get_agreement_paper(
    form: str,
    agreement: Annotated[str, Query(max_length=200)],
    version: Annotated[int, Query(ge=1, le=1_000_000)],
    language: Language | None = None,
) -> Response:
    """A `version` of an `agreement` as a paper in the official template's order: pdf, docx or html; in a `language`, or
    in both.
    """
    desk, ending = the_desk(), f".{form}"
    if ending not in FORMS:
        raise HTTPException(404, f"no such form; there are {', '.join(FORMS)}")
    async with desk.reporting:
        octets = await asyncio.to_thread(paper_on, desk.agreements, (agreement, version), ending, language)
    if octets is None:
        raise HTTPException(404, "no such version")
    name = f"{agreement}-v{version}{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(octets, media_type=MEDIA[ending], headers=headers)


@ROUTER.get("/commitments/{record}", responses=answers(list[KeptCommitment]))
async def get_commitments(record: UUID) -> JSONResponse:
    """What is withheld in a record that came: fields, clauses, commitments."""
    return answer(await the_desk().ask(lambda archive: commitments_of(archive, record)))


@ROUTER.get("/openings/{record}", responses=answers(list[Opening]))
async def get_openings(record: UUID) -> JSONResponse:
    """What opens that; only the archive of who withheld it has any."""
    return answer(await the_desk().ask(lambda archive: openings_of(archive, record)))
