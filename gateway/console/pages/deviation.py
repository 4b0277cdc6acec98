"""One draft deviation: the facts, each from a record."""

from uuid import UUID

from gateway.console.pages.alarm import AROUND
from gateway.console.pages.alarms import room_state
from gateway.console.parts import Tag, link
from gateway.console.shell import not_found, shell
from gateway.console.visit import Visit
from gateway.deviations.archived import draft_with
from gateway.deviations.draft import Draft
from gateway.views.deviations import door_texts, row_of
from gateway.views.display import age
from gateway.views.texts import alarm_number, alarm_title, limit_of
from gateway.views.trend import Window


async def build(visit: Visit) -> None:
    """The page; nothing here where the id is none."""
    desk, now = visit.desk, visit.desk.now()
    try:
        id_ = UUID(visit.parts["draft"])
    except ValueError:
        not_found(visit)
        return
    draft = await desk.ask(lambda archive: draft_with(archive, desk.site, id_, now))
    if draft is None:
        not_found(visit)
        return
    row, say = row_of(draft, now), visit.say
    with shell(visit, "alarms", visit.data(f"/deviations/{id_}")):
        Tag("h1", "", say("deviations.draft", id=str(id_)[:8]))
        Tag("p", "lead", say("deviations.means"))
        with Tag("section", "block draft", aria_label=say("deviations.title")):
            Tag("h2", "", alarm_title(row, visit.name(row.tag), say))
            with Tag("dl", "figures"):
                for name, text in _facts(visit, draft, now):
                    with Tag("div"):
                        Tag("dt", "", say(f"deviations.{name}"))
                        Tag("dd", "", text)
            Tag("h2", "later", say("deviations.doors"))
            with Tag("ul", "plain"):
                doors = list(door_texts(draft.doors, visit.names, visit.clock, say))
                for text in doors or [say("deviations.no_doors")]:
                    Tag("li", "", text)
            _links(visit, draft, now)


def _facts(visit: Visit, draft: Draft, now: int) -> list[tuple[str, str]]:
    say, clock, row = visit.say, visit.clock, row_of(draft, now)
    states = ", ".join(room_state(state, visit) for state in draft.room_states)
    return [
        ("room", row.room or ""),
        ("batch", ", ".join(draft.batches)),
        ("room_state", states or say("deviations.not_told")),
        ("began", clock.stamp(draft.began)),
        ("ended", say("deviations.lasts") if draft.ended is None else clock.stamp(draft.ended)),
        ("duration", age(draft.duration, say)),
        ("extreme", alarm_number(draft.extreme, row, say)),
        ("limit", limit_of(row, say) if row.numeric else say("deviations.not_told")),
        ("version", row.profile or say("deviations.not_told")),
    ]


def _links(visit: Visit, draft: Draft, now: int) -> None:
    end = now if draft.ended is None else draft.ended
    around = Window(draft.began - AROUND, end + AROUND)
    with Tag("p", "buttons"):
        link(visit.say("deviations.trend"), visit.trend(draft.first.tag, **around.query(visit.clock)), "btn")
        link(visit.say("deviations.alarm"), visit.href(f"/alarms/{draft.first.alarm}"), "btn")
