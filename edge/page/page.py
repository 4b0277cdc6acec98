"""The line page: what is wrong now, where, since when, and who has it."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from edge.page import alarms as wording
from edge.page.acting import Acting
from edge.page.chain import Chain
from edge.page.lists import AlarmRow, Values
from edge.page.visit import Visit
from gateway.console.drawing import Plan, RoomList, legend
from gateway.console.parts import Mark, Rows, Tag, frame_of, link
from gateway.views.rooms import cascade
from schemas.records import Alarm


class Page:
    """Built once; follows the feed by itself."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._beat = visit, False
        self._announced = {alarm.alarm for alarm in visit.feed.line.alarms}
        self.root = frame_of("console line beat-a")
        with self.root:
            link(visit.say("head.skip"), "#content", "skip")
            self._head()
            self._band = Tag("div", "not-live", aria_hidden="true")
            self._no_answer = Tag("p", "band silent", role="alert")
            self._not_kept = Tag("p", "band not-kept", role="alert")
            with Tag("p", "band sounding") as self._sounding:
                Tag("button", "btn silence", visit.say("line.sound.silence"), type="button")
                Tag("span", "touch", visit.say("line.sound.muted"))
            self._news = Tag("div", "sr", role="alert")
            self._acting = Acting(visit)
            with Tag("main", "content", id="content", tabindex=-1):
                self._content()
        self.show()
        visit.feed.pushed.subscribe(self.show)

    def _head(self) -> None:
        say, site = self._visit.say, self._visit.site
        with Tag("header", "head"):
            Tag("span", "brand", say("head.site", site=say.name(site.name), line=site.line))
            self._time = Tag("span", "zone fades")
            with Tag("span", "counts"):
                self._counts = {tone: (Mark(tone), Tag("b")) for tone in ("action", "alert", "data")}
            self._uplink = Tag("span", "state fades")
            other = say.language.other
            link(
                say("language.switch"), f"/{other}", "switch", data_language=other, lang=other,
                title=say("language.switch_label"), hreflang=other,
            )  # fmt: skip
            Tag("button", "icon theme", "◐", type="button", aria_label=say("head.theme"), title=say("head.theme"))

    def _content(self) -> None:
        visit, say = self._visit, self._visit.say
        with Tag("div", "beside"):
            with Tag("section", "block alarms"):
                self._title = Tag("h1")
                self._none = Tag("p", "lead", say("line.none"))
                self._open = self._list("asking")
                self._chain = Chain(visit)
                self._held_title = Tag("h2", "later", say("line.held"))
                self._held = self._list("held")
            with Tag("section", "block rooms"):
                Tag("h2", "", say("rooms.title"))
                self._plan = Plan(visit, _to_values)
                self._rooms = RoomList(visit, _to_values)
                legend(visit)
        with Tag("section", "block", id="values"):
            Tag("h2", "", say("line.values"))
            self._values = Values(visit)

    def _list(self, classes: str) -> Rows[Alarm, AlarmRow]:
        return Rows(
            Tag("ul", f"alarm-list {classes}"),
            lambda alarm: AlarmRow(self._visit, self._acting.ask, alarm),
            AlarmRow.show,
        )

    def show(self) -> None:
        """As the agent said last; each call is also a beat, without which the page fades by itself."""
        visit, feed = self._visit, self._visit.feed
        live, now = feed.live(), feed.now()
        self._say_how_it_is()
        area = cascade(visit.site, live, now)
        self._plan.show(area, None)
        self._rooms.show(area, None)
        self._values.show(live)
        self._show_alarms(feed.line.alarms)
        self._chain.show()
        self._time.set_text(visit.clock.stamp(now))
        self._band.set_text(visit.say("line.lost", time=visit.clock.stamp(now)))
        self._beat = not self._beat
        self.root.look(f"console line beat-{'ba'[self._beat]}" + ("" if feed.answered else " unanswered"))

    def _say_how_it_is(self) -> None:
        visit, say, feed = self._visit, self._visit.say, self._visit.feed
        status = feed.line.status
        since = say("line.silent", time=visit.clock.stamp(feed.line.time)) if feed.ever else say("line.never")
        self._no_answer.set_text("" if feed.answered else since)
        problem = status.get("journal", {}).get("problem") if feed.answered else None
        self._not_kept.set_text(say("line.not_kept", why=problem) if problem else "")
        self._uplink.set_text(uplink_text(status, visit) if feed.answered else "")

    def _show_alarms(self, alarms: tuple[Alarm, ...]) -> None:
        say, feed = self._visit.say, self._visit.feed
        asking, held = wording.asking(alarms), wording.held(alarms)
        as_of = self._visit.clock.stamp(feed.line.time)
        not_live = say("line.alarms_as_of", time=as_of) if feed.ever else say("line.alarms_unknown")
        self._title.set_text(say("line.alarms") if feed.answered else not_live)
        self._none.set(hidden=True if asking or not feed.answered else None)
        self._held_title.set(hidden=None if held else True)
        self._open.show((alarm.condition, alarm) for alarm in asking)
        self._held.show((alarm.condition, alarm) for alarm in held)
        self._sounding.set(data_calling=" ".join(wording.calling(alarms)))
        for tone, number in wording.counts(alarms).items():
            self._counts[tone][0].set(hidden=None if number else True)
            self._counts[tone][1].set_text(str(number) if number else "")
        for alarm in asking:
            if alarm.alarm not in self._announced:
                what = wording.title(alarm, self._visit.name(alarm.tag), say)
                self._news.set_text(say("alarms.announce", what=what, time=self._visit.clock.stamp(alarm.since)))
        self._announced |= {alarm.alarm for alarm in asking}


def uplink_text(status: Mapping[str, Any], visit: Visit) -> str:
    """Which recipients cannot be reached, and how much waits."""
    away = [name for name, kafka in status["recipients"].items() if not kafka["connected"]]
    if not away:
        return visit.say("line.connected", n=status["waiting"])
    return visit.say("line.away", who=", ".join(away), n=status["waiting"])


def _to_values(_room: str) -> None:
    ui.run_javascript("document.getElementById('values').scrollIntoView({block: 'start'})")
