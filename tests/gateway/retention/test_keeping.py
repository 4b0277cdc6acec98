"""Until when what is kept: the agreed time, never less than the law asks, and never a guess."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement.agreement import Agreement
from gateway.agreement.loading import load_agreement
from gateway.agreement.profile import profiles_for
from gateway.retention.keeping import Keep, Made, State, StoredUntil, What, kept

FOLDER = Path(__file__).parents[3] / "simulators" / "line-3" / "agreements"
B, C = (load_agreement(FOLDER / f"holder-{one}.yaml") for one in "bc")
PROFILES = profiles_for(B.profiles, "CN", None)
PRODUCT = B.products[0]
EXPIRES, TODAY = date(2028, 2, 29), date(2026, 11, 23)
MADE = Made("B-1", PRODUCT.code, expires=EXPIRES)


def keep(made: Made = MADE, what: What = What.RECORDS, today: date = TODAY, *agreements: Agreement) -> Keep:
    """What is kept of one thing."""
    named = agreements or (B,)
    found = kept([made], named, [PROFILES for _ in named], today)
    assert {one.what for one in found} == set(What)
    return next(one for one in found if one.what is what)


def agreed(**changes: float) -> Agreement:
    """The agreement with other times."""
    return B.model_copy(update={"retention": B.retention.model_copy(update=changes)})


def test_records_are_kept_the_agreed_years_after_expiry() -> None:
    """Counted in months to the corresponding day, or the last of its month; the ask comes before."""
    found = keep()
    assert B.retention.after_expiry_years == 2
    assert (found.until, found.ask, found.years) == (date(2030, 2, 28), date(2029, 11, 28), 2)
    assert (found.since, found.by) == (EXPIRES, f"{B.agreement}/{B.version}")


@pytest.mark.parametrize(
    ("today", "open_", "state"),
    [
        (date(2029, 11, 27), 0, State.KEEP),
        (date(2029, 11, 28), 0, State.ASK),
        (date(2030, 2, 28), 0, State.ASK),
        (date(2030, 3, 1), 0, State.OVER),
        (date(2030, 3, 1), 1, State.HELD),
        (date(2029, 11, 27), 1, State.KEEP),
    ],
)
def test_the_holder_is_asked_before_the_time_is_over(today: date, open_: int, state: State) -> None:
    """The last day is still kept; what is under investigation is kept on."""
    assert keep(replace(MADE, open=open_), today=today).state is state


def test_an_agreement_below_the_law_does_not_shorten_anything() -> None:
    """One year after expiry at least (HB 112)."""
    found = keep(MADE, What.RECORDS, TODAY, agreed(after_expiry_years=0.5))
    assert (found.until, found.years) == (date(2029, 2, 28), 1)


def test_half_years_are_counted_in_months() -> None:
    """And never fewer than agreed."""
    assert keep(MADE, What.RECORDS, TODAY, agreed(after_expiry_years=1.51)).until == date(2029, 9, 29)


@pytest.mark.parametrize(
    "made",
    [
        replace(MADE, expires=None),
        replace(MADE, product="nobody's"),
        replace(MADE, product=None),
        replace(MADE, expires=date(9999, 1, 1)),
    ],
)
def test_what_is_not_known_makes_nothing_due(made: Made) -> None:
    """No expiry, no agreement, no calendar: kept."""
    found = keep(made, today=date(9999, 12, 31))
    assert (found.state, found.until, found.ask) == (State.UNKNOWN, None, None)


def test_without_an_expiry_manufacture_and_shelf_life_count() -> None:
    """Where both are known, the later one."""
    made = replace(MADE, expires=None, manufactured=date(2026, 6, 11))
    assert PRODUCT.shelf_life_months == 24
    assert keep(made).since == date(2028, 6, 11)
    assert keep(replace(made, expires=EXPIRES)).since == date(2028, 6, 11)
    assert keep(replace(made, expires=date(2029, 1, 1))).since == date(2029, 1, 1)


def test_samples_of_materials_are_kept_from_release_on() -> None:
    """Not before it is known; those of the product from expiry on."""
    assert keep(MADE, What.MATERIAL_SAMPLES).state is State.UNKNOWN
    released = replace(MADE, released=date(2026, 8, 31))
    assert keep(released, What.MATERIAL_SAMPLES).until == date(2028, 8, 31)
    assert keep(released, What.PRODUCT_SAMPLES).until == date(2029, 2, 28)


def test_a_sample_that_its_source_would_destroy_too_early_is_named() -> None:
    """Against the time that the agreement asks."""
    made = replace(MADE, samples=(StoredUntil("S-1", date(2029, 2, 27)), StoredUntil("S-2", date(2029, 2, 28))))
    assert keep(made, What.PRODUCT_SAMPLES).too_short == ("S-1",)
    assert keep(made, What.RECORDS).too_short == ()


def test_of_several_agreements_the_longest_time_counts() -> None:
    """A later version cannot shorten what was made under an earlier one; other products are untouched."""
    longer = agreed(after_expiry_years=5).model_copy(update={"version": 2})
    for order in ((B, longer, C), (C, longer, B)):
        assert keep(MADE, What.RECORDS, TODAY, *order).by == f"{B.agreement}/2"


@given(
    st.floats(0, 50, allow_nan=False),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.dates(date(1990, 1, 1), date(2200, 1, 1)),
)
def test_nothing_is_over_before_its_time(years: float, expires: date, today: date) -> None:
    """Whatever is agreed: expiry and a year, and the agreed years, are past."""
    found = keep(replace(MADE, expires=expires), What.RECORDS, today, agreed(after_expiry_years=years))
    assert found.until is not None
    assert found.ask is not None
    assert found.ask <= found.until
    assert (found.until - expires).days >= max(365.0, years * 365) - 1
    if found.state is State.OVER:
        assert today > found.until
