"""Rooms: the plan with the air's real direction, now or at a moment of the past, and beside it the selected room."""

from nicegui import background_tasks, ui

from gateway.console.drawing import Plan, RoomList, legend
from gateway.console.pages.limits import Limits
from gateway.console.pages.moments import Moments
from gateway.console.parts import Tag
from gateway.console.ranges import moment_of
from gateway.console.room_panel import RoomPanel
from gateway.console.shell import shell
from gateway.console.visit import Visit, replace_address
from gateway.intake.live import Live
from gateway.views.overview import limited
from gateway.views.rooms import Cascade, RoomState, cascade


async def build(visit: Visit) -> None:
    """The page."""
    desk, fault = visit.desk, ""
    try:
        moment = moment_of(visit.query, visit.clock, desk.now())
    except ValueError:
        moment, fault = None, visit.say("moments.bad")
    past = None if moment is None else await desk.ask(lambda archive: Live.at(archive, moment))
    data = visit.data("/rooms", **({} if moment is None else {"at": Moments.text(visit, moment)}))
    with shell(visit, "rooms", data):
        page = _Page(visit, past, moment, fault)
    await page.moments.read()
    area = cascade(desk.site, past or desk.live, moment or desk.now())
    await page.select(visit.query.get("room", worst(area)))
    if moment is None:
        desk.pushed.subscribe(page.show)


def worst(area: Cascade) -> str:
    """The room to look at first when none was chosen."""
    order = [RoomState.ACTION, RoomState.ALERT, RoomState.HELD, RoomState.UNKNOWN, RoomState.IN_LIMITS,
             RoomState.NOT_MONITORED]  # fmt: skip
    return min(area.rooms, key=lambda view: order.index(view.state)).room.id


class _Page:
    """Builds once and then follows the desk; a moment of the past stands still."""

    def __init__(self, visit: Visit, past: Live | None, moment: int | None, fault: str) -> None:
        self._visit, self._past, self._moment = visit, past, moment
        self._selected: str | None = None
        Tag("h1", "", visit.say("rooms.title"))
        if fault:
            Tag("p", "notice", fault, role="alert")
        self.moments = Moments(visit, moment)
        with Tag("div", "beside" if moment is None else "beside past"):
            with Tag("div", "block"):
                self._plan = Plan(visit, self._choose)
                self._list = RoomList(visit, self._choose)
                legend(visit)
            with Tag("aside", "block room"):
                self._panel = RoomPanel(visit)
        with Tag("section", "block", aria_label=visit.say("limits.title")):
            Tag("h2", "", visit.say("limits.title"))
            self._limits = Limits(visit)

    async def select(self, room: str) -> None:
        """Show that room in the panel; there may be none of that id."""
        self._selected = room
        await self._panel.select(room, self._area())
        self.show()

    def show(self) -> None:
        area = self._area()
        self._plan.show(area, self._selected)
        self._list.show(area, self._selected)
        self._panel.show(area)
        self._limits.show(limited(area), area.now)

    def _area(self) -> Cascade:
        desk = self._visit.desk
        if self._past is None or self._moment is None:
            return cascade(desk.site, desk.live, desk.now())
        return cascade(desk.site, self._past, self._moment)

    def _choose(self, room: str) -> None:
        at = None if self._moment is None else Moments.text(self._visit, self._moment)
        replace_address(self._visit.href("/rooms", room=room, at=at))
        background_tasks.create(self.select(room))
        ui.run_javascript("document.querySelector('.room').scrollIntoView({block: 'nearest'})")  # beneath, on a phone
