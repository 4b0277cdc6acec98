"""What both sides agreed, as far as records can be checked against it: a YAML file and its list of suppliers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from gateway.configuration import ConfigurationError, nearest, read, validate
from gateway.masters import NO_MASTERS, Masters
from gateway.review.control_charts import RULES, Estimate
from schemas.derived import shapes
from schemas.exported import KINDS, Stage
from schemas.settings import LocalPath, Strict
from schemas.units import Unit


def _known_rule(name: str) -> str:
    if name not in RULES:
        raise ValueError(f"no such rule: {name}{nearest(name, list(RULES))}")
    return name


RuleName = Annotated[str, AfterValidator(_known_rule)]


class Trend(Strict):
    """How results of a test are compared with those before them. An unusual one is out of trend (OOT)."""

    rules: tuple[RuleName, ...] = Field(
        ("nelson-1", "nelson-2", "nelson-3"),
        min_length=1,
        description="`nelson-1` to `nelson-8`, `westgard-1-2s`, `-1-3s`, `-2-2s`, `-R-4s`, `-4-1s`, `-10-x`.",
    )
    baseline: int = Field(
        20, ge=5, le=1000, description="So many first results make centre and spread; none is judged before."
    )
    estimate: Estimate = Field(
        Estimate.MOVING_RANGE,
        description="Spread from the mean moving range ÷ 1.128, or the standard deviation (n - 1).",
    )
    centre: float | None = Field(None, description="Centre from validation, in place of the baseline's; in `unit`.")
    deviation: float | None = Field(None, gt=0, description="Standard deviation that goes with `centre`.")

    @model_validator(mode="after")
    def _both_or_none(self) -> "Trend":
        if (self.centre is None) != (self.deviation is None):
            raise ValueError("give centre and deviation, or neither")
        return self


class Direction(StrEnum):
    """How a quantity moves while it is stored."""

    FALLS = "falls"
    RISES = "rises"
    BOTH = "both"


class Stability(Strict):
    """Regression of a test over storage time, for each batch and condition by itself (ICH Q1E)."""

    condition: str = Field(description="Long-term condition, in the words of the stored samples; for shelf life.")
    direction: Direction = Field(
        Direction.BOTH, description="Whether it can only fall or rise; the limit of the mean is then one-sided."
    )
    confidence: float = Field(0.95, ge=0.8, lt=1, description="Of the limit of the mean at the expiry date.")
    prediction: float = Field(0.95, ge=0.8, lt=1, description="Of the interval for one more result, two-sided.")
    points: int = Field(3, ge=3, le=100, description="Fewest earlier results.")


class AgreedTest(Strict):
    """One test of a specification. Several with the same names follow each other by `since`."""

    test: str = Field(description="The test, as records name it.")
    product: str | None = Field(None, description="For this product only.")
    material: str | None = Field(None, description="For this material only.")
    stage: Stage | None = Field(None, description="For this stage only, as `FINISHED`.")
    since: date = Field(date.min, description="From this day of sampling on.")
    specification: str | None = Field(None, description="The agreed specification.")
    version: str | None = Field(None, description="Its agreed version.")
    unit: Unit | None = Field(None, description="Unit of all numbers here; results may be in one that converts.")
    low: float | None = Field(None, description="Least that is allowed.")
    high: float | None = Field(None, description="Most that is allowed.")
    not_negative: bool = Field(False, description="Whether the quantity cannot be below 0; then < 5 is 0 to 5.")
    trend: Trend | None = Field(None, description="Comparison with earlier results.")
    stability: Stability | None = Field(None, description="Regression over storage time.")

    @model_validator(mode="after")
    def _in_order(self) -> "AgreedTest":
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low is above high")
        if self.unit is None and not (self.low is self.high is None and self.trend is None):
            raise ValueError("numbers need their unit; write '1' for one without")
        return self


class BalanceLimit(Strict):
    """Limits of the material balance of a stage, per cent of what went in."""

    stage: str = Field(description="Stage, as records name it.")
    low: float = Field(ge=0, description="Least, per cent.")
    high: float = Field(ge=0, description="Most, per cent.")


class Expiry(StrEnum):
    """Which day ends the shelf life.

    `day_before` and `month_before` are those of 药品说明书和标签管理规定 (Order 24 of 2006), art. 23.
    """

    DAY_BEFORE = "day_before"
    SAME_DAY = "same_day"
    MONTH_BEFORE = "month_before"
    END_OF_MONTH = "end_of_month"


class AgreedProduct(Strict):
    """What was agreed of a product."""

    product: str = Field(description="Product, as records name it.")
    also: tuple[str, ...] = Field((), description="Other codes of the same product, in other systems.")
    shelf_life: int | None = Field(None, ge=1, le=240, description="Months from manufacture to expiry.")
    expiry: Expiry = Field(
        Expiry.DAY_BEFORE,
        description="`day_before` the corresponding day, the `same_day`, the `month_before` (labels without a day), or "
        "the `end_of_month`.",
    )
    balance: tuple[BalanceLimit, ...] = Field((), description="Limits of material balance.")
    labels: float = Field(0, ge=0, description="Pieces of printed material that may be unaccounted for.")


class Signed(Strict):
    """Who must have signed records of a kind."""

    kind: str = Field(description="Kind of record.", examples=["TestResult"])
    fields: tuple[str, ...] = Field((), description="Fields that must name a person.", examples=["analyst"])
    meanings: tuple[str, ...] = Field((), description="Signatures with these meanings that must be there.")
    events: tuple[str, ...] = Field((), description="Of steps: only those with these events, as `COMPLETED`.")

    @model_validator(mode="after")
    def _fields_are_known(self) -> "Signed":
        if self.kind not in KINDS:
            raise ValueError(f"no such kind: {self.kind}{nearest(self.kind, list(KINDS))}")
        known = [one.name for one in shapes(KINDS[self.kind])]
        for name in self.fields:
            if name not in known:
                raise ValueError(f"a {self.kind} has no field {name}{nearest(name, known)}")
        if self.events and "event" not in known:
            raise ValueError(f"a {self.kind} has no events; leave events out")
        return self


_TWO_PERSONS = ("person", "checked_by")
SIGNED = (
    Signed(kind="TestResult", fields=("analyst", "approver")),
    Signed(kind="BatchStep", fields=("person",), events=("COMPLETED",)),
    *(Signed(kind=kind, fields=_TWO_PERSONS) for kind in ("LineClearance", "Yield", "LabelReconciliation")),
)
"""GMP 223(6): of the laboratory; 201, 215 and HB 104: of clearance, reconciliation and balance; HB 97: of steps."""


class ReviewSettings(Strict):
    """What exported records are checked against. What is not given here is not evaluable, and said so."""

    suppliers: LocalPath | None = Field(
        None, description="File with the holder's list of approved suppliers. Relative to this file."
    )
    products: tuple[AgreedProduct, ...] = Field((), description="Products.")
    tests: tuple[AgreedTest, ...] = Field((), description="Tests, with their limits and how they are trended.")
    signatures: tuple[Signed, ...] = Field(SIGNED, description="Who signs what.")
    batch_numbers: Literal["plant", "product"] = Field(
        "plant", description="Whether a batch number is unique in the whole `plant` or for each `product`."
    )
    blank_is_zero: bool = Field(
        False, description="Whether samples, rejects and leftovers that a balance does not tell are nothing."
    )


class ApprovedSupplier(Strict):
    """A supplier of one material, approved by the holder."""

    material: str = Field(description="Material, as movements name it.")
    supplier: str = Field(description="Supplier, as movements name it.")
    also: tuple[str, ...] = Field((), description="Other names of the same supplier.")
    since: date = Field(description="First day of approval.")
    until: date | None = Field(None, description="Last day of approval; left out, it goes on.")

    def holds(self, supplier: str, day: date) -> bool:
        """Whether this supplier is approved on that day."""
        named = supplier in (self.supplier, *self.also)
        return named and self.since <= day and (self.until is None or day <= self.until)


class SupplierList(Strict):
    """The holder's list of approved suppliers (107 T7.1)."""

    version: str = Field(description="Version of the list.")
    approved: tuple[ApprovedSupplier, ...] = Field(description="Suppliers by material.")


