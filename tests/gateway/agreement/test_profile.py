"""Profiles of terms: the national numbers typed a second time, and which entry holds on a day."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement.profile import (
    Minimum,
    Profile,
    audits,
    class_named,
    classes,
    in_force,
    load_profiles,
    minima,
    profile_names,
    profiles_for,
    prohibited,
    terms,
    working_days,
)
from gateway.agreement.working_days import LAST_YEAR, Counted
from gateway.configuration import ConfigurationError
from tests.gateway.agreement.samples import TODAY

NATIONAL = load_profiles(["national-cn"])
ALL = load_profiles(profile_names())
DEFAULTS = {
    ("deviation", "told", "critical"): "24 hours S*",
    ("deviation", "told", "major"): "2 working_days S*",
    ("deviation", "first_finding", ""): "7 days S*",
    ("deviation", "investigated", ""): "30 days S*",
    ("deviation", "answered", ""): "10 working_days K",
    ("oos_oot", "told", ""): "24 hours S*",
    ("oos_oot", "investigated", ""): "30 days S*",
    ("change", "proposed", ""): "30 days K",
    ("change", "answered", ""): "10 working_days K",
    ("complaint", "told", ""): "1 working_days K",
    ("complaint", "investigated", ""): "10 working_days K",
    ("inspection", "told", ""): "24 hours K",
    ("inspection", "reported", ""): "3 working_days K",
    ("refusal", "told", ""): "4 hours K",
    ("risk_after_release", "told", ""): "4 hours K",
    ("dossier", "told", ""): "1 working_days K",
    ("environment", "told", ""): "1 hours K",
    ("destruction", "told", ""): "60 days K",
    ("recall", "told", "class_1"): "1 days K",
    ("recall", "told", "class_2"): "3 days K",
    ("recall", "told", "class_3"): "7 days K",
    ("recall", "reported", "class_1"): "1 days K",
    ("recall", "reported", "class_2"): "3 days K",
    ("recall", "reported", "class_3"): "7 days K",
}


@pytest.mark.parametrize(("of", "number"), DEFAULTS.items(), ids=str)
def test_a_national_term_is_the_starting_value_of_practice(of: tuple[str, str, str], number: str) -> None:
    """With how well its source is known; only what is general knowledge has to be checked first."""
    (one,) = [t for t in terms(NATIONAL[0], TODAY) if (t.kind, t.step, "".join(t.classes)) == of]
    assert f"{one.term.amount} {one.term.unit} {one.mark}" == number
    assert one.unverified == number.endswith(" K")


def test_terms_of_recalls_bind_and_no_others_do() -> None:
    """They alone are law."""
    assert {one.kind for one in terms(NATIONAL[0], TODAY) if one.binding} == {"recall"}


def test_classes_are_ordered_from_the_gravest() -> None:
    """关键, 主要, 次要; 重大, 中等, 微小; and three of recalls."""
    assert [(one.of, one.id, one.name.zh) for one in classes(NATIONAL, TODAY)] == [
        ("change", "major", "重大"),
        ("change", "moderate", "中等"),
        ("change", "minor", "微小"),
        ("deviation", "critical", "关键"),
        ("deviation", "major", "主要"),
        ("deviation", "minor", "次要"),
        ("recall", "class_1", "一级召回"),
        ("recall", "class_2", "二级召回"),
        ("recall", "class_3", "三级召回"),
    ]


def test_a_word_of_a_quality_system_names_a_class() -> None:
    """微小 is the least of deviations and of changes; before the rules on changes there was none."""
    found = [class_named(NATIONAL, of, "微小", TODAY) for of in ("deviation", "change", "recall")]
    assert [one and one.id for one in found] == ["minor", "minor", None]
    assert class_named(NATIONAL, "change", "微小", date(2021, 1, 11)) is None


def test_least_times_and_frequencies_are_those_of_the_rules() -> None:
    """HB 112 and 107 T11.1.3, T13; 134 (5) asks for the visit since the end of 2025."""
    assert {of: one.years for of, one in minima(NATIONAL, TODAY).items()} == {
        "records": 1,
        "product_samples": 1,
        "material_samples": 2,
    }
    assert {of: one.months for of, one in audits(NATIONAL, TODAY).items()} == {
        "all": 12,
        "high_risk": 6,
        "vaccine": 3,
        "sterile_visit": 12,
    }
    assert "sterile_visit" not in audits(NATIONAL, date(2025, 12, 29))


def test_the_list_of_devices_says_that_it_is_not_complete() -> None:
    """It has the two that the source names, and both have to be checked."""
    assert not NATIONAL[0].prohibited_complete
    assert {one.id: one.unverified for one in prohibited(NATIONAL, TODAY)} == {
        "pacemaker": True,
        "artificial-joint": True,
    }


DATED = st.lists(
    st.builds(
        Minimum,
        of=st.sampled_from(["records", "product_samples"]),
        years=st.integers(1, 9),
        since=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        source=st.just("x"),
        mark=st.just("S"),
    ),
    unique_by=lambda one: (one.of, one.since),
)


@given(DATED, st.dates(date(2019, 1, 1), date(2031, 1, 1)))
def test_the_last_entry_that_began_holds(entries: list[Minimum], day: date) -> None:
    """Whatever the order in the file; none before its first day."""
    found = {one.of: one for one in in_force(((one.of, one) for one in entries), day)}
    for of in ("records", "product_samples"):
        began = [one for one in entries if one.of == of and one.since <= day]
        assert found.get(of) == max(began, key=lambda one: one.since, default=None)


def test_the_strictest_profile_decides_on_least_times() -> None:
    """A company that keeps records longer is held to it; one that keeps them shorter is not."""
    longer, shorter = (
        Profile.model_validate(
            {"name": "own", "of": "company", "version": "1", "title": {"en": "Own", "zh": "自有"},
             "minima": [{"of": "records", "years": years, "source": "SOP", "mark": "S"}]}
        )
        for years in (5, 0.5)
    )  # fmt: skip
    assert minima([*NATIONAL, longer, shorter], TODAY)["records"].years == 5


def test_what_a_country_asks_holds_whether_it_is_named_or_not() -> None:
    """And once only."""
    assert [one.name for one in profiles_for(["cmo-a-example"], "CN")] == ["national-cn", "cmo-a-example"]
    assert [one.name for one in profiles_for(["national-cn"], "CN")] == ["national-cn"]
    assert profiles_for([], "SG") == ()


def test_an_entry_that_stands_twice_from_one_day_is_refused(tmp_path: Path) -> None:
    """Which of them holds could not be told; a file also has the name of its profile."""
    entry = {"of": "records", "years": 1, "source": "x", "mark": "S"}
    data = {"name": "own", "of": "company", "version": "1", "title": {"en": "Own", "zh": "自有"}, "minima": [entry] * 2}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(data))
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(data | {"minima": []}))
    with pytest.raises(ConfigurationError, match="stands twice from the same day: minimum records"):
        load_profiles(["own"], tmp_path)
    with pytest.raises(ConfigurationError, match="it has to be the file's name"):
        load_profiles(["other"], tmp_path)


def test_a_profile_may_tell_a_year_of_holidays() -> None:
    """Before the library knows it."""
    new_year = date(LAST_YEAR + 1, 1, 1)
    sunday = next(day for n in range(1, 8) if (day := new_year + timedelta(days=n)).weekday() == 6)
    off = [new_year + timedelta(days=n) for n in range(7) if new_year + timedelta(days=n) != sunday]
    data = {"name": "own", "of": "company", "version": "1", "title": {"en": "Own", "zh": "自有"}}
    year = {"year": LAST_YEAR + 1, "off": off, "worked": [sunday]}
    told = working_days([Profile.model_validate(data | {"years": [year]})])
    assert told.count(new_year - timedelta(days=1), 1) == Counted(sunday, estimated=False)
    assert working_days(ALL).count(new_year - timedelta(days=1), 1).estimated
