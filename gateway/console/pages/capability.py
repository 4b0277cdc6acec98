"""Capability: what makes this exchange eligible for remote audits, requirement by requirement, with its figures."""

from gateway.capability.archived import Capability
from gateway.capability.capability import Figures
from gateway.capability.requirements import Statement, Verdict
from gateway.capability.telling import Telling
from gateway.configuration import ConfigurationError
from gateway.console.parts import Mark, Table, Tag, link
from gateway.console.ranges import range_links, window_form
from gateway.console.reporting import capability
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.reports.telling import Section
from gateway.views.capability import DEFAULT, capability_asked
from gateway.views.trend import Window, following

PATH = "/capability"
TONES = {Verdict.NOT_MET: "action", Verdict.NOT_EVALUABLE: "data", Verdict.DOES_NOT_APPLY: "none"}
"""Of what is not met; what is met is grey."""
SOURCES = {
    "systems": "/evidence", "causes": "/evidence", "gaps": "/evidence", "streams": "/evidence", "findings": "/evidence",
    "wanted": "/agreement", "outside": "/evidence", "versions": "/agreement", "looks": "/people", "shares": "/batches",
}  # fmt: skip
"""The page that a section's figures come from."""


async def build(visit: Visit) -> None:
    """The page; it says when it was made, and does not follow."""
    now = visit.desk.now()
    try:
        asked, fault = capability_asked(visit.query, visit.site.zone, now), ""
    except ValueError:
        asked, fault = following(DEFAULT, now), visit.say("capability_page.bad")
    fixed = Window(asked.begin, asked.end).query(visit.clock)
    try:
        async with visit.desk.reporting:
            report = await capability(visit.desk, asked, now)
    except ConfigurationError as error:
        report, fault = None, visit.say("agreement.unreadable", why=str(error))
    with shell(visit, "reports", visit.data(PATH, **fixed)):
        Tag("h1", "", visit.say("capability_page.title"))
        if fault:
            Tag("p", "notice", fault, role="alert")
        with Tag("div", "period"):
            range_links(visit, PATH, asked.range)
            window_form(visit, PATH, asked)
        if report is not None:
            _show(visit, report, fixed)


def _show(visit: Visit, report: Capability, fixed: dict[str, str]) -> None:
    tell = Telling(report, visit.say.language)
    _about(visit, tell, fixed)
    title = tell.statements().title
    with Tag("section", "block", aria_label=title):
        Tag("h2", "", title)
        with Tag("ol", "plain requirements"):
            for one in report.statements:
                _statement(tell, one)
    for name, section in tell.sections()[1:]:
        _section(visit, tell, name, section)


def _about(visit: Visit, tell: Telling, fixed: dict[str, str]) -> None:
    say, query = visit.say, {**fixed, "language": visit.say.language.value}
    with Tag("section", "block", aria_label=say("capability_page.report")):
        Tag("h2", "", tell.title)
        for line in tell.facts():
            Tag("p", "", line)
        with Tag("div", "buttons"):
            if visit.desk.proofs is not None:
                address = visit.data(f"{PATH}/report.zip", **query)
                link(say("capability_page.signed"), address, "btn", download="")
            link(say("capability_page.pdf"), visit.data(f"{PATH}/report.pdf", **query), "btn", download="")
        key = "capability_page.check" if visit.desk.proofs is not None else "capability_page.no_key"
        Tag("p", "quiet", say(key))


def _statement(tell: Telling, one: Statement) -> None:
    """A requirement with its verdict, and every figure that it rests on."""
    with Tag("li", "requirement"):
        with Tag("div", "verdict-word"):
            _mark(one.verdict)
            Tag("b", "", tell.verdict(one))
        with Tag("div"):
            Tag("span", "", tell.requirement(one))
            Tag("span", "quiet", f" {one.clause}")
            with Tag("ul", "plain quiet reasons"):
                for reason in one.reasons:
                    with Tag("li"):
                        _mark(reason.verdict)
                        Tag("span", "sr", f"{tell.verdict(reason)}: ")
                        Tag("span", "", tell.reason(reason))


def _mark(verdict: Verdict) -> None:
    """The shape; its word stands beside it."""
    if verdict is Verdict.MET:
        Tag("span", "checked", "✓ ", aria_hidden="true")
    else:
        Mark(TONES[verdict])


def _section(visit: Visit, tell: Telling, name: str, section: Section) -> None:
    with Tag("section", f"block capability-{name}", aria_label=section.title):
        Tag("h2", "", section.title)
        if section.rows:
            table = Table(section.title, *section.columns, classes="capability")
            with table.body:
                for row in section.rows:
                    line = table.line()
                    for cell in row:
                        with line.cell(), Tag("div", "lines"):
                            for text in cell.split("\n"):
                                Tag("span", "", text)
        else:
            Tag("p", "quiet", section.empty)
        if name == "systems":
            _parts(tell, tell.report.figures)
        for note in section.notes:
            Tag("p", "quiet", note)
        if (path := SOURCES.get(name)) is not None and visit.may(path):
            link(visit.say("capability_page.from"), visit.href(path))


def _parts(tell: Telling, figures: Figures) -> None:
    """Completeness by day or month as columns, each with its figure."""
    with Tag("ol", "plain months", aria_label=tell.by_time):
        for part in figures.parts:
            day = tell.clock.local(part.begin)
            told = f"{day:%m-%d}" if figures.by_days else f"{day:%Y-%m}"
            share = tell.percent(part.percent)
            with Tag("li", "" if part.percent is not None else "unknown", title=f"{told}: {share}"):
                Tag("span", "column", style=f"height: {part.percent or 0:.2f}%")
                Tag("span", "sr", f"{told}: {share}")
    Tag("p", "quiet", tell.by_time)
