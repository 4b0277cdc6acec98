"""What is given as `since`: the highest value that was seen, less a look back. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import ceil

from adapters.exports.formats.row import Cell
from adapters.exports.ways.rest_client import RequestError
from adapters.exports.ways.rest_settings import SinceSettings


def highest(values: Iterable[Cell], column: str) -> str | None:
    """Of times as ISO 8601 has them (one without an offset counts as UTC) or of whole numbers; empty ones do not count.
    Raises RequestError for anything else.
    """
    told = {str(one) for one in values if one not in {None, ""}}
    return max(told, key=lambda text: _value(text, column), default=None)


def asked(since: str, wanted: SinceSettings) -> str:
    """What is asked for; `since` is one of those values."""
    if not wanted.look_back:
        return since
    if since.isdecimal():
        return str(int(since) - ceil(wanted.look_back))
    before = datetime.fromisoformat(since) - timedelta(seconds=wanted.look_back)
    return before.isoformat().replace("+00:00", "Z") if since.endswith("Z") else before.isoformat()


def _value(text: str, column: str) -> tuple[int, datetime]:
    nothing = datetime.min.replace(tzinfo=UTC)
    try:
        if text.isdecimal():
            return int(text), nothing
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise RequestError(f"{column}: {text!r} is neither a time (ISO 8601) nor a whole number") from error
    return 0, at.replace(tzinfo=UTC) if at.tzinfo is None else at
