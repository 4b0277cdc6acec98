"""The console's web server, inside the event loop of its caller. Everything it serves lies in installed packages."""

import asyncio
import contextlib
import errno
import secrets
import socket
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from nicegui import app as pages
from nicegui import context, ui

from gateway.console import api
from gateway.console.desk import Desk
from gateway.console.headers import SecurityHeaders
from gateway.console.routes import missing, register, visit_of
from gateway.console.shell import plain_page
from gateway.console.words import accepted

RECONNECT_WITHIN = 30.0
"""Seconds a browser may be away, a phone in a pocket say, before its page has to be loaded anew."""
CLOSE_WITHIN = 2
"""Seconds that open connections get when the node stops."""
ASSETS = Path(str(files(__package__))) / "assets"
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="4" fill="#2b3a48"/>'
    '<path d="M7 8h11v16H7zM18 13h7v11h-7M10 17h10m-3-3 3 3-3 3" fill="none" stroke="#f6f7f8" stroke-width="2"/></svg>'
)
log = structlog.get_logger(__name__)


class PortTakenError(Exception):
    """The address cannot be listened on; the message names it and says what to do."""


async def serve(desk: Desk, host: str, port: int, *, ready: Callable[[str], None] | None = None) -> None:
    """Serve the console until cancelled; port 0 takes a free one. `ready` is told the address once pages can be opened.

    One console at a time in a process. Raises PortTakenError before anything else is started.
    """
    with _listen(host, port) as listener:
        application = _application()
        pages.state.desk = desk
        address = f"http://{_bracketed(host)}:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            application, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=CLOSE_WITHIN
        )
        server = _Server(config, lambda: ready(address) if ready else None)
        beat = asyncio.create_task(desk.beat())
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(running)
        finally:
            beat.cancel()
            server.should_exit = True
            await asyncio.wait([running, beat])


class _Server(uvicorn.Server):
    """Leaves signals to the caller, and says when it listens."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._started()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "is taken by another program" if taken else f"cannot be listened on: {error.strerror or error}"
        raise PortTakenError(f"{_bracketed(host)}:{port} {why}; give the console another address") from error


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@cache
def _application() -> FastAPI:
    """The application; NiceGUI has one per process."""
    application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    application.add_middleware(SecurityHeaders)
    application.include_router(api.ROUTER)

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
