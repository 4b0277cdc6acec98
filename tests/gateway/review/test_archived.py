"""The archive answers as records in memory do."""

import pytest

from gateway.archive.archive import Archive
from gateway.review.archived import Archived
from gateway.review.history import Context
from gateway.review.review import review, review_all
from schemas.codec import Record
from tests.gateway.messages import message
from tests.gateway.review.records import ZONE
from tests.gateway.review.test_review import PLANT, TERMS, WHOLE


def archived() -> Archive:
    archive = Archive(None)
    records: list[Record] = [*PLANT]
    archive.store([message(one, offset) for offset, one in enumerate(records)])
    return archive


def test_a_review_of_the_archive_answers_as_one_of_memory() -> None:
    """Place by place: verdict, what was expected, what was found, on which records."""
    context = Context(Archived(archived()), TERMS, ZONE)
    told = {one.place: one for one in review_all(context)}
    assert told.keys() == WHOLE.keys()
    for place, one in told.items():
        assert (one.judged.verdict, one.judged.expected, one.judged.found, one.judged.severity) == (
            WHOLE[place].judged.verdict,
            WHOLE[place].judged.expected,
            WHOLE[place].judged.found,
            WHOLE[place].judged.severity,
        )
        assert set(one.records) == set(WHOLE[place].records)


def test_what_arrived_is_judged_out_of_the_archive_too() -> None:
    """All of it at once gives all answers."""
    context = Context(Archived(archived()), TERMS, ZONE)
    told = {place: one.id for place, one in review(PLANT, context).items() if one is not None}
    assert told == {place: one.id for place, one in WHOLE.items()}


def test_a_field_that_a_weighing_has_not_is_a_fault_of_the_caller() -> None:
    """No name reaches SQL that is no column."""
    with pytest.raises(TypeError, match="no field lot; drop"):
        Archived(archived()).weighings(**{"lot; drop": "x"})
