"""How a report is laid out as PDF: pages, headings, tables. Of the same content, the same octets."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from typing import Literal

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

from gateway.languages import Language
from gateway.reports.fonts import BOLD, PLAIN, marked, register
from gateway.reports.numbered import Numbered
from gateway.reports.telling import Section

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
Style = Literal["title", "head", "fact", "note", "cell"]


def laid_out(
    story: Iterable[Flowable], title: str, language: Language, foot: str, page: Callable[[int, int], str]
) -> bytes:
    """The PDF; `foot` and `page` are as `Numbered` takes them."""
    register()
    octets = BytesIO()
    document = SimpleDocTemplate(
        octets, pagesize=PAGE, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=title, lang=language.html, invariant=1,
    )  # fmt: skip
    canvas = partial(
        Numbered, foot=foot, page=page, left=MARGIN + PADDING, width=WIDTH, bottom=MARGIN / 2
    )  # fmt: skip
    document.build(list(story), canvasmaker=canvas)
    return octets.getvalue()


def laid_section(section: Section) -> Iterator[Flowable]:
    """A heading, its table, its notes."""
    yield CondPageBreak(80)
    yield laid_text(section.title, "head")
    if section.rows:
        rows = [[laid_text(cell, "cell") for cell in row] for row in (section.columns, *section.rows)]
        widths = [width * WIDTH for width in section.widths]
        yield Table(rows, colWidths=widths, repeatRows=1, splitInRow=1, style=_TABLE)
    else:
        yield laid_text(section.empty, "fact")
    for note in section.notes:
        yield laid_text(note, "note")


def laid_text(text: str, style: Style) -> Paragraph:
    """A paragraph."""
    return Paragraph(marked(text), _STYLES[style])
