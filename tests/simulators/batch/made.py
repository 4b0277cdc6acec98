"""One batch for all tests: its course is run once, what is exported of it is made for each."""

from functools import cache
from pathlib import Path

from simulators.batch.batch import SECOND, Batch, number_of
from simulators.batch.course import Course, run
from simulators.batch.faults import complete
from simulators.batch.plan import Plan, Site, plan_of
from simulators.batch.recipe import Recipe, load_recipe
from simulators.plant import Plant, load_plant

LINE_3 = Path("simulators/line-3")
SEED = 7
START = 1_772_380_800 * SECOND
"""2026-03-02T00:00:00+08:00."""


@cache
def site() -> tuple[Plant, Recipe]:
    """The plant and its recipe."""
    plant = load_plant(LINE_3)
    return plant, load_recipe(LINE_3 / "batch.yaml", plant)


@cache
def course() -> Course:
    """What happened in the plant."""
    return run(*site(), SEED)


def batch() -> Batch:
    """The batch, with its numbers from the beginning."""
    return Batch(number_of(START, SEED), START, site()[1], course(), SEED)


@cache
def planned(*faults: str, dialect: str | None = None) -> Plan:
    """What is exported of it; nobody changes it."""
    return complete(plan_of(batch(), Site(dialect)), faults)
