"""The choice of a moment of the past: steps, a day as a strip with its alarms, and the way back to now."""

from datetime import datetime, timedelta

from gateway.console.parts import Tag, link
from gateway.console.visit import Visit
from gateway.views.display import HOUR, MINUTE, SECOND, micros_of

PIECE = 30 * MINUTE
"""What one piece of the strip stands for, microseconds."""
STEPS = (
    (-HOUR, "hour_before", ""),
    (-MINUTE, "minute_before", "["),
    (MINUTE, "minute_after", "]"),
    (HOUR, "hour_after", ""),
)
"""By how much each step moves, its words, its key."""


class Moments:
    """Links alone: each moment has an address that can be sent to somebody."""

    def __init__(self, visit: Visit, moment: int | None) -> None:
        self._visit, self._moment = visit, moment
        say, room = visit.say, visit.query.get("room")
        self._room = room
        with Tag("section", "moments", aria_label=say("moments.label")):
            if moment is not None:
                Tag("p", "as-of", say("moments.as_of", time=visit.clock.stamp(moment)), role="status")
            with Tag("div", "buttons"):
                for by, key, shortcut in STEPS:
                    self._step(by, key, shortcut)
                if moment is not None:
                    link(say("moments.live"), visit.href("/rooms", room=room), "btn", data_key="l")
                self._form()
            self._strip = Tag("ol", "strip", aria_label=say("moments.day"))

    @staticmethod
    def text(visit: Visit, moment: int) -> str:
        """The moment as it stands in an address, in plant time."""
        return visit.clock.local(moment // SECOND * SECOND).isoformat(timespec="seconds")

    def _address(self, moment: int) -> str:
        now = self._visit.desk.now()
        at = None if moment >= now else self.text(self._visit, moment)
        return self._visit.href("/rooms", room=self._room, at=at)

    def _step(self, by: int, key: str, shortcut: str) -> None:
        now = self._visit.desk.now()
        if self._moment is None and by > 0:
            return
        target = (now if self._moment is None else self._moment) + by
        link(self._visit.say(f"moments.{key}"), self._address(target), "btn", data_key=shortcut or None)

    def _form(self) -> None:
        visit, say = self._visit, self._visit.say
        shown = visit.desk.now() if self._moment is None else self._moment
        with Tag("form", "window", method="get", action=visit.href("/rooms"), aria_label=say("moments.choose")):
            if self._room:
                Tag("input", name_="room", type="hidden", **{"^value": self._room})
            with Tag("label"):
                Tag("span", "", say("moments.at"))
                value = f"{visit.clock.local(shown // SECOND * SECOND):%Y-%m-%dT%H:%M:%S}"
                Tag("input", name_="at", type="datetime-local", step=1, required=True, **{"^value": value})
            Tag("span", "aside", visit.clock.offset(shown))
            Tag("button", "btn", say("moments.show"), type="submit")

    async def read(self) -> None:
        """Draw the day around the moment, with what was in alarm."""
        visit, now = self._visit, self._visit.desk.now()
        shown = now if self._moment is None else self._moment
        begin, end = day_of(visit.clock.local(shown))
        lives = await visit.desk.ask(lambda archive: archive.alarms(begin, min(end, now)))
        spans = [(life.last.since, now if life.returned is None else life.returned) for life in lives]
        with self._strip:
            for first in range(begin, end, PIECE):
                last = min(first + PIECE, end)
                alarms = sum(since < last and until >= first for since, until in spans)
                self._piece(first, last, alarms, chosen=first <= shown < last, past=first < now)

    def _piece(self, first: int, last: int, alarms: int, *, chosen: bool, past: bool) -> None:
        visit = self._visit
        begin, end = (f"{visit.clock.local(moment):%H:%M}" for moment in (first, last))
        words = visit.say("moments.piece", begin=begin, end=end, n=alarms)
        with Tag("li", "half action" if alarms else "half"):
            if past:
                current = "true" if chosen else None
                link(
                    "■" if alarms else "", self._address(first), "", title=words, aria_label=words, aria_current=current
                )
            else:
                Tag("span", "")


def day_of(local: datetime) -> tuple[int, int]:
    """Begin and end of the day of the plant's clock, UTC microseconds."""
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
    after = (begin + timedelta(days=1, hours=3)).replace(hour=0, minute=0)  # also where the clock is put back
    return micros_of(begin), micros_of(after)
