"""What every server of pages does alike: the console and the line page."""

import contextlib
import errno
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from schemas.errors import ToldError

RECONNECT_WITHIN = 30.0
"""Seconds a browser may be away, a phone in a pocket say, before its page has to be loaded anew."""
CLOSE_WITHIN = 2
"""Seconds that open connections get when the node stops."""
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="4" fill="#2b3a48"/>'
    '<path d="M7 8h11v16H7zM18 13h7v11h-7M10 17h10m-3-3 3 3-3 3" fill="none" stroke="#f6f7f8" stroke-width="2"/></svg>'
)


class PortTakenError(ToldError):
    """The address cannot be listened on; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server shows over TLS: PEM files of its certificate, with those between it and the root, and its key."""

    file: Path
    key: Path


class Server(uvicorn.Server):
    """Leaves signals to the caller, and says when it listens."""

    def __init__(
        self,
        application: FastAPI,
        started: Callable[[], None],
        *,
        certificate: Certificate | None = None,
        proxied: bool = False,
    ) -> None:
        """`proxied` believes a proxy on this machine which address a request came from, and by which scheme."""
        super().__init__(
            uvicorn.Config(
                application, log_config=None, access_log=False, server_header=False, proxy_headers=proxied,
                timeout_graceful_shutdown=CLOSE_WITHIN, ssl_certfile=certificate.file if certificate else None,
                ssl_keyfile=certificate.key if certificate else None,
            )
        )  # fmt: skip
        self._started = started

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the caller's."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets=sockets)
        self._started()


def listen(host: str, port: int, who: str = "the console") -> socket.socket:
    """A socket of that address, for `who`; port 0 takes a free one. Raises PortTakenError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "is taken by another program" if taken else f"cannot be listened on: {error.strerror or error}"
        raise PortTakenError(f"{bracketed(host)}:{port} {why}; give {who} another address") from error


def bracketed(host: str) -> str:
    """The host as addresses have it."""
    return f"[{host}]" if ":" in host else host
