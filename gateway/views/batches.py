"""A batch on a time line, and its records in words. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.batches.archived import Whole
from gateway.batches.batch import NOT_COMPARED
from gateway.batches.genealogy import Link, Node, Way, lines
from gateway.batches.missing import Verdict
from gateway.batches.procedure import Run
from gateway.languages import Words
from gateway.views.alarms import alarm_row
from gateway.views.display import MINUTE, Clock
from schemas.derived import Shape, shapes
from schemas.exported import (
    Conclusion,
    Exported,
    LineClearance,
    MaterialMovement,
    QualityEvent,
    StepEvent,
)

LISTED = 500
"""How many batches are listed."""
SHOWN = 300
"""How many records of one kind are listed."""
UNUSUAL = {StepEvent.HELD, StepEvent.ABORTED, StepEvent.SKIPPED, StepEvent.FORCED, StepEvent.REPEATED}
HIDDEN = NOT_COMPARED | {"system", "key", "batch", "time"}
"""Fields that stand in columns of their own, or that only tell where a record came from."""
TONES = {Verdict.PRESENT: "good", Verdict.MISSING: "action", Verdict.NOT_EVALUABLE: "data"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Something on a lane. UTC microseconds; a moment has no `ended`. `open` says that its end was not told."""

    text: str
    began: int
    ended: int | None = None
    tone: str = "good"
    open: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the time line, with the steps in a room or with the things of one sort."""

    key: str
    room: bool
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything of a batch on one axis; UTC microseconds."""

    begin: int
    end: int
    lanes: tuple[Lane, ...]


