"""Who gets a record that is no frame: by the batch or product that it names, else by its place and time. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from gateway.agreement.exchange import Exchange
from gateway.agreement.routing.course import ALWAYS, Courses
from gateway.agreement.routing.plan import Decision, places_of
from gateway.agreement.routing.plant import Plant
from gateway.agreement.routing.reason import Reason
from gateway.agreement.routing.rules import Rule, Terms
from gateway.context.timeline import EVER
from schemas.catalogue import family_of
from schemas.codec import Record, kind_of
from schemas.context import Assignment
from schemas.exported import EquipmentUse, Exported, QualityEvent, TestResult
from schemas.frame import Frame
from schemas.records import Alarm, Condition, Gap, Weighing
from schemas.withheld import Withdrawn, Withheld

_ORDER = (Reason.KIND, Reason.LINE, Reason.PLACE)
"""Reasons of clauses that are not about the record; the last says most."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where and when something was: tag, rooms and equipment, and the first and last moment; UTC microseconds."""

    tag: str | None
    rooms: tuple[str, ...]
    equipment: str | None
    first: int
    last: int

    def within(self, clause: Exchange) -> bool:
        """Whether a clause is about that place."""
        return (
            any(room in clause.rooms for room in self.rooms)
            or self.equipment in clause.equipment
            or (self.tag is not None and clause.covers_tag(self.tag, None))
        )


class Records:
    """By what is known of batches now."""

    def __init__(self, plant: Plant, product_of: Callable[[str], str | None]) -> None:
        self._plant, self._product_of = plant, product_of

    def decide(self, record: Record, terms: Terms, courses: Courses) -> Decision:
        """For one holder."""
        match record:
            case Gap():
                return self._gap(record, terms, courses)
            case Assignment():
                return _owned(record.product, terms)
            case Alarm() | Condition():
                return self._measured(record, self._spot(record), terms, courses)
            case Weighing() | Exported():
                if is_named(record):
                    return self._named(record, terms)
                return self._measured(record, self._spot(record), terms, courses)
        raise TypeError(f"a {kind_of(record)} is not routed like this")

    def copy(self, record: Record, terms: Terms) -> Record:
        """What a holder may see of a record that it gets: batches of its own, and tags that it gets too."""
        if isinstance(record, Alarm) and record.batch is not None:
            own = [one for one in record.batch.split(", ") if self._product_of(one) in terms.products]
            return replace(record, batch=", ".join(own) or None)
        if isinstance(record, Gap) and record.tags and record.source != self._plant.sender:
            about = [tag for tag in record.tags if self._is_exchanged(tag, terms)]
            return replace(record, tags=tuple(about))
        return record

    def sample(self, frame: Frame, spot: Spot, terms: Terms, courses: Courses) -> Decision:
        """As for a frame that is this sample alone."""
        return self._measured(frame, spot, terms, courses)

    def times(self, record: Record) -> tuple[int, int] | None:
        """First and last moment of a record whose place and time decide; None of all others."""
        if isinstance(record, Gap):
            return record.began, record.began if record.ended is None else record.ended
        if isinstance(record, Assignment | Withheld | Withdrawn) or is_named(record):
            return None
        spot = self._spot(record)
        return None if spot is None or spot.last == -EVER else (spot.first, spot.last)

    def _named(self, record: Weighing | Exported, terms: Terms) -> Decision:
        """To the holder of the product and to nobody else, if a clause exchanges such records."""
        known = self._product_of(record.batch or "")
        product = (record.product if isinstance(record, Exported) else None) or known
        if product is None:
            return Decision(terms.holder, None, Reason.UNKNOWN_PRODUCT)
        if not terms.products.issuperset({product, known or product}):
            return Decision(terms.holder, None, Reason.OTHER_HOLDER)
        spot, found = self._spot(record), Decision(terms.holder, None, Reason.KIND)
        for rule in terms.rules:
            reason = self._about(rule, record)
            if reason is None and product not in rule.products:
                reason = Reason.OTHER_PRODUCT
            if reason is None and rule.clause.of_places and not (spot is not None and spot.within(rule.clause)):
                reason = Reason.PLACE
            if reason is None:
                return Decision(terms.holder, rule, Reason.NAMED)
            found = _more(found, rule, reason)
        return found

    def _measured(self, record: Record, spot: Spot | None, terms: Terms, courses: Courses) -> Decision:
        """By place and time."""
        found = Decision(terms.holder, None, Reason.KIND)
        for rule in terms.rules:
            reason = self._about(rule, record)
            if reason is None and not (spot is not None and spot.within(rule.clause)):
                reason = Reason.PLACE
            if reason is None and spot is not None:
                reason = _during(rule, spot, terms, courses)
            if reason is not None:
                found = _more(found, rule, reason)
            if found.sends:
                return found
        return found

    def _gap(self, gap: Gap, terms: Terms, courses: Courses) -> Decision:
        """To whoever gets any of its tags in its time; what the sender as a whole missed, to all."""
        if gap.source == self._plant.sender:
            return Decision(terms.holder, None, Reason.SENDER)
        tags = gap.tags or self._plant.sources.get(gap.source, ())
        found = Decision(terms.holder, None, Reason.PLACE)
        for tag in tags:
            found = self._gap_of(gap, tag, terms, courses)
            if found.sends:
                return found
        return found

    def _is_exchanged(self, tag: str, terms: Terms) -> bool:
        room = self._plant.rooms.get(tag)
        return any(one.clause.covers_tag(tag, room) for one in terms.rules)

    def _gap_of(self, gap: Gap, tag: str, terms: Terms, courses: Courses) -> Decision:
        last = gap.began if gap.ended is None else gap.ended
        spot = spot_of(tag, self._plant.rooms.get(tag), gap.began, last)
        found = Decision(terms.holder, None, Reason.PLACE)
        for rule in terms.rules:
            clause = rule.clause
            if not (clause.covers_kind("measurements", "Frame") or clause.covers_kind("gaps", "Gap")):
                continue
            if self._line(gap) in clause.lines and spot.within(clause):
                found = _more(found, rule, _during(rule, spot, terms, courses))
            if found.sends:
                break
        return found

    def _about(self, rule: Rule, record: Record) -> Reason | None:
        """Why a clause is not about such records; None where it is."""
        kind = kind_of(record)
        if not rule.clause.covers_kind(family_of(kind).name, kind):
            return Reason.KIND
        return None if self._line(record) in rule.clause.lines else Reason.LINE

    def _line(self, record: Record) -> str:
        line: str | None = record.tags.line if isinstance(record, Frame) else getattr(record, "line", None)
        return line or self._plant.line

    def _spot(self, record: Record) -> Spot | None:
        """None where the record tells no time."""
        match record:
            case Alarm():
                room = record.room or self._plant.rooms.get(record.tag)
                return spot_of(record.tag, room, min(record.since, record.time), record.time)
            case Condition():
                time = record.time or record.received
                return spot_of(record.condition, self._plant.room_of(record.source), time, time)
            case Weighing():
                room = self._plant.rooms.get(record.tag) or self._plant.room_of(record.source)
                return spot_of(record.tag, room, record.time, record.time)
            case Exported():
                span = time_of(record) or (-EVER, -EVER)  # before any batch
                rooms = tuple(_texts(record, "room", "point"))
                point = next(_texts(record, "point"), None)
                return Spot(point, rooms, next(_texts(record, "equipment"), None), *span)
        return None


