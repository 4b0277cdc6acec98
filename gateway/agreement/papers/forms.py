"""The forms of the paper, by the end of a file's name. A form's libraries are loaded when it is asked for."""

from collections.abc import Mapping, Sequence
from importlib import import_module

from gateway.agreement.papers.paper import Paper
from schemas.errors import ToldError

FORMS: Mapping[str, str] = {".html": "html:html_of", ".docx": "word:docx_of", ".pdf": "pdf:pdf_of"}
"""Ending → module of this package, and its function."""


class FormError(ToldError):
    """The form cannot be written here; one line says what to install."""


def written(papers: Sequence[Paper], ending: str) -> bytes:
    """The file in the form of that ending; the papers stand one behind the other, one for each language.

    Raises FormError where a library is missing.
    """
    module, _, name = FORMS[ending].partition(":")
    try:
        write = getattr(import_module(f"{__package__}.{module}"), name)
    except ModuleNotFoundError as error:
        raise FormError(f"{ending} needs the library {error.name}; install cmo-gateway[holder]") from error
    octets: bytes = write(papers)
    return octets
