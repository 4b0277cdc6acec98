"""The plan as real SVG elements: made once, then only what differs is changed, so focus stays where it was."""

from collections.abc import Callable
from typing import Protocol

from gateway.cleanroom.site import Site
from gateway.console.parts import OUTLINES, ROOM_TONES, SHAPES, TONES, Mark, Tag
from gateway.languages import Words
from gateway.views import plan
from gateway.views.display import Clock
from gateway.views.readings import Reading, Status
from gateway.views.rooms import Cascade, DoorState, DoorView, Flow, RoomView
from gateway.views.texts import value_text, why_text

CHIP = plan.Box(0, 0, 68, 20)
"""The plate under a differential's value."""
DOOR = 12
"""Half the width of a door, drawing units."""
Choose = Callable[[str], None]


class Sight(Protocol):
    """For whom it is drawn: the site, in a language, at the plant's time."""

    @property
    def site(self) -> Site:
        """The clean area."""
        ...

    @property
    def say(self) -> Words:
        """The language."""
        ...

    @property
    def clock(self) -> Clock:
        """The plant's."""
        ...

    def name(self, tag: str) -> str:
        """What the tag is called."""
        ...

    def trend(self, tag: str) -> str:
        """Where a tag's value leads to."""
        ...


class Plan:
    """The whole clean area."""

    def __init__(self, visit: Sight, choose: Choose) -> None:
        site, self._visit = visit.site, visit
        width, height = plan.size(site)
        boxes = {room.id: plan.box(room) for room in site.rooms}
        label = visit.say("rooms.plan", site=visit.say.name(site.name))
        with Tag("svg", "plan", viewBox=f"0 0 {width} {height}", role="group", aria_label=label):
            self._rooms = [_Room(boxes[room.id], room.id, choose) for room in site.rooms]
            self._doors = [_Door(plan.wall(*(boxes[room] for room in door.between))) for door in site.doors]
            self._flows = [
                _Flow(plan.wall(boxes[d.room], boxes[d.against]), visit.trend(d.tag)) for d in site.differentials
            ]

    def show(self, area: Cascade, selected: str | None) -> None:
        """The area as it stands."""
        visit = self._visit
        for room, of_room in zip(self._rooms, area.rooms, strict=True):
            room.show(of_room, visit.say, chosen=of_room.room.id == selected)
        for door, of_door in zip(self._doors, area.doors, strict=True):
            door.show(of_door, visit.name(of_door.tag), visit.say)
        for flow, of_flow in zip(self._flows, area.flows, strict=True):
            why = why_text(of_flow.reading, visit.say, visit.clock, area.now)
            flow.show(of_flow, visit.name(of_flow.reading.tag), visit.say, why)


class _Room:
    """A box with id, grade, name and what is measured in the room. A click or Enter selects it."""

    def __init__(self, box: plan.Box, room: str, choose: Choose) -> None:
        with Tag("g", tabindex=0, role="button") as self._group:
            Tag("rect", "floor", x=box.x, y=box.y, width=box.width, height=box.height, rx=2)
            Tag("text", "id", room, x=box.x + 10, y=box.y + 20)
            self._grade = Tag("text", "grade", x=box.right - 10, y=box.y + 20)
            self._name = Tag("text", "name", x=box.x + 10, y=box.y + 37)
            self._climate = Tag("text", "climate fades", x=box.x + 10, y=box.bottom - 10)
        self._group.on("click", lambda: choose(room))
        self._group.on("keydown.enter", lambda: choose(room))

    def show(self, view: RoomView, say: Words, *, chosen: bool) -> None:
        name = say.name(view.room.name)
        state = say(f"room.{view.state}")
        self._group.look(f"room-shape {ROOM_TONES[view.state]}" + (" chosen" if chosen else ""))
        label = say("room.line", room=view.room.id, name=name, grade=view.room.grade, state=state)
        self._group.set(aria_label=label, aria_pressed="true" if chosen else "false")
        self._grade.set_text(view.room.grade)
        self._name.set_text(name)
        climate = [view.values[name] for name in ("temperature", "humidity") if name in view.values]
        lost = any(not reading.status.trusted for reading in climate)
        self._climate.look("climate lost" if lost else "climate fades")
        self._climate.set_text("  ".join(value_text(reading, say) for reading in climate))


