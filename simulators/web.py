"""As much of HTTP/1.1 (RFC 9112) as a person with curl needs, on the loopback interface; an answer is JSON.

Each connection carries one request.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

LONGEST_HEAD, LONGEST_BODY = 1 << 14, 1 << 16
"""Octets."""
PATIENCE = 10.0
"""s that a request may take to arrive."""


@dataclass(frozen=True)
class Request:
    """`path` in its parts, each as it was before it became a part of a URL."""

    method: str
    path: tuple[str, ...]
    body: bytes = b""


class RefusedError(Exception):
    """A request that is answered with `{"error": …}` and this status."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


Answer = Callable[[Request], Awaitable[Any]]
"""What is answered, as JSON can have it. Raises RefusedError."""


@contextlib.asynccontextmanager
async def serving(port: int, answer: Answer) -> AsyncIterator[str]:
    """Serve on the port, a free one if 0, while entered; gives the URL. Raises OSError when it is taken."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # the client went away: nothing to do for it
            writer.write(_said(*await _answered(reader, answer)))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=LONGEST_HEAD)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _answered(reader: asyncio.StreamReader, answer: Answer) -> tuple[HTTPStatus, Any]:
    try:
        async with asyncio.timeout(PATIENCE):
            request = await _request(reader)
        return HTTPStatus.OK, await answer(request)
    except RefusedError as error:
        return error.status, {"error": str(error)}
    except (TimeoutError, EOFError, ValueError, asyncio.LimitOverrunError):
        return HTTPStatus.BAD_REQUEST, {"error": "not an HTTP request that can be read"}


async def _request(reader: asyncio.StreamReader) -> Request:
    """Raises ValueError, EOFError (asyncio's IncompleteReadError is one) or LimitOverrunError."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    size = int(fields.get("content-length", "0"))
    if not 0 <= size <= LONGEST_BODY:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {LONGEST_BODY} octets, please")
    path = tuple(unquote(part) for part in urlsplit(target).path.split("/") if part)
    return Request(method, path, await reader.readexactly(size))


def _said(status: HTTPStatus, content: Any) -> bytes:
    body = json.dumps(content, ensure_ascii=False).encode() + b"\n"
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
