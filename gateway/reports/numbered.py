"""Pages of a PDF with a foot and their number, which are drawn last, when it is known how many there are."""

from collections.abc import Callable
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from gateway.reports.fonts import CHINESE, PLAIN, runs


class Numbered(Canvas):
    """`foot` stands on the left of each page, `page` (number, of how many) → text on the right.

    `left` and `width` say where they stand, `bottom` how high, in points.
    """

    _startPage: Callable[[], None]  # noqa: N815 - reportlab's, which its types leave out

    def __init__(
        self,
        *arguments: Any,
        foot: str,
        page: Callable[[int, int], str],
        left: float,
        width: float,
        bottom: float,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self._foot, self._page, self._left, self._wide, self._low = foot, page, left, width, bottom
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep the page."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Every page with its foot."""
        pages = self._pages
        for number, state in enumerate(pages, 1):
            self.__dict__.update(state)
            self._draw(self._left, self._foot)
            told = self._page(number, len(pages))
            self._draw(self._left + self._wide - _width(told), told)
            super().showPage()
        super().save()

    def _draw(self, x: float, text: str) -> None:
        line = self.beginText(x, self._low)
        line.setFillColor(HexColor(0x5F6A75))
        for piece, chinese in runs(text):
            line.setFont(CHINESE if chinese else PLAIN, 7)
            line.textOut(piece)
        self.drawText(line)


def _width(text: str) -> float:
    return sum(stringWidth(piece, CHINESE if chinese else PLAIN, 7) for piece, chinese in runs(text))
