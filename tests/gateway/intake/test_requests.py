"""When numbers are asked for again, and how many at once."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.requests import AT_ONCE, FIRST, PAUSES, Requests
from gateway.proof.resend import MOST, Resend

WANTED = {"s": [(5, 7)]}


def test_what_is_wanted_for_a_moment_only_is_not_asked_for() -> None:
    """It may be on its way."""
    requests = Requests()
    assert requests.due(WANTED, 0) == []
    assert requests.due({}, FIRST) == []
    assert requests.due(WANTED, FIRST + 1) == []


def test_the_pauses_grow() -> None:
    """Asked every second for ten minutes."""
    requests, asked = Requests(), list[int]()
    for now in range(600):
        if requests.due(WANTED, now):
            asked.append(now)
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert asked[0] == FIRST
    assert pauses[:4] == [*PAUSES, PAUSES[-1]]


def test_what_came_meanwhile_is_not_asked_for_again() -> None:
    """Only what is left, and soon: the sender is answering."""
    requests = Requests()
    requests.due(WANTED, 0)
    requests.due(WANTED, FIRST)
    requests.due({"s": [(7, 7)]}, FIRST + 1)
    assert requests.due({"s": [(7, 7)]}, 2 * FIRST + 1) == [Resend("s", 7, 7)]


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 5 * MOST)), min_size=1, max_size=20))
def test_no_request_is_too_large(given_: list[tuple[int, int]]) -> None:
    """Together they ask for the begin of what is wanted, in order and without holes within a range."""
    ranges = [(first, first + more) for first, more in given_]
    requests = Requests()
    requests.due({"s": ranges}, 0)
    asked = requests.due({"s": ranges}, FIRST)
    assert len(asked) <= AT_ONCE
    assert all(one.last - one.first < MOST for one in asked)
    whole = [(first, last) for first, last in ranges for _ in range(1 + (last - first) // MOST)]
    assert len(asked) == min(AT_ONCE, len(whole))
    assert all(low <= one.first <= one.last <= high for one, (low, high) in zip(asked, whole, strict=False))
