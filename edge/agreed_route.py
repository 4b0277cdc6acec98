"""Route by the agreements in force: each holder gets what is its own, the manufacturer's own streams get everything.

A frame is encoded once for each different part of it; holders that get the same share its octets. What turns out later
to be a holder's is sent by `edge/late.py` out of what is kept beside the journal.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from types import MappingProxyType
from typing import Any

from edge.recent import Recent
from edge.redacting import Redaction
from edge.route import Route, key_and_time
from edge.waiting import Waiting
from gateway.agreement.in_force import Signed
from gateway.agreement.routing import telling
from gateway.agreement.routing.frames import part, span
from gateway.agreement.routing.plant import Plant
from gateway.agreement.routing.router import Learnt, Router, Sent
from gateway.context.context import Context
from gateway.context.timeline import EVER
from gateway.journal.journal import Draft
from gateway.link.topics import Stream
from gateway.redaction.pseudonyms import Pseudonyms
from schemas.catalogue import family_of
from schemas.codec import Record, encode, encode_all, kind_of
from schemas.context import Assignment
from schemas.exported import Exported
from schemas.frame import Frame
from schemas.records import Alarm, Weighing

Note = tuple[str, str | None] | None
"""What the journal remembers from a record on, or forgets."""


@dataclass(frozen=True, slots=True)
class Belated:
    """What was learnt; what was kept of begin ≤ time < end before the position `until` may be a holder's now."""

    learnt: Learnt
    begin: int
    end: int
    until: int


