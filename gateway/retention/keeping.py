"""Until when records and samples of a batch must be kept, by its expiry, its agreement and the law. Pure (F7).

Nothing here destroys anything. What is not known makes nothing due: a batch without an expiry is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import ceil

from gateway.agreement.agreement import Agreement
from gateway.agreement.deadlines import months_after
from gateway.agreement.products import Product
from gateway.agreement.profile import Minimum, Profile, minima


class What(StrEnum):
    """What is kept."""

    RECORDS = "records"
    PRODUCT_SAMPLES = "product_samples"
    MATERIAL_SAMPLES = "material_samples"


class State(StrEnum):
    """How far it is: kept; the holder is to be asked in writing; the time is over; held, or not known."""

    KEEP = "keep"
    ASK = "ask"
    OVER = "over"
    HELD = "held"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StoredUntil:
    """A retention sample and until when its source means to keep it."""

    sample: str
    until: date


@dataclass(frozen=True, slots=True)
class Made:
    """A batch, as its records tell: its dates, how many of its quality events are open, its retention samples."""

    batch: str
    product: str | None
    expires: date | None = None
    manufactured: date | None = None
    released: date | None = None
    open: int = 0
    samples: tuple[StoredUntil, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """One thing of a batch that is kept: at least to the end of the day `until`, None where that is not known yet.

    From `ask` on the holder is asked in writing. `by` names the agreement; `since` is the expiry or release that is
    counted from, `years` how long; `too_short` names samples that their source means to destroy before.
    """

    batch: str
    product: str | None
    what: What
    state: State
    until: date | None = None
    ask: date | None = None
    since: date | None = None
    years: float | None = None
    by: str | None = None
    too_short: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Terms:
    agreement: Agreement
    product: Product
    least: Mapping[str, Minimum]

    def years(self, what: What) -> float:
        """What is agreed, and never less than the law asks."""
        agreed = self.agreement.retention
        years = {
            What.RECORDS: agreed.after_expiry_years,
            What.PRODUCT_SAMPLES: agreed.samples_after_expiry_years,
            What.MATERIAL_SAMPLES: agreed.materials_after_release_years,
        }[what]
        least = self.least.get(what.value)
        return years if least is None else max(years, least.years)


def kept(
    made: Sequence[Made], agreements: Sequence[Agreement], profiles: Sequence[Sequence[Profile]], today: date
) -> list[Keep]:
    """Everything that is kept of these batches, what is due first. `profiles` are those of each agreement, in order.

    Where several agreements or versions name a product, the longest time counts.
    """
    found = [one for batch in made for one in _of_batch(batch, agreements, profiles, today)]
    return sorted(found, key=lambda one: (one.until is None, one.until or today, one.batch, one.what))


def _of_batch(
    made: Made, agreements: Sequence[Agreement], profiles: Sequence[Sequence[Profile]], today: date
) -> Iterator[Keep]:
    terms = [
        _Terms(one, product, minima(mine, today))
        for one, mine in zip(agreements, profiles, strict=True)
        for product in one.products
        if made.product in {product.code, *product.also}
    ]
    for what in What:
        found = [_keep(made, what, one, today) for one in terms]
        yield max(
            found, key=lambda one: one.until or date.max, default=Keep(made.batch, made.product, what, State.UNKNOWN)
        )


def _keep(made: Made, what: What, terms: _Terms, today: date) -> Keep:
    since = made.released if what is What.MATERIAL_SAMPLES else _expiry(made, terms.product)
    years = terms.years(what)
    until = None if since is None else _later(since, ceil(years * 12))
    ask = None if until is None else _later(until, -terms.agreement.retention.ask_before_months)
    by = f"{terms.agreement.agreement}/{terms.agreement.version}"
    short = _too_short(made, until) if what is What.PRODUCT_SAMPLES else ()
    return Keep(made.batch, made.product, what, _state(made, until, ask, today), until, ask, since, years, by, short)


def _expiry(made: Made, product: Product) -> date | None:
    """The later of what the order says and what manufacture and shelf life give; None where neither is known."""
    counted = None if made.manufactured is None else _later(made.manufactured, product.shelf_life_months)
    return max((one for one in (made.expires, counted) if one is not None), default=None)


def _later(day: date, months: int) -> date | None:
    """None where no calendar goes so far."""
    try:
        return months_after(day, months)
    except OverflowError:
        return None


def _state(made: Made, until: date | None, ask: date | None, today: date) -> State:
    if until is None or ask is None:
        return State.UNKNOWN
    if today < ask:
        return State.KEEP
    if made.open:
        return State.HELD
    return State.ASK if today <= until else State.OVER


def _too_short(made: Made, until: date | None) -> tuple[str, ...]:
    return tuple(one.sample for one in made.samples if until is not None and one.until < until)
