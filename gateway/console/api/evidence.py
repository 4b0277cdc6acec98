"""Completeness, proofs and certificates."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from gateway.console.api.answering import answer, asked_window, the_desk
from gateway.console.api.described import PERIOD, answers
from gateway.console.views.evidence import Evidence, evidence, received_in

ROUTER = APIRouter(prefix="/api")


@ROUTER.get("/evidence", responses=answers(Evidence), dependencies=PERIOD)
async def get_evidence(request: Request) -> JSONResponse:
    """Completeness, gaps, seals, receipts and findings over `from` to `to` (ISO 8601) or `range`, as the page says."""
    desk = the_desk()
    now = desk.now()
    asked = asked_window(request, now)
    received = await desk.ask(received_in(asked))
    return answer(evidence(desk.live, received, now))


@ROUTER.get("/certificates", responses=answers(list[dict[str, Any]]))
async def get_certificates() -> JSONResponse:
    """The certificates that this node uses, the first to expire first; `days` that are left, negative once over."""
    return answer(the_desk().certificates())
