"""What every long-running command of both sides does alike: logs, signals, errors in one line."""

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine
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


def configure_logs(*, level: int = logging.INFO) -> None:
    """Logs go to standard error: coloured lines on a terminal, JSON lines otherwise."""
    terminal = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks if not terminal else structlog.processors.StackInfoRenderer(),
            renderer,
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
    print(message, file=sys.stderr)
