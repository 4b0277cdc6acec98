"""What a holder did not get of the rooms that its agreement is about, and what of it turned out not to be its own."""

from dataclasses import dataclass

from gateway.archive.evidence import Readable
from gateway.archive.in_force import ONCE
from schemas.withheld import WhyWithheld


@dataclass(frozen=True, slots=True)
class NotOwn:
    """Samples of a room, all together, that did not go to the holder by a clause and for a reason.

    `samples` is None where it is not known how many of them there were. Times are UTC microseconds: of the first and
    the last period in which that was so.
    """

    holder: str
    room: str | None
    clause: str | None
    reason: WhyWithheld
    samples: int | None
    began: int
    ended: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A time of which the holder got a room's readings that are not its own; `found` is when that turned out."""

    holder: str
    room: str | None
    clause: str
    began: int
    ended: int
    found: int


def not_own(archive: Readable, begin: int, end: int) -> list[NotOwn]:
    """Of periods that reach into begin ≤ time < end, by room."""
    rows = archive.rows(
        f"""SELECT holder, room, clause, reason, CASE WHEN count(samples) = count(*) THEN sum(samples)::BIGINT END,
            min(began), max("time")
        FROM (SELECT * FROM withheld WHERE began < ? AND "time" > ? QUALIFY {ONCE})
        GROUP BY holder, room, clause, reason ORDER BY holder, room NULLS LAST, clause, reason""",
        [end, begin],
    )
    return [NotOwn(holder, room, clause, WhyWithheld(reason), *rest) for holder, room, clause, reason, *rest in rows]


def withdrawals(archive: Readable, begin: int, end: int) -> list[Withdrawal]:
    """Those that reach into begin ≤ time < end, the latest first."""
    rows = archive.rows(
        f"""SELECT holder, room, clause, began, ended, "time" FROM withdrawn WHERE began < ? AND ended > ?
        QUALIFY {ONCE} ORDER BY began DESC, room""",
        [end, begin],
    )
    return [Withdrawal(*row) for row in rows]
