"""The gate before pages and questions: who asks, whether it may be shown, and a record of it.

Without an `access` setting there is no entrance, and the console is open to this machine as it is. With one, pages lead
to the sign-in, questions of programs are answered 401, and the connection by which a page stays live ends with its
session. What a person may not see is answered as what is not there. A page that is opened, a question that is asked and
a file that is taken are one record each, made when the answer begins; what a page is pushed afterwards is not.
An open page is its session's: no other can go on with it, and it ends with it.
"""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from nicegui import Client
from nicegui import app as pages
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.access.entrance import Entrance
from gateway.access.sessions import Session
from gateway.access.viewer import Viewer
from gateway.languages import Language, accepted
from gateway.link.settings import is_loopback
from schemas.access import Act, Outcome

LIVE = ("/_nicegui/", "/_nicegui_ws/")
"""Before the paths by which a page stays live."""
ASSETS = "/assets/"
OPEN = frozenset({"/", "/favicon.ico", "/sign-in/provider", "/sign-in/provider/back"})
LOOK_AGAIN = 15.0
"""Seconds between two looks whether the person behind an open page may still see it."""
CLICK = '42["event"'
"""How a message begins that tells of something the person did (Socket.IO protocol 5)."""
SAFE = ("GET", "HEAD", "OPTIONS")


