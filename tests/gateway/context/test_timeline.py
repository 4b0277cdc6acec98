"""What is claimed of a place becomes stays."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.context.timeline import EVER, Claim, Place, Span, merged, stays, without
from schemas.context import PlaceKind
from schemas.exported import Origin

F1 = Place(PlaceKind.ROOM, "F1")
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda two: (min(two), max(two))), max_size=6)


def claim(batch: str, began: int, ended: int = EVER, origin: Origin = Origin.EXPORTED) -> Claim:
    return Claim(F1, batch, "P", began, ended, origin)


def told(*claims: Claim) -> list[tuple[str, int, int, Origin]]:
    return [(one.batch, one.began, one.ended, one.origin) for one in stays(claims)]


def moments(spans: list[Span]) -> set[int]:
    return {moment for began, ended in spans for moment in range(began, ended)}


@given(SPANS, SPANS)
def test_spans_are_the_sets_of_their_moments(first: list[Span], second: list[Span]) -> None:
    """Merged and taken away from each other, by every moment."""
    assert moments(merged(first)) == moments(first)
    assert moments(without(first, second)) == moments(first) - moments(second)


def test_what_overlaps_or_touches_is_one_stay() -> None:
    """Two steps of one batch without a pause between them; another batch is there at the same time."""
    assert told(claim("B", 20, 30), claim("A", 0, 10), claim("A", 10, 25)) == [
        ("A", 0, 25, Origin.EXPORTED),
        ("B", 20, 30, Origin.EXPORTED),
    ]


def test_a_record_goes_before_a_tag() -> None:
    """The tag counts where no record speaks, whatever it says."""
    tag = Origin.DIRECT
    assert told(claim("B", 5, 15), claim("A", 0, 10, tag), claim("A", 10, 20, tag)) == [
        ("A", 0, 5, tag), ("B", 5, 15, Origin.EXPORTED), ("A", 15, 20, tag),
    ]  # fmt: skip
    assert told(claim("A", 2, 18), claim("A", 0, 20, tag)) == [("A", 0, 20, Origin.EXPORTED)]


def test_a_record_without_an_end_speaks_until_the_tag_names_another_batch() -> None:
    """The MES is late with the end; the line has begun the next batch."""
    tag = Origin.DIRECT
    assert told(claim("A", 0), claim("A", 1, 30, tag), claim("B", 30, EVER, tag)) == [
        ("A", 0, 30, Origin.EXPORTED),
        ("B", 30, EVER, tag),
    ]


def test_a_time_that_ends_before_it_begins_is_none() -> None:
    """A typing error in an export claims nothing."""
    assert told(claim("A", 10, 10), claim("A", 20, 5)) == []
