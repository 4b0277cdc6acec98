"""Who gets what: frames by their columns, all other records one by one. Pure; times are UTC microseconds.

The router is told of assignments in their order and keeps what follows of them; of what it does not know it guesses
nothing. What belongs together goes together: who got the first step of an alarm or a gap gets its last one too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.agreement.routing.changes import Changes, changes
from gateway.agreement.routing.counting import Counts
from gateway.agreement.routing.course import Courses
from gateway.agreement.routing.frames import Frames, Share, times
from gateway.agreement.routing.lives import Lives
from gateway.agreement.routing.occupancy import Occupancy
from gateway.agreement.routing.plan import Decision
from gateway.agreement.routing.plant import Plant
from gateway.agreement.routing.reason import Reason
from gateway.agreement.routing.records import Records, is_named, spot_of, time_of
from gateway.agreement.routing.rules import Epoch, Signed, Terms, epochs
from gateway.context.timeline import EVER, Place
from schemas.codec import Record
from schemas.context import Assignment
from schemas.exported import Exported
from schemas.frame import Frame
from schemas.records import Alarm, Condition, Gap, Weighing
from schemas.withheld import Withdrawn, Withheld


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as one holder gets it, and why."""

    decision: Decision
    record: Record


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was known before an assignment and is known after it, and what that gives and takes."""

    before: Frames
    after: Frames
    changes: Changes


class Router:
    """Of one agent."""

    def __init__(
        self,
        signed: Signed,
        plant: Plant,
        *,
        product_of: Callable[[str], str | None],
        occupancy: Occupancy | None = None,
    ) -> None:
        """`product_of` tells the product of a batch, None where it is not known or not one only."""
        self.epochs: list[Epoch] = epochs(signed)
        self.counts = Counts()
        self.frames = Frames(self.epochs, plant, Courses(occupancy or Occupancy()), product_of)
        self._plant, self._product_of, self._records = plant, product_of, Records(plant, product_of)
        self.lives = Lives()

    def shares(self, frame: Frame) -> list[Share]:
        """The holders that get any of a frame; what they do not get is counted."""
        return self.frames.shares(frame, self.counts)

    def sent(self, record: Record, now: int) -> list[Sent]:
        """The holders that get a record that is no frame, each with its copy."""
        if isinstance(record, Withheld | Withdrawn):
            return [Sent(self.decide(record, record.holder, now), record)]
        epoch, found = self.frames.epoch(_moment(record, now)), list[Sent]()
        life = self.lives.of(record)
        for terms in epoch.terms.values():
            decision = self._decide(record, terms.holder, epoch, life)
            if decision.sends:
                copy = self._records.copy(record, terms)
                found.append(Sent(decision, copy))
                if life is not None:
                    life.setdefault(terms.holder, _moment(record, now))
        self.lives.step(record)
        return found

    def decide(self, record: Record, holder: str, now: int) -> Decision:
        """For one holder, of any record that is no frame."""
        if isinstance(record, Withheld | Withdrawn):  # also once nothing is in force with the holder any more
            return Decision(holder, None, Reason.SENDER if record.holder == holder else Reason.OTHER_HOLDER)
        epoch = self.frames.epoch(_moment(record, now))
        if holder not in epoch.terms:
            return Decision(holder, None, Reason.NOT_IN_FORCE)
        return self._decide(record, holder, epoch, self.lives.known(record))

    def decide_sample(self, frame: Frame, row: int, holder: str) -> Decision:
        """For one holder, of one sample of a frame."""
        time = int(times(frame)[row])
        epoch = self.frames.epoch(time)
        if holder not in epoch.terms:
            return Decision(holder, None, Reason.NOT_IN_FORCE)
        tag = int(frame.tag[row])
        spot = spot_of(frame.tags.names[tag], frame.tags.rooms[tag], time, time)
        return self._records.sample(frame, spot, epoch.terms[holder], self.frames.courses)

    def times(self, record: Record) -> tuple[int, int] | None:
        """First and last moment of a record whose place and time decide; None of all others."""
        return self._records.times(record)

    def restore(self, assignments: Iterable[Assignment]) -> None:
        """Go on from what was known before."""
        self.frames = self.frames.by(Courses(self.frames.courses.occupancy.after(assignments)))

    def renew(self, signed: Signed) -> None:
        """Go by these versions from here on; what is known of batches and of lives stays."""
        self.epochs = epochs(signed)
        self.frames = Frames(self.epochs, self._plant, self.frames.courses, self._product_of)

    def learn(self, one: Assignment) -> Learnt:
        """Go by an assignment too from here on."""
        before = self.frames
        occupancy = before.courses.occupancy.after([one])
        courses = before.courses.after(occupancy, [Place(one.place_kind, one.place)])
        self.frames = before.by(courses)
        return Learnt(before, self.frames, changes(self.epochs, self._plant, before.courses, courses, one))

    def gained(self, record: Record, learnt: Learnt, now: int) -> list[Sent]:
        """Of an older record, which is no frame, the copies of holders that did not get it by what was known before."""
        found, moment, life = list[Sent](), _moment(record, now), self.lives.of(record)
        for terms in learnt.after.epoch(moment).terms.values():
            decision = self._records.decide(record, terms, learnt.after.courses)
            had = self._records.decide(record, terms, learnt.before.courses).sends
            if decision.sends and not had and (life is None or moment < life.get(terms.holder, EVER)):
                found.append(Sent(decision, self._records.copy(record, terms)))
                if life is not None:
                    life.setdefault(terms.holder, now)
        return found

    def joining(self, now: int) -> list[tuple[Record, list[Sent]]]:
        """Alarms and gaps that are not over, for holders that got no step of them and would get one now."""
        terms = self.frames.epoch(now).terms.values()
        return [(one, sent) for one in self.lives.lasting() if (sent := list(self._joining(one, terms, now)))]

    def _joining(self, record: Record, every: Iterable[Terms], now: int) -> Iterator[Sent]:
        life, lasting = self.lives.of(record), _until(record, now)
        for terms in every:
            if life is not None and terms.holder not in life:
                decision = self._records.decide(lasting, terms, self.frames.courses)
                if decision.sends:
                    life[terms.holder] = _moment(record, now)
                    yield Sent(decision, self._records.copy(record, terms))

    def _decide(self, record: Record, holder: str, epoch: Epoch, life: Mapping[str, int] | None) -> Decision:
        found = self._records.decide(record, epoch.terms[holder], self.frames.courses)
        if not found.sends and life and holder in life:
            return replace(found, reason=Reason.LIFE)
        return found


def _until(record: Record, now: int) -> Record:
    """What lasts, as if its next step were now."""
    match record:
        case Alarm():
            return replace(record, time=max(record.time, now))
        case Condition():
            return replace(record, time=now)
        case Gap():
            return replace(record, ended=max(record.began, now))
    return record


def _moment(record: Record, now: int) -> int:
    """The time by which the version in force is chosen."""
    match record:
        case Condition() | Frame():
            return record.received
        case Gap():
            return record.began if record.ended is None else record.ended
        case Alarm() | Weighing():
            return record.time
        case Exported() if not is_named(record) and (span := time_of(record)) is not None:
            return span[1]
        case Exported() if record.time is not None:
            return record.time
    return now
