"""Which limits the site asks for."""

from collections.abc import Iterator

from gateway.alarm.engine import Condition
from gateway.site import Limit, Site


def conditions(site: Site) -> list[Condition]:
    """One condition for each limit of the site."""
    return [condition for d in site.differentials if d.limit for condition in _of(d.tag, d.limit)]


def _of(tag: str, limit: Limit) -> Iterator[Condition]:
    for sign, number in ((-1, limit.low), (1, limit.high)):
        if number is not None:
            yield Condition(tag, sign, number, limit.deadband, limit.on_delay, limit.unit)
