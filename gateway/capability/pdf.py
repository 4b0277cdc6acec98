"""A capability report as PDF. Of the same report, language and time of printing, the same octets."""

from collections.abc import Iterator

from reportlab.platypus import CondPageBreak, Flowable

from gateway.capability.archived import Capability
from gateway.capability.plots import HEIGHT, completeness_plot, shares_plot
from gateway.capability.telling import Telling
from gateway.languages import Language
from gateway.reports.layout import laid_out, laid_section, laid_text


def pdf_of(report: Capability, language: Language, *, printed: int) -> bytes:
    """The PDF; `printed` is when, UTC microseconds."""
    tell = Telling(report, language)
    stamp = tell.clock.stamp(printed)
    foot = tell.say("capability.foot", title=tell.title, period=tell.period(), time=stamp)
    return laid_out(
        _story(tell), tell.title, language, foot,
        lambda page, pages: tell.say("capability.page", page=page, pages=pages),
    )  # fmt: skip


def _story(tell: Telling) -> Iterator[Flowable]:
    yield laid_text(tell.title, "title")
    for line in tell.facts():
        yield laid_text(line, "fact")
    figures = tell.report.figures
    for name, section in tell.sections():
        yield from laid_section(section)
        if name == "systems":
            yield CondPageBreak(HEIGHT + 30)
            yield laid_text(tell.by_time, "fact")
            yield completeness_plot(figures, tell.clock, tell.say("no_value"))
        if name == "shares" and figures.shares:
            yield laid_text(tell.say("capability.plots.shares"), "fact")
            yield shares_plot(figures.shares, [tell.kind(one.kind) for one in figures.shares])
