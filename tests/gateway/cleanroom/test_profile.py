"""Each number of each profile against the tables as they stand in the source, typed here a second time."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cleanroom.levels import MICROBES_IN, UNITS, Level, RoomState
from gateway.cleanroom.profile import Of, ProfileLimit, profile, profile_names
from schemas.units import check_unit

NOT_SET = None
Numbers = dict[tuple[str, str], dict[str, tuple[float | str | None, ...]]]
CN, EU = "cn-gmp-2010", "eu-gmp-annex-1"
PARTICLES: Numbers = {
    # 药品 GMP 2010 附录 1 无菌药品, 第九条: 静态 ≥ 0.5, ≥ 5.0; 动态 ≥ 0.5, ≥ 5.0 (不作规定: not set)
    (CN, "annex 1 art. 9"): {
        "A": (3520, 20, 3520, 20),
        "B": (3520, 29, 352_000, 2900),
        "C": (352_000, 2900, 3_520_000, 29_000),
        "D": (3_520_000, 29_000, NOT_SET, NOT_SET),
    },
    # EudraLex 4, annex 1 (2022), 9.15, table 5, for monitoring: at rest ≥ 0.5, ≥ 5; in operation (not predetermined)
    (EU, "9.15, table 5"): {
        "A": (3520, 29, 3520, 29),
        "B": (3520, 29, 352_000, 2930),
        "C": (352_000, 2930, 3_520_000, 29_300),
        "D": (3_520_000, 29_300, NOT_SET, NOT_SET),
    },
}
MICROBES: Numbers = {
    # 第十一条: 浮游菌 cfu/m³, 沉降菌 (90 mm) cfu/4 小时, 接触 (55 mm) cfu/碟, 5 指手套 cfu/手套; A 级 < 1
    (CN, "annex 1 art. 11"): {
        "A": ("<1", "<1", "<1", "<1"),
        "B": (10, 5, 5, 5),
        "C": (100, 50, 25, NOT_SET),
        "D": (200, 100, 50, NOT_SET),
    },
    # 9.30, table 6: air sample CFU/m³, settle plates CFU/4 hours, contact plates CFU/plate, glove print CFU/glove
    (EU, "9.30, table 6"): {
        "A": (0, 0, 0, 0),  # no growth
        "B": (10, 5, 5, 5),
        "C": (100, 50, 25, NOT_SET),
        "D": (200, 100, 50, NOT_SET),
    },
}
OTHERS: dict[tuple[str, str, Any], tuple[float | str | None, str]] = {
    # GMP 2010 第四十八条: 洁净区与非洁净区之间、不同级别洁净区之间不低于 10 帕斯卡; 同级必要时有梯度
    (CN, "differential_pressure", "unclassified"): (10, "art. 48"),
    (CN, "differential_pressure", "other_grade"): (10, "art. 48"),
    (CN, "differential_pressure", "same_grade"): (NOT_SET, "art. 48"),
    # 附录 1 第十条 (九): 根据产品及操作的性质制定温度、相对湿度等参数
    (CN, "temperature", None): (NOT_SET, "annex 1 art. 10(9)"),
    (CN, "humidity", None): (NOT_SET, "annex 1 art. 10(9)"),
    # 4.14: adjacent rooms of different grades, a minimum of 10 pascals (guidance value)
    (EU, "differential_pressure", "other_grade"): (10, "4.14"),
    (EU, "differential_pressure", "unclassified"): (NOT_SET, "4.14"),
    (EU, "differential_pressure", "same_grade"): (NOT_SET, "4.14"),
}
WATER: dict[tuple[str, Any, str], tuple[float | str | None, str]] = {
    # 中国药典 2020 二部: 总有机碳 0.50 mg/L; 需氧菌总数 100 cfu/1 ml, 10 cfu/100 ml; 内毒素 < 0.25 EU/ml
    ("chp-2020", "purified_water", "toc"): (0.50, "part II 纯化水; chapter 0682"),
    ("chp-2020", "purified_water", "microbes"): (100, "part II 纯化水; chapter 1105"),
    ("chp-2020", "water_for_injection", "toc"): (0.50, "part II 注射用水; chapter 0682"),
    ("chp-2020", "water_for_injection", "microbes"): (10, "part II 注射用水; chapter 1105"),
    ("chp-2020", "water_for_injection", "endotoxin"): ("<0.25", "part II 注射用水; chapter 1143"),
    # USP <643> bulk water 0.50 mg/L; <1231> 100 cfu/mL, 10 cfu/100 mL; Water for Injection less than 0.25 EU/mL
    ("usp-water", "purified_water", "toc"): (0.50, "<643>"),
    ("usp-water", "purified_water", "microbes"): (100, "<1231>"),
    ("usp-water", "water_for_injection", "toc"): (0.50, "<643>"),
    ("usp-water", "water_for_injection", "microbes"): (10, "<1231>"),
    ("usp-water", "water_for_injection", "endotoxin"): ("<0.25", "monograph Water for Injection"),
}
# USP <645> stage 1, and 中国药典 0681 表 2: °C, µS/cm; the temperature not greater than the measured one counts.
STAGE_1 = (
    "0 0.6  5 0.8  10 0.9  15 1.0  20 1.1  25 1.3  30 1.4  35 1.5  40 1.7  45 1.8  50 1.9  55 2.1  60 2.2  65 2.4  "
    "70 2.5  75 2.7  80 2.7  85 2.7  90 2.7  95 2.9  100 3.1"
)
# 中国药典 0681 表 1 (the same numbers as Ph. Eur. 0008): °C, µS/cm; between them on a line.
PURIFIED = (
    "0 2.4  10 3.6  20 4.3  25 5.1  30 5.4  40 6.5  50 7.1  60 8.1  70 9.1  75 9.7  80 9.7  90 9.7  100 10.2"
)  # fmt: skip
CONDUCTIVITY: dict[tuple[str, Any], tuple[str, str, str]] = {
    ("chp-2020", "purified_water"): (PURIFIED, "interpolate", "chapter 0681 table 1"),
    ("chp-2020", "water_for_injection"): (STAGE_1, "step", "chapter 0681 table 2"),
    ("usp-water", "purified_water"): (STAGE_1, "step", "<645> stage 1"),
    ("usp-water", "water_for_injection"): (STAGE_1, "step", "<645> stage 1"),
}
Expected = tuple[str, Of, float | str | None, str]


def for_grade(quantity: str, grade: Any, state: RoomState) -> Of:
    return Of(quantity, grade=grade, state=state)


def typed() -> list[Expected]:
    """Everything typed above, as one list of profile, what it is for, number and clause."""
    rows: list[Expected] = []
    for (name, clause), grades in PARTICLES.items():
        for grade, numbers in grades.items():
            of = [
                for_grade(size, grade, state)
                for state in (RoomState.AT_REST, RoomState.IN_OPERATION)
                for size in ("particles_0_5", "particles_5_0")
            ]
            rows += [(name, one, number, clause) for one, number in zip(of, numbers, strict=True)]
    for (name, clause), others in MICROBES.items():
        for grade, counts in others.items():
            methods = ("active_air", "settle_plate", "contact_plate", "glove_print")
            rows += [
                (name, for_grade(method, grade, RoomState.IN_OPERATION), count, clause)
                for method, count in zip(methods, counts, strict=True)
            ]
    rows += [(n, Of(q, against=a), number, c) for (n, q, a), (number, c) in OTHERS.items()]
    rows += [(n, Of(q, water=w), number, c) for (n, w, q), (number, c) in WATER.items()]
    return rows


@pytest.mark.parametrize(("name", "of", "number", "clause"), typed(), ids=str)
def test_each_number_is_that_of_the_source(name: str, of: Of, number: float | str | None, clause: str) -> None:
    """Number, side, and clause; EU's grade D in operation has the note (a) behind its clause."""
    limit = profile(name).find(of)
    assert limit is not None
    assert limit.clause.removesuffix(" (a)") == clause
    if number is NOT_SET:
        assert limit.not_set
    elif isinstance(number, str):
        assert limit.below == float(number.removeprefix("<"))
    elif of.quantity == "differential_pressure":
        assert limit.low == number
    else:
        assert limit.high == number


