"""A recipe of the simulated site: the document `batch.yaml`. Everything about a product that is no program.

Amounts are in the unit that stands beside them, durations minutes, days count from the start of the batch.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from simulators.documents import Fault, Strict, load, nearest
from simulators.plant import Balance, Plant

Word = Annotated[str, Field(min_length=1)]


class Product(Strict):
    """What is made."""

    code: Word
    name: Word
    master_record: Word
    master_version: Word
    vials: PositiveInt = Field(description="planned size of the batch")
    fill: PositiveFloat = Field(description="g of solution in a vial")
    months: PositiveInt = Field(description="shelf life")


class Material(Strict):
    """What goes into a batch, with the lot of it that is used."""

    code: Word
    name: Word
    lot: Word
    supplier: Word
    supplier_lot: Word
    amount: PositiveFloat
    unit: Literal["g", "kg", "{#}"]
    weighed: int = Field(default=0, ge=0, description="containers in which it is weighed; 0: counted or piped")
    packaging: bool = Field(default=False, description="printed material, which is reconciled")
    received: float = Field(description="days; negative: before the start")
    keeps: PositiveInt = Field(description="days from receipt")


class Phase(Strict):
    """A part of an operation."""

    id: Word
    name: Word
    minutes: PositiveFloat


class Operation(Strict):
    """One operation of the batch. What it does beside taking its time: weigh, fill or freeze-dry."""

    id: Word
    name: Word
    room: Word
    equipment: Word
    does: Literal["wait", "weigh", "fill", "freeze-dry"] = "wait"
    minutes: NonNegativeFloat = Field(default=0, description="a filling or freeze-drying takes what the machine takes")
    then: NonNegativeFloat = Field(default=15, description="minutes until the next operation begins")
    people: int = Field(default=2, ge=0, description="in the room while it lasts")
    clearance: bool = False
    phases: list[Phase] = Field(default_factory=list)


class Test(Strict):
    """A test of a sample; its result is drawn around `about`, or is the words in `says`."""

    __test__ = False

    name: Word
    about: float | None = None
    spread: NonNegativeFloat = 0
    decimals: int = Field(default=1, ge=0, le=6)
    below: float | None = Field(default=None, description="least that can be told: less is reported as < this")
    says: str | None = None
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    method: Word


class Sampling(Strict):
    """A sample and its tests."""

    id: Word
    stage: Literal["MATERIAL", "IN_PROCESS", "INTERMEDIATE", "FINISHED", "ENVIRONMENT", "WATER"]
    after: Word = Field(description="the operation in which it is taken, at its end; a material's code at MATERIAL")
    point: str | None = Field(default=None, description="sampling point or room, of environment and water")
    equipment: str | None = None
    days: PositiveFloat = Field(description="from the sample to the approved result")
    specification: Word
    specification_version: Word
    tests: list[Test] = Field(min_length=1)


class Stored(Strict):
    """Samples that are kept."""

    purpose: Literal["RETENTION", "STABILITY"]
    quantity: PositiveFloat
    place: Word
    condition: Word
    due: PositiveInt = Field(description="months until they are looked at next")
    keep: PositiveInt = Field(description="months that they are kept")


class Disturbance(Strict):
    """What goes wrong while the line fills, minutes from its start."""

    door: str | None = None
    at: NonNegativeFloat
    seconds: PositiveFloat


class Recipe(Strict):
    """How one product is made, tested and packed on one line."""

    product: Product
    line: Word
    balance: Word
    reason: Word = Field(description="why somebody stops the line, as the operator writes it")
    people: dict[str, Word] = Field(description="who has which part: operator, second, qa, warehouse, analyst, ...")
    materials: list[Material] = Field(min_length=1)
    operations: list[Operation] = Field(min_length=1)
    hold: Disturbance
    door: Disturbance
    limits: dict[str, float] = Field(description="least differential pressure by tag, Pa")
    samplings: list[Sampling] = Field(default_factory=list)
    stored: list[Stored] = Field(default_factory=list)
    documents: dict[str, tuple[Word, Word, Word]] = Field(
        default_factory=dict, description="id to version, title, text"
    )

    def operation(self, id_: str) -> Operation:
        """The operation of that id."""
        return next(one for one in self.operations if one.id == id_)


PARTS = ("operator", "second", "qa", "warehouse", "analyst", "reviewer", "head")


def load_recipe(path: Path, plant: Plant) -> Recipe:
    """Read a recipe and check its names against the plant. Raises `DocumentError`."""
    return load(path, Recipe, lambda recipe: _faults(recipe, plant))


def _faults(recipe: Recipe, plant: Plant) -> list[Fault]:
    operations = [one.id for one in recipe.operations]
    materials = [one.code for one in recipe.materials]
    faults: list[Fault] = [(("people",), f"nobody is {part}") for part in PARTS if part not in recipe.people]
    if not isinstance(plant.devices.get(recipe.balance), Balance):
        faults.append((("balance",), f"{recipe.balance!r} is no balance of the plant"))
    doors = [door.name for door in plant.doors]
    if recipe.door.door not in doors:
        faults.append((("door", "door"), f"unknown door {recipe.door.door!r}{nearest(str(recipe.door.door), doors)}"))
    pairs = [f"{pair.of}.DP.{pair.against}" for pair in plant.differentials]
    unknown = [tag for tag in recipe.limits if tag not in pairs]
    faults += [(("limits", tag), f"no differential of the plant{nearest(tag, pairs)}") for tag in unknown]
    for index, one in enumerate(recipe.samplings):
        known = materials if one.stage == "MATERIAL" else operations
        if one.after not in known:
            faults.append((("samplings", index, "after"), f"unknown {one.after!r}{nearest(one.after, known)}"))
    needs = {"fill": plant.filling_line, "freeze-dry": plant.freeze_dryer}
    for index, operation in enumerate(recipe.operations):
        if operation.does in needs and needs[operation.does] is None:
            faults.append((("operations", index, "does"), "the plant has no such machine"))
    return faults
