"""Single records: what they say, what proves them, and both as files that can be checked with no network."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from gateway.archive.origins import Origin
from gateway.archive.record import entry_at
from gateway.bundle.contents import BundleError
from gateway.bundle.zipped import zipped
from gateway.console.api.answering import answer, the_desk
from gateway.console.api.described import ORIGIN, answers, files
from gateway.proof.note import NoteError
from gateway.views.display import Clock
from gateway.views.origin import origin_of
from gateway.views.record import RecordView, record_at

ROUTER = APIRouter(prefix="/api")
LARGEST = 2**63 - 1
NOTHING = "no such data, or not yours"
ENTRY = files(["application/octet-stream"], 404)
ZIP, PROOF = files(["application/zip"], 404, 409), files(["text/plain"], 404, 409)


@ROUTER.get("/records", responses=answers(Origin, 404), dependencies=ORIGIN)
async def get_origin(request: Request) -> JSONResponse:
    """Where the record stands with this `id`, or that tells of a `gap`, or that has the newest reading of a `tag` at or
    before a `time` (ISO 8601, or UTC microseconds).
    """
    desk, viewer = the_desk(), request.scope.get("state", {}).get("viewer")
    try:
        found = await desk.ask(origin_of(request.query_params, Clock.of(desk.site.zone)))
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    if found is None or not (viewer is None or viewer.may(f"/records/{found.stream}/{found.number}")):
        raise HTTPException(404, NOTHING)
    return answer(found)


@ROUTER.get("/records/{stream}/{number}", responses=answers(RecordView, 404))
async def get_record(stream: str, number: int) -> JSONResponse:
    """One record with its leaf, seal and receipt, what was found about it and what belongs to it."""
    desk = the_desk()
    found = await desk.ask(record_at(stream, _number(number), desk.proofs))
    if found is None:
        raise HTTPException(404, NOTHING)
    return answer(found)


@ROUTER.get("/records/{stream}/{number}/entry", response_class=Response, responses=ENTRY)
async def get_entry(stream: str, number: int) -> Response:
    """The record's octets, as its sender sealed them (Avro single-object encoding)."""
    found = await the_desk().ask(lambda archive: entry_at(archive, stream, _number(number)))
    if found is None or found.octets is None:
        raise HTTPException(404, NOTHING)
    return _file(found.octets, f"{stream}-{number}.avro", "application/octet-stream")


@ROUTER.get("/records/{stream}/{number}/proof", response_class=Response, responses=ZIP)
async def get_proof(stream: str, number: int) -> Response:
    """The record with its proof, schemas and receipt as a ZIP file that `cmo-gateway verify` checks offline."""
    desk, name = the_desk(), f"{stream}-{_number(number)}"
    proofs = desk.proofs
    if proofs is None or await desk.ask(lambda archive: entry_at(archive, stream, number)) is None:
        raise HTTPException(404, NOTHING)
    try:
        files = await desk.ask(lambda archive: proofs.bundle(archive, stream, [number]))
    except (BundleError, NoteError) as error:
        raise HTTPException(409, str(error)) from error
    return _file(zipped(files, name), f"{name}.zip", "application/zip")


@ROUTER.get("/records/{stream}/{number}/tlog-proof", response_class=Response, responses=PROOF)
async def get_tlog_proof(stream: str, number: int) -> Response:
    """The proof alone (C2SP tlog-proof), as tools for transparency logs read it."""
    desk = the_desk()
    proofs, name = desk.proofs, f"{stream}-{_number(number)}"
    held = None if proofs is None else await desk.ask(lambda archive: proofs.held(archive, stream))
    if proofs is None or held is None:
        raise HTTPException(404, NOTHING)
    try:
        proof = await desk.ask(lambda _: proofs.proof(held, number))
    except (BundleError, LookupError) as error:
        raise HTTPException(409, str(error)) from error
    return _file(proof.to_bytes(), f"{name}.tlog-proof", "text/plain; charset=utf-8")


def _number(number: int) -> int:
    if not 1 <= number <= LARGEST:
        raise HTTPException(404, NOTHING)
    return number


def _file(octets: bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(octets, media_type=media_type, headers=headers)