@dataclass(frozen=True, slots=True)
class Agreed:
    """Everything that records are checked against."""

    settings: ReviewSettings = field(default_factory=ReviewSettings)
    suppliers: SupplierList | None = None
    masters: Masters = NO_MASTERS

    def product(self, name: str | None) -> AgreedProduct | None:
        """What was agreed of a product."""
        return next((one for one in self.settings.products if name in (one.product, *one.also)), None)

    def code(self, name: str | None) -> str | None:
        """A product by the one code that it has here, whichever system names it."""
        product = self.product(name)
        return name if product is None else product.product

    def test(
        self, test: str, day: date, *, product: str | None, material: str | None, stage: str | None
    ) -> AgreedTest | None:
        """The test that speaks of these names most closely, in force on that day."""
        names = {"product": self.code(product), "material": material, "stage": stage}
        fitting = (one for one in self.settings.tests if one.test == test and one.since <= day and _fits(one, names))
        return max(fitting, key=lambda one: (sum(getattr(one, n) is not None for n in names), one.since), default=None)


def _fits(one: AgreedTest, names: dict[str, str | None]) -> bool:
    return all(getattr(one, name) in (None, value) for name, value in names.items())


def load_agreed(file: Path) -> Agreed:
    """The file with the list that it names. Raises ConfigurationError with every fault of both."""
    document = read(file)
    settings = validate(document, ReviewSettings)
    doubled = [
        document.finding(("products", at), f"product {name} stands twice; keep one")
        for at, one in enumerate(settings.products)
        for name in (one.product, *one.also)
        if name in _names(settings.products[:at])
    ]
    if doubled:
        raise ConfigurationError(doubled)
    if settings.suppliers is None:
        return Agreed(settings)
    return Agreed(settings, validate(read(settings.suppliers), SupplierList))


def _names(products: Iterable[AgreedProduct]) -> set[str]:
    return {name for one in products for name in (one.product, *one.also)}
