"""The check of streams in front of whoever asks: begin, watch, stop."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse

from gateway.console.api.answering import answer, the_desk
from gateway.console.api.described import answers
from gateway.console.verifying import Check

ROUTER = APIRouter(prefix="/api")


@ROUTER.get("/verification", responses=answers(Check | None))
async def get_verification() -> JSONResponse:
    """The newest check since the node started, running or over; null where there was none. POST begins one."""
    return answer(the_desk().verifying.check)


@ROUTER.post("/verification", status_code=202, responses=answers(Check, 404, 409) | {202: {"model": Check}})
async def post_verification(request: Request, stream: str | None = None) -> JSONResponse:
    """Begin to recompute a `stream`, or all of them, from the octets in the archive. One check at a time: else 409."""
    desk, viewer = the_desk(), request.scope.get("state", {}).get("viewer")
    named = sorted(desk.live.streams) if stream is None else [stream]
    allowed = [name for name in named if viewer is None or viewer.may(f"/evidence/{name}")]
    if stream is not None and (stream not in desk.live.streams or not allowed):
        raise HTTPException(404, "no such data, or not yours")
    if not desk.verifying.start(allowed):
        raise HTTPException(409, "another check runs; wait for it, or stop it with DELETE")
    return answer(desk.verifying.check, 202)


@ROUTER.delete("/verification", responses=answers(Check | None))
async def delete_verification() -> JSONResponse:
    """Stop the check that runs, after its step."""
    desk = the_desk()
    desk.verifying.stop()
    return await get_verification()
