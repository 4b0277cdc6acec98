"""What the pages show, as JSON for programs: the same views, in the words of the records. One line adds a subject.

Times are UTC microseconds, units UCUM codes, numbers unrounded. A reading that may not be trusted has no value.
"""

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi as openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from gateway.console.api import (
    agreement,
    alarms,
    batches,
    capability,
    evidence,
    people,
    plant,
    readings,
    records,
    reports,
    search,
    verification,
)
from gateway.console.api.answering import answer

ROUTER = APIRouter(prefix="/api")
for subject in (
    plant,
    readings,
    alarms,
    batches,
    agreement,
    reports,
    capability,
    evidence,
    records,
    people,
    search,
    verification,
):
    ROUTER.routes.extend(subject.ROUTER.routes)
for route in ROUTER.routes:
    if isinstance(route, APIRoute):
        route.operation_id = route.name  # what programs that are made from the description call it


@ROUTER.get("/openapi.json", include_in_schema=False)
async def get_openapi() -> JSONResponse:
    """What can be asked here (OpenAPI 3.1)."""
    told = openapi(title="Console data", version="1", routes=ROUTER.routes)
    told["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    told["security"] = [{"token": []}]
    return answer(told)


async def get_nothing(request: Request) -> JSONResponse:
    """What is asked for at an address that is none, or in a way in which nothing is answered: programs get no page."""
    if request.method in {"GET", "HEAD"}:
        return JSONResponse({"detail": "no such data, or not yours"}, 404)
    return JSONResponse({"detail": "questions are asked by GET"}, 405, {"Allow": "GET"})