def is_named(record: Record) -> bool:
    """Whether it names a batch or product: an alarm's batch is that of its room, which the place tells too."""
    return isinstance(record, Weighing | Exported) and bool(record.batch or getattr(record, "product", None))


def spot_of(tag: str, room: str | None, first: int, last: int) -> Spot:
    """Of a tag."""
    return Spot(tag, () if room is None else (room,), None, first, last)


def time_of(record: Exported) -> tuple[int, int] | None:
    """When it was there. A result is final days after its sample was taken, an event is of a place while it is open."""
    last = record.time
    match record:
        case EquipmentUse():
            return record.began, max(record.began, last or record.began)
        case TestResult():
            last = record.sampled
        case QualityEvent() if record.opened is not None:
            return record.opened, max(record.opened, last or record.opened)
    return None if last is None else (last, last)


def _texts(record: Exported, *names: str) -> Iterator[str]:
    """What the record says in these fields, of those that its kind has."""
    yield from (value for name in names if (value := getattr(record, name, None)) is not None)


def _owned(product: str | None, terms: Terms) -> Decision:
    """When a batch was where goes to the holder of its product: without it no reading could be told its batch."""
    if product not in terms.products:
        return Decision(terms.holder, None, Reason.UNKNOWN_PRODUCT if product is None else Reason.OTHER_HOLDER)
    rule = next((one for one in terms.rules if product in one.products), None)
    return Decision(terms.holder, rule, Reason.NAMED)


def _during(rule: Rule, spot: Spot, terms: Terms, courses: Courses) -> Reason:
    if rule.clause.when == "always":
        return ALWAYS.states[0]
    return courses.of(rule, terms, places_of(rule, *spot.rooms, equipment=spot.equipment)).during(spot.first, spot.last)


def _more(found: Decision, rule: Rule, reason: Reason) -> Decision:
    """Of two decisions the one that sends, or the one that says more of why it does not."""
    known = _ORDER.index(found.reason) if found.reason in _ORDER else len(_ORDER)
    new = _ORDER.index(reason) if reason in _ORDER else len(_ORDER)
    return Decision(found.holder, rule, reason) if reason.sends or (not found.sends and new > known) else found