class Gate:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may be passed."""
        entrance: Entrance | None = getattr(pages.state, "entrance", None)
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        asked, path = HTTPConnection(scope), scope["path"]
        refusal = _misled(asked) if entrance is None else _cross_site(asked, entrance)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif entrance is None or _open(scope):
            await self._app(scope, receive, send)
        elif path.startswith(LIVE):
            await self._live(scope, receive, send, entrance, session_of(asked, entrance))
        elif scope["type"] == "websocket":
            await _refusal(scope, "no such connection", HTTPStatus.NOT_FOUND)(scope, receive, send)
        else:
            await self._look(scope, receive, send, entrance, session_of(asked, entrance))

    async def _look(
        self, scope: Scope, receive: Receive, send: Send, entrance: Entrance, session: Session | None
    ) -> None:
        asked, path = HTTPConnection(scope), scope["path"]
        question = path.startswith("/api/")
        viewer = _viewer(asked, entrance, session, question=question)
        if viewer is None:
            await _sign_in_first(asked, question=question)(scope, receive, send)
            return
        what = path.removeprefix("/api") if question else path[3:] if _language(path) else path
        allowed = viewer.may(what)
        if entrance.log.stuck:
            answer = PlainTextResponse("Looks cannot be recorded now, so nothing is shown.", 503)
            await answer(scope, receive, send)
            return
        scope.setdefault("state", {}).update(viewer=viewer, allowed=allowed, session=session)
        told = _telling(entrance, asked, viewer, what, allowed=allowed, question=question)
        with_record = _recording(send, told)
        if question and not allowed:
            await JSONResponse({"detail": "no such data, or not yours"}, 404)(scope, receive, with_record)
        elif not question and what == "" and not allowed and (home := viewer.home()) is not None:
            await RedirectResponse(f"{path}{home}", 303)(scope, receive, send)
        else:
            await self._app(scope, receive, with_record)

    async def _live(
        self, scope: Scope, receive: Receive, send: Send, entrance: Entrance, session: Session | None
    ) -> None:
        if session is None or entrance.viewer(session) is None or _anothers(HTTPConnection(scope), session):
            await _refusal(scope, "sign in first", HTTPStatus.UNAUTHORIZED)(scope, receive, send)
        elif scope["type"] == "http":
            await self._app(scope, receive, send)
        else:
            await self._follow(scope, receive, send, entrance, session)

    async def _follow(self, scope: Scope, receive: Receive, send: Send, entrance: Entrance, session: Session) -> None:
        """A page's connection, for as long as its person may see it."""

        async def attentive() -> Message:
            message = await receive()
            if str(message.get("text", "")).startswith(CLICK):
                entrance.sessions.touch(session)
            return message

        work = asyncio.ensure_future(self._app(scope, attentive, send))
        over = asyncio.ensure_future(session.ended.wait())
        try:
            while (left := entrance.sessions.left(session)) > 0 and entrance.viewer(session) is not None:
                timeout = min(left, LOOK_AGAIN) + 0.01
                await asyncio.wait({work, over}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                if work.done():
                    return await work
            if (page := _page(HTTPConnection(scope))) is not None:
                page.delete()
            await send({"type": "websocket.close", "code": 4401, "reason": "the session is over"})
        finally:
            over.cancel()
            if not work.done():
                work.cancel()
                with suppress(asyncio.CancelledError):
                    await work


def cookie_name(asked: HTTPConnection, entrance: Entrance, what: str = "session") -> str:
    """What a cookie, mostly the session's, is called; over TLS no other host can have set it (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{what}" if secure(asked, entrance) else what


def secure(asked: HTTPConnection, entrance: Entrance) -> bool:
    """Whether the browser speaks TLS, to the console or to the proxy before it."""
    return asked.url.scheme in {"https", "wss"} or (entrance.settings.address or "").startswith("https:")


def session_of(asked: HTTPConnection, entrance: Entrance) -> Session | None:
    """The session of the browser that asks."""
    name = asked.cookies.get(cookie_name(asked, entrance))
    return entrance.sessions.find(name, used=not asked.url.path.startswith(LIVE)) if name else None


def address_of(asked: HTTPConnection) -> str | None:
    """The network address that asks."""
    return None if asked.client is None else asked.client.host


def _viewer(asked: HTTPConnection, entrance: Entrance, session: Session | None, *, question: bool) -> Viewer | None:
    kind, _, token = asked.headers.get("authorization", "").partition(" ")
    if question and kind.lower() == "bearer":
        return entrance.viewer_of(token.strip()) if asked.scope["method"] in SAFE else None
    return entrance.viewer(session) if session is not None else None


def _open(scope: Scope) -> bool:
    """Whether nobody has to be signed in for it: the way in, the way out, and how they look."""
    path = scope["path"]
    if scope["type"] == "websocket":
        return False
    way = path[3:] if _language(path) else ""
    leaves = way == "/sign-out" and scope["method"] not in SAFE
    return path in OPEN or path.startswith(ASSETS) or way == "/sign-in" or leaves


def _page(asked: HTTPConnection) -> Client | None:
    """The open page that a connection is for."""
    return Client.instances.get(asked.query_params.get("client_id", ""))


def _anothers(asked: HTTPConnection, session: Session) -> bool:
    """Whether it is for a page that was opened in another session, by whoever sat here before."""
    page = _page(asked)
    return page is not None and page.request.scope.get("state", {}).get("session") is not session


def _language(path: str) -> Language | None:
    head = path[1:3]
    return Language(head) if head in {one.value for one in Language} and path[3:4] in {"", "/"} else None


def _cross_site(asked: HTTPConnection, entrance: Entrance) -> ASGIApp | None:
    """Refuses what changes something, or stays open, and was not begun on a page of this console.

    Browsers tell the origin of each such request, and scripts cannot forge it (Fetch Standard, 3.2).
    """
    if asked.scope["type"] == "http" and asked.scope["method"] in SAFE:
        return None
    own = {urlsplit(entrance.settings.address or "").netloc, asked.headers.get("host", "")}
    if asked.headers.get("origin", "").removeprefix("https://").removeprefix("http://") in own - {""}:
        return None
    return _refusal(asked.scope, "only from a page of this console", HTTPStatus.FORBIDDEN)


def _misled(asked: HTTPConnection) -> ASGIApp | None:
    """Refuses a browser of this machine that calls the console by a name of another site's.

    Where nobody signs in, such a site could else read all of it: its name leads wherever its owner wants.
    """
    if is_loopback(re.sub(r":\d+$", "", asked.headers.get("host", ""))):
        return None
    return _refusal(asked.scope, "this console is open to its machine alone", HTTPStatus.MISDIRECTED_REQUEST)


def _refusal(scope: Scope, text: str, status: HTTPStatus) -> ASGIApp:
    if scope["type"] == "http":
        return PlainTextResponse(text, status)

    async def close(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.close", "code": 4401, "reason": text})

    return close


def _sign_in_first(asked: HTTPConnection, *, question: bool) -> Response:
    if question:
        return JSONResponse({"detail": "sign in, or give a token"}, 401, {"WWW-Authenticate": "Bearer"})
    language = _language(asked.url.path) or accepted(asked.headers.get("accept-language"))
    back = asked.url.path + (f"?{asked.url.query}" if asked.url.query else "")
    return RedirectResponse(f"/{language}/sign-in?next={quote(back, safe='')}", 303)


def _telling(
    entrance: Entrance, asked: HTTPConnection, viewer: Viewer, what: str, *, allowed: bool, question: bool
) -> Callable[[Message], None]:
    """Records the look when its answer begins."""

    def tell(start: Message) -> None:
        status, headers = start["status"], MutableHeaders(scope=start)
        act = Act.QUERIED if question else Act.OPENED
        if "attachment" in headers.get("content-disposition", ""):
            act = Act.DOWNLOADED
        outcome = Outcome.DONE if status < 400 else Outcome.NOT_FOUND if status == 404 else Outcome.FAILED
        entrance.tell(
            viewer, act, outcome if allowed else Outcome.REFUSED, address=address_of(asked), path=what,
            query=asked.url.query, parameters=dict(asked.query_params),
        )  # fmt: skip
        headers["Cache-Control"] = "no-store"

    return tell


def _recording(send: Send, tell: Callable[[Message], None]) -> Send:
    async def with_record(message: Message) -> None:
        if message["type"] == "http.response.start":
            tell(message)
        await send(message)

    return with_record
