"""What stands at the foot of a printed page: when it was printed, from where, and how far its records are verified."""

from gateway.console.parts import Tag
from gateway.console.visit import Visit
from gateway.views.streams import verified_to


class PrintedFoot:
    """Not seen on a screen. The script writes the address into it, and it onto every sheet, when the browser prints."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with Tag("div", "printed", aria_hidden="true"):
            site = visit.site
            Tag("span", "", visit.say("head.site", site=visit.say.name(site.name), line=site.line))
            with Tag("span"):
                self._time = Tag("span")
                Tag("span", "from", visit.here())
            self._verified = Tag("span")

    def show(self, now: int) -> None:
        """As of now, UTC microseconds."""
        visit, say = self._visit, self._visit.say
        self._time.set_text(say("print.time", time=visit.clock.stamp(now)))
        if visit.may("/evidence"):
            to = verified_to(visit.desk.live.streams)
            self._verified.set_text(say("print.never") if to is None else say("print.to", time=visit.clock.stamp(to)))
