"""What every long-running command of both sides does alike: logs, signals, errors in one line."""

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Coroutine, MutableMapping
from enum import IntEnum
from typing import Any, TextIO, cast

import structlog


class Exit(IntEnum):
    """Exit codes of all commands; they do not change."""

    OK = 0
    FAILED = 1
    CONFIGURATION = 2


class _StandardError:
    """Standard error as it is when something is said: whoever puts another in its place may close it again."""

    @staticmethod
    def write(text: str) -> int:
        return sys.stderr.write(text)

    @staticmethod
    def flush() -> None:
        sys.stderr.flush()


def visible(text: str) -> str:
    """The text with an escape for all that is not seen: what others wrote neither begins a line nor moves a cursor.

    Of JSON it is the same JSON, since outside of texts everything is seen.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(one: str) -> str:
    return f"\\u{ord(one):04x}" if one.isascii() else json.dumps(one)[1:-1]


class _Lines:
    """One line of JSON for each event."""

    def __init__(self) -> None:
        self._render = structlog.processors.JSONRenderer(ensure_ascii=False)

    def __call__(self, logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
        return visible(str(self._render(logger, name, event)))


def _readable(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For a terminal: a trace is set in, so that no line of it looks like an event."""
    for key, value in event.items():
        if key == "exception":
            event[key] = "\n".join(f"    {visible(line)}" for line in str(value).splitlines())
        elif isinstance(value, str):
            event[key] = visible(value)
    return event


class _Libraries(logging.Handler):
    """What libraries warn of, as events like ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Never raises: a log line must not end what logs it."""
        try:
            level = logging.ERROR if record.levelno >= logging.ERROR else logging.WARNING
            told = record.getMessage(), record.exc_info
            structlog.get_logger().log(level, told[0], logger=record.name, exc_info=told[1])
        except Exception:  # noqa: BLE001 - whatever a library's arguments do when they are written
            self.handleError(record)


def configure_logs(*, level: int = logging.INFO) -> None:
    """Logs go to standard error: coloured lines on a terminal, else JSON lines. Of libraries, warnings and worse."""
    logging.lastResort = _Libraries(logging.WARNING)
    how: tuple[Any, ...] = (structlog.processors.dict_tracebacks, _Lines())
    if sys.stderr.isatty():
        how = (structlog.processors.format_exc_info, _readable, structlog.dev.ConsoleRenderer())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *how,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
        cache_logger_on_first_use=True,
    )


async def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run until the work ends or SIGINT or SIGTERM asks it to; then cancel it and let it clean up."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)


def complain(message: object) -> None:
    """One line, or one for each fault, on standard error."""
    print("\n".join(visible(line) for line in str(message).split("\n")), file=sys.stderr)


def tell(line: str) -> None:
    """A line of an answer on standard output; columns are apart by tabs."""
    print("\t".join(visible(part) for part in line.split("\t")))
