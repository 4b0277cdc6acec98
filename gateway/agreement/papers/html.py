"""The paper as one HTML file that needs nothing else, on a screen and on a printer."""

from collections.abc import Iterator, Sequence
from html import escape

from gateway.agreement.papers.paper import Block, Items, Paper, Section, Table

_STYLE = """
body { font: 11pt/1.6 "Songti SC", SimSun, "Noto Serif CJK SC", "Times New Roman", serif; color: #1c2126;
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 20pt; text-align: center; margin: 1rem 0 .4rem; }
h2 { font-size: 14pt; margin: 1.6rem 0 .4rem; break-after: avoid; }
h3, h4, h5 { font-size: 12pt; margin: 1rem 0 .3rem; break-after: avoid; }
p { margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 .9rem; table-layout: fixed; font-size: 9.5pt; }
th, td { border: 1px solid #9aa4ad; padding: .25rem .4rem; text-align: left; vertical-align: top;
  white-space: pre-line; overflow-wrap: anywhere; }
th { background: #eef1f3; }
tr { break-inside: avoid; }
footer { color: #5f6a75; font-size: 8.5pt; margin-top: 2rem; }
.annex, article + article { break-before: page; }
@page { size: A4; margin: 20mm 18mm; }
@media print { body { max-width: none; margin: 0; padding: 0; } }
"""


def html_of(papers: Sequence[Paper]) -> bytes:
    """The file; several papers stand one behind the other, each in its language."""
    first = papers[0]
    body = "".join(part for paper in papers for part in _paper(paper))
    return (
        f'<!doctype html>\n<html lang="{first.language.html}">\n<head><meta charset="utf-8">'
        f"<title>{escape(first.title)}</title><style>{_STYLE}</style></head>\n<body>{body}</body></html>\n"
    ).encode()


def _paper(paper: Paper) -> Iterator[str]:
    yield f'<article lang="{paper.language.html}">\n<h1>{escape(paper.title)}</h1>\n'
    yield from map(_block, paper.head)
    for level, section in paper.walk():
        yield _heading(section, level)
        yield from map(_block, section.blocks)
    yield f"<footer>{escape(paper.foot)}</footer>\n</article>\n"


def _heading(section: Section, level: int) -> str:
    mark = ' class="annex"' if section.annex else ""
    return f"<h{level + 1}{mark}>{escape(section.heading)}</h{level + 1}>\n"


def _block(block: Block) -> str:
    match block:
        case str():
            return f"<p>{escape(block)}</p>\n"
        case Items(items):
            return "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in items) + "</ul>\n"
        case Table():
            return _table(block)


def _table(table: Table) -> str:
    columns = "".join(f'<col style="width: {width:.1%}">' for width in table.widths)
    head = "".join(f"<th>{escape(one)}</th>" for one in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>\n" for row in table.rows)
    return (
        f"<table><colgroup>{columns}</colgroup>"
        + (f"<thead><tr>{head}</tr></thead>\n" if head else "")
        + f"<tbody>{rows}</tbody></table>\n"
    )
