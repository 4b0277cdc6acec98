"""How rules ask for the records beside the one that they judge. Pure; `archived.py` answers out of an archive."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from gateway.archive.in_force import rank
from gateway.review.outcome import Subject
from gateway.review.settings import Agreed
from schemas.exported import Exported
from schemas.records import Weighing

Kind = TypeVar("Kind", bound=Exported)
Made = TypeVar("Made")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000_000
_EARLIEST, _LATEST = (date(year, 1, 1).toordinal() - EPOCH.toordinal() for year in (1000, 9000))
"""Days that are written as dates; what is beyond them becomes the nearest."""


class History(Protocol):
    """All records that are here, those just arrived among them. Wanted values are never None."""

    def current(self, kind: type[Kind], **wanted: str) -> Sequence[Kind]:
        """Of each key the version in force, where its fields have the wanted values; in order of time, then key."""
        ...

    def versions(self, kind: type[Kind], system: str, key: str) -> Sequence[Kind]:
        """All versions of a key, the oldest first."""
        ...

    def weighings(self, **wanted: str) -> Sequence[Weighing]:
        """Weighings whose fields have the wanted values, in order of time."""
        ...


def in_order(records: Iterable[Kind]) -> list[Kind]:
    """By time, those without one last; then by system and key."""
    return sorted(records, key=lambda one: (one.time is None, one.time or 0, one.system, one.key))


class Memory:
    """Records in memory. The same record again changes nothing."""

    def __init__(self, records: Iterable[Subject] = ()) -> None:
        self._kinds: dict[type, dict[tuple[str, str], dict[UUID, Any]]] = {}
        self._weighings: dict[UUID, Weighing] = {}
        for record in records:
            self.take(record)

    def take(self, record: Subject) -> None:
        """One more record, in any order."""
        if isinstance(record, Weighing):
            self._weighings[record.id] = record
        else:
            kept = self._kinds.setdefault(type(record), {}).setdefault((record.system, record.key), {})
            kept[record.id] = record

    def current(self, kind: type[Kind], **wanted: str) -> Sequence[Kind]:
        """As History says."""
        last = (self.versions(kind, *place)[-1] for place in self._kinds.get(kind, ()))
        return in_order(one for one in last if _has(one, wanted))

    def versions(self, kind: type[Kind], system: str, key: str) -> Sequence[Kind]:
        """As History says."""
        kept = self._kinds.get(kind, {}).get((system, key), {}).values()
        return sorted(kept, key=rank)

    def weighings(self, **wanted: str) -> Sequence[Weighing]:
        """As History says."""
        kept = [one for one in self._weighings.values() if _has(one, wanted)]
        return sorted(kept, key=lambda one: (one.time, str(one.id)))


def _has(record: Subject, wanted: dict[str, str]) -> bool:
    return all(getattr(record, name) == value for name, value in wanted.items())


@dataclass(frozen=True, slots=True)
class Context:
    """What every rule is given: the records, what was agreed, the plant's zone. It lasts for one run."""

    history: History
    agreed: Agreed
    zone: ZoneInfo
    _made: dict[Any, Any] = field(default_factory=dict)

    def current(self, kind: type[Kind], **wanted: str | None) -> list[Kind]:
        """As History says; a wanted None is a field that must be null."""
        return self.once(("current", kind, tuple(wanted.items())), lambda: self._current(kind, wanted))

    def _current(self, kind: type[Kind], wanted: dict[str, str | None]) -> list[Kind]:
        found = self.history.current(kind, **{name: value for name, value in wanted.items() if value is not None})
        absent = [name for name, value in wanted.items() if value is None]
        return [one for one in found if all(getattr(one, name) is None for name in absent)]

    def versions(self, record: Kind) -> Sequence[Kind]:
        """All versions of the record's key, the oldest first."""
        return self.history.versions(type(record), record.system, record.key)

    def once(self, key: Any, make: Callable[[], Made]) -> Made:
        """What `make` gives, made once in a run."""
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    def day(self, time: int) -> date:
        """The day in the plant's zone of a time in UTC microseconds."""
        return moment(time).astimezone(self.zone).date()


def moment(time: int) -> datetime:
    """UTC microseconds as a time."""
    return EPOCH + timedelta(microseconds=min(max(time, _EARLIEST * _DAY), _LATEST * _DAY))


def date_of(days: int) -> date:
    """Days since 1970-01-01 as a date."""
    return EPOCH.date() + timedelta(days=min(max(days, _EARLIEST), _LATEST))
