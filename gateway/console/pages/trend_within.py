"""What stands in a trend's lanes, as links: the batches in the room, the alarms of the tag."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from gateway.archive.lives import EVER
from gateway.console.pages.batch_tables import address_of
from gateway.console.pages.trend_compare import PATH, address
from gateway.console.parts import Mark, Rows, Tag, link
from gateway.console.visit import Visit
from gateway.views.display import age
from gateway.views.texts import alarm_title
from gateway.views.trend import TrendView, Window

LISTED = 20
"""How many batches and alarms of a window are listed."""
COMPARED = 3
"""How many of them are laid over each other to begin with."""


@dataclass(frozen=True, slots=True)
class Linked:
    """Something in the window, and where it leads."""

    text: str
    address: str
    aside: str
    tone: str


class Within:
    """What the chart's lanes show, as links: the batches in the room, and the alarms of the tag."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._lists = {name: self._list(name) for name in ("batches", "alarms")}
        with self._lists["batches"][0], Tag("p"):
            self._beside = link(visit.say("alongside.compare"), "", "btn")

    def _compare(self, view: TrendView) -> None:
        """Its batches side by side, the first that are shown here."""
        batches = list(dict.fromkeys(stay.batch for stay in reversed(view.batches)))[:COMPARED]
        here = address(self._visit, view.tag, *batches)
        self._beside.set(hidden=not (batches and self._visit.may(PATH)) or None, href=here)

    def _list(self, name: str) -> tuple[Tag, "Rows[Linked, _Link]"]:
        with Tag("div") as box, Tag("section", "block", aria_label=self._visit.say(f"trend.within.{name}")):
            Tag("h2", "", self._visit.say(f"trend.within.{name}"))
            shown = Tag("ul", "within")
        return box, Rows(shown, _Link, lambda line, item: line.show(item))

    def show(self, view: TrendView) -> None:
        """The first of each in the window."""
        every = {"batches": self._batches(view), "alarms": self._alarms(view)}
        found = {name: list(islice(some, LISTED)) for name, some in every.items()}
        for name, (box, rows) in self._lists.items():
            box.set(hidden=not found[name] or None)
            rows.show((f"{one.address} {one.aside}", one) for one in found[name])
        self._compare(view)

    def _batches(self, view: TrendView) -> Iterator[Linked]:
        visit = self._visit
        if not visit.may("/batches"):
            return
        for stay in view.batches:
            if visit.knows(stay.batch):
                until = visit.say("trend.within.still") if stay.until >= EVER else visit.clock.stamp(stay.until)
                text = visit.say("trend.within.batch", batch=stay.batch, room=stay.room)
                yield Linked(text, address_of(visit, stay.batch), f"{visit.clock.stamp(stay.began)} – {until}", "good")

    def _alarms(self, view: TrendView) -> Iterator[Linked]:
        visit = self._visit
        if not visit.may("/alarms"):
            return
        for row in view.alarms:
            when = f"{visit.clock.stamp(row.since)}, {age(row.duration, visit.say)}"
            title = alarm_title(row, visit.name(row.tag), visit.say)
            yield Linked(title, visit.href(f"/alarms/{row.alarm}"), when, row.tone)


class _Link:
    """One of them as a line."""

    def __init__(self, one: Linked) -> None:
        with Tag("li") as self.root:
            self._mark = Mark()
            self._link = link(one.text, one.address)
            self._aside = Tag("span", "aside")

    def show(self, one: Linked) -> None:
        """As it is now."""
        self._mark.show(one.tone, "")
        self._link.set_text(one.text)
        self._aside.set_text(f" {one.aside}")


class Files:
    """The readings that are shown, as files, and what proves the records that they came in."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with Tag("p", "buttons", role="group", aria_label=visit.say("trend.files.label")):
            self._links = {
                kind: link(visit.say(f"trend.files.{kind}"), "", "btn", download=True) for kind in self._kinds()
            }

    def _kinds(self) -> list[str]:
        proves = self._visit.desk.proofs is not None and self._visit.may("/trend/proof")
        return ["csv", "parquet", *(["proof"] if proves else [])]

    def show(self, view: TrendView) -> None:
        """Of this window; one that follows the present is taken as it is now."""
        window = Window(view.window.begin, view.window.end)
        tags = [view.tag, *(one.tag for one in view.beside)]
        query: dict[str, str | list[str]] = {"tag": tags, **window.query(self._visit.clock)}
        for kind, one in self._links.items():
            path = "/trend/proof" if kind == "proof" else f"/trend/readings.{kind}"
            one.set(href=self._visit.data(path, **query))
