"""What holds of alarms computed again, whatever happened at the line: as judged, archived, and read for any window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive.archive import Archive
from gateway.intake.message import Message
from gateway.replaying.archived import Window, archived, warm_up
from gateway.replaying.comparison import Difference, Kind
from gateway.replaying.evaluable import not_evaluable
from gateway.replaying.replay import Hole, replay
from schemas.codec import Record
from schemas.frame import Frame
from schemas.records import Alarm
from schemas.status import Reason
from tests.gateway.alarm.support import START, wall
from tests.gateway.alarm.test_properties import HAPPENINGS, TAGS, WORLD, Happening, Life
from tests.gateway.messages import sent
from tests.gateway.replaying.test_replay import PAUSES, Agent

EVERYTHING = Happening(1.0, tuple((tag, 12.0, 0, Reason.NONE) for tag in range(3)))
"""Every tag speaks once, or its alarms could not be judged at all."""
QUIET = st.sampled_from([0.0, 97.013, 210.029])
"""Seconds in which nothing is said; the longest is longer than the engine runs before a window."""
Tamper = Callable[[list[Alarm], int], list[Alarm]]


@dataclass(frozen=True)
class Course:
    """What happens at a line: some of it, a quiet time, more of it; before which of them the agent is killed."""

    before: Sequence[Happening]
    quiet: float
    after: Sequence[Happening]
    restart: int | None


COURSES = st.builds(
    Course, HAPPENINGS.map(lambda all_: all_[:6]), QUIET, HAPPENINGS.map(lambda all_: all_[:6]),
    st.none() | st.integers(1, 12),
)  # fmt: skip


def played(course: Course) -> Agent:
    """The agent after it, and what it recorded."""
    agent, frames = Agent(*WORLD), Life()
    for number, one in enumerate([EVERYTHING, *course.before, *course.after]):
        if number == course.restart:
            agent.restart(4.019)
        if number:
            agent.wait(PAUSES[one.pause] + (course.quiet if number == len(course.before) + 1 else 0.0))
        frames.now = agent.now
        agent.take(frames._frame(one, "on" if number % 7 < 5 else "off"))
        if one.command is not None:
            agent.do(*one.command)
    return agent


def stored(agent: Agent, reported: Sequence[Alarm], *, without: Sequence[str] = ()) -> Archive:
    """What the holder has of it, every record encoded and in its stream."""
    archive, messages = Archive(None), list[Message]()
    kept = [one for one in map(partial(seen, without=without), agent.frames) if isinstance(one, Frame)]
    families: dict[str, Sequence[Record]] = {"measurements": kept, "alarms": reported, "gaps": agent.gaps}
    for family, records in families.items():
        for number, record in enumerate(records, 1):
            messages.append(sent(f"cmo-a.line-3.holder-b.{family}.v1", number, record, len(messages)))
    archive.store(messages)
    return archive


def seen(frame: Frame | Hole, without: Sequence[str]) -> Frame | Hole:
    """The frame less what the holder is not to see."""
    if isinstance(frame, Hole):
        return frame
    hidden = [frame.tags.index[tag] for tag in without]
    rows = np.flatnonzero(~np.isin(frame.tag, hidden))
    places = {int(row): at for at, row in enumerate(rows)}
    columns = {name: getattr(frame, name)[rows] for name in ("tag", "value", "status", "reason", "source_time")}
    return replace(frame, **columns, beside={places[at]: v for at, v in frame.beside.items() if at in places})


def found(archive: Archive, begin: int = START - 1, end: int = wall(1e5)) -> list[Difference]:
    """All that the holder finds in its archive."""
    differences: list[Difference] = []
    records = archived(archive, WORLD)["line-3"]
    replay(WORLD, records.recorded(Window(begin, end)), differences.append)
    archive.close()
    return differences


def away(steps: list[Alarm], at: int) -> list[Alarm]:
    """Not reported."""
    return steps[:at] + steps[at + 1 :]


def late(steps: list[Alarm], at: int) -> list[Alarm]:
    """Reported with another time."""
    return [*steps[:at], replace(steps[at], time=steps[at].time + 2_500_000), *steps[at + 1 :]]


def other(steps: list[Alarm], at: int) -> list[Alarm]:
    """Reported with another limit."""
    return [*steps[:at], replace(steps[at], limit=steps[at].limit + 0.5), *steps[at + 1 :]]


def twice(steps: list[Alarm], at: int) -> list[Alarm]:
    """Reported once more than it was."""
    return [*steps[: at + 1], replace(steps[at], id=uuid4()), *steps[at + 1 :]]


TAMPERS = st.sampled_from([away, late, other, twice])


@settings(max_examples=15, deadline=None)
@given(COURSES)
def test_an_archive_gives_the_alarms_that_the_agent_reported(course: Course) -> None:
    """Frames, backfill, ticks, commands and a restart at any point."""
    agent = played(course)
    assert found(stored(agent, agent.steps)) == []


@settings(max_examples=15, deadline=None)
@given(COURSES, TAMPERS, st.integers(0, 99))
def test_a_step_that_was_tampered_with_is_a_difference_of_its_alarm_alone(
    course: Course, tamper: Tamper, which: int
) -> None:
    """Missing, late, by another limit or made up; what persons did is no frame's to tell."""
    agent = played(replace(course, restart=None))
    own = [at for at, step in enumerate(agent.steps) if step.actor is None]
    if not own:
        return
    at = own[which % len(own)]
    differences = found(stored(agent, tamper(list(agent.steps), at)))
    assert {one.condition for one in differences} == {agent.steps[at].condition}
    assert Kind.NOT_EVALUABLE not in {one.kind for one in differences}


@settings(max_examples=15, deadline=None)
@given(COURSES, st.sets(st.sampled_from(TAGS), min_size=1, max_size=3))
def test_what_was_withheld_is_not_evaluable_and_never_differs(course: Course, hidden: set[str]) -> None:
    """Also where all of its steps are missing, and for what counts it; everything else is judged."""
    agent = played(course)
    blind = not_evaluable(WORLD, set(TAGS) - hidden)
    differences = found(stored(agent, agent.steps, without=sorted(hidden)))
    assert {one.kind for one in differences} <= {Kind.NOT_EVALUABLE}
    assert {one.condition.removesuffix(".RETROSPECTIVE") for one in differences} <= set(blind)


@settings(max_examples=20, deadline=None)
@given(COURSES, st.integers(0, 99), st.integers(0, 99))
def test_a_window_from_the_middle_is_as_the_end_of_the_whole(course: Course, middle: int, which: int) -> None:
    """With the alarms as they stood before it: nothing differs, and what was taken away is missing."""
    agent = played(course)
    times = [frame.received for frame in agent.frames if isinstance(frame, Frame)]
    begin = times[middle % len(times)]
    assert found(stored(agent, agent.steps), begin) == []
    inside = [at for at, one in enumerate(agent.steps)
              if one.actor is None and not one.retrospective and one.time > begin + 1_000_000]  # fmt: skip
    if inside and course.restart is None:
        at = inside[which % len(inside)]
        missing = found(stored(agent, away(list(agent.steps), at)), begin)
        assert {one.condition for one in missing} == {agent.steps[at].condition}


def test_the_quiet_time_is_longer_than_the_engine_runs_before_a_window() -> None:
    """Or no window would begin in the middle of anything."""
    assert warm_up(WORLD) < 210_000_000
