"""What is missing, in a sentence of which each part leads to its evidence."""

from gateway.console.leading import lead
from gateway.console.pages.proof import PATH, stream_path
from gateway.console.parts import Mark, Rows, Tag
from gateway.console.views.display import number
from gateway.console.views.lacking import Lacking, LostNumbers
from gateway.console.visit import Visit

RANGES = 2
"""How many ranges of a stream are named."""


class LackingText:
    """The share of the last day's readings, its gaps, and each stream of which numbers have not come."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with Tag("ul", "plain lacking"):
            with Tag("li"):
                self._mark = Mark()
                self._readings = lead(visit, f"{PATH}?range=1d")
            self._rows: Rows[LostNumbers, _Lost] = Rows(Tag("li", "lost"), lambda one: _Lost(visit, one), _Lost.show)

    def show(self, view: Lacking) -> None:
        """As it stands now."""
        say = self._visit.say
        tone = "data" if view.percent is None or view.percent < 100 or view.gaps else "good"
        self._mark.show(tone, "")
        share = (
            say("today.no_readings") if view.percent is None else say("today.readings", percent=f"{view.percent:.2f}")
        )
        self._readings.set_text(share + (say("today.gaps", n=view.gaps) if view.gaps else say("today.no_gaps")))
        self._rows.show((one.stream, one) for one in view.numbers)


class _Lost:
    """A stream with its missing numbers."""

    def __init__(self, visit: Visit, one: LostNumbers) -> None:
        self._visit = visit
        self.root = Tag("span", "lines")
        with self.root, Tag("span"):
            Mark("action")
            self._link = lead(visit, stream_path(one.stream))

    def show(self, one: LostNumbers) -> None:
        """As it stands now."""
        named = ", ".join(
            f"#{number(first, '{#}')}" + (f" – #{number(last, '{#}')}" if last > first else "")
            for first, last in one.ranges[:RANGES]
        )
        key = "today.lost" if len(one.ranges) <= RANGES else "today.lost_more"
        self._link.set_text(self._visit.say(key, n=number(one.count, "{#}"), stream=one.stream, numbers=named))
