"""Which batch was where, out of the archive. Calls block; times are UTC microseconds."""

from collections.abc import Sequence

from gateway.archive.evidence import Readable
from gateway.archive.exported import current, versions
from gateway.context.timeline import EVER, Place
from schemas.context import Assignment

_NEWEST = """SELECT DISTINCT ON (system, key) batch, place_kind, place, began, coalesce(ended, {ever}) AS ended,
        withdrawn FROM assignment WHERE "time" <= ? ORDER BY system, key, version DESC, id::VARCHAR DESC"""


def assignments(archive: Readable, **wanted: str) -> list[Assignment]:
    """Those in force whose fields have the wanted values, in order of time."""
    found = (one.record for one in current(archive, Assignment, limit=100_000, **wanted))
    return sorted(
        (one for one in found if isinstance(one, Assignment) and not one.withdrawn), key=lambda one: one.began
    )


def all_versions(archive: Readable, one: Assignment) -> list[Assignment]:
    """Every version of a stay, the oldest first, each once."""
    kept = (kept.record for kept in versions(archive, Assignment, one.system, one.key))
    found = {record.id: record for record in kept if isinstance(record, Assignment)}
    return list(found.values())


def batches_in(archive: Readable, place: Place, begin: int, end: int, known: int = EVER) -> list[str]:
    """The batches that were in a place at some time in begin ≤ time < end, the first that came first.

    By what is known now; with `known` by what was told until then.
    """
    sql = f"""SELECT batch FROM ({_NEWEST.format(ever=EVER)}) WHERE NOT withdrawn AND place_kind = ? AND place = ?
        AND began < ? AND ended > ? GROUP BY batch ORDER BY min(began), batch"""
    rows = archive.rows(sql, [known, place.kind.value, place.name, max(end, begin + 1), begin])
    return [batch for (batch,) in rows]


def late(archive: Readable, begin: int, end: int) -> Sequence[Assignment]:
    """The versions that changed what older readings belong to, told in begin ≤ time < end, in that order."""
    keys = archive.rows(
        """SELECT DISTINCT system, key FROM assignment WHERE late AND "time" >= ? AND "time" < ? """, [begin, end]
    )
    told = {one.record.id: one.record for system, key in keys for one in versions(archive, Assignment, system, key)}
    found = [one for one in told.values() if isinstance(one, Assignment) and one.late and begin <= one.time < end]
    return sorted(found, key=lambda one: (one.time, one.place, one.batch))
