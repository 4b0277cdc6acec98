"""The page's web server, in a process of its own: it knows the agent's socket, and nothing of Kafka or an archive."""

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
from nicegui import ui

from edge.page.feed import Feed
from edge.page.page import Page
from edge.page.visit import Visit, words_in
from gateway.console.headers import SecurityHeaders
from gateway.console.parts import Tag
from gateway.console.serving import ICON, RECONNECT_WITHIN, Server, bracketed, listen
from gateway.languages import Language, accepted

STYLE = (("/assets", "gateway.console", "console"), ("/line", "edge.page", "line"))
"""Address, package and name of the stylesheets: the console's, then what the line page has besides."""
log = structlog.get_logger(__name__)


async def serve(feed: Feed, host: str, port: int, *, ready: Callable[[str], None] | None = None) -> None:
    """Serve until cancelled; port 0 takes a free one, `ready` is told the address. Raises PortTakenError."""
    with listen(host, port, "the line page") as listener:
        application = _application()
        pages.state.feed = feed
        address = f"http://{bracketed(host)}:{listener.getsockname()[1]}"
        server = Server(application, lambda: ready(address) if ready else None)
        looking = asyncio.create_task(feed.run())
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(running)
        finally:
            looking.cancel()
            server.should_exit = True
            await asyncio.wait([running, looking])


@cache
def _application() -> FastAPI:
    """The application; NiceGUI has one per process."""
    application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    application.add_middleware(SecurityHeaders)

    @application.get("/")
    def home(request: Request) -> RedirectResponse:
        return RedirectResponse(f"/{accepted(request.headers.get('accept-language'))}")

    for language in Language:
        _page(language)
    for path, package, _ in STYLE:
        pages.add_static_files(path, Path(str(files(package))) / "assets")
    pages.on_page_exception(_crashed)
    ui.add_head_html(_head(), shared=True)
    ui.run_with(
        application, title="", tailwind=False, reconnect_timeout=RECONNECT_WITHIN, binding_refresh_interval=None,
        show_welcome_message=False, favicon=ICON,
    )  # fmt: skip
    return application


def _page(language: Language) -> None:
    def page() -> None:
        Page(Visit(pages.state.feed, words_in(language)))

    ui.page(f"/{language}", language=language.html, title=words_in(language)("line.title"))(page)


def _head() -> str:
    """Styles and scripts, with a mark so that a browser never keeps old ones."""
    version = secrets.token_hex(4)
    styles = "".join(f'<link rel="stylesheet" href="{path}/{name}.css?{version}">' for path, _, name in STYLE)
    scripts = (f'<script src="{path}.js?{version}"></script>' for path in ("/assets/console", "/line/line"))
    return f"{styles}{''.join(scripts)}"


def _crashed(error: Exception) -> None:
    """A page that could not be built says so with a number; what went wrong stands in the log under that number."""
    reference = secrets.token_hex(4)
    log.error("page could not be opened", reference=reference, exc_info=error)
    say = words_in(Language.EN)
    Tag("h1", "", say("crash.title"))
    Tag("p", "lead", say("crash.text", reference=reference))
