from hypothesis import given
from hypothesis import strategies as st

from adapters.modbus.ring import Ring

CAPACITY = 6


def follow(ring: Ring, held: list[int], steps: int | None = None, *, floor: int = 0) -> list[int]:
    """One look at the newest, and as many steps back as there are (or as may be taken); gives what is reported."""
    found = [held[-1]] if held and ring.newest(held[-1], len(held), floor) else []
    while (index := ring.wanted) is not None and steps != 0:
        steps = None if steps is None else steps - 1
        if index >= len(held):
            ring.refused()
        elif ring.met(held[index]):
            found.append(held[index])
    return found


def test_a_new_record_is_followed_back_to_the_last_known_one() -> None:
    """Nothing is reported twice, nothing left out."""
    ring = Ring()
    assert follow(ring, [10, 20, 30], floor=30) == [30]
    assert follow(ring, [10, 20, 30]) == []
    assert follow(ring, [10, 20, 30, 40, 50]) == [50, 40]
    assert ring.lost == ""


def test_at_the_start_records_are_wanted_back_to_a_time() -> None:
    """As many as the setting says."""
    assert follow(Ring(), [10, 20, 30, 40], floor=25) == [40, 30]


def test_what_the_ring_no_longer_holds_is_said_to_be_lost() -> None:
    """The last known time is not in it any more."""
    ring = Ring(last=5)
    assert follow(ring, [10, 20]) == [20, 10]
    assert "after device time 5 " in ring.lost


def test_a_ring_that_was_emptied_is_a_loss() -> None:
    """The index is refused, or nothing older is there."""
    ring = Ring(last=5)
    ring.newest(50, 4, 0)
    assert follow(ring, [50]) == []
    assert ring.lost


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=30))
def test_every_record_is_reported_once_or_said_to_be_lost(rounds: list[tuple[int, int]]) -> None:
    """A full ring moves under our feet, and the walk is interrupted at any step."""
    made, held, ring = 0, [0], Ring()
    found = follow(ring, held)
    for new, steps in rounds:
        held = [*held, *range(made + 1, made + new + 1)][-CAPACITY:]
        made += new
        found += follow(ring, held, steps)
    found += follow(ring, held)
    assert len(found) == len(set(found))
    assert set(held) <= set(found)
    assert set(range(made + 1)) == set(found) or ring.lost
