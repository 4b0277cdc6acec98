"""What must be there before a batch record is whole, by master batch record: a YAML file.

Names are those of the records: what MES, LIMS and WMS call steps, tests and materials.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from gateway.configuration import nearest, read, validate
from schemas.exported import KINDS, Stage, Use
from schemas.settings import Strict
from schemas.units import Unit


def _known_kind(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"no such kind: {name}{nearest(name, list(KINDS))}")
    return name


KindName = Annotated[str, AfterValidator(_known_kind)]


class WantedStep(Strict):
    """A step that must be completed."""

    step: str = Field(description="The step, as records name it.", examples=["fill"])
    after: tuple[str, ...] | None = Field(
        None, description="Steps that must be completed before it begins; left out, the one listed before it."
    )


class WantedLog(Strict):
    """A line that the log of an equipment must have."""

    equipment: str = Field(description="The equipment.", examples=["FIL-01"])
    use: Use = Field(description="What for.", examples=["STERILISATION"])
    before: str | None = Field(
        None, description="The step before which it must have ended well, and during whose begin it must hold."
    )


class WantedClearance(Strict):
    """A line clearance that must be there."""

    stage: str = Field(description="Before which stage.", examples=["filling"])
    room: str | None = Field(None, description="In which room; left out, in any.")


class WantedTest(Strict):
    """Results that must be there, whatever they are."""

    test: str = Field(description="The test, with its component.", examples=["Assay"])
    stage: Stage | None = Field(None, description="What is tested; left out, anything.")
    results: int = Field(1, ge=1, description="How many at least.")
    final: tuple[str, ...] = Field((), description="Statuses with which a result counts; left out, every one does.")


class WantedMaterial(Strict):
    """A material that must have been issued to the batch, less what was returned."""

    material: str = Field(description="The material.")
    low: float | None = Field(None, ge=0, description="Least, in `unit`.")
    high: float | None = Field(None, ge=0, description="Most, in `unit`.")
    unit: Unit | None = Field(None, description="Unit of `low` and `high`.")

    @model_validator(mode="after")
    def _numbers_have_a_unit(self) -> "WantedMaterial":
        if self.unit is None and not (self.low is self.high is None):
            raise ValueError("low and high need their unit")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low is above high")
        return self


class WantedYield(Strict):
    """A yield with its balance that must be there."""

    stage: str = Field(description="Stage of production or packaging.", examples=["filling"])


class WantedWeighing(Strict):
    """Weighings of record of a material that must be there."""

    material: str = Field(description="The material; its lots are those issued to the batch.")
    least: int = Field(1, ge=1, description="How many at least.")


class WantedSignature(Strict):
    """A signature that must be there."""

    meaning: str = Field(description="What it means, in the words of the source.", examples=["reviewed"])
    kind: KindName = Field(description="Kind of the record that is signed.", examples=["BatchOrder"])
    step: str | None = Field(None, description="Of steps: the one that is signed.")


class MasterBatchRecord(Strict):
    """What a batch by this master batch record must have (GMP 2010, HB 97, 107 T9, T10)."""

    product: str = Field(description="Product, as records name it.")
    also: tuple[str, ...] = Field((), description="Other codes of the same product, in other systems.")
    name: str | None = Field(None, description="Master batch record, as orders name it.")
    version: str | None = Field(None, description="Its version; give both, or none where there is only one.")
    since: date = Field(date.min, description="In force from this day of manufacture on.")
    steps: tuple[WantedStep, ...] = Field((), description="Steps, in their order.")
    equipment: tuple[WantedLog, ...] = Field((), description="Lines of equipment logs.")
    clearances: tuple[WantedClearance, ...] = Field((), description="Line clearances.")
    tests: tuple[WantedTest, ...] = Field((), description="Tests and in-process controls.")
    materials: tuple[WantedMaterial, ...] = Field((), description="Materials.")
    yields: tuple[WantedYield, ...] = Field((), description="Yields.")
    weighings: tuple[WantedWeighing, ...] = Field((), description="Weighings of record.")
    signatures: tuple[WantedSignature, ...] = Field((), description="Signatures.")

    @model_validator(mode="after")
    def _steps_are_known(self) -> "MasterBatchRecord":
        before = set[str]()
        for one in self.steps:
            if one.step in before:
                raise ValueError(f"step {one.step} stands twice; name each once")
            if missing := [name for name in one.after or () if name not in before]:
                raise ValueError(f"step {one.step} comes after {missing[0]}, which is not listed before it")
            before.add(one.step)
        named = [one.before for one in self.equipment] + [one.step for one in self.signatures]
        if unknown := [name for name in named if name is not None and name not in before]:
            raise ValueError(f"no such step: {unknown[0]}{nearest(unknown[0], sorted(before))}")
        return self

    def before(self, step: str) -> tuple[str, ...] | None:
        """What must be completed before a step begins; None of a step that is not listed."""
        names = [one.step for one in self.steps]
        if step not in names:
            return None
        at = names.index(step)
        after = self.steps[at].after
        return after if after is not None else tuple(names[max(at - 1, 0) : at])


class Masters(Strict):
    """All master batch records whose batches are looked at."""

    master_records: tuple[MasterBatchRecord, ...] = Field((), description="Master batch records.")

    @model_validator(mode="after")
    def _each_once(self) -> "Masters":
        named = [(one.product, one.name, one.version) for one in self.master_records]
        if doubled := [one for one in named if named.count(one) > 1]:
            raise ValueError(f"product {doubled[0][0]} stands twice with the same name and version; keep one")
        codes: dict[str, str] = {}
        for one in self.master_records:
            for code in (one.product, *one.also):
                if codes.setdefault(code, one.product) != one.product:
                    raise ValueError(f"{code} is a code of {codes[code]} and of {one.product}; keep one")
        return self

    def on(self, product: str | None, day: date) -> MasterBatchRecord | None:
        """The one of a product, by any of its codes, in force on a day."""
        mine = (one for one in self.master_records if product in (one.product, *one.also) and one.since <= day)
        return max(mine, key=lambda one: one.since, default=None)

    def same(self) -> dict[str, str]:
        """The product by its other codes."""
        return {code: one.product for one in self.master_records for code in one.also}

    def codes_of(self, product: str | None) -> set[str]:
        """Every code by which a product is named; none where it is not told."""
        return set() if product is None else {product, *(code for code, to in self.same().items() if to == product)}


NO_MASTERS = Masters()


def load_masters(file: Path) -> Masters:
    """The file's. Raises ConfigurationError with every fault."""
    return validate(read(file), Masters)
