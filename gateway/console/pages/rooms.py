"""Rooms: the plan with the air's real direction, and beside it the room that was selected."""

from nicegui import background_tasks, ui

from gateway.console.drawing import Choose, Plan, chip_text
from gateway.console.parts import ROOM_TONES, Mark, Tag
from gateway.console.room_panel import RoomPanel
from gateway.console.shell import shell
from gateway.console.views.rooms import Cascade, RoomState, RoomView, cascade
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
                self._list = _RoomList(visit, self._choose)
                _legend(visit)
            with Tag("aside", "block room"):
                self._panel = RoomPanel(visit)

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

    def _area(self) -> Cascade:
        desk = self._visit.desk
        return cascade(desk.site, desk.live, desk.now())

    def _choose(self, room: str) -> None:
        replace_address(self._visit.href("/rooms", room=room))
        background_tasks.create(self.select(room))
        ui.run_javascript("document.querySelector('.room').scrollIntoView({block: 'nearest'})")  # beneath, on a phone


class _RoomList:
    """The plan's stand-in on a phone: a button for each room with its differentials and its state."""

    def __init__(self, visit: Visit, choose: Choose) -> None:
        self._visit = visit
        with Tag("ul", "room-list"):
            self._rows = [
                self._row(room.id, visit.say.name(room.name), room.grade, choose) for room in visit.desk.site.rooms
            ]

    def _row(self, id_: str, name: str, grade: str, choose: Choose) -> tuple[Tag, Mark, Tag, Tag]:
        with Tag("li"), Tag("button", "", type="button") as button:
            Tag("span", "id", id_)
            Tag("span", "name", f"{name} · {self._visit.say('room.grade', grade=grade)}")
            with Tag("span", "room-state"):
                mark, state = Mark(), Tag("span")
            flows = Tag("span", "flows")
        button.on("click", lambda: choose(id_))
        return button, mark, state, flows

    def show(self, area: Cascade, selected: str | None) -> None:
        say = self._visit.say
        for (button, mark, state, flows), view in zip(self._rows, area.rooms, strict=True):
            button.set(aria_pressed="true" if view.room.id == selected else "false")
            mark.show(ROOM_TONES[view.state], "")
            state.set_text(say(f"room.{view.state}"))
            flows.set_text(self._flows(view))

    def _flows(self, view: RoomView) -> str:
        say = self._visit.say
        signs = {None: "–", view.room.id: "←"}
        return "   ".join(
            f"{signs.get(flow.into, '→')} {flow.against} {chip_text(flow.reading, say)}" for flow in view.flows
        )


def _legend(visit: Visit) -> None:
    with Tag("p", "legend"):
        Tag("span", "", f"→ {visit.say('rooms.legend')}")
        for tone, key in (("action", "status.ACTION"), ("alert", "status.ALERT"), ("data", "status.NO_READING")):
            with Tag("span"):
                Mark(tone)
                Tag("span", "", visit.say(key))
