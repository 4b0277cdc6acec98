"""Levels in words: what is watched is told, and what nobody watches is told too."""

import pytest

from gateway.cleanroom.levels import Level, Levels, Limit, RoomState
from gateway.languages import Language, words_in
from gateway.views.readings import NO_LEVELS, Reading, Status
from gateway.views.texts import monitored_text

CLIMATE = Levels(action=(Level(low=18), Level(high=26)), alert=(Level(high=24),))
PARTICLES = Levels(action=(Level(high=3520, states=(RoomState.AT_REST, RoomState.CLEANING)),))


def told(language: Language, levels: Levels, unit: str, limit: Limit | None = None) -> str:
    return monitored_text(Reading("t", Status.GOOD, unit=unit, limit=limit, levels=levels), words_in(language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (Language.EN, "action ≥ 18 °C, ≤ 26 °C; alert ≤ 24 °C"),
        (Language.ZH, "纠偏 ≥ 18 °C, ≤ 26 °C; 警戒 ≤ 24 °C"),
    ],
)
def test_a_tag_with_levels_tells_them(language: Language, text: str) -> None:
    """Those of action first, each with its side; it is not called unmonitored."""
    assert told(language, CLIMATE, "Cel") == text


def test_a_level_of_some_states_of_the_room_tells_them() -> None:
    """The same number may be fine in operation."""
    assert told(Language.EN, PARTICLES, "{#}/m3") == "action ≤ 3520 /m³ (at rest, cleaning)"


def test_a_tag_without_any_level_is_not_monitored() -> None:
    """It is not fine for want of a level."""
    assert told(Language.EN, NO_LEVELS, "Pa") == "not monitored"
    assert told(Language.EN, NO_LEVELS, "Pa", Limit(low=10)) == "≥ 10 Pa"


def test_a_reversed_flow_is_a_limit_beside_an_alert() -> None:
    """Nobody should take the alert for the whole of what is watched."""
    alert = Levels(alert=(Limit(low=12),))
    assert told(Language.EN, alert, "Pa", Limit(low=-1)) == "action ≥ −1 Pa; alert ≥ 12 Pa"
