"""Which holders got a part of an alarm, a gap or a condition, so that they get its last step too. Pure.

What lasts is kept through restarts by notes in the journal, one for each life that any holder has a part of; the
note goes into the same commit as the copies.
"""

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping

from schemas.codec import Record
from schemas.records import Alarm, AlarmState, Condition, Gap

MOST = 20_000
"""Alarms and gaps of which it is remembered who got a part of them: the last ones."""


class Lives:
    """Of one agent. Holders by name, with the time of the first step they got, UTC microseconds."""

    def __init__(self) -> None:
        self._holders: OrderedDict[str, dict[str, int]] = OrderedDict()
        self._lasting: OrderedDict[str, Record] = OrderedDict()
        """What is not over, by its last step."""

    def of(self, record: Record) -> dict[str, int] | None:
        """Who got a part of the life that this is a step of, to be added to; None where it is a step of none."""
        name = _name(record)
        if name is None:
            return None
        life = self._holders[name] = self._holders.pop(name, {})
        if len(self._holders) > MOST:
            self._holders.popitem(last=False)
        return life

    def known(self, record: Record) -> Mapping[str, int] | None:
        """As `of`, without remembering that it was asked."""
        return self._holders.get(_name(record) or "")

    def step(self, record: Record) -> None:
        """The last step so far, which ends the life or not."""
        name = _name(record)
        if name is None:
            return
        if not is_over(record):
            self._lasting[name] = record
            if len(self._lasting) > MOST:
                self._lasting.popitem(last=False)
            return
        self._lasting.pop(name, None)
        if isinstance(record, Condition):  # its name comes again, with another life
            self._holders.pop(name, None)

    def lasting(self) -> Iterator[Record]:
        """The last step of everything that is not over."""
        yield from self._lasting.values()

    def note(self, record: Record) -> tuple[str, str | None] | None:
        """Name and text of the note that has to be kept from now on, no text where none; None where nothing changes."""
        name = _name(record)
        if name is None:
            return None
        life = self._holders.get(name)
        if is_over(record):
            return name, None
        return (name, json.dumps(life)) if life else None

    def restore(self, notes: Mapping[str, str], steps: Iterable[Record]) -> None:
        """Go on from what was kept, and from the last steps of what may last."""
        for name, text in notes.items():
            self._holders[name] = json.loads(text)
        for one in steps:
            self.step(one)


def is_over(record: Record) -> bool:
    """Whether this is the last step of a life."""
    match record:
        case Alarm():
            return record.state is AlarmState.NORMAL
        case Condition():
            return not record.retain
    return not isinstance(record, Gap) or record.ended is not None


def _name(record: Record) -> str | None:
    """What names the life that a record is a step of; None where it is none."""
    match record:
        case Alarm():
            return f"Alarm {record.alarm}"
        case Gap():
            return f"Gap {record.gap}"
        case Condition():
            return f"Condition {json.dumps([record.source, record.condition, record.branch])}"
    return None
