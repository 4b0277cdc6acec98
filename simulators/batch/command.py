"""`cmo-sim batch`: one batch, from its order to its last test, as the files that the site's systems export."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from simulators.batch.batch import SECOND, Batch, number_of
from simulators.batch.course import Course, Span, run
from simulators.batch.dialects import DIALECTS
from simulators.batch.faults import FAULTS, complete
from simulators.batch.folders import Folders, perform
from simulators.batch.plan import Plan, Site, plan_of
from simulators.batch.recipe import load_recipe
from simulators.documents import DocumentError, nearest
from simulators.plant import load_plant, plant_file

RECIPE = "batch.yaml"
NUMBER = re.compile(r"B\d{7}")
TYPICAL_DAYS = 20
"""From the start of a batch to its last test."""
INTO = 300
"""Seconds for which the operation of a running batch runs already."""


@dataclass(frozen=True)
class Options:
    """What batch is made, and how it is exported."""

    plant: Path
    seed: int = 0
    start: datetime | None = None
    """With an offset; without one the batch ends about now."""
    faults: Sequence[str] = ()
    dialect: str | None = None
    recipe: str = RECIPE
    """Name of its file beside the plant."""
    number: str | None = None
    """Batch number; without one it follows from start and seed."""
    running: str | None = None
    """An operation: the batch is in the midst of it now, and what comes after now is not exported."""


def make(options: Options) -> Plan:
    """Run the batch and write down what will be exported. Raises `DocumentError`."""
    _check(options)
    plant = load_plant(options.plant)
    recipe = load_recipe(plant_file(options.plant).parent / options.recipe, plant)
    course = run(plant, recipe, options.seed)
    now = int(datetime.now(UTC).timestamp())
    if options.running is None:
        start = round((options.start or _three_weeks_ago()).timestamp())
    else:
        start = now - INTO - round(_operation(course, options.running).began)
    number = options.number or number_of(start * SECOND, options.seed)
    batch = Batch(number, start * SECOND, recipe, course, options.seed)
    plan = plan_of(batch, Site(options.dialect))
    if options.running is not None:
        plan.cut(now * SECOND)
    return complete(plan, options.faults)


def batch(options: Options, out: Path, pace: float, console: Console) -> None:
    """Make a batch and export it below `out`. Raises `DocumentError` and `OSError`."""
    plan = make(options)
    folders = Folders(out, tell=lambda line: console.print(line, highlight=False, markup=False, soft_wrap=True))
    folders.prepare(plan)
    perform(plan, folders, pace)
    said = f"{plan.batch.number}: {len(plan.facts)} records in {len(plan.files)} files; truth: {out / 'truth'}"
    console.print(said, highlight=False, markup=False, soft_wrap=True)


def _check(options: Options) -> None:
    faults = [f"--fault {one}: unknown{nearest(one, list(FAULTS))}" for one in options.faults if one not in FAULTS]
    if options.dialect is not None and options.dialect not in DIALECTS:
        faults.append(f"--dialect {options.dialect}: unknown{nearest(options.dialect, list(DIALECTS))}")
    if options.number is not None and not NUMBER.fullmatch(options.number):
        faults.append(f"--number {options.number}: is not B and seven digits (example: B2611101)")
    if options.start is not None and options.running is not None:
        faults.append("--running: says when the batch began; leave --start out")
    if options.start is not None and options.start.tzinfo is None:
        faults.append("--start: needs an offset (example: 2026-03-02T00:00:00+08:00)")
    if faults:
        raise DocumentError(faults)


def _operation(course: Course, name: str) -> Span:
    if name not in course.operations:
        raise DocumentError([f"--running {name}: unknown{nearest(name, list(course.operations))}"])
    return course.operations[name]


def _three_weeks_ago() -> datetime:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=TYPICAL_DAYS)
