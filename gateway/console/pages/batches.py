"""Batches: every one that a record names, and the way from a lot to all of them."""

from gateway.batches.listed import Listed, listed
from gateway.console.pages.batch_tables import address_of, cell
from gateway.console.parts import Line, Mark, Rows, Table, Tag, link
from gateway.console.shell import shell
from gateway.console.views.batches import coded
from gateway.console.views.display import SECOND
from gateway.console.visit import Visit

LISTED = 50
"""Batches on one page."""
EVERY = 100_000
"""More than there are: which of them a person may see is told afterwards."""
REFRESH = 10 * SECOND
"""How often the archive is asked, microseconds."""
COLUMNS = ("number", "product", "status", "began", "ended", "count", "open_events")


async def build(visit: Visit) -> None:
    """The page."""
    with shell(visit, "batches", visit.data("/batches")):
        page = _Page(visit)
    await page.read()
    visit.desk.pushed.subscribe(page.follow)


def lot_form(visit: Visit, name: str = "") -> None:
    """Type a lot, see where it went; works without a script."""
    say = visit.say
    with Tag("form", "window", method="get", action=visit.href("/lots"), aria_label=say("lots.title")):
        with Tag("label"):
            Tag("span", "", say("lots.name"))
            Tag("input", name_="lot", type="text", required=True, **{"^value": name})
        Tag("button", "btn", say("lots.show"), type="submit")
    Tag("p", "quiet", say("lots.lead"))


class _Page:
    """Read again every few seconds; rows that are there stay."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._read = visit, 0
        asked = visit.query.get("page", "1")
        self._page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
        say = visit.say
        Tag("h1", "", say("batches.title"))
        with Tag("section", "block", aria_label=say("lots.title")):
            lot_form(visit)
        with Tag("p"):
            link(say("findings.title"), visit.href("/findings"))
        with Tag("section", "block", aria_label=say("batches.title")):
            self._none = Tag("p", "quiet", say("batches.none"))
            columns = (say(f"batches.{name}") for name in COLUMNS)
            table = self._table = Table(say("batches.title"), *columns, classes="batch-table")
            with Tag("nav", "pager", aria_label=say("batches.title")):
                self._newer = link(say("batches.newer"), self._at(self._page - 1))
                self._place = Tag("span", "quiet")
                self._older = link(say("batches.older"), self._at(self._page + 1))
        self._rows: Rows[Listed, _Row] = Rows(table.body, lambda one: _Row(visit, table, one), lambda *_: None)

    def _at(self, page: int) -> str:
        return self._visit.href("/batches", page=str(page) if page > 1 else None)

    async def follow(self) -> None:
        """Ask again, from time to time."""
        if self._visit.desk.now() - self._read >= REFRESH:
            await self.read()

    async def read(self) -> None:
        """Ask the archive."""
        desk = self._visit.desk
        self._read = desk.now()
        found = await desk.ask(lambda archive: listed(archive, desk.masters.same(), EVERY))
        found = [one for one in found if self._visit.knows(one.number)]
        first, last = (self._page - 1) * LISTED, min(self._page * LISTED, len(found))
        self._rows.show((repr(one), one) for one in found[first:last])
        self._none.set(hidden=bool(found) or None)
        self._table.set(hidden=last <= first or None)
        self._newer.set(hidden=self._page == 1 or None)
        self._older.set(hidden=last >= len(found) or None)
        numbers = {"first": first + 1, "last": last, "of": len(found)}
        self._place.set_text(self._visit.say("batches.place", **numbers) if last > first else "")


class _Row:
    """One batch; where anything of it changes, it is another row."""

    def __init__(self, visit: Visit, table: Table, one: Listed) -> None:
        say = visit.say
        self.root: Line = table.line()
        with self.root.cell(), Tag("span", "lines"):
            link(one.number, address_of(visit, one.number, product=one.product if one.shared else None))
            if one.shared:
                with Tag("span"):
                    Mark("alert")
                    Tag("span", "", say("batches.shared"))
        cell(self.root, one.product or say("batches.no_product"))
        cell(self.root, say("batches.no_order") if one.status is None else coded(one.status, say))
        for time in (one.began, one.ended):
            cell(self.root, say("batches.no_time") if time is None else visit.clock.stamp(time))
        cell(self.root, str(one.records), say("batches.corrected", n=one.corrected) if one.corrected else "")
        with self.root.cell():
            Mark("alert" if one.open else "good")
            Tag("span", "", str(one.open))
