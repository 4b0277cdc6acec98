"""Completeness, proofs, streams by their numbers, and certificates."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import JSONResponse, Response

from gateway.archive.numbers import octets_aside
from gateway.console.api.answering import answer, asked_window, the_desk
from gateway.console.api.described import NUMBER, NUMBERS, PERIOD, answers, files
from gateway.views.display import Clock
from gateway.views.evidence import Evidence, evidence, received_in
from gateway.views.seals import SealsPage, seals_page
from gateway.views.stream_rows import StreamPage, asked_number, asked_of, stream_page

ROUTER = APIRouter(prefix="/api")
OCTETS = files(["application/octet-stream"], 404)


@ROUTER.get("/evidence", responses=answers(Evidence), dependencies=PERIOD)
async def get_evidence(request: Request) -> JSONResponse:
    """Completeness, gaps, seals, receipts and findings over `from` to `to` (ISO 8601) or `range`, as the page says."""
    desk = the_desk()
    now = desk.now()
    asked = asked_window(request, now)
    received = await desk.ask(received_in(asked))
    return answer(evidence(desk.live, received, now))


@ROUTER.get("/evidence/{stream}", responses=answers(StreamPage, 404), dependencies=NUMBERS)
async def get_stream(request: Request, stream: str) -> JSONResponse:
    """The newest numbers of a stream, newest first: what stands under each, and what is missing; findings, quarantine.

    `to` is the highest number to show, `at` (ISO 8601) a time around which to show; of one `kind` of record.
    """
    desk = the_desk()
    standing = desk.live.streams.get(stream)
    if standing is None:
        raise HTTPException(404, "no such data, or not yours")
    try:
        asked = asked_of(request.query_params, Clock.of(desk.site.zone))
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return answer(await desk.ask(stream_page(stream, standing, asked, desk.now())))


@ROUTER.get("/evidence/{stream}/seals", responses=answers(SealsPage, 404), dependencies=NUMBER)
async def get_seals(request: Request, stream: str) -> JSONResponse:
    """The seals of a stream, newest first, and those that prove nothing yet; `to` is a number that the first counts."""
    desk = the_desk()
    if stream not in desk.live.streams:
        raise HTTPException(404, "no such data, or not yours")
    try:
        to = asked_number(request.query_params.get("to"))
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return answer(await desk.ask(seals_page(stream, to, desk.proofs)))


@ROUTER.get("/evidence/{stream}/quarantine/{leaf}", response_class=Response, responses=OCTETS)
async def get_aside(stream: str, leaf: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:
    """The octets that stand in quarantine under a stream's name, by their leaf hash in hexadecimal; as they came."""
    wanted = bytes.fromhex(leaf)
    octets = await the_desk().ask(lambda archive: octets_aside(archive, stream, wanted))
    if octets is None:
        raise HTTPException(404, "no such data, or not yours")
    headers = {"Content-Disposition": f'attachment; filename="{wanted.hex()[:16]}.bin"', "Cache-Control": "no-store"}
    return Response(octets, media_type="application/octet-stream", headers=headers)


@ROUTER.get("/certificates", responses=answers(list[dict[str, Any]]))
async def get_certificates() -> JSONResponse:
    """The certificates that this node uses, the first to expire first; `days` that are left, negative once over."""
    return answer(the_desk().certificates())
