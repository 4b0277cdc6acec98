"""Reports: choose a room and a period, and take the report as PDF or CSV."""

from gateway.console.parts import Tag, link
from gateway.console.ranges import range_links, window_form
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.reports.formats import Format
from gateway.views.reports import ReportAsked, first, report_asked

PATH = "/reports"
PARTS = ("limits", "values", "unmonitored", "alarms", "performance", "results", "trends", "basis")
"""What stands in a report; words `reports.parts.*`."""


async def build(visit: Visit) -> None:
    """The page; the files are made when they are asked for."""
    now, language = visit.desk.now(), visit.say.language
    try:
        chosen, fault = report_asked({**visit.query, "language": language}, visit.site, now), ""
    except ValueError:
        chosen, fault = first(visit.site, now, language), visit.say("reports.bad")
    query = chosen.query(visit.clock)
    with shell(visit, "reports", visit.data(PATH, **query)):
        Tag("h1", "", visit.say("reports.title"))
        if fault:
            Tag("p", "notice", fault, role="alert")
        _rooms(visit, chosen)
        with Tag("div", "period"):
            range_links(visit, PATH, chosen.window.range, room=chosen.room)
            window_form(visit, PATH, chosen.window, room=chosen.room)
        _files(visit, chosen, query)
        if visit.may("/capability"):
            with Tag("p"):
                link(visit.say("reports.capability"), visit.href("/capability"))


def _rooms(visit: Visit, chosen: ReportAsked) -> None:
    period = chosen.window.query(visit.clock)
    with Tag("div", "buttons", role="group", aria_label=visit.say("reports.room")):
        for room in visit.site.rooms:
            address = visit.href(PATH, language=None, room=room.id, **period)
            current = "true" if room.id == chosen.room else None
            link(f"{room.id} {visit.say.name(room.name)}", address, "btn", aria_current=current)


def _files(visit: Visit, chosen: ReportAsked, query: dict[str, str]) -> None:
    say, clock, window = visit.say, visit.clock, chosen.window
    room = visit.site.room(chosen.room)
    with Tag("section", "block", aria_label=say("reports.files")):
        Tag("h2", "", say("reports.of", room=room.id, name=say.name(room.name)))
        Tag("p", "", say("trend.span", begin=clock.stamp(window.begin), end=clock.stamp(window.end)))
        if window.end > visit.desk.now():
            Tag("p", "quiet", say("reports.not_over"))
        with Tag("div", "buttons"):
            for form, text in ((Format.PDF, say("reports.pdf")), (Format.CSV, say("reports.csv"))):
                link(text, visit.data(f"{PATH}/report.{form}", **query), "btn", download="")
        Tag("p", "quiet", say("reports.holds"))
        with Tag("ul", "plain"):
            for part in PARTS:
                Tag("li", "", say(f"reports.parts.{part}"))
