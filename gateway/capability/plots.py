"""The two plots of a capability report: completeness by day or month, and how the records of each kind came to be."""

from collections.abc import Iterator, Sequence
from typing import Literal

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth

from gateway.capability.capability import Figures, Share
from gateway.reports.fonts import CHINESE, PLAIN, register, runs
from gateway.views.display import Clock

WIDTH, HEIGHT = 740.0, 110.0
"""Points."""
LEFT, RIGHT, TOP, BOTTOM = 40.0, 8.0, 12.0, 22.0
WIDEST = 36.0
"""Of a bar that stands."""
ROW = 16.0
"""Of a bar that lies."""
NAMES = 170.0
MOST_LABELS = 16
INK, WEAK, GREY, KEYED, DARK = map(HexColor, (0x2B3A48, 0x5F6A75, 0xDDE1E5, 0x8A5300, 0x9AA5B1))
SHADES = {"direct": INK, "exported": DARK, "checked": GREY, "unchecked": KEYED, "scanned": KEYED, "untold": KEYED}


def completeness_plot(figures: Figures, clock: Clock, not_told: str) -> Drawing:
    """A bar for each day or month; where nothing can be told stands a `?` and no bar."""
    register()
    drawing = Drawing(WIDTH, HEIGHT)
    tall, wide = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT
    for share in (0, 50, 100):
        y = BOTTOM + tall * share / 100
        drawing.add(Line(LEFT, y, WIDTH - RIGHT, y, strokeColor=GREY, strokeWidth=0.4))
        drawing.add(_text(LEFT - 4, y - 2.5, f"{share} %", "end"))
    step = wide / len(figures.parts)
    every = -(-len(figures.parts) // MOST_LABELS)
    for at, part in enumerate(figures.parts):
        x = LEFT + at * step
        if part.percent is None:
            drawing.add(_text(x + step / 2, BOTTOM + 3, not_told, "middle"))
        else:
            height = tall * part.percent / 100
            bar = min(0.8 * step, WIDEST)
            drawing.add(_bar(x + (step - bar) / 2, BOTTOM, bar, height, DARK))
            if every == 1:
                drawing.add(_text(x + step / 2, BOTTOM + height + 2, f"{part.percent:.2f} %", "middle"))
        if at % every == 0:
            day = clock.local(part.begin)
            drawing.add(_text(x + step / 2, 9, f"{day:%m-%d}" if figures.by_days else f"{day:%Y-%m}", "middle"))
    return drawing


def shares_plot(shares: Sequence[Share], names: Sequence[str]) -> Drawing:
    """A bar for each kind: by instruments and systems dark, keyed and checked light, all else in a colour."""
    register()
    drawing = Drawing(WIDTH, ROW * len(shares) + 4)
    for at, (share, name) in enumerate(zip(shares, names, strict=True)):
        y = ROW * (len(shares) - 1 - at) + 4
        for piece in _name(name, y + 2):
            drawing.add(piece)
        for bar in _bars(share, y):
            drawing.add(bar)
    return drawing


def _bars(share: Share, y: float) -> Iterator[Rect]:
    x, wide = NAMES, WIDTH - RIGHT - NAMES
    for name, shade in SHADES.items():
        count = getattr(share, name)
        if count:
            width = max(0.8, wide * count / share.all)
            yield _bar(x, y, min(width, NAMES + wide - x), ROW - 5, shade)
            x += wide * count / share.all


def _name(text: str, y: float) -> Iterator[String]:
    """In pieces of one font, from the left."""
    x = 0.0
    for piece, chinese in runs(text):
        font = CHINESE if chinese else PLAIN
        yield String(x, y, piece, fontName=font, fontSize=7, fillColor=INK)
        x += stringWidth(piece, font, 7)


def _bar(x: float, y: float, width: float, height: float, shade: Color) -> Rect:
    bar = Rect(x, y, width, height)
    bar.fillColor, bar.strokeColor = shade, None
    return bar


def _text(x: float, y: float, text: str, anchor: Literal["start", "middle", "end"]) -> String:
    return String(x, y, text, fontName=PLAIN, fontSize=6.5, fillColor=WEAK, textAnchor=anchor)
