"""Times and numbers in words."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.words import moment, ranges


@given(st.sets(st.integers(1, 60), max_size=30))
def test_ranges_tell_every_number_once(chosen: set[int]) -> None:
    """Read back, they are the numbers."""
    told: list[int] = []
    for part in filter(None, ranges(sorted(chosen)).split(", ")):
        first, _, last = part.partition(" to ")
        told += range(int(first), int(last or first) + 1)
    assert told == sorted(chosen)


def test_a_moment_is_told_in_utc() -> None:
    """One that no calendar has is told too: a foreign key may state any time."""
    assert moment(1_700_000_000) == "2023-11-14 22:13:20 UTC"
    assert moment(2**63 - 1) == "second 9223372036854775807"
