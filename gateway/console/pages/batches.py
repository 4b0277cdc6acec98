"""Batches: every one that a record names, chosen by stage, exceptions and missing pieces; and the way from a lot."""

from gateway.batches.listed import Listed
from gateway.batches.standing import Phase
from gateway.console.forms import choice
from gateway.console.pages.batch_tables import address_of, cell
from gateway.console.parts import Line, Mark, Rows, Table, Tag, link
from gateway.console.shell import shell
from gateway.console.views.batches import coded
from gateway.console.views.display import SECOND
from gateway.console.views.wanted_batches import ON_A_PAGE, STAGES, YES_OR_NO, WantedBatches, wanted_batches
from gateway.console.visit import Visit

PATH = "/batches"
REFRESH = 10 * SECOND
"""How often the archive is asked, microseconds."""
COLUMNS = ("number", "product", "stage", "status", "began", "ended", "count", "exceptions", "pieces")

ANSWERS = {
    "exceptions": ("batches.filter.with_exceptions", "batches.filter.without_exceptions"),
    "missing": ("batches.filter.with_missing", "batches.filter.without_missing"),
}


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


def _filter(visit: Visit, asked: WantedBatches) -> None:
    """The choice of batches; works without a script."""
    say = visit.say
    every = ("", say("batches.filter.every"))
    stages = [(name, say(f"batches.stages.{phase}")) for name, phase in STAGES.items()]
    with Tag("form", "window filter", method="get", action=visit.href(PATH), aria_label=say("batches.filter.label")):
        choice(say("batches.stage"), "stage", (every, *stages), asked.stage)
        for name, texts in ANSWERS.items():
            answers = [(word, say(text)) for word, text in zip(YES_OR_NO, texts, strict=True)]
            choice(say(f"batches.filter.{name}"), name, (every, *answers), getattr(asked, name))
        Tag("button", "btn", say("batches.filter.apply"), type="submit")
        if asked.query:
            link(say("batches.filter.clear"), visit.href(PATH), "btn")


class _Page:
    """Read again every few seconds; rows that are there stay."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._read, self._asked = visit, 0, wanted_batches(visit.query)
        say = visit.say
        Tag("h1", "", say("batches.title"))
        with Tag("section", "block", aria_label=say("lots.title")):
            lot_form(visit)
        with Tag("p"):
            link(say("findings.title"), visit.href("/findings"))
        with Tag("section", "block", aria_label=say("batches.title")):
            _filter(visit, self._asked)
            self._none = Tag("p", "quiet", say("batches.none_chosen" if self._asked.query else "batches.none"))
            columns = (say(f"batches.{name}") for name in COLUMNS)
            table = self._table = Table(say("batches.title"), *columns, classes="batch-table")
            with Tag("nav", "pager", aria_label=say("batches.title")):
                self._newer = link(say("batches.newer"), self._at(self._asked.page - 1))
                self._place = Tag("span", "quiet")
                self._older = link(say("batches.older"), self._at(self._asked.page + 1))
        self._rows: Rows[Listed, _Row] = Rows(table.body, lambda one: _Row(visit, table, one), lambda *_: None)

    def _at(self, page: int) -> str:
        return self._visit.href(PATH, language=None, **self._asked.query, page=str(page) if page > 1 else None)

    async def follow(self) -> None:
        """Ask again, from time to time."""
        if self._visit.desk.now() - self._read >= REFRESH:
            await self.read()

    async def read(self) -> None:
        """Ask the archive."""
        desk, first, page = self._visit.desk, self._asked.first, self._asked.page
        self._read = desk.now()
        wanted = self._asked.wanted(self._visit.looker.batches)
        found = await desk.listed_batches(wanted, count=ON_A_PAGE, first=first)
        last = first + len(found.batches)
        self._rows.show((repr(one), one) for one in found.batches)
        self._none.set(hidden=bool(found.of) or None)
        self._table.set(hidden=not found.batches or None)
        self._newer.set(hidden=page == 1 or None)
        self._older.set(hidden=last >= found.of or None)
        numbers = {"first": first + 1, "last": last, "of": found.of}
        self._place.set_text(self._visit.say("batches.place", **numbers) if found.batches else "")


class _Row:
    """One batch; where anything of it changes, it is another row."""

    def __init__(self, visit: Visit, table: Table, one: Listed) -> None:
        self._visit, say = visit, visit.say
        self.root: Line = table.line()
        with self.root.cell(), Tag("span", "lines"):
            link(one.number, self._to(one))
            if one.shared:
                with Tag("span"):
                    Mark("alert")
                    Tag("span", "", say("batches.shared"))
        cell(self.root, one.product or say("batches.no_product"))
        cell(self.root, say(f"batches.stages.{one.phase}"))
        cell(self.root, say("batches.no_order") if one.status is None else coded(one.status, say))
        for time in (one.began, one.ended):
            cell(self.root, say("batches.no_time") if time is None else visit.clock.stamp(time))
        cell(self.root, str(one.records), say("batches.corrected", n=one.corrected) if one.corrected else "")
        self._exceptions(one)
        self._missing(one)

    def _to(self, one: Listed, **query: str) -> str:
        return address_of(self._visit, one.number, product=one.product if one.shared else None, **query)

    def _exceptions(self, one: Listed) -> None:
        """Each kind that there is leads to where it stands."""
        say, kinds = self._visit.say, (("findings", one.findings), ("rooms", one.alarms), ("events", one.open))
        with self.root.cell(), Tag("span", "lines"):
            if not one.exceptions:
                Tag("span", "", say("batches.no_exceptions"))
            for tab, count in kinds:
                if count:
                    with Tag("span"):
                        Mark("alert")
                        link(say(f"batches.exceptions_in.{tab}", n=count), self._to(one, tab=tab))

    def _missing(self, one: Listed) -> None:
        say = self._visit.say
        with self.root.cell(), Tag("span"):
            if one.missing:
                Mark("action")
                link(say("batches.missing_n", n=one.missing), self._to(one, tab="pieces"))
            elif one.missing is None:
                Mark("data")
                Tag("span", "", say("batches.not_counted"))
            else:
                text = "batches.none_missing" if one.phase is Phase.ENDED else "batches.none_missing_yet"
                Tag("span", "", say(text))
