"""What holds whatever happens: every kind of condition, frames, backfill, ticks, commands, restarts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gateway.alarm.condition import STATUS_KINDS, Condition, DoorDelay
from gateway.alarm.engine import CommandRefusedError, Engine
from gateway.alarm.limits import Limits
from gateway.alarm.states import COMMANDS, ENDED_BY, TRANSITIONS, active
from schemas.frame import Frame, TagTable, Value, frame_of
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmState
from schemas.status import Reason, StatusCode
from tests.gateway.alarm.support import at, same, wall

K = AlarmKind
TAGS = ("a", "b", "door", "state")
TABLES = [TagTable(TAGS, ("Pa",) * 4), TagTable(TAGS, ("Pa",) * 4)]
LOW = Condition(tag="a", kind=K.LOW, limit=10.0, deadband=0.5, on_delay=10.0, group="g", unit="Pa")
WORLD = [
    LOW,
    replace(LOW, kind=K.HIGH, limit=15.0, on_delay=0.0, off_delay=6.0, latched=True),
    replace(LOW, tag="b", doors=DoorDelay(tags=("door",), delay=20.0, cap=30.0)),
    replace(LOW, tag="b", kind=K.REVERSED, limit=0.0, state_tag="state", suppressed_in=frozenset({"off"})),
    Condition(tag="a", kind=K.RATE_OF_CHANGE, limit=4.0, window=9.0),
    Condition(tag="a", kind=K.STALE, window=25.0, on_delay=3.0),
    Condition(tag="b", kind=K.FLAT_LINE, limit=0.5, window=12.0),
    Condition(tag="a", kind=K.BAD_STATUS, on_delay=4.0, state_tag="state", suppressed_in=frozenset({"off"})),
    Condition(tag="b", kind=K.OUT_OF_RANGE),
    Condition(tag="b", kind=K.DURATION, limit=10.0, sign=-1, window=60.0, allowed=15.0),
    Condition(tag="both", kind=K.N_OF_M, limit=2.0, members=("a.LOW", "b.LOW", "b.OUT_OF_RANGE")),
]
NAMES = [one.name for one in WORLD]


@dataclass(frozen=True)
class Happening:
    """After a pause, seconds: samples, live or from before, or a command; and then a tick, or none."""

    pause: float
    samples: tuple[tuple[int, float, int, Reason], ...] = ()
    table: int = 0
    backfilled: bool = False
    command: tuple[AlarmEvent, str] | None = None
    tick: bool = True


BAD, UNCERTAIN = int(StatusCode.BAD), int(StatusCode.UNCERTAIN)
FAULTS = [(BAD, Reason.RANGE), (BAD, Reason.SOURCE), (UNCERTAIN, Reason.STALE)]
STATUS = st.sampled_from([(0, Reason.NONE)] * 4 + FAULTS)
ENDS = {AlarmEvent.RETURNED, AlarmEvent.LATCHED, AlarmEvent.PASSED}
SAMPLES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([-3.0, 0.0, 8.0, 10.0, 10.2, 12.0, 14.8, 16.0]), STATUS), max_size=5
).map(lambda rows: tuple((tag, value, *status) for tag, value, status in rows))
HAPPENINGS = st.lists(
    st.builds(
        Happening,
        pause=st.sampled_from([0.1, 1.0, 3.0, 5.0, 11.0, 30.0]),
        samples=SAMPLES,
        table=st.integers(0, 1),
        backfilled=st.sampled_from([False] * 5 + [True]),
        command=st.none() | st.tuples(st.sampled_from([*COMMANDS]), st.sampled_from([*NAMES, "a.LOW.RETROSPECTIVE"])),
        tick=st.booleans(),
    ),
    max_size=25,
)
STATES = ["on", "off"]


class Life:
    """What the engines of one agent said, one after the other."""

    def __init__(self) -> None:
        self.engine = Engine(WORLD)
        self.steps: list[Alarm] = []
        self.now = 0.0

    def play(self, happenings: Sequence[Happening], restart: int | None = None) -> None:
        """`restart` is before which of the happenings the agent is killed."""
        for number, one in enumerate(happenings):
            if number == restart:
                self.restart()
            self.now += one.pause
            self.steps += self.evaluate(self._frame(one, STATES[number % 7 > 4]))
            if one.command is not None:
                self._command(*one.command)
            if one.tick:
                self.steps += self.engine.tick(at(self.now))

    def evaluate(self, frame: Frame) -> Iterator[Alarm]:
        """What the frame causes now."""
        return self.engine.evaluate(frame, at(self.now))

    def restart(self) -> None:
        """From the journal: the last step of each condition."""
        before = {step.condition: (step.alarm, step.state) for step in self.engine.latest()}
        self.engine = Engine(WORLD)
        self.engine.restore({step.condition: step for step in self.steps}.values(), at(self.now))
        assert {step.condition: (step.alarm, step.state) for step in self.engine.latest()} == before

    def rest(self, a: float, b: float) -> None:
        """These values come on and on."""
        for _ in range(40):
            samples = tuple((tag, value, 0, Reason.NONE) for tag, value in enumerate((a, b, 0.0)))
            self.play([Happening(3.0, samples)])

    def _frame(self, one: Happening, state: str) -> Frame:
        back = 500.0 if one.backfilled else 0.0
        rows: list[tuple[int, Value, int, Reason, int | None]] = [
            (tag, value if tag < 2 else value > 10, status, reason, wall(self.now - back + 4 * row))
            for row, (tag, value, status, reason) in enumerate(one.samples)
        ]
        rows.append((3, state, 0, Reason.NONE, None))
        return replace(frame_of("ems", TABLES[one.table], rows, received=wall(self.now)), backfilled=one.backfilled)

    def _command(self, event: AlarmEvent, name: str) -> None:
        try:
            step = self.engine.command(event, name, at(self.now), actor="li", comment="x", until=wall(self.now + 20))
        except CommandRefusedError:
            return
        self.steps.append(step)


def played(happenings: Sequence[Happening], restart: int | None = None) -> Life:
    life = Life()
    life.play(happenings, restart)
    return life


@given(HAPPENINGS, st.none() | st.integers(0, 25))
def test_every_step_is_a_row_of_the_table_and_one_alarm_of_a_condition_is_open(
    happenings: list[Happening], restart: int | None
) -> None:
    """Also over a restart at any point: nothing is lost and nothing doubled, or the chain would break."""
    known: dict[str, Alarm] = {}
    for step in played(happenings, restart).steps:
        before = known.get(step.condition)
        state = AlarmState.NORMAL if before is None else before.state
        assert TRANSITIONS[state, step.event] is step.state
        if before is not None and state is not AlarmState.NORMAL:
            assert step.alarm == before.alarm
        else:
            assert step.alarm == step.id
        assert (step.duration is not None) == (
            step.event in {AlarmEvent.RETURNED, AlarmEvent.LATCHED, AlarmEvent.PASSED}
        )
        assert (step.held is not None) == (step.state in ENDED_BY)
        known[step.condition] = step


@given(HAPPENINGS)
def test_the_same_input_gives_the_same_alarms(happenings: list[Happening]) -> None:
    """But for the record ids, which are random; which step began an alarm is the same too."""
    assert same(played(happenings).steps) == same(played(happenings).steps)


class Cut(Life):
    """Hears each live frame in parts: first what it says of doors and rooms, then its values, cut before some rows."""

    def __init__(self, cuts: Sequence[bool]) -> None:
        super().__init__()
        self._cuts = cuts

    def evaluate(self, frame: Frame) -> Iterator[Alarm]:
        if frame.backfilled:
            yield from super().evaluate(frame)
            return
        rows = np.arange(len(frame))
        beside, values = rows[frame.tag >= 2], rows[frame.tag < 2]
        begins = [at for at in range(1, len(values)) if self._cuts[at % len(self._cuts)]]
        for part in (beside, *np.split(values, begins)):
            yield from super().evaluate(_part(frame, part))


def _part(frame: Frame, rows: NDArray[np.intp]) -> Frame:
    places = {int(row): at for at, row in enumerate(rows)}
    columns = {name: getattr(frame, name)[rows] for name in ("tag", "value", "status", "reason", "source_time")}
    return replace(frame, **columns, beside={places[at]: v for at, v in frame.beside.items() if at in places})


@given(HAPPENINGS, st.lists(st.booleans(), min_size=1, max_size=5), st.none() | st.integers(0, 25))
def test_samples_give_the_same_alarms_however_they_are_cut_into_frames(
    happenings: list[Happening], cuts: list[bool], restart: int | None
) -> None:
    """Of one moment; only in which order its steps are told may differ between conditions."""
    whole, parts = Life(), Cut(cuts)
    for life in (whole, parts):
        life.play(happenings, restart)
        life.steps.sort(key=lambda step: step.condition)
    assert same(whole.steps) == same(parts.steps)


class EverySample(Limits):
    """Leaves nothing out."""

    def telling(self, frame: Frame, good: NDArray[np.bool_]) -> NDArray[np.intp]:  # noqa: ARG002 - as the other one
        return np.arange(len(frame.tag))


@given(HAPPENINGS)
def test_samples_that_are_left_out_would_have_changed_nothing(happenings: list[Happening]) -> None:
    """For every kind, whichever table of tags a frame carries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.alarm.looking.Limits", EverySample)
        everything = played(happenings).steps
    assert same(played(happenings).steps) == same(everything)


