"""The forms of the paper, by the end of a file's name. A form's libraries are loaded when it is asked for."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from gateway.agreement.agreement import Agreement
from gateway.agreement.papers.paper import Paper
from gateway.agreement.papers.rendering import render
from gateway.agreement.profile import profiles_for
from gateway.languages import Language
from schemas.errors import ToldError

FORMS: Mapping[str, str] = {".html": "html:html_of", ".docx": "word:docx_of", ".pdf": "pdf:pdf_of"}
"""Ending → module of this package, and its function."""


class FormError(ToldError):
    """The form cannot be written here; one line says what to install."""


MEDIA: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8", ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
"""Ending → media type."""


def paper_of(
    agreement: Agreement, digest: str, ending: str, language: Language | None = None, profiles: Path | None = None
) -> bytes:
    """The agreement as a paper in a language; in both, the leading one first, without one. `digest` is of its file.

    Raises ConfigurationError where a profile is missing, and FormError.
    """
    leading = Language(agreement.leading)
    languages = (leading, leading.other) if language is None else (language,)
    terms = profiles_for(agreement.profiles, agreement.cmo.country, profiles)
    return written([render(agreement, one, profiles=terms, digest=digest) for one in languages], ending)


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
