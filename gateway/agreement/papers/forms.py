"""The forms of the paper, by the end of a file's name."""

from collections.abc import Callable, Mapping, Sequence

from gateway.agreement.papers.html import html_of
from gateway.agreement.papers.paper import Paper
from gateway.agreement.papers.pdf import pdf_of
from gateway.agreement.papers.word import docx_of

FORMS: Mapping[str, Callable[[Sequence[Paper]], bytes]] = {".html": html_of, ".docx": docx_of, ".pdf": pdf_of}
"""Ending → the file's octets; the papers stand one behind the other, one for each language."""