@given(HAPPENINGS, st.integers(0, 25), st.sampled_from([(12.0, 12.0), (8.0, 12.0), (16.0, 8.0), (12.0, -3.0)]))
def test_a_restart_at_any_point_changes_no_alarm_in_the_end(
    happenings: list[Happening], restart: int, values: tuple[float, float]
) -> None:
    """Once the same values came for longer than every delay and window, the same alarms stand."""

    def standing(life: Life) -> dict[str, bool]:
        life.rest(*values)
        latest = {step.condition: step.state for step in life.steps if not step.retrospective}
        return {name: active(latest.get(name, AlarmState.NORMAL)) for name in NAMES}

    calm = [replace(one, command=None) for one in happenings]
    assert standing(played(calm)) == standing(played(calm, restart))


@given(HAPPENINGS)
def test_no_alarm_comes_from_a_value_that_is_not_good(happenings: list[Happening]) -> None:
    """But one for the bad status."""

    def spoilt(one: Happening) -> Happening:
        bad = ((t, v, s or BAD, r) for t, v, s, r in one.samples)
        return replace(one, samples=tuple(bad), command=None)

    life = played([spoilt(one) for one in happenings])
    allowed = STATUS_KINDS | {K.STALE}
    suppression = {AlarmEvent.SUPPRESSED, AlarmEvent.UNSUPPRESSED}
    assert all(step.kind in allowed for step in life.steps if step.event not in suppression)
    life.play([Happening(1.0, ((0, 5.0, BAD, Reason.SOURCE),)) for _ in range(20)])
    assert any(step.kind is K.BAD_STATUS and active(step.state) for step in life.engine.latest()) or _off(life)


