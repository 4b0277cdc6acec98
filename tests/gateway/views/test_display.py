"""Numbers, ages and times as they are written."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.languages import Language, words_in
from gateway.views.display import Clock, age, micros_of, number, quantity
from tests.gateway.messages import SECOND

EN, ZH = words_in(Language.EN), words_in(Language.ZH)
MOMENT = micros_of(datetime(2026, 6, 11, 6, 3, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (7.84, "Pa", "7.8 Pa"),
        (-12.25, "Pa", "−12.2 Pa"),
        (-0.01, "Pa", "0.0 Pa"),
        (1240.4, "{#}/m3", "1\u202f240 /m³"),
        (20.06, "Cel", "20.1 °C"),
        (3.0, "1", "3.0"),
    ],
)
def test_a_quantity_has_thin_thousands_a_true_minus_and_its_unit(value: float, unit: str, text: str) -> None:
    """As many decimals as the unit wants."""
    assert quantity(value, unit) == text


@given(st.floats(-1000, 1000), st.floats(-1000, 1000).map(lambda limit: round(limit, 1)))
def test_rounding_never_moves_a_value_over_its_limit(value: float, limit: float) -> None:
    """9.96 Pa against 10 Pa is not shown as 10.0, unless they are the same to six places."""
    shown = float(number(value, "Pa", limit).replace("\N{MINUS SIGN}", "-").replace("\u202f", ""))
    assert math.isclose(value, limit, abs_tol=1e-6) or (shown < limit) == (value < limit)


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (0, "0 s", "0 秒"),
        (135, "2 min 15 s", "2 分 15 秒"),
        (3600, "1 h", "1 小时"),
        (90_061, "1 d 1 h", "1 天 1 小时"),
        (-5, "0 s", "0 秒"),
    ],
)
def test_an_age_is_told_in_its_two_largest_units(seconds: int, en: str, zh: str) -> None:
    """In both languages."""
    assert (age(seconds * SECOND, EN), age(seconds * SECOND, ZH)) == (en, zh)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Asia/Shanghai", "2026-06-11 14:03:22 UTC+8"),
        ("Asia/Kolkata", "2026-06-11 11:33:22 UTC+5:30"),
        ("America/Sao_Paulo", "2026-06-11 03:03:22 UTC−3"),
        ("UTC", "2026-06-11 06:03:22 UTC"),
    ],
)
def test_a_time_names_its_offset(zone: str, text: str) -> None:
    """The plant's zone, seconds always."""
    assert Clock.of(zone).stamp(MOMENT) == text


@given(st.integers(0, 4 * 10**15), st.sampled_from(["Asia/Shanghai", "Asia/Kolkata", "UTC"]))
def test_a_shifted_time_comes_back(moment: int, zone: str) -> None:
    """What is drawn on the axis names the same moment again, wherever clocks are not changed."""
    clock = Clock.of(zone)
    assert clock.instant(clock.local(moment).isoformat()) == moment
    if clock.shift(moment - 10**11) == clock.shift(moment + 10**11):
        assert clock.unshifted(moment + clock.shift(moment)) == moment


def test_a_time_without_offset_is_plant_time() -> None:
    """A plus sign that an address turned into a space is understood."""
    clock = Clock.of("Asia/Shanghai")
    assert clock.instant("2026-06-11T14:03:22") == MOMENT
    assert clock.instant("2026-06-11T08:03:22 02:00") == MOMENT
    assert clock.instant("2026-06-11T06:03:22Z") == MOMENT
    with pytest.raises(ValueError, match="Invalid isoformat"):
        clock.instant("yesterday")
