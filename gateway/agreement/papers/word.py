"""The paper as a Word file (Office Open XML), to be read and commented on."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt, RGBColor

from gateway.agreement.papers.paper import Block, Items, Paper, Table

_LATIN, _CHINESE = "Times New Roman", "SimSun"
_INK = RGBColor(0x1C, 0x21, 0x26)
_STYLES = {"Normal": 10.5, "Title": 20, "Heading 1": 14, "Heading 2": 12, "Heading 3": 11, "Heading 4": 11}
"""Points."""


def docx_of(papers: Sequence[Paper]) -> bytes:
    """The file; several papers stand one behind the other, each in its language."""
    document: Any = Document()
    _prepare(document, papers[0])
    for at, paper in enumerate(papers):
        if at:
            document.add_page_break()
        document.add_paragraph(_plain(paper.title), style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
        _blocks(document, paper.head)
        for level, section in paper.walk():
            heading = document.add_heading(_plain(section.heading), level)
            heading.paragraph_format.page_break_before = section.annex
            _blocks(document, section.blocks)
    octets = BytesIO()
    document.save(octets)
    return octets.getvalue()


def _prepare(document: Any, paper: Paper) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(20)
    page.top_margin = page.bottom_margin = Mm(20)
    page.footer.paragraphs[0].text = _plain(paper.foot)
    for name, size in _STYLES.items():
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = _LATIN, Pt(size), _INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for mark in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{mark}"), None)
        fonts.set(qn("w:eastAsia"), _CHINESE)
    facts = document.core_properties
    facts.title, facts.author, facts.language = _plain(paper.title), "", paper.language.html


def _blocks(document: Any, blocks: Sequence[Block]) -> None:
    for block in blocks:
        match block:
            case str():
                document.add_paragraph(_plain(block))
            case Items(items):
                for one in items:
                    document.add_paragraph(_plain(one), style="List Bullet")
            case Table():
                _table(document, block)


def _table(document: Any, table: Table) -> None:
    rows = [*([table.columns] if table.columns else []), *table.rows]
    made = document.add_table(rows=len(rows), cols=len(table.widths), style="Table Grid")
    made.autofit = False
    for at, (row, cells) in enumerate(zip(rows, made.rows, strict=True)):
        head = at == 0 and bool(table.columns)
        if head:
            cells._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - it has no public name
        for text, width, cell in zip(row, table.widths, cells.cells, strict=True):
            cell.width = Mm(170 * width)
            run = cell.paragraphs[0].add_run(_plain(text))
            run.font.size, run.bold = Pt(9), head
    document.add_paragraph()


def _plain(text: str) -> str:
    """What XML can hold."""
    return "".join(one if one.isprintable() or one == "\n" else " " for one in text)
