"""What happens to a simulated plant, and when: a YAML list of actions in scenario seconds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat

from simulators.documents import Fault, Strict, load, nearest
from simulators.lies import lies_of
from simulators.plant import Balance, Plant
from simulators.tags import plant_tags


class Action(Strict):
    """Anything that happens; `at` is scenario seconds after all devices listen."""

    at: NonNegativeFloat


class MoveDoor(Action):
    """A door is opened or shut."""

    do: Literal["open_door", "close_door"]
    door: str


class SwitchFan(Action):
    """The supply fan of an air handler trips, its exhaust fails, or either comes back."""

    do: Literal["trip_supply", "restore_supply", "fail_exhaust", "restore_exhaust"]
    unit: str


class MovePeople(Action):
    """From now on so many people are in a room."""

    do: Literal["people"]
    room: str
    count: NonNegativeInt


class LeakFilter(Action):
    """From now on a part of a room's supply goes through a hole in its filter."""

    do: Literal["leak_filter"]
    room: str
    part: Annotated[float, Field(gt=0, le=1)]


class MendFilter(Action):
    """A room's filter is whole again."""

    do: Literal["mend_filter"]
    room: str


class Fog(Action):
    """From now on so many droplets ≥ 0.5 µm are sprayed into a room's air; 0 ends it."""

    do: Literal["fog"]
    room: str
    per_minute: NonNegativeFloat


class SensorFault(Action):
    """A sensor fails: no value (`bad`), not a number (`nan`), standing still (`frozen`), or wandering off (`drift`)."""

    do: Literal["sensor_fault"]
    tag: str
    fault: Literal["bad", "nan", "frozen", "drift"]
    per_hour: float | None = None
    """How far it drifts, in its unit."""


class ClearFault(Action):
    """A sensor works again."""

    do: Literal["clear_fault"]
    tag: str


class SwitchDevice(Action):
    """A device's process is killed (`kill -9`), or started again at its old address."""

    do: Literal["stop_device", "start_device"]
    device: str


class Lie(Action):
    """A device lies in one of the ways that its kind knows, or stops it."""

    do: Literal["lie", "stop_lying"]
    device: str
    lie: str


class PutLoad(Action):
    """A load is put on a balance, in place of what lay there."""

    do: Literal["put_load"]
    device: str
    grams: float


class TakeLoad(Action):
    """A balance is cleared."""

    do: Literal["take_load"]
    device: str


class Fill(Action):
    """An operator's command to the filling line."""

    do: Literal["fill"]
    command: Literal["start", "hold", "stop", "clean"]


class ShowBatch(Action):
    """From now on the terminal of a room shows this batch; nothing when it is empty."""

    do: Literal["batch"]
    room: str
    batch: str


class SwitchBroker(Action):
    """Announced as an event for whoever owns the broker; the plant itself has none."""

    do: Literal["stop_broker", "start_broker"]


Step = Annotated[
    MoveDoor
    | SwitchFan
    | MovePeople
    | LeakFilter
    | MendFilter
    | Fog
    | SensorFault
    | ClearFault
    | SwitchDevice
    | Lie
    | PutLoad
    | TakeLoad
    | Fill
    | ShowBatch
    | SwitchBroker,
    Field(discriminator="do"),
]


class Gets(Strict):
    """The holder that gets what a tag said, `at` seconds after the begin."""

    tag: str
    at: PositiveFloat
    holder: str


class Scenario(Strict):
    """A story told to the plant; without `ends_at` the plant goes on until it is stopped."""

    title: str
    ends_at: PositiveFloat | None = None
    steps: list[Step] = Field(default_factory=list)
    alarms: list[str] | dict[str, list[str]] = Field(default_factory=list)
    """What a monitoring system must say of it, in its own words: the plant does not read them, the demo compares.

    By holder, where each is to see its own alone: the demo then goes by their agreements.
    """
    batches: dict[str, str] = Field(default_factory=dict)
    """Recipes by the number of the batch that is exported meanwhile: for the demo too."""
    running: dict[str, str] = Field(default_factory=dict)
    """Operations by the number of a batch that is in the midst of it now: for the demo too."""
    gets: list[Gets] = Field(default_factory=list)
    """Who alone gets what was measured in a room of all, batch after batch: for the demo too."""


def load_scenario(path: Path, plant: Plant) -> Scenario:
    """Read a scenario and check every name in it against the plant. Raises `DocumentError`."""
    return load(path, Scenario, lambda scenario: scenario_faults(scenario, plant))


def scenario_faults(scenario: Scenario, plant: Plant) -> list[Fault]:
    """Names the plant doesn't have, and steps after the end."""
    tags = {tag.name: tag.type for tag in plant_tags(plant)}
    known: dict[str, list[str]] = {
        "door": [door.name for door in plant.doors],
        "unit": list(plant.air_handlers),
        "room": list(plant.rooms),
        "tag": list(tags),
        "device": list(plant.devices),
    }
    faults: list[Fault] = []
    for index, step in enumerate(scenario.steps):
        here = ("steps", index)
        for key, names in known.items():
            value = getattr(step, key, None)
            if value is not None and value not in names:
                faults.append(((*here, key), f"unknown {key} {value!r}{nearest(value, names)}"))
        if scenario.ends_at is not None and step.at > scenario.ends_at:
            faults.append(((*here, "at"), f"{step.at:g} s is after the end at {scenario.ends_at:g} s"))
        faults += [((*here, key), text) for key, text in _misfits(step, plant, tags)]
    return faults


def _misfits(step: Step, plant: Plant, tags: Mapping[str, str]) -> list[tuple[str, str]]:
    """Known names used for what they can't do."""
    if isinstance(step, Lie) and (device := plant.devices.get(step.device)):
        known = list(lies_of(device))
        return [] if step.lie in known else [("lie", f"{step.device} does not lie so{nearest(step.lie, known)}")]
    if isinstance(step, Fill) and plant.filling_line is None:
        return [("do", "the plant has no filling line")]
    if isinstance(step, ShowBatch) and (room := plant.rooms.get(step.room)) and room.batch is None:
        return [("room", f"{step.room} has no terminal that shows a batch")]
    if isinstance(step, SensorFault) and (misfit := _unfit_fault(step, tags.get(step.tag, "double"))):
        return [misfit]
    if isinstance(step, PutLoad | TakeLoad) and not isinstance(plant.devices.get(step.device), Balance | None):
        return [("device", f"{step.device} is no balance")]
    return []


def _unfit_fault(step: SensorFault, kind: str) -> tuple[str, str] | None:
    if step.fault == "nan" and kind != "double":
        return "fault", f"{step.tag} is no number that could be NaN; use 'bad' or 'frozen'"
    if step.fault == "drift" and kind != "double":
        return "fault", f"{step.tag} is no number that could drift; use 'bad' or 'frozen'"
    if (step.fault == "drift") != (step.per_hour is not None):
        return "per_hour", "belongs to the fault 'drift', which needs it"
    return None
