"""Who looked at what."""

import asyncio

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse
from nicegui import app

from gateway.console.api.answering import answer, asked_window, the_desk
from gateway.console.api.described import LOOKS, answers
from gateway.views.people import Accesses, accesses_in, wanted_accesses

ROUTER = APIRouter(prefix="/api")


@ROUTER.get("/people", responses=answers(Accesses, 404), dependencies=LOOKS)
async def get_people(request: Request) -> JSONResponse:
    """Who looked at what over `from` to `to` (ISO 8601) or `range`, newest first; of one `person`, about a `batch`.

    Of this node's console, and what the other side sent of its own.
    """
    desk, entrance = the_desk(), app.state.entrance
    if entrance is None:
        raise HTTPException(404, "the console is open to its machine; nobody signs in")
    window = asked_window(request, desk.now())
    asked = wanted_accesses(request.query_params, window)
    return answer(await asyncio.to_thread(accesses_in(entrance, desk.archive, asked)))
