"""The part of the evidence page that draws how complete each source is, with its gaps on a time line."""

from collections.abc import Callable

from gateway.completeness import Completeness
from gateway.console.parts import Mark, Rows, Tag
from gateway.console.visit import Visit
from gateway.views.display import DAY, HOUR, SECOND, Clock, age, number
from gateway.views.evidence import Evidence, SourceEvidence
from gateway.views.gaps import FILLED, UNHEARD, Stretch, placed
from gateway.views.sources import Contact, Source

COVERED = "COVERED"
TICKS = 4
"""Into how many parts the axis beneath the time lines is cut."""


class Lanes:
    """Every source with its figures and its time line, and below what the patterns mean."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        say = visit.say
        with Tag("section", "block", aria_label=say("evidence.sources")):
            Tag("h2", "", say("evidence.sources"))
            self._none = Tag("p", "quiet", say("evidence.none"))
            self._sources = Rows(Tag("ul", "lanes"), lambda found: _Lane(visit, found.source.name), self._show)
            with Tag("div", "axis", aria_hidden="true") as self._axis:
                self._ticks = [Tag("span") for _ in range(TICKS + 1)]
            self._legend = Rows(Tag("ul", "legend patterns"), lambda kind: _Meaning(visit, kind), _Meaning.stay)

    def show(self, view: Evidence) -> None:
        """As it stands now."""
        self._view = view
        self._none.set(hidden=bool(view.sources) or None)
        self._axis.set(hidden=not view.sources or None)
        for tick, text in zip(self._ticks, ticks(view.begin, view.end, self._visit.clock), strict=True):
            tick.set_text(text)
        self._sources.show((found.source.name, found) for found in view.sources)
        covered = [COVERED] if any(found.covered for found in view.sources) else []
        drawn = dict.fromkeys(stretch.kind for found in view.sources for stretch in found.drawn)
        kinds = sorted(drawn, key=lambda kind: (kind == UNHEARD, kind == FILLED))
        self._legend.show((kind, kind) for kind in [*covered, *kinds])

    def _show(self, lane: "_Lane", found: SourceEvidence) -> None:
        lane.show(found, self._view)


def ticks(begin: int, end: int, clock: Clock) -> list[str]:
    """Moments in equal steps: the first and last in full, those between as short as they are clear."""
    form = "%m-%d" if end - begin > 4 * DAY else "%H:%M" if end - begin > HOUR else "%H:%M:%S"
    inner = (clock.local(begin + (end - begin) * part // TICKS) for part in range(1, TICKS))
    return [clock.stamp(begin), *(f"{moment:{form}}" for moment in inner), clock.stamp(end)]


class _Meaning:
    """What one pattern means."""

    def __init__(self, visit: Visit, kind: str) -> None:
        with Tag("li") as self.root:
            Tag("span", f"swatch {_look(kind)}", aria_hidden="true")
            Tag("span", "", _word(kind, visit))

    def stay(self, kind: str) -> None:
        """A pattern never changes its meaning."""


def _word(kind: str, visit: Visit) -> str:
    if kind in {COVERED, FILLED, UNHEARD}:
        return visit.say(f"evidence.drawn.{kind}")
    return visit.say(f"cause.{kind}")


def _look(kind: str) -> str:
    """The classes of a pattern; every gap's begins with the same."""
    name = kind.lower().replace("_", "-")
    return name if kind in {COVERED, UNHEARD} else f"gap {name}"


