"""The agent's Unix socket: one JSON object a line in, one out. For commands and pages on the same machine.

A request is `{"do": NAME, …arguments}`, an answer `{"ok": …}` or `{"error": "one line"}`. The socket file is for the
agent's user alone (0600).
"""

import asyncio
import contextlib
import inspect
import json
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from gateway.alarm.engine import CommandRefusedError
from schemas.errors import ToldError


class RefusedError(Exception):
    """What the agent will not do; the message says why, in a line."""


MAX_LINE = 64 * 1024
PATIENCE = 3.0
"""Seconds that a command waits for the agent's answer."""


class ControlError(ToldError):
    """The agent does not answer, or refuses; the message says which, in a line."""


class Control:
    """Serves the answers while entered. Raises ControlError when another agent already does."""

    def __init__(self, path: Path, answers: Mapping[str, Callable[..., Any]]) -> None:
        self._path = path
        self._answers = answers
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        if self._path.exists():
            if _is_served(self._path):
                raise ControlError(f"{self._path} is in use: an agent with this configuration is already running")
            self._path.unlink()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            before = os.umask(0o177)
            try:
                self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MAX_LINE)
            finally:
                os.umask(before)
        except OSError as error:
            raise ControlError(f"control socket {self._path} cannot be made: {error.strerror}") from error
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError):  # ValueError: a line beyond the limit
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line), ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            answer = self._answers[request.pop("do")](**request)
            return {"ok": await answer if inspect.isawaitable(answer) else answer}
        except (CommandRefusedError, RefusedError) as error:
            return {"error": str(error)}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"error": "not a request this agent knows"}


def ask(path: Path, do: str, *, patience: float = PATIENCE, **arguments: Any) -> Any:
    """One request, from a command; `patience` in seconds. Raises ControlError."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(patience)
            connection.connect(str(path))
            connection.sendall(json.dumps({"do": do, **arguments}).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline())
    except (OSError, ValueError) as error:
        raise ControlError(f"no agent answers at {path}; is `cmo-edge run` running with this configuration?") from error
    if "error" in answer:
        raise ControlError(answer["error"])
    return answer["ok"]


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PATIENCE)
        return probe.connect_ex(str(path)) == 0
