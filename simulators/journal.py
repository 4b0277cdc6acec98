"""What a run leaves behind: its events, and the truth that its sensors told."""

import contextlib
import json
import math
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from rich.console import Console

from simulators.instruments import Value


def unix_us() -> int:
    """Wall clock, Unix time in µs."""
    return time.time_ns() // 1000


@contextlib.contextmanager
def open_journal(events: str | None, truth: Path | None, console: Console) -> Iterator["Journal"]:
    """A journal into files; `-` for events is stdout. Raises `OSError`."""
    with contextlib.ExitStack() as files:
        told: IO[str] | None = sys.stdout if events == "-" else None
        if told is None and events is not None:
            told = files.enter_context(Path(events).open("w", encoding="utf-8"))
        kept = files.enter_context(truth.open("w", encoding="utf-8")) if truth is not None else None
        yield Journal(told, kept, console)


class Journal:
    """Writes events and truth as JSON lines, each line whole and at once.

    An event is `{"time": <Unix µs>, "at": <scenario s>, "action": …, "arguments": {…}}`; the truth of a tick is
    `{"time": …, "at": …, "values": {tag: value}, "bad": [tags without a value]}`. Without a file for events they
    are shown on the terminal.
    """

    def __init__(self, events: IO[str] | None, truth: IO[str] | None, console: Console) -> None:
        self._events = events
        self._truth = truth
        self._console = console

    def event(self, at: float, action: str, **arguments: Any) -> None:
        """Say that `action` happened now, at `at` scenario seconds."""
        if self._events is None:
            told = " ".join(f"{key}={value}" for key, value in arguments.items())
            self._console.print(f"{at:8.1f} s  {action}  {told}", highlight=False, markup=False, soft_wrap=True)
            return
        line = {"time": unix_us(), "at": round(at, 3), "action": action, "arguments": arguments}
        _write(self._events, line)

    def truth(self, now: int, at: float, readings: Mapping[str, Value]) -> None:
        """Keep what all sensors said at `now` (Unix µs)."""
        if self._truth is None:
            return
        bad = [tag for tag, value in readings.items() if value is None or _is_nan(value)]
        values = {tag: None if tag in bad else value for tag, value in readings.items()}
        _write(self._truth, {"time": now, "at": round(at, 3), "values": values, "bad": bad})


def _is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _write(file: IO[str], line: Mapping[str, Any]) -> None:
    file.write(json.dumps(line) + "\n")
    file.flush()