class _Flow:
    """An arrow in the air's real direction with its value; both are a link to the trend."""

    def __init__(self, wall: plan.Wall, trend: str) -> None:
        self._wall = wall
        x, y = wall.at(plan.ARROW_AT[wall.axis])
        left, top = (x - CHIP.width / 2, y - CHIP.height - 10) if wall.axis == "x" else (x + 10, y - CHIP.height / 2)
        with Tag("a", href=trend) as self._link:
            self._title = Tag("title")
            self._arrow = Tag("path", "arrow")
            Tag("rect", "chip", x=left, y=top, width=CHIP.width, height=CHIP.height, rx=4)
            self._text = Tag("text", "number fades", x=left + CHIP.width / 2, y=top + 14.5)

    def show(self, flow: Flow, name: str, say: Words, why: str) -> None:
        found = flow.reading
        tone = found.tone if found.tone and found.status.trusted else TONES[found.status]
        self._link.look(f"flow {tone}" + ("" if found.monitored else " unlimited"))
        forward = None if flow.into is None else flow.into == flow.against
        self._arrow.set(d=plan.arrow(self._wall, forward=forward))
        self._text.set_text(chip_text(found, say))
        words = f"{name} {value_text(found, say)}, {say(f'status.{found.status}')}"
        self._title.set_text(f"{words}. {why}" if why else words)
        self._link.set(aria_label=words)


def chip_text(found: Reading, say: Words) -> str:
    """Mark and value; an active alarm keeps its mark while the value is lost."""
    mark = SHAPES[TONES[found.status]] if found.status is not Status.GOOD else ""
    if found.tone is not None and (found.tone != "data" or found.value is not None):
        mark = (OUTLINES if found.acknowledged else SHAPES).get(found.tone, SHAPES[found.tone])
    value = value_text(found, say)
    return value if mark == value else f"{mark} {value}".strip()


class _Door:
    """A passage with its leaf: across it when closed, swung aside when open."""

    def __init__(self, wall: plan.Wall) -> None:
        x, y = wall.at(plan.DOOR_AT[wall.axis])
        deep = wall.thickness / 2
        upright = wall.axis == "x"
        width, height = (2 * deep, 2 * DOOR) if upright else (2 * DOOR, 2 * deep)
        with Tag("g", role="img") as self._group:
            self._title = Tag("title")
            Tag("rect", "passage", x=x - width / 2, y=y - height / 2, width=width, height=height)
            sides = f"M{-deep} {-DOOR}H{deep}M{-deep} {DOOR}H{deep}"
            turn = f"translate({x:g} {y:g})" + ("" if upright else " rotate(90)")
            Tag("path", "jamb", d=sides, transform=turn)
            self._leaf = Tag("path", "leaf", transform=turn)
            self._word = Tag("text", "door-word", x=x + (deep + 6 if upright else DOOR + 4), y=y + 4)

    def show(self, door: DoorView, name: str, say: Words) -> None:
        self._group.look(f"door {door.state.lower()}")
        swung = f"M0 {-DOOR}L{1.7 * DOOR:g} {-0.3 * DOOR:g}"
        self._leaf.set(d=swung if door.state is DoorState.OPEN else f"M0 {-DOOR}V{DOOR}")
        self._word.set_text("" if door.state is DoorState.CLOSED else say(f"door.{door.state}"))
        state = say("door.unknown_word" if door.state is DoorState.UNKNOWN else f"door.{door.state}")
        words = say("door.line", door=name, state=state)
        self._title.set_text(words)
        self._group.set(aria_label=words)


class RoomList:
    """The plan's stand-in on a phone: a button for each room with its differentials and its state."""

    def __init__(self, visit: Sight, choose: Choose) -> None:
        self._visit = visit
        with Tag("ul", "room-list"):
            self._rows = [
                self._row(room.id, visit.say.name(room.name), room.grade, choose) for room in visit.site.rooms
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
        """The area as it stands."""
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


def legend(visit: Sight) -> None:
    """What arrows and shapes mean."""
    with Tag("p", "legend"):
        Tag("span", "", f"→ {visit.say('rooms.legend')}")
        for tone, key in (("action", "status.ACTION"), ("alert", "status.ALERT"), ("data", "status.NO_READING")):
            with Tag("span"):
                Mark(tone)
                Tag("span", "", visit.say(key))
