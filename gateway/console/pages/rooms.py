"""Rooms: the plan with the air's real direction, and beside it the room that was selected."""

from nicegui import background_tasks, ui

from gateway.console.drawing import Plan, RoomList, legend
from gateway.console.pages.limits import Limits
from gateway.console.parts import Tag
from gateway.console.room_panel import RoomPanel
from gateway.console.shell import shell
from gateway.console.views.overview import limited
from gateway.console.views.rooms import Cascade, RoomState, cascade
from gateway.console.visit import Visit, replace_address


async def build(visit: Visit) -> None:
    """The page."""
    with shell(visit, "rooms", "/api/rooms"):
        page = _Page(visit)
    area = cascade(visit.desk.site, visit.desk.live, visit.desk.now())
    await page.select(visit.query.get("room", worst(area)))
    visit.desk.pushed.subscribe(page.show)


def worst(area: Cascade) -> str:
    """The room to look at first when none was chosen."""
    order = [RoomState.ACTION, RoomState.ALERT, RoomState.UNKNOWN, RoomState.IN_LIMITS, RoomState.NOT_MONITORED]
    return min(area.rooms, key=lambda view: order.index(view.state)).room.id


class _Page:
    """Builds once and then follows the desk."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._selected: str | None = None
        Tag("h1", "", visit.say("rooms.title"))
        with Tag("div", "beside"):
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
        self._limits.show(limited(area), self._visit.desk.now())

    def _area(self) -> Cascade:
        desk = self._visit.desk
        return cascade(desk.site, desk.live, desk.now())

    def _choose(self, room: str) -> None:
        replace_address(self._visit.href("/rooms", room=room))
        background_tasks.create(self.select(room))
        ui.run_javascript("document.querySelector('.room').scrollIntoView({block: 'nearest'})")  # beneath, on a phone