@pytest.mark.parametrize("name", profile_names())
def test_a_profile_holds_no_number_that_is_not_typed_here(name: str) -> None:
    """So that a new number needs its source in this file."""
    assert {limit.of for limit in profile(name).limits} == {of for one, of, _, _ in typed() if one == name}
    assert {table.water for table in profile(name).conductivity} == {w for one, w in CONDUCTIVITY if one == name}


@pytest.mark.parametrize(("name", "water"), CONDUCTIVITY)
def test_each_table_of_conductivity_is_that_of_the_source(name: str, water: Any) -> None:
    """Every temperature with its number."""
    text, between, clause = CONDUCTIVITY[name, water]
    numbers = [float(word) for word in text.split()]
    table = profile(name).table(water)
    assert table is not None
    assert (table.between, table.clause) == (between, clause)
    assert [*zip(table.temperature, table.high, strict=True)] == [*zip(numbers[::2], numbers[1::2], strict=True)]


def test_between_two_temperatures_the_lower_one_counts_or_a_line() -> None:
    """USP <645> takes the temperature not greater than the measured one; 0681 table 1 interpolates."""
    usp, chp = profile("usp-water").table("purified_water"), profile("chp-2020").table("purified_water")
    assert usp is not None
    assert chp is not None
    assert usp.at([24.9, 25.0, 29.9]).tolist() == [1.1, 1.3, 1.3]
    assert chp.at([20.0, 22.5, 25.0]).tolist() == pytest.approx([4.3, 4.7, 5.1])


