"""The choice of alarms: period, room, priority, state, batch, text. Forms that work without a script."""

from gateway.console.forms import choice, kept, typed
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
        kept(period.items())
        for name, choices in (("room", rooms), ("priority", priorities), ("state", states)):
            every = ("", say("alarms.filter.every"))
            choice(say(f"alarms.filter.{name}"), name, (every, *choices.items()), getattr(asked, name))
        for name in ("batch", "text"):
            typed(say(f"alarms.filter.{name}"), name, getattr(asked, name))
        Tag("button", "btn", say("alarms.filter.apply"), type="submit")
        if asked.query:
            link(say("alarms.filter.clear"), visit.href(PATH, language=None, **period), "btn")
