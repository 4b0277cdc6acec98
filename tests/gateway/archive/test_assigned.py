"""Which batch an alarm touched, of those that were in its room."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.archive.assigned import Stays

TIME = st.integers(0, 12)
STAY = st.tuples(TIME, TIME, st.sampled_from(["a", "b", "c"]), st.booleans())


@given(st.lists(STAY), TIME, TIME)
def test_it_is_the_first_that_was_there_meanwhile(
    stays: list[tuple[int, int, str, bool]], begin: int, end: int
) -> None:
    """As if one looked at each; also where stays overlap, end at once or end before they begin."""
    stays.sort(key=lambda stay: (stay[0], stay[2]))
    known = Stays()
    for began, until, batch, withdrawn in stays:
        known.add(began, until, batch, withdrawn=withdrawn)
    there = [batch for began, until, batch, gone in stays if not gone and began <= end and until > begin]
    assert known.first(begin, end) == (there[0] if there else None)
    assert known.spoken_of == {batch for _, _, batch, _ in stays}
