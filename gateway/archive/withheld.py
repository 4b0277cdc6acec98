"""What a holder did not get, and what it got that is not its own any more, as its agent said it."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.archive.evidence import Readable
from gateway.archive.in_force import ONCE
from schemas.withheld import WhyWithheld

LISTED = 200
"""How many times that are no holder's own any more are listed."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Samples of a room that did not go to a holder, by clause and reason; times are UTC microseconds.

    `samples` are those that were counted, None where no record has a number. `began` and `ended` are the first and the
    last moment that the records speak of.
    """

    holder: str
    room: str | None
    clause: str | None
    reason: WhyWithheld
    samples: int | None
    began: int
    ended: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A time of a room that is not the holder's own any more though it was sent; the record that says so, `number`.

    Times are UTC microseconds.
    """

    holder: str
    room: str | None
    clause: str
    began: int
    ended: int
    found: int
    stream: str
    number: int


def not_sent(archive: Readable, begin: int, end: int, room: str | None = None) -> list[NotSent]:
    """All that was told of begin ≤ time < end (UTC microseconds), or of one room; a record that overlaps is whole.

    Each record counts once, not each key: an agent that starts again within ten minutes counts on under the same key.
    """
    sql = f"""SELECT holder, room, clause, reason, sum(samples)::BIGINT, min(began), max("time")
        FROM (SELECT * FROM withheld WHERE began < ? AND "time" > ? AND (? IS NULL OR room = ?) QUALIFY {ONCE})
        GROUP BY ALL ORDER BY room NULLS LAST, holder, clause NULLS LAST, reason"""
    found = archive.rows(sql, [end, begin, room, room])
    return [NotSent(holder, at, clause, WhyWithheld(why), *rest) for holder, at, clause, why, *rest in found]


def taken_back(archive: Readable, begin: int, end: int, room: str | None = None) -> Sequence[TakenBack]:
    """Times that overlap begin ≤ time < end (UTC microseconds), or of one room; the newest first, `LISTED` at most."""
    sql = f"""SELECT holder, room, clause, began, ended, "time", stream, number
        FROM withdrawn WHERE began < ? AND ended > ? AND (? IS NULL OR room = ?) QUALIFY {ONCE}
        ORDER BY began DESC, room NULLS LAST, holder, clause, stream, number LIMIT ?"""
    return [TakenBack(*row) for row in archive.rows(sql, [end, begin, room, room, LISTED])]
