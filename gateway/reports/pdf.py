"""A report as PDF. Of the same report, language and time of printing, the same octets."""

from collections.abc import Iterator

from reportlab.platypus import CondPageBreak, Flowable, Spacer

from gateway.languages import Language
from gateway.reports.layout import laid_out, laid_section, laid_text
from gateway.reports.report import Report, TagReport
from gateway.reports.trend_figure import HEIGHT, figure
from gateway.reports.wording import Wording
from gateway.views.display import number, symbol


def pdf_of(report: Report, language: Language, *, printed: int) -> bytes:
    """The PDF; `printed` is when, UTC microseconds."""
    wording = Wording(report, language)
    foot = f"{wording.title} · {wording.say('report.printed', time=wording.clock.stamp(printed))}"
    return laid_out(
        _story(wording), wording.title, language, foot,
        lambda page, pages: wording.say("report.page", page=page, pages=pages),
    )  # fmt: skip


def _story(wording: Wording) -> Iterator[Flowable]:
    yield laid_text(wording.title, "title")
    for line in wording.facts():
        yield laid_text(line, "fact")
    *before, basis = wording.sections()
    for section in before:
        yield from laid_section(section)
    yield from _trends(wording)
    yield from laid_section(basis)


def _trends(wording: Wording) -> Iterator[Flowable]:
    report, say = wording.report, wording.say
    if not report.tags:
        return
    yield CondPageBreak(HEIGHT + 80)
    yield laid_text(say("report.trends.title"), "head")
    yield laid_text(say("report.trends.note"), "note")
    for one in report.tags:
        yield CondPageBreak(HEIGHT + 30)
        drawing = figure(one, report.begin, report.until, wording.clock)
        heading = f"{wording.tell.name(one.subject)} · {one.subject.tag}"
        if drawing is None:
            yield laid_text(f"{heading} · {say('report.trends.empty')}", "fact")
            continue
        yield laid_text(f"{heading} · {_range(one, wording)}", "fact")
        yield drawing
        yield Spacer(1, 4)


def _range(one: TagReport, wording: Wording) -> str:
    """The lowest and the highest good value, or only the unit."""
    found, unit = one.figures, one.subject.unit
    if found.minimum is None or found.maximum is None:
        return symbol(unit)
    low, high = number(found.minimum, unit), number(found.maximum, unit)
    return wording.say("report.trends.range", low=low, high=high, unit=symbol(unit))
