"""A report as PDF. Of the same report, language and time of printing, the same octets."""

from collections.abc import Iterator
from functools import partial
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from gateway.console.views.display import number, symbol
from gateway.console.words import Language
from gateway.reports.fonts import BOLD, PLAIN, marked, register
from gateway.reports.numbered import Numbered
from gateway.reports.report import Report, TagReport
from gateway.reports.telling import Section
from gateway.reports.trend_figure import HEIGHT, figure
from gateway.reports.wording import Wording

PAGE = landscape(A4)
MARGIN = 42.0
"""Points."""
PADDING = 6.0
"""Of a frame, as the layout has it."""
WIDTH = PAGE[0] - 2 * (MARGIN + PADDING)
_LINE, _HEAD = HexColor(0xC3C9CF), HexColor(0xE9ECEF)
_BODY = ParagraphStyle("body", fontName=PLAIN, fontSize=7.5, leading=10.5, wordWrap="CJK")
_STYLES = {
    "title": ParagraphStyle("title", _BODY, fontName=BOLD, fontSize=13, leading=18, spaceAfter=4),
    "head": ParagraphStyle("head", _BODY, fontName=BOLD, fontSize=10, leading=14, spaceBefore=10, spaceAfter=3),
    "fact": _BODY,
    "note": ParagraphStyle("note", _BODY, fontSize=7, leading=9.5, textColor=HexColor(0x4D5863), spaceBefore=2),
    "cell": ParagraphStyle("cell", _BODY, fontSize=6.5, leading=8.5),
}
_TABLE = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE), ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3), ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)  # fmt: skip


def pdf_of(report: Report, language: Language, *, printed: int) -> bytes:
    """The PDF; `printed` is when, UTC microseconds."""
    register()
    wording, octets = Wording(report, language), BytesIO()
    document = SimpleDocTemplate(
        octets, pagesize=PAGE, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=wording.title, lang=language.html, invariant=1,
    )  # fmt: skip
    foot = f"{wording.title} · {wording.say('report.printed', time=wording.clock.stamp(printed))}"
    canvas = partial(
        Numbered,
        foot=foot,
        page=lambda page, pages: wording.say("report.page", page=page, pages=pages),
        left=MARGIN + PADDING,
        width=WIDTH,
        bottom=MARGIN / 2,
    )
    document.build(list(_story(wording)), canvasmaker=canvas)
    return octets.getvalue()


def _story(wording: Wording) -> Iterator[Flowable]:
    yield _text(wording.title, "title")
    for line in wording.facts():
        yield _text(line, "fact")
    *before, basis = wording.sections()
    for section in before:
        yield from _section(section)
    yield from _trends(wording)
    yield from _section(basis)


def _section(section: Section) -> Iterator[Flowable]:
    yield CondPageBreak(80)
    yield _text(section.title, "head")
    if section.rows:
        rows = [[_text(cell, "cell") for cell in row] for row in (section.columns, *section.rows)]
        widths = [width * WIDTH for width in section.widths]
        yield Table(rows, colWidths=widths, repeatRows=1, splitInRow=1, style=_TABLE)
    else:
        yield _text(section.empty, "fact")
    for note in section.notes:
        yield _text(note, "note")


def _trends(wording: Wording) -> Iterator[Flowable]:
    report, say = wording.report, wording.say
    if not report.tags:
        return
    yield CondPageBreak(HEIGHT + 80)
    yield _text(say("report.trends.title"), "head")
    yield _text(say("report.trends.note"), "note")
    for one in report.tags:
        yield CondPageBreak(HEIGHT + 30)
        drawing = figure(one, report.begin, report.until, wording.clock)
        heading = f"{wording.tell.name(one.subject)} · {one.subject.tag}"
        if drawing is None:
            yield _text(f"{heading} · {say('report.trends.empty')}", "fact")
            continue
        yield _text(f"{heading} · {_range(one, wording)}", "fact")
        yield drawing
        yield Spacer(1, 4)


def _range(one: TagReport, wording: Wording) -> str:
    """The lowest and the highest good value, or only the unit."""
    found, unit = one.figures, one.subject.unit
    if found.minimum is None or found.maximum is None:
        return symbol(unit)
    low, high = number(found.minimum, unit), number(found.maximum, unit)
    return wording.say("report.trends.range", low=low, high=high, unit=symbol(unit))


def _text(text: str, style: str) -> Paragraph:
    return Paragraph(marked(text), _STYLES[style])
