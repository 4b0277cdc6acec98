"""Draft deviations: the action alarms that stood while a batch was in the room."""

from gateway.archive.lives import EVER
from gateway.console.pages.alarms import tabs
from gateway.console.parts import Rows, Table, Tag, link
from gateway.console.ranges import range_links, range_of
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.deviations.archived import drafts
from gateway.deviations.draft import Draft
from gateway.views.deviations import row_of
from gateway.views.display import SECOND, age
from gateway.views.texts import alarm_number, alarm_title

REFRESH = 5 * SECOND
"""How often the archive is asked, microseconds."""
COLUMNS = ("what", "batch", "room", "began", "duration", "extreme")


async def build(visit: Visit) -> None:
    """The page."""
    period = range_of(visit.query)
    with shell(visit, "alarms", visit.data("/deviations", range=period.name)):
        page = _Page(visit)
    await page.read()
    visit.desk.pushed.subscribe(page.follow)


class _Page:
    """Read again every few seconds."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._period, self._read = visit, range_of(visit.query), 0
        say = visit.say
        Tag("h1", "", say("deviations.title"))
        tabs(visit, "deviations")
        Tag("p", "lead", say("deviations.means"))
        range_links(visit, "/deviations", self._period.name)
        with Tag("section", "block", aria_label=say("deviations.title")):
            self._none = Tag("p", "quiet", say("deviations.none"))
            table = Table(say("deviations.title"), *(say(f"deviations.{name}") for name in COLUMNS))
        self._table = table
        self._rows: Rows[Draft, _Row] = Rows(table.body, lambda one: _Row(visit, table, one), _Row.show)

    async def follow(self) -> None:
        """Ask again, from time to time."""
        if self._visit.desk.now() - self._read >= REFRESH:
            await self.read()

    async def read(self) -> None:
        """Ask the archive."""
        desk = self._visit.desk
        self._read = now = desk.now()
        begin = now - self._period.length
        found = await desk.ask(lambda archive: drafts(archive, desk.site, begin, EVER, now))
        self._rows.show((str(one.id), one) for one in found)
        self._none.set(hidden=bool(found) or None)
        self._table.set(hidden=not found or None)


class _Row:
    """One draft."""

    def __init__(self, visit: Visit, table: Table, draft: Draft) -> None:
        self._visit = visit
        row = row_of(draft, visit.desk.now())
        self.root = table.line()
        with self.root.cell("wide"):
            link(alarm_title(row, visit.name(row.tag), visit.say), visit.href(f"/deviations/{draft.id}"))
        self._cells = [self._plain() for _ in COLUMNS[1:]]

    def _plain(self) -> Tag:
        with self.root.cell():
            return Tag("span")

    def show(self, draft: Draft) -> None:
        """The draft as it stands."""
        visit = self._visit
        row = row_of(draft, visit.desk.now())
        texts = (
            ", ".join(draft.batches), row.room or "", visit.clock.stamp(draft.began), age(draft.duration, visit.say),
            alarm_number(draft.extreme, row, visit.say),
        )  # fmt: skip
        for cell, text in zip(self._cells, texts, strict=True):
            cell.set_text(text)
