"""What by agreement did not come, and what came and is not the holder's own any more: parts of pages."""

from collections.abc import Sequence
from urllib.parse import quote

from gateway.archive.withheld import NotSent, TakenBack
from gateway.console.parts import Line, Mark, Rows, Table, Tag, link
from gateway.console.visit import Visit
from gateway.views.display import number
from gateway.views.evidence import Evidence
from schemas.withheld import WhyWithheld

COLUMNS = ("room", "holder", "samples", "clause", "reason", "from", "to")
TAKEN = ("room", "holder", "clause", "from", "to", "found", "record")


class WithheldPart:
    """The part of the evidence page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        say = visit.say
        with Tag("section", "block", aria_label=say("withheld.title")):
            Tag("h2", "", say("withheld.title"))
            self._none = Tag("p", "quiet", say("withheld.none"))
            self._about = Tag("p", "quiet", say("withheld.about"))
            self._table = _table(visit, "withheld.title", COLUMNS)
            self._rows = Rows(self._table.body, lambda one: _NotSentLine(visit, self._table, one), _NotSentLine.show)
            with Tag("div") as self._taken:
                Tag("h3", "", say("withheld.taken"))
                Tag("p", "quiet", say("withheld.taken_about"))
                back = _table(visit, "withheld.taken", TAKEN)
                self._back = Rows(back.body, lambda one: _TakenLine(visit, back, one), _TakenLine.show)

    def show(self, view: Evidence) -> None:
        """As it stands now."""
        self._none.set(hidden=bool(view.withheld) or None)
        self._about.set(hidden=not view.withheld or None)
        self._table.set(hidden=not view.withheld or None)
        self._rows.show((f"{one.holder} {one.room} {one.clause} {one.reason}", one) for one in view.withheld)
        self._taken.set(hidden=not view.withdrawn or None)
        self._back.show((f"{one.stream} {one.number}", one) for one in view.withdrawn)


def withheld_list(visit: Visit, sent_not: Sequence[NotSent], back: Sequence[TakenBack]) -> None:
    """In sentences, of one room; nothing where nothing was told."""
    if not sent_not and not back:
        return
    say = visit.say
    Tag("h3", "", say("withheld.title"))
    with Tag("ul", "plain withheld"):
        for one in sent_not:
            with Tag("li"):
                Mark("data" if one.reason is WhyWithheld.NOT_KEPT else "none")
                key = "withheld.were_not" if one.samples is not None else "withheld.time_not"
                text = say(key, n=_samples(one, visit), why=_why(one, visit), **_span(one, visit))
                Tag("span", "", f"{text} ")
                _clause(visit, one.clause)
        for that in back:
            with Tag("li"):
                Mark("data")
                Tag("span", "", f"{say('withheld.no_more', **_span(that, visit))} ")
                _clause(visit, that.clause)


def clause_id(name: str) -> str:
    """The place on the page of the agreement where a clause stands, by the name that records give it."""
    return "clause-" + name.replace(" ", "-")


def _clause(visit: Visit, name: str | None) -> None:
    """The clause, as a link where the page of the agreement is open to whoever looks."""
    if name is None:
        Tag("span", "", visit.say("withheld.no_clause"))
    elif visit.may("/agreement"):
        link(name, f"{visit.href('/agreement')}#{quote(clause_id(name))}")
    else:
        Tag("span", "", name)


def _samples(one: NotSent, visit: Visit) -> str:
    return visit.say("withheld.not_told") if one.samples is None else number(one.samples, "{#}")


def _why(one: NotSent, visit: Visit) -> str:
    return visit.say(f"withheld.reasons.{one.reason}")


def _span(one: NotSent | TakenBack, visit: Visit) -> dict[str, str]:
    return {"begin": visit.clock.stamp(one.began), "end": visit.clock.stamp(one.ended)}


def _table(visit: Visit, label: str, columns: Sequence[str]) -> Table:
    return Table(visit.say(label), *(visit.say(f"withheld.columns.{name}") for name in columns), classes="withheld")


def _texts(line: Line, *texts: str) -> list[Tag]:
    made = []
    for text in texts:
        with line.cell():
            made.append(Tag("span", "", text))
    return made


class _NotSentLine:
    """What of a room did not come, by one clause and for one reason; the number and its end grow."""

    def __init__(self, visit: Visit, table: Table, one: NotSent) -> None:
        self._visit = visit
        self.root: Line = table.line()
        _texts(self.root, one.room or visit.say("withheld.no_room"), one.holder)
        (self._samples,) = _texts(self.root, "")
        with self.root.cell():
            _clause(visit, one.clause)
        with self.root.cell():
            Mark("data" if one.reason is WhyWithheld.NOT_KEPT else "good")
            Tag("span", "", _why(one, visit))
        self._began, self._ended = _texts(self.root, "", "")

    def show(self, one: NotSent) -> None:
        """As it stands now."""
        self._samples.set_text(_samples(one, self._visit))
        span = _span(one, self._visit)
        self._began.set_text(span["begin"])
        self._ended.set_text(span["end"])


class _TakenLine:
    """A time that is not the holder's own any more, and the record that says it."""

    def __init__(self, visit: Visit, table: Table, one: TakenBack) -> None:
        self.root: Line = table.line()
        _texts(self.root, one.room or visit.say("withheld.no_room"), one.holder)
        with self.root.cell():
            _clause(visit, one.clause)
        span = _span(one, visit)
        _texts(self.root, span["begin"], span["end"], visit.clock.stamp(one.found), f"{one.stream} #{one.number}")

    def show(self, one: TakenBack) -> None:
        """What a record says does not change."""
