"""Which limits were in force when, as the records say it: each alarm step names the limit that it was judged by."""

from dataclasses import dataclass

from gateway.archive.evidence import Readable

_SQL = """
SELECT "limit", kind, priority, profile, time, stream, number FROM (
    SELECT *, lag("limit") OVER same AS before FROM alarms
    WHERE tag = ? AND time < ? AND kind IN ('LOW', 'HIGH', 'LOW_LOW', 'HIGH_HIGH')
    WINDOW same AS (PARTITION BY condition ORDER BY time, stream, number))
WHERE before IS DISTINCT FROM "limit" ORDER BY time, stream, number
"""


@dataclass(frozen=True, slots=True)
class LimitTold:
    """A limit that a record named first, or after another one; at `time`, UTC microseconds, it was in force.

    Its record is `number` of `stream`; `profile` is the version of the limit profile, where there was one.
    """

    limit: float
    low: bool
    action: bool
    profile: str | None
    time: int
    stream: str
    number: int


def limits_told(archive: Readable, tag: str, end: int) -> list[LimitTold]:
    """Of a tag, all that was told before `end` (UTC microseconds), in order of time."""
    return [
        LimitTold(limit, kind.startswith("LOW"), priority == "ACTION", *rest)
        for limit, kind, priority, *rest in archive.rows(_SQL, [tag, end])
    ]
