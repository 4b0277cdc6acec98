"""The first page in its order: may I release, what waits for me, what runs, can I trust the data. Pure.

What is wrong now stands in `overview.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.cleanroom.site import Site
from gateway.console.views.display import SECOND
from gateway.console.views.known import CANDIDATES, Proof, Work
from gateway.console.views.lacking import Lacking, lacking
from gateway.console.views.lines import LineRow, Standing, line_rows
from gateway.console.views.overview import complete_to, last_data
from gateway.console.views.sources import SILENT_AFTER, sources
from gateway.console.views.streams import StreamRow, Summary, stream_row, summary
from gateway.console.views.waiting import LISTED, Looker, Wait, waiting
from gateway.intake.live import Live
from gateway.review.review import Tally

BEHIND = 60 * SECOND
"""From this wait of a message in its topic on, it is told that the archive catches up, microseconds."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A batch that has ended and that nobody released or refused here.

    `tally` is how many rules passed, failed and could not be evaluated; None while it is counted. `open` are quality
    events that are not closed, by their numbers.
    """

    number: str
    product: str | None
    shared: bool
    ended: int | None
    tally: Tally | None
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """The first page. `candidates` are None where batches are not open to who looks; `more` are not listed.

    `waits` counts all that waits, `waiting` are the most urgent. `lacking` says in figures what is missing.
    `catching_up` is the time that the records reached which still arrive, UTC microseconds; None where they are not
    behind. `read` are the messages that are read, and how many there are.
    """

    candidates: tuple[Candidate, ...] | None
    more: int
    waits: int
    waiting: tuple[Wait, ...]
    lines: tuple[LineRow, ...]
    trust: Summary | None
    lacking: Lacking
    catching_up: int | None
    read: tuple[int, int]


def today(
    site: Site, live: Live, *, work: Work, proof: Proof, certificates: Iterable[Mapping[str, object]],
    looker: Looker, now: int,
) -> Today:  # fmt: skip
    """As it stands at `now`, UTC microseconds."""
    streams = stream_rows(live, proof, now)
    trust = summary(streams, now)
    waits = waiting(looker, work, alarms=live.alarms.values(), streams=streams, certificates=certificates, now=now)
    standing = Standing(complete_to(sources(live, now)), last_data(live), None if trust is None else trust.to)
    rows = line_rows(site, work, alarms=live.alarms.values(), waits=waits, standing=standing, now=now)
    return Today(
        candidates=_candidates(work) if looker.may("/batches") else None,
        more=max(0, len(work.candidates) - CANDIDATES), waits=len(waits), waiting=tuple(waits[:LISTED]),
        lines=tuple(rows), trust=trust, lacking=lacking(live, work.day, streams, now),
        catching_up=catching_up(live, now),
        read=(sum(read for read, _ in live.far.values()), sum(there for _, there in live.far.values())),
    )  # fmt: skip


def stream_rows(live: Live, proof: Proof, now: int) -> Sequence[StreamRow]:
    """Every stream as the head of a page and the overview need it."""
    return [stream_row(name, live.streams[name], proof.numbers, now) for name in sorted(live.streams)]


def catching_up(live: Live, now: int) -> int | None:
    """Up to when messages are read, while those that arrive now have waited in the topics for long."""
    arrived, appended = live.arrived, live.appended
    if arrived is None or appended is None or now - arrived > SILENT_AFTER or arrived - appended <= BEHIND:
        return None
    return appended


def _candidates(work: Work) -> tuple[Candidate, ...]:
    ended = work.candidates[:CANDIDATES]
    numbers = [one.number for one in work.batches]
    return tuple(
        Candidate(
            one.number, one.product, numbers.count(one.number) > 1, one.last, work.tallies.get(one.number),
            work.events[one.number].references if one.number in work.events else (),
        )
        for one in ended
    )  # fmt: skip
