"""What the tables of a report are made of: sections, and numbers, times and levels in words of one language. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from gateway.alarm.condition import Condition
from gateway.cleanroom.levels import RoomState
from gateway.completeness import percent
from gateway.languages import Language, Words
from gateway.reports.report import Report, Subject
from gateway.views.display import SECOND, Clock, age, bound_text, number, quantity

WORDS = "gateway.reports.words"
MOST = 300
"""Rows of a table that are printed; the CSV has all."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One table with its heading; `empty` is said where it has no rows. `widths` are shares of the page."""

    title: str
    columns: Row
    rows: tuple[Row, ...]
    widths: tuple[float, ...]
    empty: str
    notes: tuple[str, ...] = ()


@cache
def words_in(language: Language) -> Words:
    """The words of reports and of the console."""
    return Words(language, WORDS)


class Telling:
    """Says things of one report in one language."""

    def __init__(self, report: Report, language: Language) -> None:
        self.report, self.say, self.clock = report, words_in(language), Clock.of(report.zone)
        self._names = {one.subject.tag: self.name(one.subject) for one in report.tags}

    def name(self, subject: Subject) -> str:
        """What a tag is called."""
        if subject.between is not None:
            room, against = subject.between
            return self.say("room.towards", room=room, against=against)
        return self.say(f"report.quantity.{subject.quantity}")

    def tag(self, tag: str) -> str:
        """What a tag is called; itself where it is none of the room's."""
        return self._names.get(tag, tag)

    def section(
        self,
        name: str,
        columns: dict[str, float],
        rows: Iterable[Row],
        notes: Sequence[str] = (),
        *,
        empty: str = "none",
        count: int = 0,
    ) -> Section:
        """A table of at most `MOST` rows; `columns` are their names and widths, `count` how many rows there are."""
        titles = tuple(self.say(f"report.{name}.{column}") for column in columns)
        whole = sum(columns.values())
        cut = [self.say("report.cut", shown=MOST, n=count)] if count > MOST else []
        return Section(
            self.say(f"report.{name}.title"), titles, tuple(islice(rows, MOST)),
            tuple(width / whole for width in columns.values()), self.say(f"report.{empty}"), (*cut, *notes),
        )  # fmt: skip

    def levels(self, levels: Iterable[Condition]) -> str:
        """`F1.DP.M1.LOW ≥ 10 Pa`, each on a line, those of action first as the site file has them."""
        return "\n".join(self._levels(levels)) or self.say("report.no_level")

    def _levels(self, levels: Iterable[Condition]) -> Iterator[str]:
        for level in levels:
            text = bound_text(level.limit, level.unit, self.say, low=level.side < 0)
            states = [one for one in RoomState if one in level.suppressed_in and one is not RoomState.OUT_OF_USE]
            if states:
                told = ", ".join(self.say(f"room_state.{state}") for state in states)
                text = self.say("report.limits.not_while", limit=text, states=told)
            yield f"{level.name} {text}"

    def percent(self, part: int, whole: int) -> str:
        """A share, rounded down."""
        return f"{percent(part, whole):.2f} %" if whole else self.say("report.nothing")

    def duration(self, micros: int) -> str:
        """A length of time, however short."""
        if 0 < micros < SECOND:
            return self.say("report.under_a_second")
        return age(micros, self.say) if micros else "0"

    def number(self, value: float | None, unit: str, limits: Sequence[float] = ()) -> str:
        """Without its unit."""
        return self.say("report.nothing") if value is None else number(value, unit, *limits)

    def quantity(self, value: float | None, unit: str, limits: Sequence[float] = ()) -> str:
        """With its unit."""
        return self.say("report.nothing") if value is None else quantity(value, unit, *limits)

    def span(self, begin: int, end: int) -> str:
        """From when to when."""
        return self.say("trend.span", begin=self.clock.stamp(begin), end=self.clock.stamp(end))