class _Lane:
    """One source: its share, when it was heard of, how much it gave, and its time line."""

    _view: Evidence
    _found: SourceEvidence

    def __init__(self, visit: Visit, name: str) -> None:
        self._visit = visit
        self._chosen: str | None = None
        with Tag("li") as self.root:
            Tag("span", "source", name)
            with Tag("span", "percent"):
                self._whole, self._percent = Mark(), Tag("b")
            self._missing = Tag("span", "missing")
            with Tag("span", "contact fades"):
                self._mark, self._state, self._heard = Mark(), Tag("span"), Tag("span", "aside")
            self._samples = Tag("span", "aside count")
            with Tag("div", "lane", role="group") as self._lane:
                covered, gaps = Tag("span"), Tag("span")
            self._told = Tag("p", "told", role="status")
        self._covered: Rows[tuple[int, int], _Covered] = Rows(covered, lambda _: _Covered(), self._place)
        self._drawn: Rows[Stretch, _Button] = Rows(gaps, lambda item: _Button(item, self._choose), self._draw)

    def show(self, found: SourceEvidence, view: Evidence) -> None:
        """As it stands now."""
        self._view, self._found = view, found
        say, clock = self._visit.say, self._visit.clock
        self._whole.show("data" if found.complete is None or found.complete.missing else "good", "")
        self._percent.set_text(percent_text(found.percent, found.complete, say("evidence.no_data")))
        self._missing.set_text(missing_text(found, self._visit))
        self._mark.show("good" if found.source.state is Contact.LIVE else "data", "")
        self._state.set_text(say(f"evidence.{found.source.state}"))
        self._heard.set_text(_heard(found.source, view.now, self._visit))
        self._samples.set_text(say("evidence.readings", n=number(found.samples, "{#}")))
        begin, end = clock.stamp(view.begin), clock.stamp(view.end)
        self._lane.set(aria_label=say("evidence.lane", source=found.source.name, begin=begin, end=end))
        self._covered.show((str(place), span) for place, span in enumerate(found.covered))
        self._draw_all()

    def _draw_all(self) -> None:
        drawn = {key_of(stretch): stretch for stretch in self._found.drawn}
        self._drawn.show(drawn.items())
        chosen = drawn.get(self._chosen or "")
        self._told.set_text(stretch_text(chosen, self._view.now, self._visit) if chosen else "")

    def _choose(self, key: str) -> None:
        self._chosen = None if self._chosen == key else key
        self._draw_all()

    def _place(self, shown: "_Covered", span: tuple[int, int]) -> None:
        shown.root.set(style=_at(*placed(*span, self._view.begin, self._view.end)))

    def _draw(self, shown: "_Button", stretch: Stretch) -> None:
        label = stretch_text(stretch, self._view.now, self._visit)
        pressed = "true" if key_of(stretch) == self._chosen else "false"
        style = _at(*placed(stretch.began, stretch.ended, self._view.begin, self._view.end))
        shown.root.set(style=style, title=label, aria_label=label, aria_pressed=pressed)


def key_of(stretch: Stretch) -> str:
    """What stays the same while a stretch grows."""
    return f"{stretch.kind} {stretch.began}"


class _Covered:
    """Where readings are."""

    def __init__(self) -> None:
        self.root = Tag("span", "covered")


class _Button:
    """A stretch without readings; its text is told on hover, tap and Enter."""

    def __init__(self, stretch: Stretch, choose: Callable[[str], None]) -> None:
        key = key_of(stretch)
        self.root = Tag("button", _look(stretch.kind), type="button")
        self.root.on("click", lambda: choose(key))


def _at(left: float, width: float) -> str:
    return f"left:{left:.3f}%;width:{width:.3f}%"


def percent_text(percent: float | None, complete: Completeness | None, none: str) -> str:
    """The share as it is written: never rounded up to 100 %, never down to nothing."""
    if percent is None or complete is None:
        return none
    if not complete.missing:
        return "100 %"
    if percent == 0 and complete.missing < complete.end - complete.begin:
        return "< 0.01 %"
    return f"{percent:.2f} %"


def missing_text(found: SourceEvidence, visit: Visit) -> str:
    """How much time is missing of how much, and whether that is estimated."""
    say, complete = visit.say, found.complete
    if complete is None:
        return ""
    span = age(complete.end - complete.begin, say)
    if not complete.missing:
        return say("evidence.whole", span=span)
    missing = length_text(complete.missing, visit)
    return say("evidence.missing_about" if found.estimated else "evidence.missing", missing=missing, span=span)


def length_text(micros: int, visit: Visit) -> str:
    """A length of time that is not nothing, also where it is less than a second."""
    return visit.say("evidence.under_second") if 0 < micros < SECOND else age(micros, visit.say)


def _heard(source: Source, now: int, visit: Visit) -> str:
    if source.heard is None:
        return ""
    time = visit.clock.stamp(source.heard)
    return visit.say("evidence.heard", time=time, age=age(now - source.heard, visit.say))


def stretch_text(stretch: Stretch, now: int, visit: Visit) -> str:
    """Cause, from, to, how long, and how many readings were lost."""
    say, clock = visit.say, visit.clock
    end = say("evidence.lasts") if stretch.ended is None else clock.stamp(stretch.ended)
    lasting = length_text((now if stretch.ended is None else stretch.ended) - stretch.began, visit)
    what = _word(stretch.kind, visit)
    parts = [say("evidence.several", n=stretch.count, what=what) if stretch.count > 1 else what]
    parts.append(say("evidence.from_to", begin=clock.stamp(stretch.began), end=end, age=lasting))
    parts += [say("evidence.estimated")] if stretch.estimated else []
    parts += [say("evidence.lost", n=number(stretch.lost, "{#}"))] if stretch.lost else []
    return " · ".join(parts)
