"""Whether a source delivers at this moment. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.intake.live import Live
from gateway.views.display import SECOND
from schemas.records import Gap

SILENT_AFTER = 15 * SECOND
"""How long ago a source may have been heard of last for its values to count as now, microseconds."""


class Contact(StrEnum):
    """What is known of a source's line to here. AHEAD: its agent's clock is ahead, so no age can be told."""

    LIVE = "LIVE"
    SILENT = "SILENT"
    GAP = "GAP"
    AHEAD = "AHEAD"


@dataclass(frozen=True, slots=True)
class Source:
    """One source at this moment. Times are UTC microseconds; `since` is None while it delivers."""

    name: str
    state: Contact
    heard: int | None
    since: int | None
    gap: Gap | None
    tags: tuple[str, ...]


def sources(live: Live, now: int, also: Iterable[str] = ()) -> list[Source]:
    """Every source that was ever heard of or that has an open gap, and those of `also`, by name."""
    names = {*live.contacts, *also} | {gap.source for gap in live.gaps.values()}
    names |= {latest.source for latest in live.readings.values()}
    return [_source(name, live, now) for name in sorted(names)]


def contact(source: str, live: Live, now: int) -> Contact:
    """Whether the source as a whole was heard of just now; open gaps are looked at for each tag."""
    heard = live.contacts.get(source)
    if heard is None or now - heard > SILENT_AFTER:
        return Contact.SILENT
    return Contact.AHEAD if heard - now > SILENT_AFTER else Contact.LIVE


def open_gap(source: str, tag: str, live: Live) -> Gap | None:
    """The oldest open gap of the source that speaks of the tag; one without tags speaks of all."""
    concerned = (g for g in live.gaps.values() if g.source == source and (not g.tags or tag in g.tags))
    return min(concerned, key=lambda gap: gap.began, default=None)


def _source(name: str, live: Live, now: int) -> Source:
    gap = min((g for g in live.gaps.values() if g.source == name), key=lambda gap: gap.began, default=None)
    heard = live.contacts.get(name)
    state = contact(name, live, now)
    if gap is not None:
        state = Contact.GAP
    since = None if state is Contact.LIVE else gap.began if gap is not None else heard
    tags = tuple(sorted(tag for tag, latest in live.readings.items() if latest.source == name))
    return Source(name, state, heard, since, gap, tags)
