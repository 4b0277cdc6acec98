"""A record in a line, in words."""

from gateway.console.visit import Visit
from gateway.views.brief import Brief, Figure
from gateway.views.display import quantity
from schemas import catalogue
from schemas.exported import KINDS

CODES = {
    "Alarm": "alarm.events",
    "Gap": "cause",
    "Weighing": "weighings.methods",
    "Access": "people.acts",
    "NoticeStep": "record.notice_events",
}
"""Where the words for what happened stand, by kind."""


def kind_text(kind: str, visit: Visit) -> str:
    """What people call a kind; of what could not be read, that."""
    if kind not in catalogue.KINDS:
        return visit.say("record.no_kind")
    return visit.say(f"batches.kinds.{kind}" if kind in KINDS else f"record.kinds.{kind}")


def brief_text(kind: str, said: Brief, visit: Visit) -> str:
    """Source, thing, what happened and the first figures; what may not be trusted is `?`."""
    code = visit.say(f"{CODES[kind]}.{said.code}") if said.code and kind in CODES else None
    batch = visit.say("stream.batch", batch=said.batch) if said.batch else None
    figures = [_figure(one, visit) for one in said.figures]
    rest = said.samples - len(figures)
    figures += [visit.say("stream.more_readings", n=rest)] if rest > 0 else []
    return " · ".join(part for part in (said.source, said.about, code, *figures, batch) if part)


def _figure(one: Figure, visit: Visit) -> str:
    return f"{visit.name(one.tag)} {'?' if one.value is None else quantity(one.value, one.unit)}"
