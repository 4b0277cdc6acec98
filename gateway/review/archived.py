"""Records beside the one that is judged, out of the archive. Calls block."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from gateway.archive.evidence import Readable
from gateway.archive.exported import at_numbers, current, versions, versions_of
from gateway.archive.in_force import ONCE
from gateway.archive.judged import Waiting
from gateway.review.history import Kind
from gateway.review.outcome import Subject
from schemas.exported import KINDS, Exported
from schemas.records import Weighing, WeighingMethod

_ALL = 2**62
_EPOCH = date(1970, 1, 1).toordinal()
_COLUMNS = ("id", "source", "tag", "accepted", "unit", "net", "serial_number", "calibration_due", "minimum", "low",
            "high", "operator", "second", "second_required", "lot", "batch", "time", "line")  # fmt: skip


class Archived:
    """A History; as of now, so take a new context for each run."""

    def __init__(self, archive: Readable) -> None:
        self._archive = archive
        self._versions: dict[tuple[type[Exported], str, str], list[Exported]] = {}

    def current(self, kind: type[Kind], **wanted: str) -> Sequence[Kind]:
        """As History says."""
        found = current(self._archive, kind, limit=_ALL, **wanted)
        return [one.record for one in found if isinstance(one.record, kind)]

    def versions(self, kind: type[Kind], system: str, key: str) -> Sequence[Kind]:
        """As History says."""
        found = self._versions.get((kind, system, key))
        if found is None:
            found = [one.record for one in versions(self._archive, kind, system, key)]
        return [one for one in found if isinstance(one, kind)]

    def weighings(self, **wanted: str) -> Sequence[Weighing]:
        """As History says."""
        if unknown := wanted.keys() - set(_COLUMNS):
            raise TypeError(f"a weighing has no field {', '.join(sorted(unknown))}")
        where = " AND ".join(["true", *(f"{name} = ?" for name in wanted)])
        return self._weighings(where, [*wanted.values()])

    def at(self, waiting: Iterable[Waiting]) -> list[Subject]:
        """The records that stand at these places."""
        kinds: dict[str, list[tuple[str, int]]] = {}
        for name, stream, number in waiting:
            kinds.setdefault(name, []).append((stream, number))
        found: list[Subject] = []
        for name, places in kinds.items():
            if name in KINDS:
                found += self._exported(KINDS[name], places)
            else:
                streams, numbers = [stream for stream, _ in places], [number for _, number in places]
                where = "(stream, number) IN (SELECT (unnest(?::VARCHAR[]), unnest(?::BIGINT[])))"
                found += self._weighings(where, [streams, numbers])
        return found

    def _exported(self, kind: type[Exported], places: Sequence[tuple[str, int]]) -> list[Exported]:
        """Also their versions, which are asked for next, are fetched at once."""
        found = [one.record for one in at_numbers(self._archive, kind, places)]
        keys = list(dict.fromkeys((one.system, one.key) for one in found))
        for one in versions_of(self._archive, kind, keys):
            self._versions.setdefault((kind, one.record.system, one.record.key), []).append(one.record)
        return found

    def _weighings(self, where: str, values: Sequence[object]) -> list[Weighing]:
        sql = f"SELECT {', '.join(_COLUMNS)} FROM weighings WHERE {where} QUALIFY {ONCE} ORDER BY time, id"
        return [_weighing(dict(zip(_COLUMNS, row, strict=True))) for row in self._archive.rows(sql, values)]


def _weighing(row: dict[str, Any]) -> Weighing:
    due = row.pop("calibration_due").toordinal() - _EPOCH
    return Weighing(method=WeighingMethod.OTHER, calibration_due=due, **row)