def timeline(whole: Whole, names: dict[str, str], say: Words, now: int) -> Timeline | None:
    """Lanes in the order in which a batch goes through them; None where no time was told at all.

    Alarms may have begun before the batch, or last still: they do not stretch the axis. Tests of its materials' lots,
    weeks before it, are not on it.
    """
    lanes = [lane for lane in (*_rooms(whole.runs), *_sorts(whole, names, say, now)) if lane.pieces]
    pieces = [piece for lane in lanes if lane.key != "alarms" or lane.room for piece in lane.pieces]
    times = [time for piece in pieces for time in (piece.began, piece.ended) if time is not None]
    if not times:
        return None
    margin = max(MINUTE, (max(times) - min(times)) // 50)
    return Timeline(min(times) - margin, max(times) + margin, tuple(lanes))


def _rooms(ran: Sequence[Run]) -> Iterator[Lane]:
    for room in dict.fromkeys(run.room or "" for run in ran):
        yield Lane(room, room=True, pieces=tuple(_run(run) for run in ran if (run.room or "") == room))


def _run(run: Run) -> Piece:
    tone = "alert" if UNUSUAL & {one.record.event for one in run.events} else "good"
    began = run.events[0].record.time if run.began is None else run.began
    last = run.events[-1].record.time
    return Piece(run.name, began, last if run.ended is None else run.ended, tone, open=run.ended is None)


def _sorts(whole: Whole, names: dict[str, str], say: Words, now: int) -> Iterator[Lane]:
    batch = whole.batch
    alarms = {life.last.alarm: life for room in whole.rooms for life in room.alarms}
    yield _lane("alarms", (
        Piece(names.get(life.last.tag, life.last.tag), life.last.since,
              life.last.since + life.duration(now), alarm_row(life, now).tone)
        for life in alarms.values()
    ))  # fmt: skip
    yield _lane("clearances", (
        Piece(f"{one.record.stage} {one.record.room}", one.record.time, None, outcome_tone(one.record.conclusion))
        for one in batch.of(LineClearance)
    ))  # fmt: skip
    yield _lane("weighings", (
        Piece(one.lot or one.source, one.time, None, "good" if one.accepted else "alert") for one in batch.weighings
    ))  # fmt: skip
    yield _lane("tests", (
        Piece(f"{one.told.record.test} {one.told.record.sample}", time, None, "action" if one.outside else "good")
        for one in whole.results
        if (one.told.record.batch is not None or one.told.record.lot is None)
        and (time := one.told.record.sampled or one.told.record.time) is not None
    ))  # fmt: skip
    yield _lane("materials", (
        Piece(f"{coded(one.record.movement, say)} {one.record.material} {one.record.lot}", one.record.time)
        for one in batch.of(MaterialMovement)
    ))  # fmt: skip
    yield _lane("events", (
        Piece(f"{coded(one.record.what, say)} {one.record.reference}", began, one.record.closed,
              "good" if one.record.closed else "alert", open=one.record.closed is None)
        for one in batch.of(QualityEvent)
        if (began := one.record.opened or one.record.time) is not None
    ))  # fmt: skip


def _lane(key: str, pieces: Iterable[Piece]) -> Lane:
    return Lane(key, room=False, pieces=tuple(pieces))


def outcome_tone(conclusion: Conclusion | None) -> str:
    """The tone of what a source concludes: what it does not tell is not good."""
    return {Conclusion.PASS: "good", Conclusion.FAIL: "action"}.get(conclusion or Conclusion.OTHER, "data")


def coded(word: StrEnum, say: Words) -> str:
    """A word of a closed list, in the language."""
    return say(f"batches.codes.{type(word).__name__}.{word.value}")


def record_fields(record: Exported, clock: Clock, say: Words) -> Iterator[str]:
    """Every field that says something, with its name."""
    for shape in shapes(type(record)):
        value = getattr(record, shape.name)
        if shape.name not in HIDDEN and value is not None and value != "":
            name = say(f"batches.fields.{shape.name}")
            yield say("batches.field", name=name, value=field_text(value, shape, clock, say))


def changed_text(kind: type[Exported], name: str, value: object, clock: Clock, say: Words) -> str:
    """What stood in a field, or stands there now."""
    if not name:
        return ""
    (shape,) = (one for one in shapes(kind) if one.name == name)
    return "–" if value is None else field_text(value, shape, clock, say)


def field_text(value: Any, shape: Shape, clock: Clock, say: Words) -> str:
    """A value as a person reads it; numbers with every digit that was told."""
    if isinstance(value, StrEnum):
        return coded(value, say)
    if shape.logical == "timestamp-micros":
        return clock.stamp(value)
    if shape.logical == "date":
        return date_text(value)
    return digits(value) if isinstance(value, float) else str(value)


def date_text(days: int) -> str:
    """A day, from days since 1970-01-01."""
    return f"{Clock.of('UTC').local(days * 24 * 60 * MINUTE):%Y-%m-%d}"


def digits(value: float) -> str:
    """A number with every digit that was told."""
    return f"{value:.12g}".replace("-", "\N{MINUS SIGN}")


def limits_text(low: float | None, high: float | None, unit: str | None, say: Words) -> str:
    """The limits as they were told."""
    sides = [say("limit.low", value=digits(low))] if low is not None else []
    sides += [say("limit.high", value=digits(high))] if high is not None else []
    return f"{' '.join(sides)} {unit or ''}".strip() if sides else say("batches.tests.no_limits")


def node_text(node: Node, say: Words) -> str:
    """`lot RM-1 of API`."""
    unknown = say("batches.node.unknown")
    return say(f"batches.node.{node.kind}", name=node.name or unknown, of=node.of or unknown)


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of a tree of materials."""

    depth: int
    node: Node
    text: str


def branches(start: Node, links: Iterable[Link], way: Way, say: Words) -> list[Branch]:
    """What is below a node, without itself."""
    found = []
    for line in lines(start, links, way)[1:]:
        link = line.link
        if link is None:
            continue
        parts = [say(f"batches.basis.{link.basis}")]
        parts += [f"{digits(link.quantity)} {link.unit or ''}".strip()] if link.quantity is not None else []
        parts += [say("batches.materials.again")] if line.again else []
        found.append(Branch(line.depth - 1, line.node, " · ".join(parts)))
    return found
