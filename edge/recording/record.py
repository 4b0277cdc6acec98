"""What was said on a connection, byte for byte: a file of JSON lines.

The first line says what was recorded, each other one what happened: `at` microseconds after the begin on connection
number `connection`, `what` it was, and its `octets` in base64. So a recording can be read, cut and annotated with
any text tool, and stands as a test case.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic_ns
from typing import Any, Literal, TextIO, get_args

from adapters.tools import Framing, ToolError

VERSION = 1
MAX_OCTETS = 256 * 1024 * 1024
What = Literal["opened", "asked", "said", "closed"]
"""The agent opened the connection; it asked; the device said; one of them closed it."""


@dataclass(frozen=True, slots=True)
class Head:
    """What was recorded. `began` is UTC, ISO 8601."""

    source: str
    type: str
    framing: Framing
    place: Literal["tcp", "port"]
    began: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something on the wire; `at` in microseconds after the begin."""

    at: int
    connection: int
    what: What
    octets: bytes = b""


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole recording, in the order in which it happened."""

    head: Head
    events: tuple[Event, ...]


class Recorder:
    """Writes a recording, each line at once: what was said before a crash is kept."""

    def __init__(self, out: TextIO, source: str, kind: str, framing: Framing, place: Literal["tcp", "port"]) -> None:
        self._out = out
        self._began = monotonic_ns()
        self._connections = 0
        self.asked = 0
        self.said = 0
        began = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._write(
            {
                "recording": VERSION, "source": source, "type": kind, "framing": framing, "place": place,
                "began": began,
            }
        )  # fmt: skip

    def opened(self) -> int:
        """A connection was opened; gives its number."""
        self._connections += 1
        self._event(self._connections, "opened")
        return self._connections

    def closed(self, connection: int) -> None:
        """It was closed, by whichever side."""
        self._event(connection, "closed")

    def heard(self, connection: int, what: Literal["asked", "said"], octets: bytes) -> None:
        """Octets went by."""
        if what == "asked":
            self.asked += len(octets)
        else:
            self.said += len(octets)
        self._event(connection, what, octets)

    def _event(self, connection: int, what: What, octets: bytes = b"") -> None:
        at = (monotonic_ns() - self._began) // 1000
        line: dict[str, object] = {"at": at, "connection": connection, "what": what}
        if octets:
            line["octets"] = b64encode(octets).decode("ascii")
        self._write(line)

    def _write(self, line: dict[str, object]) -> None:
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._out.flush()


def load_recording(file: Path) -> Recording:
    """A recording. Raises ToolError with file and line, and OSError."""
    if file.stat().st_size > MAX_OCTETS:
        raise ToolError(f"{file}: larger than {MAX_OCTETS} bytes; cut it")
    number = 1
    try:
        with file.open(encoding="utf-8") as lines:
            head = _head(json.loads(next(lines, "")))
            events = []
            for number, line in enumerate(lines, 2):  # noqa: B007 - for the message below
                if line.strip():
                    events.append(_event(json.loads(line)))
    except (ValueError, KeyError, TypeError, AttributeError, Error, RecursionError) as error:
        raise ToolError(f"{file}:{number}: is no line of a recording ({type(error).__name__}: {error})") from error
    return Recording(head, tuple(events))


def _head(line: dict[str, Any]) -> Head:
    if line["recording"] != VERSION:
        raise ValueError(f"version {line['recording']}, known is {VERSION}")
    if line["framing"] not in get_args(Framing) or line["place"] not in {"tcp", "port"}:
        raise ValueError("unknown framing or place")
    return Head(
        str(line["source"]), str(line["type"]), _framing(line["framing"]), "tcp" if line["place"] == "tcp" else "port",
        str(line["began"]),
    )  # fmt: skip


def _framing(text: str) -> Framing:
    known: dict[str, Framing] = {name: name for name in get_args(Framing)}
    return known[text]


def _event(line: dict[str, object]) -> Event:
    known: dict[object, What] = {name: name for name in get_args(What)}
    at, connection = line["at"], line["connection"]
    if not isinstance(at, int) or not isinstance(connection, int) or at < 0:
        raise TypeError("at and connection are whole numbers")
    return Event(at, connection, known[line["what"]], b64decode(str(line.get("octets", "")), validate=True))


def by_connection(recording: Recording) -> Iterator[list[Event]]:
    """The events of each connection, in the order of their openings."""
    for number in dict.fromkeys(event.connection for event in recording.events):
        yield [event for event in recording.events if event.connection == number]
