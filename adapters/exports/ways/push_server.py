"""The web server to which other systems bring files. It knows HTTP and nothing of ledgers."""

import asyncio
import contextlib
import hmac
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from adapters.exports.settings import PushSettings

AT_ONCE = 32
"""Connections that are served at once."""
LONGEST = 255
"""Characters of a name and of a key."""
KEY = "idempotency-key"
LINGER, LINGER_OCTETS = 5.0, 32 * 1024 * 1024
"""For so many seconds, and so much, a file that is not taken is still listened to."""


class NotTakenError(Exception):
    """A file that is not taken: an HTTP status, and why, in a line."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as it is brought."""

    name: str
    key: str | None
    chunks: AsyncIterator[bytes]


Take = Callable[[Brought], Awaitable[tuple[int, Mapping[str, Any]]]]
"""Takes a file; gives status and answer once the journal has what came of it. Raises NotTakenError."""


def application(settings: PushSettings, token: str, take: Take) -> FastAPI:
    """The endpoint."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.put("/files/{name:path}")
    async def put(name: str, request: Request) -> JSONResponse:
        try:
            key = request.headers.get(KEY)
            try:
                _admit(request, token, settings.largest_mib * 1024 * 1024)
                _check(name, key or "none")
            except NotTakenError:
                await _let_finish(request)
                raise
            status, answer = await take(Brought(name, key, _chunks(request, settings.patience)))
        except NotTakenError as error:
            headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
            return JSONResponse({"error": str(error)}, error.status, headers)
        return JSONResponse(dict(answer), status)

    return app


def _admit(request: Request, token: str, largest: int) -> None:
    """Before an octet of the file is read."""
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode("latin-1"), f"Bearer {token}".encode()):
        raise NotTakenError(401, "the token is missing or wrong")
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > largest:
        raise NotTakenError(413, f"the file is larger than {largest} octets")


async def _let_finish(request: Request) -> None:
    """A client that sends all before it listens would else hear nothing but a broken connection (RFC 9112, 9.6)."""
    heard = 0
    with contextlib.suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(LINGER):
            async for chunk in request.stream():
                heard += len(chunk)
                if heard > LINGER_OCTETS:
                    return


def _check(*texts: str) -> None:
    if not all(0 < len(text) <= LONGEST and text.isprintable() for text in texts):
        raise NotTakenError(400, f"a name and a key have 1 to {LONGEST} printable characters")


async def _chunks(request: Request, patience: float) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(patience):
                yield await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise NotTakenError(408, f"nothing came for {patience:g} s") from error


class Server(uvicorn.Server):
    """Leaves signals to the agent. Raises OSError for what is wrong with the certificate."""

    def __init__(self, settings: PushSettings, app: FastAPI) -> None:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, lifespan="off", limit_concurrency=AT_ONCE,
            timeout_graceful_shutdown=2, ssl_certfile=settings.certificate, ssl_keyfile=settings.private_key,
            ssl_ca_certs=None if settings.trust is None else str(settings.trust),
            ssl_cert_reqs=ssl.CERT_NONE if settings.trust is None else ssl.CERT_REQUIRED,
        )  # fmt: skip
        config.load()
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the agent's."""
        yield


def listen(settings: PushSettings) -> socket.socket:
    """A socket of the address. Raises OSError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host.strip("[]"), settings.port), family=family)