class AgreedRoute(Route):
    """Of one agent; `now` is UTC microseconds."""

    def __init__(
        self, streams: Mapping[str, Sequence[Stream]], signed: Signed, plant: Plant, recent: Recent, *,
        waiting: Waiting, now: Callable[[], int], pseudonyms: Pseudonyms | None = None,
    ) -> None:  # fmt: skip
        """Raises ValueError where an agreement asks for what cannot be withheld."""
        super().__init__(streams)
        self._names = {family: {one.recipient: one.name for one in some} for family, some in streams.items()}
        self._own = {
            family: [one.name for one in some if one.recipient == one.origin] for family, some in streams.items()
        }
        self._signed, self._plant, self._recent, self._now = signed, plant, recent, now
        self._context: Context | None = None
        self._router = Router(signed, plant, product_of=self._product)
        self._redaction = Redaction(plant.sender, signed, self._product, pseudonyms)
        self._waiting = waiting
        self._boundary = -EVER
        self._lost = list[Record]()
        self.belated = list[Belated]()
        """What `edge/late.py` has to look at; it takes them away."""

    def restore(
        self, context: Context, alarms: Iterable[Alarm] = (), notes: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Go on from what the agent's life before knew of batches, of alarms, and of who got a part of what."""
        self._context = context
        told = list(context.told())
        self._router.restore(told)
        self._router.lives.restore(notes, alarms)
        for batch in context.batches():
            self._redaction.learn(batch)
        for lost in self._recent.noted() or ():
            self._lost.append(telling.not_sent(lost, self._plant.sender, self._plant.line))
        self._recent.note(None)

    def renew(self, signed: Signed) -> None:
        """Go by these versions from here on; those in force are told again, as at a start.

        Raises ValueError where one asks for what cannot be withheld; then all is as before.
        """
        self._redaction.renew(signed)
        self._router.renew(signed)
        self._signed, self._boundary = signed, -EVER

    def describe(self, source: str, tags: Sequence[str]) -> None:
        """The tags of a source, from here on."""
        self._plant.sources[source] = tuple(tags)

    def __call__(self, record: Record) -> Iterator[Draft]:
        """The record for each holder that gets it, what follows from it behind it; the manufacturer's copy is last."""
        yield from self._begun()
        if isinstance(record, Frame):
            yield from self._frame(record)
        else:
            yield from self._whole(record, encode(record))

    def all(self, records: Iterable[Record]) -> Iterator[Draft]:
        """As each of them by itself; those of other systems are encoded many at once."""
        for kind, some in groupby(records, type):
            if not issubclass(kind, Exported) or kind is Assignment:
                yield from (draft for one in some for draft in self(one))
                continue
            yield from self._begun()
            together = [one for one in some if isinstance(one, Exported)]
            for record, octets in zip(together, encode_all(kind, together), strict=True):
                yield from self._whole(record, octets)

    def sent(self, belated: Belated) -> None:
        """All of it is in the journal."""
        self.belated.remove(belated)
        self._note()

    def due(self, *, everything: bool = False) -> list[Record]:
        """Counts of what was withheld, of the periods that are over; or of all, at the end."""
        self._waiting.tidy()
        counted = self._router.counts.due(EVER if everything else self._now())
        lost, self._lost = self._lost, []
        return [*lost, *(telling.withheld(one, self._plant.sender, self._plant.line) for one in counted)]

    def late(self, record: Record, belated: Belated) -> Iterator[Draft]:
        """Of a record that was kept what holders get of it now and did not get before."""
        if not isinstance(record, Frame):
            yield from self._copies(self._router.gained(record, belated.learnt, self._now()), record)
            return
        gained = belated.learnt.after.gained(record, belated.learnt.before)
        for holders, rows in self._redaction.without_words(record, gained):
            piece = replace(record if rows is None else part(record, rows), late=True)
            yield from self._to(holders, piece, encode(piece, self._templates.sample_bytes))

    def status(self) -> dict[str, Any] | None:
        """The versions in force, and what went to no holder."""
        held = self._signed.at(self._now())
        return {
            "in_force": [f"{one.agreement.agreement} v{one.agreement.version}" for one in held],
            "unassigned": self._router.counts.unassigned, "without_product": len(self._waiting),
            "kept_since": self._recent.since,
        }  # fmt: skip

    def _frame(self, frame: Frame) -> Iterator[Draft]:
        whole = encode(frame, self._templates.sample_bytes)
        everybody: Sequence[str] = ()
        for holders, rows in self._redaction.without_words(frame, self._router.shares(frame)):
            if rows is None:
                everybody = holders
            else:
                piece = part(frame, rows)
                yield from self._to(holders, piece, encode(piece, self._templates.sample_bytes))
        yield from self._to(everybody, frame, whole)
        yield from self._home(frame, whole)
        if len(frame) and self._router.frames.concerned(frame):
            self._recent.keep(whole, *span(frame))

    def _whole(self, record: Record, octets: bytes) -> Iterator[Draft]:
        """A record that is no frame, and behind it what follows from it."""
        if isinstance(record, Exported | Weighing) and record.batch:
            self._redaction.learn(record.batch, getattr(record, "product", None))
        news = self._learn(record) if isinstance(record, Assignment) else []
        sent = self._router.sent(record, self._now())
        yield from self._copies(sent, record, octets)
        yield from self._home(record, octets, self._router.lives.note(record))
        if (times := self._router.times(record)) is not None:
            self._recent.keep(octets, *times)
        if isinstance(record, Exported | Weighing) and record.batch:
            yield from self._by_product(record.batch, record, sent)
        if isinstance(record, Assignment):
            for lasting, sent in self._router.joining(self._now()):
                yield from self._copies(sent, lasting)
        for one in news:
            yield from self._whole(one, encode(one))

    def _by_product(self, batch: str, record: Exported | Weighing, sent: Sequence[Sent]) -> Iterator[Draft]:
        """Records of a batch wait for its product; those that waited go to its holder, the manufacturer has them."""
        if self._product(batch) is None:
            if not sent and not getattr(record, "product", None) and not isinstance(record, Assignment):
                self._waiting.add(batch, record)
            return
        for one in self._waiting.take(batch):
            yield from self._copies(self._router.sent(one, self._now()), one)

    def _product(self, batch: str) -> str | None:
        return None if self._context is None else self._context.product(batch)

    def _learn(self, one: Assignment) -> list[Record]:
        """What an assignment takes, and what it gives that was not kept; what was kept is sent by and by."""
        learnt, now, recent = self._router.learn(one), self._now(), self._recent
        given, taken = learnt.changes.given, learnt.changes.taken
        if given:
            begin, end = min(change.span[0] for change in given), max(change.span[1] for change in given)
            self.belated.append(Belated(learnt, begin, end, recent.position))
            self._note()
        missing = telling.not_kept(given, (-EVER, min(recent.since, now)), self._plant.sender, self._plant.line)
        return [*telling.withdrawn(taken, one, now), *missing]

    def _note(self) -> None:
        """A kill must not make anyone miss without a word what is not sent yet."""
        now = self._now()
        waits = [
            span
            for one in self.belated
            for span in telling.pending(one.learnt.changes.given, (self._recent.since, now))
        ]
        self._recent.note(waits or None)

    def _begun(self) -> Iterator[Draft]:
        """Versions that hold from now on: told to both sides before anything is routed by them."""
        now = self._now()
        if now < self._boundary:
            return
        after = self._signed.next_boundary(now)
        before, self._boundary = self._boundary, EVER if after is None else after
        held = self._signed.at(now)
        going_on = {one.agreement.agreement for one in held}
        for one in self._signed.versions:
            ended = one.ends is not None and before <= one.ends <= now and one.agreement.agreement not in going_on
            if ended or (one in held and one.begins >= before):
                record = telling.in_force(self._signed, one, self._plant.sender, self._plant.line, ended=ended)
                octets = encode(record)
                yield from self._to([one.agreement.holder.id], record, octets)
                yield from self._home(record, octets)

    def _copies(self, sent: Iterable[Sent], record: Record, octets: bytes | None = None) -> Iterator[Draft]:
        """As each holder may see it; what opens what is withheld goes to the manufacturer's own stream."""
        note = self._router.lives.note(record)
        for one in sent:
            seen, holder = self._redaction.see(one, self._now()), one.decision.holder
            if seen.record is None:
                self._router.counts.names(holder, getattr(record, "room", None), self._now())
                continue
            same = octets is not None and seen.record is record
            yield from self._to([holder], seen.record, octets if same and octets else encode(seen.record), note)
            for opening in seen.openings:
                yield from self._home(opening, encode(opening))

    def _home(self, record: Record, octets: bytes, note: Note = None) -> Iterator[Draft]:
        """Into the manufacturer's own stream."""
        yield from _drafts(self._own[family_of(kind_of(record)).name], record, octets, note, stands=True)

    def _to(self, holders: Iterable[str], record: Record, octets: bytes, note: Note = None) -> Iterator[Draft]:
        names = self._names[family_of(kind_of(record)).name]
        yield from _drafts([names[holder] for holder in holders], record, octets, note, stands=False)


def _drafts(streams: Iterable[str], record: Record, octets: bytes, note: Note, *, stands: bool) -> Iterator[Draft]:
    kind, (key, time) = kind_of(record), key_and_time(record)
    for stream in streams:
        yield Draft(stream, kind, key.encode(), time, octets, stands, note)