def _off(life: Life) -> bool:
    return any(step.kind is K.BAD_STATUS and step.state is AlarmState.SUPPRESSED for step in life.engine.latest())


REMEMBERED = st.lists(
    st.tuples(st.sampled_from([0.5, 3.0, 12.0]), st.sampled_from([5.0, 10.2, 12.0, None])), max_size=30
)


@given(REMEMBERED, st.lists(st.booleans(), min_size=30, max_size=30))
def test_a_memory_gives_the_same_alarms_in_however_many_parts_it_is_read(
    samples: list[tuple[float, float | None]], cuts: list[bool]
) -> None:
    """And the same times as a live engine would have given."""
    times = np.cumsum([pause for pause, _ in samples]).tolist()
    rows = [(0, v, BAD if v is None else 0, Reason.NONE, wall(t))
            for t, (_, v) in zip(times, samples, strict=True)]  # fmt: skip

    def steps(parts: Sequence[Sequence[tuple[int, float | None, int, Reason, int | None]]]) -> list[Alarm]:
        engine = Engine([LOW])
        frames = [replace(frame_of("ems", TABLES[0], part, received=wall(9000)), backfilled=True) for part in parts]
        return [step for frame in frames for step in engine.evaluate(frame, at(9000))]

    live, engine = list[Alarm](), Engine([LOW])
    for time, row in zip(times, rows, strict=True):
        live += engine.evaluate(frame_of("ems", TABLES[0], [row], received=wall(time)), at(time))
    ends = [0, *(n for n, cut in enumerate(cuts) if cut and 0 < n < len(rows)), len(rows)]
    parts = [rows[a:b] for a, b in pairwise(ends)]
    assert _plain(steps([rows])) == _plain(steps(parts)) == _plain(live)


def _plain(steps: Sequence[Alarm]) -> list[tuple[object, ...]]:
    return [(s.event, s.state, s.time, s.since, s.value, s.extreme) for s in steps]
