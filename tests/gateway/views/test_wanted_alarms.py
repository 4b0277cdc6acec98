"""Which alarms an address asks for."""

import pytest

from gateway.archive.choosing import EVERY
from gateway.archive.lives import EVER
from gateway.views.display import DAY, HOUR, Clock
from gateway.views.wanted_alarms import STATES, unfiltered, wanted
from schemas.records import AlarmPriority, AlarmState
from tests.gateway.console.stage import NOW, SITE

CLOCK = Clock.of("Asia/Shanghai")


def test_without_a_filter_all_alarms_of_seven_days_are_wanted() -> None:
    """And what is left empty in the form asks for nothing."""
    for query in ({}, {"room": "", "priority": "", "state": "", "batch": " ", "text": "", "range": ""}):
        asked = wanted(query, CLOCK, NOW)
        assert asked == unfiltered(NOW)
        assert (asked.query, asked.chosen(SITE), asked.span(NOW + 5)) == ({}, EVERY, (NOW + 5 - 7 * DAY, EVER))


def test_an_address_comes_back_as_it_was() -> None:
    """So that it can be sent to somebody."""
    query = {"room": "F1", "priority": "alert", "state": "active", "batch": "240611A", "text": "door"}
    asked = wanted(query | {"range": "8h"}, CLOCK, NOW)
    assert (asked.query, asked.window.query(CLOCK)) == (query, {"range": "8h"})
    assert asked.span(NOW) == (NOW - 8 * HOUR, EVER)
    chosen = asked.chosen(SITE)
    assert (chosen.room, chosen.priority, chosen.batch, chosen.text) == ("F1", AlarmPriority.ALERT, "240611A", "door")
    assert set(chosen.states) == {AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED}


def test_a_fixed_period_ends_where_it_says() -> None:
    """In plant time."""
    asked = wanted({"from": "2026-06-11T10:00:00", "to": "2026-06-11T12:00:00"}, CLOCK, NOW)
    begin, end = asked.span(NOW)
    assert end - begin == 2 * HOUR
    assert CLOCK.local(begin).hour == 10


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("f1 → m1", {"F1.DP.M1"}),
        ("相对", set()),
        ("温度", {"F1.Temperature"}),
        ("Door F1", {"Door.F1-M1"}),
        ("→ C1", {"M1.DP.C1", "F1.DP.C1"}),
    ],
)
def test_a_text_is_looked_for_in_the_names_that_people_use(text: str, tags: set[str]) -> None:
    """In both languages, whichever the page has."""
    assert set(wanted({"text": text}, CLOCK, NOW).chosen(SITE).named) == tags


@pytest.mark.parametrize(
    "query", [{"priority": "high"}, {"state": "open"}, {"range": "2h"}, {"from": "2026-06-11T10:00:00"}]
)
def test_what_nobody_knows_is_refused(query: dict[str, str]) -> None:
    """Not passed over: the answer would be taken for the one that was asked for."""
    with pytest.raises(ValueError, match=r"is not one of|give both"):
        wanted(query, CLOCK, NOW)


def test_every_state_of_an_alarm_can_be_asked_for() -> None:
    """Also the latched ones, and what is put aside."""
    assert {state for states in STATES.values() for state in states} == set(AlarmState) - {AlarmState.UNKNOWN}
