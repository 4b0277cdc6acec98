"""The two forms of a report, by the end of a file's name."""

from enum import StrEnum

from gateway.languages import Language
from gateway.reports.csv_file import csv_of
from gateway.reports.pdf import pdf_of
from gateway.reports.report import Report


class Format(StrEnum):
    """How a report is written; the value is the end of its file's name."""

    PDF = "pdf"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """As HTTP says it."""
        return "application/pdf" if self is Format.PDF else "text/csv; charset=utf-8"


def written(report: Report, form: Format, language: Language, *, printed: int) -> bytes:
    """The file; `printed` is when, UTC microseconds, which only the PDF says."""
    return pdf_of(report, language, printed=printed) if form is Format.PDF else csv_of(report, language)
