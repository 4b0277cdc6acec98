"""Where things stand on the plan."""

import pytest

from gateway.views.plan import Box, arrow, box, size, wall
from tests.gateway.console.stage import SITE

LEFT, RIGHT, BELOW, AWAY = Box(0, 0, 100, 80), Box(110, 20, 90, 80), Box(20, 120, 60, 50), Box(300, 300, 10, 10)


def test_rooms_beside_each_other_share_an_upright_wall() -> None:
    """Air crosses it sideways, over the stretch that both rooms have."""
    found = wall(LEFT, RIGHT)
    assert (found.axis, found.sign, found.across, found.thickness, found.begin, found.end) == ("x", 1, 105, 10, 20, 80)


def test_rooms_above_each_other_share_a_level_wall() -> None:
    """Air crosses it up or down."""
    found = wall(LEFT, BELOW)
    assert (found.axis, found.sign, found.across, found.begin, found.end) == ("y", 1, 100, 20, 80)


@pytest.mark.parametrize("other", [RIGHT, BELOW])
def test_the_way_back_crosses_the_same_wall_in_the_other_direction(other: Box) -> None:
    """Only the sign differs, and the arrow that follows it."""
    there, back = wall(LEFT, other), wall(other, LEFT)
    assert (there.sign, back.sign) == (1, -1)
    assert (there.axis, there.across, there.begin) == (back.axis, back.across, back.begin)
    assert arrow(there, forward=False) == arrow(back, forward=True)


def test_rooms_that_do_not_touch_still_have_a_place_between_them() -> None:
    """Halfway."""
    found = wall(LEFT, AWAY)
    assert (found.across, found.begin) == ((80 + 300) / 2, (100 + 300) / 2)


def test_an_arrow_without_direction_has_no_head() -> None:
    """One stroke instead of three."""
    found = wall(LEFT, RIGHT)
    assert arrow(found, forward=None).count("L") == 0
    assert arrow(found, forward=True).count("L") == 2


def test_every_room_lies_within_the_plan() -> None:
    """With its walls."""
    width, height = size(SITE)
    boxes = [box(room) for room in SITE.rooms]
    assert all(found.x > 0 and found.y > 0 and found.right < width and found.bottom < height for found in boxes)
