"""What a capability report asks the archive: counts, never the readings themselves."""

from collections.abc import Iterator, Sequence

from gateway.archive.archive import Archive
from gateway.archive.evidence import Range, Readable, told_missing
from gateway.archive.exported_tables import TABLES
from gateway.archive.in_force import LATEST, ONCE
from gateway.archive.lives import ASIDE
from gateway.capability.facts import READINGS, Looks, Recorded, SourceSeen, StreamSeen
from schemas import context
from schemas.exported import Origin

OWN = frozenset(context.KINDS)
"""Kinds that agents and nodes say themselves: no records of production, material or testing."""
SAID = {table: kind.__name__ for table, kind in TABLES.items() if kind.__name__ not in OWN}
"""Tables of what other systems said."""
TIMED = {"alarms": "Alarm", "conditions": "Condition", "gaps": "Gap", "accesses": "Access"}
"""Tables of other kinds, with the column `time`, or `began`."""


def recorded_readings(archive: Archive, begin: int, end: int) -> list[Recorded]:
    """Readings with begin ≤ time < end (UTC microseconds), by source and origin; counted in cells where there are."""
    counts = archive.samples_by_origin(begin, end)
    return [Recorded(source, READINGS, origin, False, count) for source, origin, count in counts]


def recorded_by_systems(archive: Readable, begin: int, end: int) -> list[Recorded]:
    """What other systems said of the period, each thing once by the version in force, by how it came to be."""
    found: list[Recorded] = []
    for table, kind in SAID.items():
        sql = f"""SELECT system, origin, coalesce(second, '') <> '' AS checked, count(*) FROM (
                SELECT system, origin, second, "time" FROM {table} QUALIFY {LATEST})
            WHERE "time" >= ? AND "time" < ? GROUP BY ALL ORDER BY ALL"""
        rows = archive.rows(sql, [begin, end])
        found += [Recorded(system, kind, origin, checked, count) for system, origin, checked, count in rows]
    sql = f"""SELECT source, "second" IS NOT NULL, count(*) FROM (
            SELECT * FROM weighings WHERE "time" >= ? AND "time" < ? QUALIFY {ONCE}) GROUP BY ALL ORDER BY ALL"""
    found += [
        Recorded(source, "Weighing", Origin.DIRECT.value, checked, count)
        for source, checked, count in archive.rows(sql, [begin, end])
    ]
    return found


def arrived(archive: Readable, begin: int, end: int) -> dict[str, int]:
    """Records of the kinds that are no readings and no records of other systems, that speak of the period."""
    found = {}
    for table, kind in TIMED.items():
        if table == "gaps":
            sql = "SELECT count(DISTINCT gap) FROM gaps WHERE began < ? AND coalesce(ended, ?) >= ?"
            found[kind] = archive.rows(sql, [end, end, begin])[0][0]
        else:
            sql = f'SELECT count(DISTINCT id) FROM {table} WHERE "time" >= ? AND "time" < ?'
            found[kind] = archive.rows(sql, [begin, end])[0][0]
    for table, own in TABLES.items():
        if own.__name__ in OWN:
            sql = f'SELECT count(DISTINCT id) FROM {table} WHERE "time" >= ? AND "time" < ?'
            found[own.__name__] = archive.rows(sql, [begin, end])[0][0]
    return found


def undated(archive: Readable) -> dict[str, int]:
    """Records of other systems that tell no time, by kind: they belong to no period."""
    asked = " UNION ALL ".join(
        f"SELECT '{kind}', count(DISTINCT (system, key)) FROM {table} WHERE \"time\" IS NULL"
        for table, kind in SAID.items()
    )
    return {kind: count for kind, count in archive.rows(asked) if count}


def batches_in(archive: Readable, begin: int, end: int) -> int:
    """Batches of which a step is told in the period."""
    sql = 'SELECT count(DISTINCT batch) FROM batch_step WHERE "time" >= ? AND "time" < ?'
    return int(archive.rows(sql, [begin, end])[0][0])


def sources_seen(archive: Readable, begin: int, end: int) -> list[SourceSeen]:
    """Every source and system that ever said something, by name."""
    heard = "SELECT source, any_value(split_part(stream, '.', 2)), min(first), max(last) FROM heard GROUP BY source"
    known = {source: (sender, first, last) for source, sender, first, last in archive.rows(heard)}
    for source, sender, first in archive.rows(
        "SELECT source, any_value(split_part(stream, '.', 2)), min(began) FROM gaps GROUP BY source"
    ):
        agent, low, last = known.get(source, (sender, first, None))
        known[source] = agent, min(low, first), last
    for source, sender, first in archive.rows(_said_first()):
        agent, low, last = known.get(source, (sender, first, None))
        known[source] = agent, min(low, first), last
    tags = dict(archive.rows("SELECT source, count(DISTINCT tag) FROM tags GROUP BY source"))
    serials = dict(archive.rows("SELECT source, list(DISTINCT serial_number ORDER BY serial_number) "
        "FILTER (serial_number IS NOT NULL) FROM weighings GROUP BY source"))  # fmt: skip
    files = dict(_files(archive, begin, end))
    return [
        SourceSeen(source, *known[source], tags.get(source, 0), tuple(serials.get(source) or ()), files.get(source, 0))
        for source in sorted(known)
    ]


