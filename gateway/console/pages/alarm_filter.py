"""The choice of alarms: period, room, priority, state, batch, text. Forms that work without a script."""

from collections.abc import Iterable

from gateway.console.parts import Tag, link
from gateway.console.ranges import range_links, window_form
from gateway.console.views.wanted_alarms import PRIORITIES, STATES, Wanted
from gateway.console.visit import Visit

PATH = "/alarms"


def alarm_filter(visit: Visit, asked: Wanted) -> None:
    """What is shown, and the way to something else."""
    with Tag("div", "period"):
        range_links(visit, PATH, asked.window.range, **asked.query)
        window_form(visit, PATH, asked.window, **asked.query)
    say, period = visit.say, asked.window.query(visit.clock)
    rooms = {room.id: f"{room.id} {say.name(room.name)}" for room in visit.site.rooms}
    rooms |= {asked.room: rooms.get(asked.room, asked.room)} if asked.room else {}
    priorities = {name: say(f"alarms.filter.priorities.{name}") for name in PRIORITIES}
    states = {name: say(f"alarms.filter.states.{name}") for name in STATES}
    with Tag("form", "window filter", method="get", action=visit.href(PATH), aria_label=say("alarms.filter.label")):
        for name, value in period.items():
            Tag("input", name_=name, type="hidden", **{"^value": value})
        _choice(visit, "room", rooms.items(), asked.room)
        _choice(visit, "priority", priorities.items(), asked.priority)
        _choice(visit, "state", states.items(), asked.state)
        _text(visit, "batch", asked.batch)
        _text(visit, "text", asked.text)
        Tag("button", "btn", say("alarms.filter.apply"), type="submit")
        if asked.query:
            link(say("alarms.filter.clear"), visit.href(PATH, language=None, **period), "btn")


def _choice(visit: Visit, name: str, choices: Iterable[tuple[str, str]], chosen: str | None) -> None:
    with Tag("label"):
        Tag("span", "", visit.say(f"alarms.filter.{name}"))
        with Tag("select", name_=name):
            for value, text in (("", visit.say("alarms.filter.every")), *choices):
                # `^` makes it the attribute: as a property, Vue would write it over what was chosen at each push
                Tag("option", "", text, value=value, **({"^selected": "selected"} if value == (chosen or "") else {}))


def _text(visit: Visit, name: str, given: str | None) -> None:
    with Tag("label"):
        Tag("span", "", visit.say(f"alarms.filter.{name}"))
        Tag("input", name_=name, type="search", maxlength=80, autocomplete="off", **{"^value": given or ""})
