"""One batch: its time line, and by tab everything that is known of it."""

from zoneinfo import ZoneInfo

from gateway.batches.archived import Whole, assembled
from gateway.batches.environment import read_share
from gateway.batches.exceptions import RuleAnswer, is_over
from gateway.batches.missing import Verdict
from gateway.batches.reviewed import reviewed
from gateway.console.pages import batch_findings, batch_materials, batch_parts, batch_rooms, batch_rules
from gateway.console.pages.batch_tables import address_of, when
from gateway.console.pages.batch_timeline import draw
from gateway.console.parts import Mark, Tag, link
from gateway.console.shell import not_found, shell
from gateway.console.views.batches import coded, timeline
from gateway.console.views.display import SECOND
from gateway.console.visit import Visit
from schemas.exported import BatchOrder, QualityEvent

REFRESH = 10 * SECOND
"""How often the archive is asked, microseconds."""
TABS = {
    "pieces": batch_parts.pieces, "findings": batch_findings.findings, "steps": batch_parts.steps,
    "weighings": batch_parts.weighings,
    "rooms": batch_rooms.rooms, "tests": batch_parts.tests, "materials": batch_materials.materials,
    "events": batch_parts.events, "documents": batch_parts.documents, "corrections": batch_parts.corrected,
    "records": batch_parts.records,
}  # fmt: skip
MATERIALS = "materials"
"""The tab that needs its genealogy."""
RULES = "rules"
"""The tab that is shown first; it needs the answers of the rules besides."""


async def build(visit: Visit) -> None:
    """The page; nothing here where no record names the number."""
    number = visit.parts["number"]
    page = _Page(visit, number)
    found = await page.ask()
    if not found:
        not_found(visit)
        return
    with shell(visit, "batches", visit.data(page.data)):
        page.place(found)
    visit.desk.pushed.subscribe(page.follow)


class _Page:
    """Read again every few seconds, and built anew where anything is another."""

    def __init__(self, visit: Visit, number: str) -> None:
        self._visit, self._number, self._read = visit, number, 0
        self._shown: list[Whole] = []
        tab = visit.query.get("tab", "")
        self._tab = tab if tab in TABS else RULES
        self._answers: list[RuleAnswer] = []
        self.data = address_of(visit, number).removeprefix(visit.href())

    async def ask(self) -> list[Whole]:
        """The batches with the number."""
        desk = self._visit.desk
        self._read = now = desk.now()
        traced = self._tab == MATERIALS
        found = await desk.ask(
            lambda archive: assembled(archive, desk.site, desk.masters, self._number, now, traced=traced)
        )
        if found and self._tab == RULES:
            whole, zone = self._chosen(found), ZoneInfo(desk.site.zone)
            self._answers = await desk.ask(lambda archive: reviewed(archive, whole, desk.agreed, zone, now))
        return found

    def _chosen(self, found: list[Whole]) -> Whole:
        product = self._visit.query.get("product")
        return next((one for one in found if one.batch.product == product), found[0])

    def place(self, found: list[Whole]) -> None:
        """Where the page stands."""
        self._box = Tag("div")
        self._show(found)

    async def follow(self) -> None:
        """Ask again, from time to time."""
        if self._visit.desk.now() - self._read >= REFRESH:
            answers = self._answers
            found = await self.ask()
            if found and (found != self._shown or answers != self._answers):
                self._box.clear()
                self._show(found)

    def _show(self, found: list[Whole]) -> None:
        self._shown = found
        whole = self._chosen(found)
        with self._box:
            self._head(whole)
            if (line := timeline(whole, self._visit.names, self._visit.say, self._visit.desk.now())) is not None:
                draw(self._visit, line)
            self._tabs(whole)
            if self._tab == RULES:
                batch_rules.rules(self._visit, whole, self._answers)
            else:
                TABS[self._tab](self._visit, whole)

    def _head(self, whole: Whole) -> None:
        visit, say, batch = self._visit, self._visit.say, whole.batch
        Tag("h1", "", say("batches.batch", number=batch.number))
        if len(batch.products) > 1:
            with Tag("p", "notice"):
                Mark("alert")
                Tag("span", "", say("batches.shared_text", products=", ".join(batch.products)))
            with Tag("div", "buttons", role="group", aria_label=say("batches.product")):
                for product in batch.products:
                    current = "true" if product == batch.product else None
                    link(product, self._address(product=product), "btn", aria_current=current)
        with Tag("div", "block"), Tag("dl", "figures"):
            self._fact("product", batch.product or say("batches.no_product"))
            orders = [coded(one.record.status, say) for one in batch.of(BatchOrder)]
            self._fact("status", ", ".join(orders) or say("batches.no_order"))
            self._fact("began", when(visit, whole.began))
            self._fact("ended", when(visit, whole.ended))
            self._fact("pieces", *_pieces(visit, whole), tab="pieces")
            share = read_share(whole.rooms, visit.desk.now())
            self._fact("readings", *_readings(visit, share), tab="rooms")
            opened = sum(one.record.closed is None for one in batch.of(QualityEvent))
            self._fact("open_events", str(opened), "alert" if opened else "good", tab="events")
        batch_parts.undecided(visit, whole)

    def _fact(self, key: str, text: str, tone: str = "good", *, tab: str = "") -> None:
        """What is said of the batch; where a tab has its evidence, the way there."""
        with Tag("div"):
            Tag("dt", "", self._visit.say(f"batches.{key}"))
            with Tag("dd"):
                Mark(tone)
                if tab:
                    link(text, self._address(product=self._visit.query.get("product"), tab=tab))
                else:
                    Tag("span", "", text)

    def _tabs(self, whole: Whole) -> None:
        product = whole.batch.product if len(whole.batch.products) > 1 else None
        with Tag("nav", "buttons tabs", aria_label=self._visit.say("batches.tabs.label")):
            for name in (RULES, *TABS):
                current = "page" if name == self._tab else None
                text = self._visit.say(f"batches.tabs.{name}")
                link(text, self._address(product=product, tab=name), "btn", aria_current=current)

    def _address(self, **query: str | None) -> str:
        return address_of(self._visit, self._number, **{"tab": self._tab, **query})


def _pieces(visit: Visit, whole: Whole) -> tuple[str, str]:
    verdicts = [one.verdict for one in whole.answers]
    missing, unclear = verdicts.count(Verdict.MISSING), verdicts.count(Verdict.NOT_EVALUABLE)
    if not missing and not unclear:
        return visit.say("batches.pieces_whole", all=len(verdicts)), "good"
    if not is_over(whole):
        return visit.say("batches.pieces_so_far", n=missing + unclear, all=len(verdicts)), "good"
    text = visit.say("batches.pieces_text", n=missing, m=unclear, all=len(verdicts))
    return text, "action" if missing else "data"


def _readings(visit: Visit, share: float | None) -> tuple[str, str]:
    if share is None:
        return visit.say("batches.readings_none"), "data"
    return visit.say("batches.readings_text", percent=f"{share:.2f}"), "good" if share == 100 else "data"
