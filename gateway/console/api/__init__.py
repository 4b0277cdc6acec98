"""What the pages show, as JSON for programs: the same views, in the words of the records. One line adds a subject.

Times are UTC microseconds, units UCUM codes, numbers unrounded. A reading that may not be trusted has no value.
"""

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi as openapi
from fastapi.responses import JSONResponse

from gateway.console.api import agreement, alarms, batches, evidence, people, plant, records, reports, verification
from gateway.console.api.answering import answer

ROUTER = APIRouter(prefix="/api")
for subject in (plant, alarms, batches, agreement, reports, evidence, records, people, verification):
    ROUTER.routes.extend(subject.ROUTER.routes)


@ROUTER.get("/openapi.json", include_in_schema=False)
async def get_openapi() -> JSONResponse:
    """What can be asked here (OpenAPI 3.1)."""
    return answer(openapi(title="Console data", version="1", routes=ROUTER.routes))
