"""Readings of a tag as files, and what proves the records that they came in."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from gateway.archive.readings import MOST, PROVEN, FileKind, count_readings, readings_file, records_of
from gateway.bundle.contents import BundleError
from gateway.bundle.zipped import zipped
from gateway.console.api.answering import the_desk
from gateway.console.api.described import PERIOD, files
from gateway.proof.note import NoteError
from gateway.views.display import Clock
from gateway.views.trend import MOST_TAGS, Window, window

ROUTER = APIRouter(prefix="/api")
Tags = Annotated[list[Annotated[str, Query(max_length=200)]], Query(min_length=1, max_length=MOST_TAGS)]
FILES = files([kind.media_type for kind in FileKind], 404, 409)
TOO_MANY = f"more than {MOST} readings: choose a shorter time"


@ROUTER.get("/trend/readings.{kind}", responses=FILES, dependencies=PERIOD)
async def get_readings(request: Request, kind: FileKind, tag: Tags) -> Response:
    """Every reading of up to eight tags over `from` to `to` (ISO 8601) or `range`, each with its record."""
    desk, asked = the_desk(), _asked(request)
    span = tag, asked.begin, asked.end
    count = await desk.ask(lambda archive: count_readings(archive, *span))
    if count > MOST:
        raise HTTPException(409, TOO_MANY)
    async with desk.reporting:
        octets = await desk.ask(lambda archive: readings_file(archive, kind, *span))
    return _file(octets, f"readings-{_stamp(asked.begin)}-{_stamp(asked.end)}.{kind}", kind.media_type)


@ROUTER.get("/trend/proof", responses=files(["application/zip"], 404, 409), dependencies=PERIOD)
async def get_readings_proof(
    request: Request, tag: Tags, stream: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    """The records that these readings came in with their proofs, as a ZIP file that `cmo-gateway verify` checks.

    Of one `stream`, which has to be named where they came in several.
    """
    desk, asked = the_desk(), _asked(request)
    found = await desk.ask(lambda archive: records_of(archive, tag, asked.begin, asked.end))
    numbers = found.get(stream or next(iter(found), ""), [])
    proofs = desk.proofs
    if proofs is None or not numbers:
        raise HTTPException(404, "no such readings, or not yours")
    if stream is None and len(found) > 1:
        raise HTTPException(409, f"they came in several streams; name one: {', '.join(found)}")
    if sum(map(len, found.values())) > PROVEN:
        raise HTTPException(409, f"more than {PROVEN} records: choose a shorter time")
    named = stream or next(iter(found))
    try:
        async with desk.reporting:
            bundle = await desk.ask(lambda archive: proofs.bundle(archive, named, numbers))
    except (BundleError, NoteError) as error:
        raise HTTPException(409, str(error)) from error
    name = f"{named}-{numbers[0]}-{numbers[-1]}"
    return _file(zipped(bundle, name), f"{name}.zip", "application/zip")


def _asked(request: Request) -> Window:
    desk = the_desk()
    try:
        return window(request.query_params, Clock.of(desk.site.zone), desk.now())
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


def _stamp(moment: int) -> str:
    return f"{Clock.of(the_desk().site.zone).local(moment):%Y%m%dT%H%M%S}"


def _file(octets: bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(octets, media_type=media_type, headers=headers)
