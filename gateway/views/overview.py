"""What is wrong now, and how the line stands. Pure.

First what broke a limit, then what cannot be read. A source that is silent is one fault, however many readings it
takes with it; they are named beneath it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.cleanroom.levels import Limit
from gateway.cleanroom.site import Site
from gateway.intake.live import Live
from gateway.views.alarms import AlarmRow, alarm_rows
from gateway.views.readings import Reading, Status, Why, reading
from gateway.views.rooms import Cascade, Flow, RoomState, cascade
from gateway.views.sources import Contact, Source, sources


class Fault(StrEnum):
    """What kind of thing is wrong, worst first."""

    ALARM = "ALARM"
    BEYOND = "BEYOND"
    SOURCE = "SOURCE"
    READING = "READING"
    NEVER = "NEVER"
    FINDINGS = "FINDINGS"
    QUARANTINE = "QUARANTINE"
    UNACKNOWLEDGED = "UNACKNOWLEDGED"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong. `since` is UTC microseconds; what else is set depends on the kind."""

    fault: Fault
    key: str
    since: int | None = None
    alarm: AlarmRow | None = None
    reading: Reading | None = None
    source: Source | None = None
    tags: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Latency:
    """From the device's time to the arrival here, milliseconds."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Overview:
    """The line at `now`. Times are UTC microseconds; `complete_to` is up to when no source owes anything."""

    site: str
    line: str
    zone: str
    now: int
    wrong: tuple[Wrong, ...]
    rooms_in_limits: int
    rooms_with_limits: int
    rooms_without_limits: int
    alarms_active: int
    tags_without_reading: int
    complete_to: int | None
    last_data: int | None
    messages: int
    quarantined: int
    latency_ms: Latency | None
    limits: tuple[Flow, ...]
    sources: tuple[Source, ...]


def overview(site: Site, live: Live, now: int) -> Overview:
    """All that the first page says."""
    area = cascade(site, live, now)
    known = tuple(sources(live, now))
    readings = tuple(_readings(site, live, now))
    states = [view.state for view in area.rooms]
    unmonitored = states.count(RoomState.NOT_MONITORED)
    return Overview(
        site=site.site, line=site.line, zone=site.zone, now=now,
        wrong=tuple(_wrong(live, known, readings, now)),
        rooms_in_limits=states.count(RoomState.IN_LIMITS),
        rooms_with_limits=len(states) - unmonitored,
        rooms_without_limits=unmonitored,
        alarms_active=sum(life.active for life in live.alarms.values()),
        tags_without_reading=sum(not r.status.trusted for r in readings),
        complete_to=complete_to(known), last_data=last_data(live),
        messages=live.messages, quarantined=live.quarantined,
        latency_ms=latency(live),
        limits=limited(area), sources=known,
    )  # fmt: skip


def limited(area: Cascade) -> tuple[Flow, ...]:
    """The differentials that have a limit or a wanted direction, in the order of the site file."""
    return tuple(flow for flow in area.flows if flow.reading.limit is not None)


def last_data(live: Live) -> int | None:
    """When any source was last heard of, UTC microseconds."""
    return max(live.contacts.values(), default=None)


def complete_to(known: Sequence[Source]) -> int | None:
    """Up to when every source delivered: the earliest of the last contacts and of the begins of open gaps."""
    moments = [source.heard if source.gap is None else source.gap.began for source in known]
    return min((moment for moment in moments if moment is not None), default=None)


def latency(live: Live) -> Latency | None:
    """Median and 99th percentile over the newest samples; None when none is timed."""
    found = live.latency((50, 99))
    return Latency(*(round(value, 1) for value in found)) if found else None


def _readings(site: Site, live: Live, now: int) -> Iterator[Reading]:
    limits: dict[str, Limit | None] = {d.tag: d.bound for d in site.differentials}
    tags = dict.fromkeys([*(tag for tag, _ in site.tagged_rooms()), *sorted(live.readings)])
    return (reading(tag, limits.get(tag), live, now) for tag in tags)


def _wrong(live: Live, known: Sequence[Source], readings: Sequence[Reading], now: int) -> Iterator[Wrong]:
    rows = alarm_rows(live.alarms.values(), now)
    by_tag = {r.tag: r for r in readings}
    yield from (
        Wrong(Fault.ALARM, str(row.alarm), row.since, alarm=row, reading=by_tag.get(row.tag))
        for row in rows
        if row.active
    )
    yield from (
        Wrong(Fault.BEYOND, f"beyond {r.tag}", r.since, reading=r) for r in readings if r.status is Status.DELAYED
    )
    yield from _faults(known, readings)
    if live.findings:
        yield Wrong(Fault.FINDINGS, "findings", count=live.findings)
    if live.quarantined:
        yield Wrong(Fault.QUARANTINE, "quarantine", count=live.quarantined)
    yield from (Wrong(Fault.UNACKNOWLEDGED, str(row.alarm), row.since, alarm=row) for row in rows if not row.active)


def _faults(known: Sequence[Source], readings: Sequence[Reading]) -> Iterator[Wrong]:
    lost = [r for r in readings if not r.status.trusted]
    for source in known:
        if source.state is not Contact.LIVE:
            tags = tuple(r.tag for r in lost if r.source == source.name and r.why is not Why.STATUS)
            yield Wrong(Fault.SOURCE, f"source {source.name}", source.since, source=source, tags=tags)
    yield from (Wrong(Fault.READING, f"tag {r.tag}", r.since, reading=r) for r in lost if r.why is Why.STATUS)
    never = tuple(r.tag for r in lost if r.why is Why.NEVER)
    if never:
        yield Wrong(Fault.NEVER, "never", tags=never)
