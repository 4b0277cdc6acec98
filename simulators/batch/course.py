"""The course of a batch in the plant: a recipe drives rooms, balance, filling line and freeze dryer on a virtual clock.

Nothing that the machines decide is made up here: what a balance showed, how many containers a line counted, when a
phase began and when a differential was lost is read from the same sensors that the devices report.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from simulators.batch.recipe import Operation, Recipe
from simulators.instruments import Value
from simulators.machines import Lyophilizer
from simulators.plant import Balance, FreezeDryer, Phase, Plant
from simulators.scenario import Fill, MoveDoor, MovePeople, PutLoad, Step, TakeLoad
from simulators.world import World

QUIET, BUSY = 60, 5
"""s between two readings while nothing happens, and while a machine runs."""
SETTLING = 20
"""s from a load to its stable reading."""
LEAST = 30
"""s for which a differential has to be lost to be an alarm."""
IDLE = "Idle"
"""Phase of a freeze dryer without a batch."""


@dataclass(frozen=True)
class Reading:
    """What all sensors said; `at` is seconds from the start of the batch."""

    at: int
    values: dict[str, Value]


@dataclass(frozen=True)
class Span:
    """From when to when, in seconds from the start."""

    id: str
    began: int
    ended: int


@dataclass(frozen=True)
class Weighing:
    """What the balance showed for one container."""

    material: str
    container: int
    at: int
    grams: float
    shown: str


@dataclass(frozen=True)
class Breach:
    """A differential below its limit."""

    tag: str
    began: int
    ended: int
    lowest: float


@dataclass
class Course:
    """What happened."""

    operations: dict[str, Span] = field(default_factory=dict)
    phases: list[tuple[str, Span]] = field(default_factory=list)
    """The operation, and the phase of it."""
    holds: list[Span] = field(default_factory=list)
    weighings: list[Weighing] = field(default_factory=list)
    filled: int = 0
    rejected: int = 0
    readings: list[Reading] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    ended: int = 0


def run(plant: Plant, recipe: Recipe, seed: int) -> Course:
    """Run one batch; deterministic for one seed."""
    course = _Run(plant, recipe, seed).run()
    course.breaches = list(breaches(course.readings, recipe.limits))
    return course


def breaches(readings: Sequence[Reading], limits: dict[str, float]) -> Iterator[Breach]:
    """When each differential was below its limit for long enough."""
    for tag, limit in limits.items():
        began, lowest = None, 0.0
        for reading in readings:
            value = reading.values[tag]
            if isinstance(value, float) and value < limit:
                began, lowest = (reading.at, value) if began is None else (began, min(lowest, value))
            elif began is not None:
                if reading.at - began >= LEAST:
                    yield Breach(tag, began, reading.at, lowest)
                began = None


class _Run:
    def __init__(self, plant: Plant, recipe: Recipe, seed: int) -> None:
        line = plant.filling_line and plant.filling_line.model_copy(update={"running": False})
        idle = Phase(name=IDLE, minutes=1e6, shelf=20, pressure=101_325)
        self._dryer = plant.freeze_dryer or FreezeDryer(start_in=IDLE, recipe=[idle])
        waiting = self._dryer.model_copy(update={"recipe": [idle], "start_in": IDLE})
        dryer = plant.freeze_dryer and waiting
        self._plant = plant.model_copy(update={"filling_line": line, "freeze_dryer": dryer})
        self._after = idle
        self._recipe = recipe
        self._world = World(self._plant, seed)
        self._rng = np.random.default_rng([seed, 1])
        self._now = 0
        self._course = Course()

    def run(self) -> Course:
        """All operations, one after the other."""
        for operation in self._recipe.operations:
            began = self._now
            watched = operation.room in self._plant.rooms
            if watched:
                here = self._plant.rooms[operation.room].people
                self._do(MovePeople(at=0, do="people", room=operation.room, count=max(operation.people, here)))
                self._operate(operation)
                self._do(MovePeople(at=0, do="people", room=operation.room, count=here))
            else:
                self._now += round(operation.minutes * 60)
                if operation.does == "fill":  # nobody looks on: the planned size is what is counted
                    self._course.filled = self._recipe.product.vials
            self._course.operations[operation.id] = Span(operation.id, began, self._now)
            self._course.ended = self._now
            if watched and self._more_watched(operation):
                self._pass(round(operation.then * 60), QUIET)
            else:
                self._now += round(operation.then * 60)
        return self._course

    def _more_watched(self, operation: Operation) -> bool:
        following = self._recipe.operations[self._recipe.operations.index(operation) + 1 :]
        return any(one.room in self._plant.rooms for one in following)

    def _operate(self, operation: Operation) -> None:
        if operation.does == "weigh":
            self._weigh()
        elif operation.does == "fill":
            self._fill()
        elif operation.does == "freeze-dry":
            self._freeze_dry(operation)
        self._pass(round(operation.minutes * 60), QUIET)
        for phase in operation.phases:
            began = self._now
            self._pass(round(phase.minutes * 60), QUIET)
            self._course.phases.append((operation.id, Span(phase.id, began, self._now)))

    def _weigh(self) -> None:
        balance = self._plant.devices[self._recipe.balance]
        places = balance.decimals if isinstance(balance, Balance) else 2
        for material in self._recipe.materials:
            for container in range(1, material.weighed + 1):
                part = material.amount / material.weighed * (1 + float(self._rng.normal(0, 2e-4)))
                self._do(PutLoad(at=0, do="put_load", device=self._recipe.balance, grams=round(part, 3)))
                self._pass(SETTLING, 1)
                load = self._course.readings[-1].values[f"{self._recipe.balance}.load"]
                shown = f"{float(load or 0):.{places}f}"
                weighing = Weighing(material.code, container, self._now, float(shown), shown)
                self._course.weighings.append(weighing)
                self._do(TakeLoad(at=0, do="take_load", device=self._recipe.balance))
                self._pass(180 - SETTLING, QUIET)

    def _fill(self) -> None:
        """Fill until all is filled; the line is held once, and once a door stays open."""
        filler, planned = self._world.filler, self._recipe.product.vials
        if filler is None or self._plant.filling_line is None:
            raise ValueError("the plant has no filling line")
        began, good, reject = self._now, filler.good, filler.reject
        plan = [(self._recipe.hold, self._hold), (self._recipe.door, self._door)]
        due = sorted(((began + round(what.at * 60), happen) for what, happen in plan), key=lambda one: one[0])
        self._do(Fill(at=0, do="fill", command="start"))
        while filler.good - good + filler.reject - reject < planned:
            self._pass(BUSY, BUSY)
            if due and self._now >= due[0][0]:
                due.pop(0)[1]()
        self._do(Fill(at=0, do="fill", command="stop"))
        while filler.state != "Stopped" or filler.speed > 0:
            self._pass(BUSY, BUSY)
        self._course.filled, self._course.rejected = filler.good - good, filler.reject - reject
        states = self._seen(f"{self._plant.filling_line.name}.State", began)
        self._course.holds = [span for span in states if span.id == "Held"]

    def _hold(self) -> None:
        self._do(Fill(at=0, do="fill", command="hold"))
        self._pass(round(self._recipe.hold.seconds), BUSY)
        self._do(Fill(at=0, do="fill", command="start"))

    def _door(self) -> None:
        door = str(self._recipe.door.door)
        self._do(MoveDoor(at=0, do="open_door", door=door))
        self._pass(round(self._recipe.door.seconds), 1)
        self._do(MoveDoor(at=0, do="close_door", door=door))
        self._pass(60, 1)

    def _freeze_dry(self, operation: Operation) -> None:
        """Run the dryer's recipe once, from its first phase."""
        phases = [*self._dryer.recipe, self._after]
        settings = self._dryer.model_copy(update={"recipe": phases, "start_in": phases[0].name})
        began, self._world.dryer = self._now, Lyophilizer(settings)
        while self._world.dryer.phase != IDLE:
            self._pass(QUIET, QUIET)
        seen = self._seen(f"{self._dryer.name}.Phase", began)
        self._course.phases += [(operation.id, span) for span in seen if span.id != IDLE]

    def _seen(self, tag: str, since: int) -> list[Span]:
        """What a tag said since then, each word from the reading that first had it to the one that had another."""
        said = [(one.at, str(one.values[tag])) for one in self._course.readings if one.at >= since]
        turns = [said[0], *(after for before, after in pairwise(said) if before[1] != after[1]), (self._now, "")]
        return [Span(word, at, after) for (at, word), (after, _) in pairwise(turns)]

    def _do(self, step: Step) -> None:
        self._world.apply(step)

    def _pass(self, seconds: int, look: int) -> None:
        """Let whole seconds pass and read all sensors every `look` of them."""
        until = self._now + seconds
        self._world.longest_step = float(min(look, QUIET)) if look > 1 else 0.5
        while self._now < until:
            dt = min(look, until - self._now)
            self._world.advance(dt)
            self._now += dt
            self._course.readings.append(Reading(self._now, self._world.read()))
