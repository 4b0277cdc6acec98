"""Limits: every one with its value and how far the two are apart."""

from collections.abc import Sequence

from gateway.cleanroom.levels import Limit
from gateway.console.parts import Table, Tag, Value, link
from gateway.console.visit import Visit
from gateway.views.display import limit_text, quantity
from gateway.views.readings import Reading
from gateway.views.rooms import Flow
from gateway.views.texts import value_text, why_text


class Limits:
    """Every limit with its value and how far the two are apart."""

    def __init__(self, visit: Visit) -> None:
        columns = [visit.say(f"limits.{name}") for name in ("where", "value", "limit", "margin", "state")]
        table = Table(visit.say("limits.title"), *columns)
        with table.body:
            limits = [(d.tag, d.bound) for d in visit.desk.site.differentials if d.bound]
            self._rows = [_LimitRow(visit, table, tag, limit) for tag, limit in limits]

    def show(self, flows: Sequence[Flow], now: int) -> None:
        """As they stand now, in the order of the site file."""
        for row, flow in zip(self._rows, flows, strict=True):
            row.show(flow.reading, now)


class _LimitRow:
    """One limit."""

    def __init__(self, visit: Visit, table: Table, tag: str, limit: Limit) -> None:
        self._visit, self._limit = visit, limit
        line = table.line()
        with line.cell():
            link(visit.name(tag), visit.trend(tag))
        with line.cell():
            self._value = Value()
        with line.cell():
            Tag("span", "", limit_text(limit, visit.say))
        with line.cell("margin"):
            self._bar = Tag("span", "bar fades", aria_hidden="true")
            self._margin = Tag("span", "fades")
        with line.cell("why"):
            self._why = Tag("span")

    def show(self, reading: Reading, now: int) -> None:
        say = self._visit.say
        reason = why_text(reading, say, self._visit.clock, now)
        self._value.show(reading, value_text(reading, say), say, reason)
        self._why.set_text(reason or say(f"status.{reading.status}"))
        margin = reading.margin
        self._bar.set(style=f"--share:{0 if margin is None else share(margin, self._limit):.2f}")
        key = "limits.margin_text" if margin is None or margin >= 0 else "limits.margin_beyond"
        self._margin.set_text("" if margin is None else say(key, value=quantity(abs(margin), reading.unit)))


def share(margin: float, limit: Limit) -> float:
    """How far a value is inside its limit, 0 to 1: full when it is away from it by as much as the limit itself."""
    bound = limit.high if limit.low is None else limit.low
    return min(1.0, max(0.0, margin) / (abs(bound or 0.0) or 1.0))
