"""The numbers of a stream as a table, and the ways to other ones: by number, by time, by kind, older and newer."""

from collections.abc import Sequence

from gateway.console.pages.brief_text import brief_text, kind_text
from gateway.console.pages.proof import numbers_text, stream_path
from gateway.console.parts import Mark, Table, Tag, link
from gateway.console.record_chip import record_path
from gateway.console.visit import Visit
from gateway.views.display import MINUTE, SECOND, number
from gateway.views.stream_rows import PAGE as SHOWN
from gateway.views.stream_rows import Here, NumberRow, StreamPage
from gateway.views.trend import Window

COLUMNS = ("number", "record", "time", "proof", "leaf", "size")
TONES = {
    Here.RECORD: "good", Here.UNREADABLE: "alert", Here.LEAF: "alert", Here.MISSING: "action", Here.NOTHING: "data",
}  # fmt: skip
LEAF = 16
"""Hexadecimal digits of a leaf hash that are shown; its record has all."""


class Numbers:
    """What was asked for, and forms and links to something else, all of which work without a script."""

    def __init__(self, visit: Visit, name: str, view: StreamPage) -> None:
        self._visit, self._name, self._view = visit, name, view
        say = visit.say
        with Tag("section", "block", aria_label=say("stream.numbers")):
            Tag("h2", "", say("stream.numbers"))
            self._forms()
            self._kinds()
            self._steps()
            if view.asked.at is not None and view.found is None:
                Tag("p", "notice", say("stream.all_older", time=visit.clock.stamp(view.asked.at)))
            if view.rows:
                self._table(view.rows)
                self._gaps(view.rows)
            else:
                Tag("p", "quiet", say("stream.none_of_kind" if view.asked.kind else "stream.none"))

    def _href(self, to: int | None, kind: str | None) -> str:
        return self._visit.href(stream_path(self._name), to=None if to is None else str(to), kind=kind)

    def _forms(self) -> None:
        asked, clock = self._view.asked, self._visit.clock
        at = "" if asked.at is None else f"{clock.local(asked.at // SECOND * SECOND):%Y-%m-%dT%H:%M:%S}"
        with Tag("div", "period"):
            self._form("to", "number", "" if asked.to is None else str(asked.to))
            self._form("at", "datetime-local", at)

    def _form(self, field: str, type_: str, given: str) -> None:
        visit, kind = self._visit, self._view.asked.kind
        label = visit.say(f"stream.by_{field}")
        with Tag("form", "window", method="get", action=visit.href(stream_path(self._name)), aria_label=label):
            with Tag("label"):
                Tag("span", "", label)
                # `^` makes it the attribute: as a property, Vue would write it over what is being typed at each push
                Tag("input", name_=field, type=type_, step=1, required=True, **{"^value": given})
            if kind:
                Tag("input", name_="kind", type="hidden", **{"^value": kind})
            Tag("button", "btn", visit.say("stream.go"), type="submit")

    def _kinds(self) -> None:
        """A link for each kind that may stand here, where there are several."""
        visit, asked = self._visit, self._view.asked
        if not self._view.kinds:
            return
        with Tag("div", "buttons", role="group", aria_label=visit.say("stream.by_kind")):
            for kind in (None, *self._view.kinds):
                text = visit.say("stream.every_kind") if kind is None else kind_text(kind, visit)
                link(text, self._href(asked.to, kind), "btn", aria_current="true" if kind == asked.kind else None)

    def _steps(self) -> None:
        view, say = self._view, self._visit.say
        kind = view.asked.kind
        first = SHOWN if kind is None else None
        steps = (
            ("newest", view.last if view.newer is not None else None),
            ("newer", view.newer),
            ("older", view.older),
            ("oldest", first if first is not None and view.older is not None else None),
        )
        with Tag("nav", "buttons", aria_label=say("stream.steps")):
            for name, to in steps:
                if to is not None:
                    link(say(f"stream.{name}"), self._href(to, kind), "btn")
            if view.rows:
                shown = numbers_text(view.rows[-1].first, view.rows[0].last)
                Tag("span", "aside", say("stream.shown", numbers=shown, n=number(view.last, "{#}")))

    def _table(self, rows: Sequence[NumberRow]) -> None:
        say = self._visit.say
        table = Table(say("stream.numbers"), *(say(f"stream.{name}") for name in COLUMNS), classes="numbers")
        with table.body:
            for row in rows:
                self._line(table, row)

    def _line(self, table: Table, row: NumberRow) -> None:
        visit, say = self._visit, self._visit.say
        line = table.line()
        path = record_path(self._name, row.first)
        with line.cell("wide"):
            text = numbers_text(row.first, row.last)
            if visit.may(path):
                link(text, visit.href(path))
            else:
                Tag("span", "", text)
        with line.cell("long"), Tag("span", "lines"):
            Tag("b", "", "" if row.here in {Here.MISSING, Here.NOTHING} else kind_text(row.kind, visit))
            Tag("span", "", "" if row.brief is None else brief_text(row.kind, row.brief, visit))
        with line.cell():
            time = None if row.brief is None else row.brief.time
            Tag("span", "", "–" if time is None else visit.clock.stamp(time))
        with line.cell(), Tag("span"):
            tone = "alert" if row.here is Here.RECORD and not row.proven else TONES[row.here]
            Mark(tone)
            told = "PROVEN" if row.proven else "UNSEALED"
            Tag("span", "", say(f"stream.{told if row.here is Here.RECORD else row.here}"))
        with line.cell():
            Tag("code", "", "–" if row.leaf is None else row.leaf[:LEAF], title=row.leaf)
        with line.cell():
            Tag("span", "", "–" if row.size is None else number(row.size, "{#}"))

    def _gaps(self, rows: Sequence[NumberRow]) -> None:
        """The way to gaps and completeness in the time of these records."""
        visit = self._visit
        times = [row.brief.time for row in rows if row.brief is not None and row.brief.time]
        if times:
            around = Window(min(times) - MINUTE, max(times) + MINUTE)
            with Tag("p"):
                link(visit.say("stream.gaps"), visit.href("/evidence", language=None, **around.query(visit.clock)))
