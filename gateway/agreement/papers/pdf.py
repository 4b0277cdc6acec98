"""The paper as PDF, with its headings as bookmarks. Of the same paper, the same octets."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import CondPageBreak, Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, TableStyle
from reportlab.platypus import Table as Drawn

from gateway.agreement.papers.paper import Block, Items, Paper, Table
from gateway.languages import Language
from gateway.reports.fonts import BOLD, PLAIN, marked, register
from gateway.reports.numbered import Numbered

MARGIN, PADDING = 51.0, 6.0
"""Points; the padding is the layout's."""
WIDTH = A4[0] - 2 * (MARGIN + PADDING)
_LINE, _HEAD = HexColor(0x9AA4AD), HexColor(0xEEF1F3)
_BODY = ParagraphStyle("body", fontName=PLAIN, fontSize=9, leading=14, spaceAfter=3)


def _styles(wrap: str | None) -> dict[str, ParagraphStyle]:
    """Chinese breaks its lines anywhere, English between words."""
    body = ParagraphStyle("body", _BODY, wordWrap=wrap)
    sizes = ((1, 12, 10), (2, 10, 6), (3, 9.5, 5), (4, 9, 4))
    return {
        "body": body,
        "cell": ParagraphStyle("cell", body, fontSize=7.5, leading=10.5, spaceAfter=0),
        "title": ParagraphStyle("title", body, fontName=BOLD, fontSize=16, leading=22, alignment=1, spaceAfter=8),
        **{
            f"h{level}": ParagraphStyle(
                f"h{level}", body, fontName=BOLD, fontSize=size, leading=size * 1.5, spaceBefore=before
            )
            for level, size, before in sizes
        },
    }


_STYLES = {Language.ZH: _styles("CJK"), Language.EN: _styles(None)}
_GRID = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("GRID", (0, 0), (-1, -1), 0.4, _LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)  # fmt: skip
_HEADED = TableStyle([("BACKGROUND", (0, 0), (-1, 0), _HEAD)], parent=_GRID)


def pdf_of(papers: Sequence[Paper]) -> bytes:
    """The file; several papers stand one behind the other, each in its language."""
    register()
    first, octets = papers[0], BytesIO()
    document = SimpleDocTemplate(
        octets, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=first.title, lang=first.language.html, invariant=1,
    )  # fmt: skip
    canvas = partial(
        Numbered,
        foot=first.foot,
        page=lambda page, pages: first.page.format(page=page, pages=pages),
        left=MARGIN + PADDING,
        width=WIDTH,
        bottom=MARGIN / 2,
    )
    story = [part for at, paper in enumerate(papers) for part in _paper(paper, at)]
    document.build(story, canvasmaker=canvas)
    return octets.getvalue()


class _Heading(Paragraph):
    """A heading that is a bookmark too."""

    def __init__(self, heading: str, level: int, name: str, style: ParagraphStyle) -> None:
        super().__init__(marked(heading), style)
        self._entry = heading, name, level - 1

    def draw(self) -> None:
        """Draw it, and say where it is."""
        text, name, level = self._entry
        canvas: Any = self.canv
        canvas.bookmarkPage(name)
        canvas.addOutlineEntry(text, name, level)
        super().draw()


def _paper(paper: Paper, number: int) -> Iterator[Flowable]:
    styles = _STYLES[paper.language]
    if number:
        yield PageBreak()
    yield Paragraph(marked(paper.title), styles["title"])
    yield from _blocks(paper.head, styles)
    for at, (level, section) in enumerate(paper.walk()):
        yield PageBreak() if section.annex else CondPageBreak(60)
        yield _Heading(section.heading, level, f"{number}-{at}", styles[f"h{level}"])
        yield from _blocks(section.blocks, styles)


def _blocks(blocks: Sequence[Block], styles: Mapping[str, ParagraphStyle]) -> Iterator[Flowable]:
    for block in blocks:
        match block:
            case str():
                yield Paragraph(marked(block), styles["body"])
            case Items(items):
                yield from (Paragraph(marked(f"• {one}"), styles["body"]) for one in items)
            case Table():
                yield from _table(block, styles["cell"])


def _table(table: Table, cell: ParagraphStyle) -> Iterator[Flowable]:
    rows = [*([table.columns] if table.columns else []), *table.rows]
    cells = [[Paragraph(marked(text), cell) for text in row] for row in rows]
    if cells:
        style, repeat = (_HEADED, 1) if table.columns else (_GRID, 0)
        widths = [one * WIDTH for one in table.widths]
        yield Drawn(cells, colWidths=widths, repeatRows=repeat, splitInRow=1, style=style)
        yield Spacer(1, 6)