@given(st.floats(-50, 150))
def test_outside_its_temperatures_a_table_allows_nothing(temperature: float) -> None:
    """No limit is made up; within, each lies between the smallest and the largest of the table."""
    for name, water in CONDUCTIVITY:
        table = profile(name).table(water)
        assert table is not None
        limit = float(table.at(temperature))
        if 0 <= temperature <= 100:
            assert min(table.high) <= limit <= max(table.high)
        else:
            assert limit != limit  # noqa: PLR0124 - NaN


def test_every_quantity_has_a_unit() -> None:
    """Which is a UCUM code."""
    for unit in {*UNITS.values(), *MICROBES_IN.values()}:
        check_unit(unit)
    named = {limit.quantity for name in profile_names() for limit in profile(name).limits}
    assert named <= {*UNITS, "microbes"}


@pytest.mark.parametrize(
    ("limit", "level", "allowed"),
    [
        ({"high": 3520}, Level(high=3520), True),
        ({"high": 3520}, Level(high=3521), False),
        ({"below": 1}, Level(high=0.5), True),
        ({"below": 1}, Level(high=1), False),
        ({"low": 10}, Level(low=10), True),
        ({"low": 10}, Level(low=9.9), False),
        ({"low": 10}, Level(low=-10), False),
        ({"low": 10}, Level(high=-10), True),
        ({"low": 10}, Level(high=-9.9), False),
        ({"not_set": True}, Level(high=1e9), True),
    ],
)
def test_a_level_is_allowed_up_to_the_limit(limit: dict[str, float], level: Level, *, allowed: bool) -> None:
    """The alarm comes beyond the level, so the level may be the limit, but not where the value must be less."""
    one = ProfileLimit.model_validate({"quantity": "any", "clause": "any", **limit})
    assert one.allows(level) is allowed
