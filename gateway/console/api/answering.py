"""What every question does alike: it finds the desk, and answers in JSON that is not kept on the way."""

from typing import Any

import numpy as np
from fastapi import HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from nicegui import app
from numpy.typing import NDArray

from gateway.access.viewer import Viewer
from gateway.console.desk import Desk
from gateway.console.ranges import window_of
from gateway.reports.spells import Spell
from gateway.views.display import Clock
from gateway.views.trend import Window
from gateway.views.waiting import Looker


def the_desk() -> Desk:
    """The one of the console that is served."""
    desk: Desk = app.state.desk
    return desk


def looker_of(request: Request) -> Looker:
    """Who asks, as views need it; the gate let nobody through who has to sign in and did not."""
    viewer: Viewer | None = request.scope.get("state", {}).get("viewer")
    return Looker(None, lambda _: True) if viewer is None else Looker(viewer.roles, viewer.may, viewer.scope.batches)


def answer(view: Any, status: int = 200) -> JSONResponse:
    """The view in the words of the records."""
    content = jsonable_encoder(view, custom_encoder={np.ndarray: _plain, Spell: lambda spell: spell.name})
    return JSONResponse(content, status, {"Cache-Control": "no-store"})


def asked_window(request: Request, now: int) -> Window:
    """The period that is asked for by `from` and `to` (ISO 8601) or `range`; 422 where it cannot be read."""
    try:
        return window_of(request.query_params, Clock.of(the_desk().site.zone), now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


def _plain(column: NDArray[Any]) -> list[Any]:
    """A column as JSON knows it: no NaN."""
    return [None if value != value else value for value in column.tolist()]  # noqa: PLR0124 - NaN
