"""What speaks against a rule of a batch, each case in words with the way to its record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from gateway.archive.lives import AlarmLife
from gateway.batches.batch import Correction, Told
from gateway.batches.environment import RoomTime
from gateway.batches.exceptions import Case, Interrupted, Unread, Untimed
from gateway.batches.missing import Answer
from gateway.batches.numbers import Lost, Unsealed
from gateway.console.pages.proof import stream_path
from gateway.console.parts import Tag, link
from gateway.console.record_chip import gap_link, record_chip, record_link
from gateway.console.views.alarms import alarm_row
from gateway.console.views.display import number
from gateway.console.views.texts import alarm_title
from gateway.console.views.trend import Window
from gateway.console.visit import Visit
from gateway.review.outcome import Outcome
from gateway.review.wording import Wording

CASES = 8
"""How many cases of a rule are spelt out; the data of the page have all."""
CHIPS = 4
"""How many records of one case are linked."""
Places = Mapping[UUID, tuple[str, int]]
"""Stream and number of the records of a batch, by their ids."""


class Cases:
    """Tells them; `places` are those of the batch's records."""

    def __init__(self, visit: Visit, wording: Wording, places: Places) -> None:
        self._visit, self._say, self._wording, self._places = visit, visit.say, wording, places
        self._tellers: Mapping[type, Callable[[Any], None]] = {
            Outcome: self._outcome, Answer: self._answer, AlarmLife: self._alarm, Unread: self._unread,
            RoomTime: self._room, Interrupted: self._interrupted, Correction: self._correction,
            Untimed: self._untimed, Lost: self._lost, Unsealed: self._unsealed, Told: self._told,
        }  # fmt: skip

    def show(self, cases: Sequence[Case]) -> None:
        """The first of them, as items of a list."""
        with Tag("ul", "cases"):
            for case in cases[:CASES]:
                with Tag("li"):
                    self._tellers[type(case)](case)
            if len(cases) > CASES:
                Tag("li", "quiet", self._say("batches.rules.more", n=len(cases) - CASES))

    def _records(self, ids: Sequence[UUID]) -> None:
        for one in ids[:CHIPS]:
            if one in self._places:
                record_chip(self._visit, *self._places[one])
            else:
                record_link(self._visit, one)

    def _outcome(self, case: Outcome) -> None:
        about = " ".join(text for text in (case.place.kind, case.place.system, case.place.key) if text)
        Tag("span", "", self._wording.found(case))
        Tag("span", "quiet", self._say("findings.expected", text=self._wording.expected(case)))
        Tag("span", "aside", about)
        self._records(case.records)

    def _answer(self, case: Answer) -> None:
        why = self._say(f"batches.whys.{case.why}") if case.why else ""
        Tag("span", "", " · ".join(text for text in (case.name, why, case.detail) if text))

    def _alarm(self, case: AlarmLife) -> None:
        visit, row = self._visit, alarm_row(case, self._visit.desk.now())
        title = alarm_title(row, visit.name(row.tag), self._say)
        if visit.may("/alarms"):
            link(title, visit.href(f"/alarms/{row.alarm}"))
        else:
            Tag("span", "", title)
        Tag("span", "aside", visit.clock.stamp(row.since))
        self._records([case.last.id])

    def _unread(self, case: Unread) -> None:
        visit, one, stay = self._visit, case.measured, case.room.stay
        window = Window(stay.began, visit.desk.now() if stay.ended is None else stay.ended)
        link(visit.name(one.tag), visit.trend(one.tag, **window.query(visit.clock)))
        Tag("span", "aside", self._say("batches.rules.unread", good=one.good, other=one.other, gaps=case.gaps))

    def _room(self, case: RoomTime) -> None:
        Tag("span", "", self._say("batches.rules.unknown_room", room=case.stay.room))

    def _interrupted(self, case: Interrupted) -> None:
        gap, say, clock = case.gap, self._say, self._visit.clock
        end = say("evidence.lasts") if gap.ended is None else clock.stamp(gap.ended)
        cause = say(f"cause.{gap.cause}") + (f", {say('evidence.backfilled')}" if gap.backfilled else "")
        told = {"system": gap.source, "begin": clock.stamp(gap.began), "end": end, "cause": cause}
        Tag("span", "", say("batches.rules.interrupted", n=len(case.keyed), **told))
        gap_link(self._visit, gap.gap)
        for one in case.keyed[:CASES]:
            record_chip(self._visit, one.stream, one.number)

    def _untimed(self, case: Untimed) -> None:
        Tag("span", "", self._say("batches.rules.untimed", system=case.system))

    def _lost(self, case: Lost) -> None:
        first, last = (number(one, "{#}") for one in (case.first, case.last))
        numbers = f"#{first}" if case.first == case.last else f"#{first} – #{last}"
        Tag("span", "", self._say("batches.rules.lost", numbers=numbers))
        self._stream(case.stream, case.last)

    def _unsealed(self, case: Unsealed) -> None:
        told = {"last": number(case.last, "{#}"), "verified": number(case.verified, "{#}")}
        Tag("span", "", self._say("batches.rules.unsealed", **told))
        self._stream(case.stream, case.last)

    def _stream(self, stream: str, to: int) -> None:
        path = stream_path(stream)
        if self._visit.may_follow(path):
            link(stream, self._visit.href(path, language=None, to=str(to)))
        else:
            Tag("span", "aside", stream)

    def _correction(self, case: Correction) -> None:
        Tag("span", "", f"{self._say(f'batches.kinds.{case.kind}')} {case.system} {case.key}")
        record_chip(self._visit, case.stream, case.number)

    def _told(self, case: Told[Any]) -> None:
        """A record by what it is called, and the versions before it that did not come."""
        record, say = case.record, self._say
        name = getattr(record, "reference", None) or f"{record.system} {record.key}"
        Tag(
            "span", "", f"{say(f'batches.kinds.{type(record).__name__}')} {name} {getattr(record, 'title', '')}".strip()
        )
        if case.not_arrived:
            versions = ", ".join(map(str, case.not_arrived))
            Tag("span", "", say("batches.corrections.not_arrived", versions=versions))
        record_chip(self._visit, case.stream, case.number)
