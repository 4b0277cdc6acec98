"""The console's web server, inside the event loop of its caller. Everything it serves lies in installed packages."""

import asyncio
import secrets
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from nicegui import app as pages
from nicegui import context, ui

from gateway.access.entrance import Entrance
from gateway.console import api, signing_in
from gateway.console.desk import Desk
from gateway.console.gate import Gate
from gateway.console.headers import SecurityHeaders
from gateway.console.routes import missing, register, visit_of
from gateway.console.serving import ICON, RECONNECT_WITHIN, Certificate, Server, bracketed, listen
from gateway.console.shell import plain_page
from gateway.console.words import accepted

ASSETS = Path(str(files(__package__))) / "assets"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]
"""All in which anything may be asked."""
log = structlog.get_logger(__name__)


async def serve(
    desk: Desk,
    host: str,
    port: int,
    *,
    ready: Callable[[str], None] | None = None,
    entrance: Entrance | None = None,
    certificate: Certificate | None = None,
    proxied: bool = False,
) -> None:
    """Serve the console until cancelled; port 0 takes a free one. `ready` is told the address once pages can be opened.

    Without an `entrance` it is open to whoever reaches it. `proxied` says that a proxy on this machine stands before it
    and tells where requests come from. One console at a time in a process. Raises PortTakenError before anything else
    is started.
    """
    with listen(host, port) as listener:
        application = _application()
        pages.state.desk, pages.state.entrance = desk, entrance
        address = f"http{'s' if certificate else ''}://{bracketed(host)}:{listener.getsockname()[1]}"
        server = Server(
            application, lambda: ready(address) if ready else None, certificate=certificate, proxied=proxied
        )
        beside = [asyncio.create_task(desk.beat()), asyncio.create_task(desk.keep_counting())]
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(running)
        finally:
            for task in beside:
                task.cancel()
            server.should_exit = True
            await asyncio.wait([running, *beside])


@cache
def _application() -> FastAPI:
    """The application; NiceGUI has one per process."""
    application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    application.add_middleware(Gate)
    application.add_middleware(SecurityHeaders)
    application.include_router(api.ROUTER)
    application.add_api_route("/api/{rest:path}", api.get_nothing, methods=METHODS, include_in_schema=False)
    application.include_router(signing_in.ROUTER)

    @application.get("/")
    def home(request: Request) -> RedirectResponse:
        return RedirectResponse(f"/{accepted(request.headers.get('accept-language'))}")

    register()
    pages.add_static_files("/assets", ASSETS)
    pages.on_page_exception(_crashed)
    ui.add_head_html(_head(), shared=True)
    ui.run_with(
        application, root=missing, title="", tailwind=False, reconnect_timeout=RECONNECT_WITHIN,
        binding_refresh_interval=None, show_welcome_message=False, favicon=ICON,
    )  # fmt: skip
    return application


def _head() -> str:
    """Style and script, with their contents' hash so that a browser never keeps old ones."""
    version = secrets.token_hex(4)
    return (
        f'<link rel="stylesheet" href="/assets/console.css?{version}">'
        f'<script src="/assets/console.js?{version}"></script>'
    )


def _crashed(error: Exception) -> None:
    """A page that could not be built says so with a number; what went wrong stands in the log under that number."""
    reference = secrets.token_hex(4)
    log.error("page could not be opened", reference=reference, exc_info=error)
    visit = visit_of(context.client.request)
    plain_page(visit, visit.say("crash.title"), visit.say("crash.text", reference=reference))
