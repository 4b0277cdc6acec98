"""Which alarms an address asks for: room, priority, state, batch, text, and a period. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.archive.choosing import Chosen
from gateway.archive.lives import ASIDE, EVER
from gateway.cleanroom.site import Site
from gateway.languages import Language, words_in
from gateway.views.display import Clock
from gateway.views.texts import tag_names
from gateway.views.trend import RANGES, Window, following, window
from schemas.records import AlarmPriority, AlarmState

S = AlarmState
STATES: Mapping[str, tuple[AlarmState, ...]] = {
    "active": (S.UNACKNOWLEDGED, S.ACKNOWLEDGED),
    "unacknowledged": (S.UNACKNOWLEDGED, S.RETURNED_UNACKNOWLEDGED, S.LATCHED_UNACKNOWLEDGED),
    "acknowledged": (S.ACKNOWLEDGED, S.LATCHED_ACKNOWLEDGED),
    "held": tuple(sorted(ASIDE)),
    "ended": (S.NORMAL,),
}
"""Words for states in an address; an alarm may be in several."""
PRIORITIES: Mapping[str, AlarmPriority] = {"action": AlarmPriority.ACTION, "alert": AlarmPriority.ALERT}
PERIOD = "7d"
"""The period where an address says none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stands in the address; None is any."""

    window: Window
    room: str | None = None
    priority: str | None = None
    state: str | None = None
    batch: str | None = None
    text: str | None = None

    @property
    def query(self) -> dict[str, str]:
        """All but the period, as it stands in an address."""
        every = {
            "room": self.room, "priority": self.priority, "state": self.state, "batch": self.batch, "text": self.text,
        }  # fmt: skip
        return {name: value for name, value in every.items() if value is not None}

    def chosen(self, site: Site) -> Chosen:
        """The same for the database; a text is looked for in the names of tags in every language too."""
        named: tuple[str, ...] = ()
        if self.text is not None:
            names = (item for language in Language for item in tag_names(site, words_in(language)).items())
            named = tuple(sorted({tag for tag, name in names if self.text.lower() in name.lower()}))
        return Chosen(
            room=self.room, priority=PRIORITIES[self.priority] if self.priority else None,
            states=STATES[self.state] if self.state else (), batch=self.batch, text=self.text, named=named,
        )  # fmt: skip

    def span(self, now: int) -> tuple[int, int]:
        """From when to when, UTC microseconds; a named range follows the present."""
        if self.window.range is None:
            return self.window.begin, self.window.end
        return now - RANGES[self.window.range], EVER


def wanted(query: Mapping[str, str], clock: Clock, now: int) -> Wanted:
    """What an address asks for. Raises ValueError where it says what nobody knows."""
    given = {name: value.strip() or None for name, value in query.items()}
    for name, known in (("priority", PRIORITIES), ("state", STATES)):
        if given.get(name) not in {None, *known}:
            raise ValueError(f"{name} {given[name]!r} is not one of {', '.join(known)}")
    period = {name: value for name in ("range", "from", "to") if (value := given.get(name))}
    names = ("room", "priority", "state", "batch", "text")
    return Wanted(window({"range": PERIOD} | period, clock, now), **{name: given.get(name) for name in names})


def unfiltered(now: int) -> Wanted:
    """All alarms of the usual period."""
    return Wanted(following(PERIOD, now))
