"""Draft deviations in words of one language. Pure."""

from collections.abc import Iterator

from gateway.archive.lives import AlarmLife
from gateway.deviations.draft import DoorOpen, Draft
from gateway.languages import Words
from gateway.views.alarms import AlarmRow, alarm_row
from gateway.views.display import Clock


def row_of(draft: Draft, now: int) -> AlarmRow:
    """The alarm that opened it, with the facts of the draft."""
    life = AlarmLife(draft.first, raised=draft.first.time, returned=draft.ended, batch=draft.batches[0])
    return alarm_row(life, now)


def door_texts(doors: tuple[DoorOpen, ...], names: dict[str, str], clock: Clock, say: Words) -> Iterator[str]:
    """Each door with the time it stood open."""
    for one in doors:
        name, began = names.get(one.tag, one.tag), clock.stamp(one.began)
        if one.ended is None:
            yield say("deviations.door_open", door=name, begin=began)
        else:
            yield say("deviations.door", door=name, begin=began, end=clock.stamp(one.ended))
