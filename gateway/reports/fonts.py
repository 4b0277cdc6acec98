"""Letters of a PDF: Bitstream Vera, which is embedded, and STSong-Light for what it has not, which is not embedded.

STSong-Light is one of the Chinese fonts that PDF readers bring along (Adobe's Simplified Chinese pack, or another font
in its place); so a report in Chinese stays small, and looks as its reader draws it.
"""

from functools import cache
from itertools import groupby
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD, CHINESE = "Vera", "VeraBd", "STSong-Light"
_UNKNOWN = "\N{WHITE SQUARE}"


@cache
def register() -> frozenset[int]:
    """Make the fonts known, once; the code points that the embedded ones have."""
    fonts = [TTFont(name, f"{name}.ttf") for name in (PLAIN, BOLD)]
    for font in (*fonts, UnicodeCIDFont(CHINESE)):
        pdfmetrics.registerFont(font)
    return frozenset.intersection(*(frozenset(font.face.charToGlyph) for font in fonts))


def runs(text: str) -> list[tuple[str, bool]]:
    """The text in pieces of one font; whether each is Chinese. What no font has becomes a square."""
    known = register()
    plain = "".join(map(_drawable, text))
    return [("".join(piece), chinese) for chinese, piece in groupby(plain, lambda one: ord(one) not in known)]


def marked(text: str) -> str:
    """The text as a paragraph takes it: escaped, each piece in its font, a line for each line."""
    lines = []
    for line in text.split("\n"):
        pieces = (f'<font name="{CHINESE}">{escape(piece)}</font>' if chinese else escape(piece)
                  for piece, chinese in runs(line))  # fmt: skip
        lines.append("".join(pieces))
    return "<br/>".join(lines)


def _drawable(one: str) -> str:
    if one == "\N{NARROW NO-BREAK SPACE}":
        return "\N{NO-BREAK SPACE}"
    if not (one.isprintable() or one.isspace()) or one < " ":
        return " "
    return one if ord(one) <= 0xFFFF else _UNKNOWN