def _said_first() -> str:
    """When each system and scale first said something."""
    each = [f'SELECT system AS source, stream, "time" FROM {table}' for table in SAID]
    every = " UNION ALL ".join([*each, 'SELECT source, stream, "time" FROM weighings'])
    return f"""SELECT source, any_value(split_part(stream, '.', 2)), min("time") FROM ({every})
        WHERE "time" IS NOT NULL GROUP BY source"""


def _files(archive: Readable, begin: int, end: int) -> Iterator[tuple[str, int]]:
    """How many files of the period each system's records stood in."""
    every = " UNION ALL ".join(f'SELECT system, file, "time" FROM {table}' for table in SAID)
    sql = f"""SELECT system, count(DISTINCT file) FROM ({every}) WHERE "time" >= ? AND "time" < ? AND file IS NOT NULL
        GROUP BY system"""
    yield from archive.rows(sql, [begin, end])


def streams_seen(archive: Archive, begin: int, end: int) -> list[StreamSeen]:
    """Each stream with how much of it is here and proven, and whether what is not may be of the period."""
    counted = {stream: (last, here) for stream, last, here in archive.rows(
        "SELECT stream, max(number), count(*) FROM entries GROUP BY stream"
    )}  # fmt: skip
    bare = {stream: (first, last, count) for stream, first, last, count in archive.rows(
        "SELECT stream, min(number), max(number), count(*) FROM entries WHERE octets IS NULL GROUP BY stream"
    )}  # fmt: skip
    told, standings = told_missing(archive), archive.standings()
    found = []
    for stream in sorted({*counted, *standings, *told}):
        last, here = counted.get(stream, (0, 0))
        standing = standings.get(stream)
        verified, confirmed = (0, 0) if standing is None else (standing.verified, standing.confirmed)
        sealed, confirmed_at = (None, None) if standing is None else (standing.sealed, standing.confirmed_at)
        expected = max(last, verified, confirmed, *(high for _, high in told.get(stream, ())), 0)
        leaves = bare.get(stream, (0, 0, 0))
        unknown = _unknown(expected - here, told.get(stream, ()), leaves)
        found.append(StreamSeen(
            stream, expected, here, leaves[2], verified, _micros(sealed), confirmed, _micros(confirmed_at),
            unknown is not None and _touches(archive, stream, unknown, begin, end),
        ))  # fmt: skip
    return found


def _micros(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1_000_000


def _unknown(missing: int, told: Sequence[Range], leaves: Range | tuple[int, int, int]) -> Range | None:
    """The numbers between which all of those lie whose content is not here; None where there are none.

    What is missing without being told may lie anywhere.
    """
    spans = [(leaves[0], leaves[1])] if leaves[0] else []
    if missing > 0:
        spans += told if sum(last - first + 1 for first, last in told) >= missing else [(0, 2**62)]
    return (min(low for low, _ in spans), max(high for _, high in spans)) if spans else None


def _touches(archive: Readable, stream: str, numbers: Range, begin: int, end: int) -> bool:
    """Whether these numbers may speak of the period: by the frames around them, where the stream has frames."""
    sql = """SELECT (SELECT max(heard) FROM entries WHERE stream = ? AND number < ?),
        (SELECT min(heard) FROM entries WHERE stream = ? AND number > ?)"""
    before, after = archive.rows(sql, [stream, numbers[0], stream, numbers[1]])[0]
    return not ((before is not None and before >= end) or (after is not None and after < begin))


def findings_in(archive: Readable, begin: int, end: int) -> dict[str, int]:
    """How many findings the verifier made in the period, by code."""
    sql = "SELECT code, count(*) FROM findings WHERE found >= ? AND found < ? GROUP BY code ORDER BY code"
    return dict(archive.rows(sql, [begin, end]))


def put_aside(archive: Readable, begin: int, end: int) -> int:
    """How long conditions were put aside within the period, all of them together, microseconds."""
    sql = f"""WITH steps AS (SELECT condition, state, "time", number FROM alarms
            WHERE event <> 'PASSED' AND "time" < ? QUALIFY {ONCE}),
        spans AS (SELECT state, greatest("time", ?) AS low,
                coalesce(lead("time") OVER (PARTITION BY condition ORDER BY "time", number), ?) AS high FROM steps)
        SELECT coalesce(sum(high - low), 0)::BIGINT FROM spans WHERE list_contains(?, state) AND high > low"""
    return int(archive.rows(sql, [end, begin, end, [state.value for state in ASIDE]])[0][0])


def alarms_in(archive: Readable, begin: int, end: int) -> int:
    """Alarms with a step in the period; breaches that only passed are none."""
    sql = """SELECT count(DISTINCT alarm) FROM alarms WHERE event <> 'PASSED' AND "time" >= ? AND "time" < ?"""
    return int(archive.rows(sql, [begin, end])[0][0])


def looks_in(archive: Readable, begin: int, end: int) -> list[Looks]:
    """How many persons of the other side looked how often, as its node told."""
    sql = """SELECT split_part(stream, '.', 1) AS party, count(DISTINCT account), count(DISTINCT id) FROM accesses
        WHERE "time" >= ? AND "time" < ? GROUP BY party ORDER BY party"""
    return [Looks(*row) for row in archive.rows(sql, [begin, end])]
