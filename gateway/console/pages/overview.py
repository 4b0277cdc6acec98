"""Overview: may I release, what waits for me and until when, what is wrong, what runs, can I trust the data."""

from gateway.archive.lives import EVER, AlarmLife
from gateway.console.leading import lead
from gateway.console.pages.candidates import Candidates
from gateway.console.pages.lacking import LackingText
from gateway.console.pages.lines import Lines
from gateway.console.pages.tasks import Tasks
from gateway.console.pages.verdict import trust_tone, verdict_text
from gateway.console.pages.wrong import WrongRow
from gateway.console.parts import Mark, Rows, Tag
from gateway.console.shell import shell
from gateway.console.views.display import DAY, age, number
from gateway.console.views.known import Proof, Work
from gateway.console.views.overview import Overview, overview
from gateway.console.views.today import Today, today
from gateway.console.visit import Visit

LOOK_BACK = 30 * DAY
"""How far the page looks for the last alarm when nothing is wrong, microseconds."""


async def build(visit: Visit) -> None:
    """The page."""
    desk, now = visit.desk, visit.desk.now()
    past = await desk.ask(lambda archive: archive.alarms(now - LOOK_BACK, EVER))
    known = await desk.to_do(), await desk.proof.latest()
    with shell(visit, "overview", "/api/overview"):
        page = _Page(visit, past)
    page.show(*known)
    desk.pushed.subscribe(page.follow)


class _Page:
    """Builds once and then follows the desk. What it asks of the archive is asked once for all open pages."""

    def __init__(self, visit: Visit, past: list[AlarmLife]) -> None:
        self._visit = visit
        self._last_end = max((life.returned for life in past if life.returned), default=None)
        say = visit.say
        Tag("h1", "", say("overview.title"))
        self._behind = Tag("p", "notice catching-up", role="status")
        self._candidates = Candidates(visit) if visit.may("/batches") else None
        self._tasks = Tasks(visit)
        with Tag("section", "block", aria_label=say("overview.wrong")):
            Tag("h2", "", say("overview.wrong"))
            self._quiet = Tag("p", "quiet")
            self._wrong = Rows(Tag("ul", "wrong"), lambda item: WrongRow(visit, item), WrongRow.show)
        self._trust = _Trust(visit)
        self._lines = Lines(visit)

    async def follow(self) -> None:
        """Ask again where something changed, then show."""
        desk = self._visit.desk
        work, proof = await desk.to_do(), await desk.proof.latest()
        if self._behind.is_deleted:  # the page was left while the archive was asked
            return
        self.show(work, proof)
        if self._candidates is not None:
            await desk.count(work)

    def show(self, work: Work, proof: Proof) -> None:
        """As it stands now."""
        visit, desk = self._visit, self._visit.desk
        now = desk.now()
        state = overview(desk.site, desk.live, now)
        view = today(
            desk.site, desk.live, work=work, proof=proof, certificates=desk.certificates(), looker=visit.looker, now=now
        )
        ends = (wrong.alarm.returned for wrong in state.wrong if wrong.alarm and wrong.alarm.returned)
        self._last_end = max([*ends, *([self._last_end] if self._last_end else [])], default=None)
        self._show_behind(view, now)
        if self._candidates is not None:
            self._candidates.show(view)
        self._tasks.show(view, now)
        self._quiet.set_text("" if state.wrong else self._nothing(state))
        self._wrong.show((wrong.key, wrong) for wrong in state.wrong)
        self._trust.show(state, view)
        self._lines.show(state, view)

    def _show_behind(self, view: Today, now: int) -> None:
        say, reached = self._visit.say, view.catching_up
        self._behind.set(hidden=reached is None or None)
        if reached is not None:
            read, there = (number(value, "{#}") for value in view.read)
            self._behind.set_text(
                say(
                    "today.catching_up", time=self._visit.clock.stamp(reached), age=age(now - reached, say), read=read,
                    all=there,
                )
            )  # fmt: skip

    def _nothing(self, state: Overview) -> str:
        say = self._visit.say
        if state.last_data is None:
            return say("overview.no_data")
        if self._last_end is None:
            return f"{say('overview.nothing')} {say('overview.no_alarm_yet')}"
        return f"{say('overview.nothing')} {say('overview.last_alarm', time=self._visit.clock.stamp(self._last_end))}"


class _Trust:
    """Can the data be trusted: in a sentence, and when the last of them came."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        say = visit.say
        with Tag("section", "block", aria_label=say("today.trust")):
            Tag("h2", "", say("today.trust"))
            with Tag("p", "trust"):
                self._mark, self._text, self._last = Mark(), Tag("b"), Tag("span", "why fades")
            self._lacking = LackingText(visit)
            if visit.may("/evidence"):
                lead(visit, "/evidence", say("today.evidence"))

    def show(self, state: Overview, view: Today) -> None:
        """As it stands now."""
        visit, say = self._visit, self._visit.say
        self._mark.show(trust_tone(view.trust), "")
        self._text.set_text(verdict_text(view.trust, state.now, visit))
        last = state.last_data
        self._last.set_text(
            "" if last is None else say("today.last_data", time=visit.clock.stamp(last), age=age(state.now - last, say))
        )
        self._lacking.show(view.lacking)
