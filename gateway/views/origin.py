"""Which record an address asks for: by the record's id, by a gap, or by a tag and a time. Pure but for the question."""

from collections.abc import Callable, Mapping
from uuid import UUID

from gateway.archive.evidence import Readable
from gateway.archive.origins import Origin, gap_told, reading_at, record_with
from gateway.views.display import Clock


def origin_of(query: Mapping[str, str], clock: Clock) -> Callable[[Readable], Origin | None]:
    """The question to the archive. A time is ISO 8601 or UTC microseconds. Raises ValueError where it is unclear."""
    if "id" in query:
        record = UUID(query["id"])
        return lambda archive: record_with(archive, record)
    if "gap" in query:
        gap = UUID(query["gap"])
        return lambda archive: gap_told(archive, gap)
    tag, time = query.get("tag", ""), query.get("time", "")
    if not tag or not time:
        raise ValueError("give id, or gap, or tag and time")
    plain = time.isascii() and time.isdigit() and len(time) < 19
    try:
        moment = int(time) if plain else clock.instant(time)
    except OverflowError as error:
        raise ValueError("time is ISO 8601, or UTC microseconds") from error
    return lambda archive: reading_at(archive, tag, moment)
