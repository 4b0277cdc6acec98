import pytest

from tests.support.eventually import eventually


async def test_the_first_truthy_answer_is_given_back() -> None:
    """A failed assertion and an empty answer both mean "not yet"."""
    answers = iter(["", None, "there"])

    async def ask() -> str:
        answer = next(answers)
        assert answer is not None
        return answer

    assert await eventually(ask, within=30) == "there"


async def test_a_failure_says_what_was_waited_for_and_what_came_last() -> None:
    """The predicate as written, and its last answer."""
    rows: list[str] = []
    with pytest.raises(AssertionError, match=r"not within 0\.1 s: .*lambda: rows.*; last: \[\]"):
        await eventually(lambda: rows, within=0.1)
