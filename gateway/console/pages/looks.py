"""Who looked at a record, for those who may see that: asked for only when somebody opens it."""

import asyncio

from nicegui.events import GenericEventArguments

from gateway.access.entrance import Entrance
from gateway.access.wanted import WantedAccess
from gateway.archive.lives import EVER
from gateway.console.parts import Tag
from gateway.console.record_chip import record_path
from gateway.console.views.display import DAY
from gateway.console.views.people import accesses_in
from gateway.console.visit import Visit

DAYS = 30
"""How far back is looked: the log of a year has a million lines."""


class Looks:
    """A part of the record's page that opens."""

    def __init__(self, visit: Visit, stream: str, number: int) -> None:
        self._visit, self._paths = visit, (record_path(stream, number), f"/records/{stream}/{number}")
        self._asked = False
        if visit.entrance is None or not visit.may("/people"):
            return
        with Tag("details", "block") as details:
            Tag("summary", "", visit.say("record.looks.title"))
            self._box = Tag("div")
        details.on("toggle", self._toggled, js_handler="(e) => emit(e.currentTarget.open)")

    async def _toggled(self, event: GenericEventArguments) -> None:
        entrance = self._visit.entrance
        if event.args and not self._asked and entrance is not None:
            self._asked = True
            await self._fill(entrance)

    async def _fill(self, entrance: Entrance) -> None:
        visit, now = self._visit, self._visit.desk.now()
        wanted = WantedAccess(now - DAYS * DAY, EVER, paths=self._paths)
        found = await asyncio.to_thread(accesses_in(entrance, visit.desk.archive, wanted))
        with self._box:
            Tag("p", "quiet", visit.say("record.looks.period", n=DAYS))
            if not found.accesses:
                Tag("p", "quiet", visit.say("record.looks.nobody"))
            with Tag("ul", "readings"):
                for kept in found.accesses:
                    access = kept.access
                    with Tag("li"):
                        Tag("span", "", visit.clock.stamp(access.time))
                        Tag("span", "", access.name or visit.say("people.unknown"))
                        Tag("span", "", access.node)
                        act = visit.say(f"people.acts.{access.act}")
                        Tag("span", "quiet", f"{act}, {visit.say(f'people.outcomes.{access.outcome}')}")
