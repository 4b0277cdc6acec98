"""Search over everything that its asker may open."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from gateway.console.api.answering import answer, looker_of, the_desk
from gateway.console.api.described import answers
from gateway.console.finding import Around, names_of
from gateway.console.finding import search as find
from gateway.views.search import Hits, asked

ROUTER = APIRouter(prefix="/api")


@ROUTER.get("/search", responses=answers(list[Hits]))
async def get_search(request: Request, q: Annotated[str, Query(max_length=1000)] = "") -> JSONResponse:
    """Batches, lots, rooms, equipment, alarms, documents, clauses, persons and records that `q` names, by kind.

    The same name first, then what begins so, then what has it in it; without case and width. A record is found by its
    number (`#18201334`, `measurements 18201334`), its id, or, but for frames, at least 8 digits of its leaf hash. At
    most 20 of a kind; `path` is the page of it.
    """
    desk, what = the_desk(), asked(q)
    if what is None:
        return answer([])
    around = Around(desk.site, await desk.signed(), names_of(desk.site), looker_of(request))
    return answer(await desk.ask(lambda archive: find(archive, what, around)))
