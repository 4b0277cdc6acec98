"""From a value, a gap or an id to the permanent address of its record."""

from fastapi.responses import RedirectResponse

from gateway.console.record_chip import record_path
from gateway.console.shell import not_found
from gateway.console.visit import Visit
from gateway.views.origin import origin_of


async def build(visit: Visit) -> RedirectResponse | None:
    """Leads on; nothing here where there is no such record, or where it is not the reader's."""
    try:
        found = await visit.desk.ask(origin_of(visit.query, visit.clock))
    except ValueError:
        found = None
    path = None if found is None else record_path(found.stream, found.number)
    if path is None or not visit.may(path):
        not_found(visit)
        return None
    return RedirectResponse(visit.href(path, tag=visit.query.get("tag")), 303)
