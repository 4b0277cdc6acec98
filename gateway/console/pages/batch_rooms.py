"""The rooms of a batch while it was in them."""

from gateway.batches.archived import Whole
from gateway.batches.environment import Measured, RoomTime
from gateway.console.pages.alarms import AlarmLine, alarm_table
from gateway.console.pages.batch_tables import cell, nothing, table, when
from gateway.console.pages.trend_compare import PATH, address
from gateway.console.pages.withheld import withheld_list
from gateway.console.parts import Tag, link
from gateway.console.visit import Visit
from gateway.views.alarms import alarm_rows
from gateway.views.display import quantity
from gateway.views.trend import Window


def rooms(visit: Visit, whole: Whole) -> None:
    """The tab: a section for each stay."""
    if not whole.rooms:
        with Tag("section", "block", aria_label=visit.say("batches.tabs.rooms")):
            nothing(visit, "batches.environment.none")
    for one in whole.rooms:
        with Tag("section", "block room-time", aria_label=one.stay.room):
            _room(visit, whole.batch.number, one)


def _room(visit: Visit, batch: str, one: RoomTime) -> None:
    say, stay = visit.say, one.stay
    names = {room.id: say.name(room.name) for room in visit.site.rooms}
    Tag("h2", "", f"{stay.room} {names.get(stay.room, '')}".strip())
    span = say("batches.piece", what=stay.room, begin=when(visit, stay.began),
               end=when(visit, stay.ended, "batches.lasts"))  # fmt: skip
    Tag("p", "quiet", span)
    if not one.known:
        Tag("p", "notice", say("batches.environment.unknown"))
        return
    _measured(visit, batch, one)
    Tag("h3", "", say("batches.environment.alarms"))
    rows = alarm_rows(one.alarms, visit.desk.now())
    if rows:
        shown = alarm_table(visit, "batches.environment.alarms")
        with shown.body:
            for row in rows:
                AlarmLine(visit, shown, row).show((row, False))
    else:
        nothing(visit, "batches.environment.no_alarms")
    _gaps(visit, one)
    withheld_list(visit, one.withheld, one.withdrawn)


def _measured(visit: Visit, batch: str, one: RoomTime) -> None:
    if not one.measured:
        nothing(visit, "batches.environment.no_tags")
        return
    shown = table(
        visit,
        "batches.tabs.rooms",
        "batches.environment.tag",
        "batches.environment.span",
        "batches.environment.readings",
        "alongside.others_column",
    )
    end = visit.desk.now() if one.stay.ended is None else one.stay.ended
    around = Window(one.stay.began, max(end, one.stay.began + 60_000_000)).query(visit.clock)
    with shown.body:
        for tag in one.measured:
            line = shown.line()
            with line.cell(), Tag("span", "lines"):
                link(visit.name(tag.tag), visit.trend(tag.tag, **around))
                Tag("span", "quiet", "" if tag.limits else visit.say("batches.environment.unmonitored"))
            cell(line, *_span(visit, tag), tone="good" if tag.good else "data")
            bad = visit.say("batches.environment.bad", n=tag.other) if tag.other else ""
            cell(line, visit.say("batches.environment.good", n=tag.good), bad)
            with line.cell():
                if visit.may(PATH):
                    link(visit.say("alongside.compare"), address(visit, tag.tag, batch), "btn")


def _span(visit: Visit, tag: Measured) -> tuple[str]:
    if tag.least is None or tag.most is None:
        return (visit.say("batches.environment.no_reading"),)
    return (f"{quantity(tag.least, tag.unit)} – {quantity(tag.most, tag.unit)}",)


def _gaps(visit: Visit, one: RoomTime) -> None:
    say = visit.say
    Tag("h3", "", say("batches.environment.gaps"))
    if not one.gaps:
        nothing(visit, "batches.environment.no_gaps")
        return
    with Tag("ul", "plain"):
        for gap in one.gaps:
            begin, end = when(visit, gap.began), when(visit, gap.ended, "batches.lasts")
            cause = say(f"cause.{gap.cause}")
            Tag("li", "", say("batches.environment.gap", source=gap.source, cause=cause, begin=begin, end=end))
