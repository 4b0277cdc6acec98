"""What did not come by agreement, as the archive adds it up."""

from dataclasses import replace
from uuid import uuid4

from gateway.archive.archive import Archive
from gateway.archive.withheld import not_sent, taken_back
from schemas.withheld import WhyWithheld, Withdrawn, Withheld
from tests.gateway.messages import message

FIRST = Withheld(
    system="line-3", key="k", holder="holder-b", room="F1", clause="qa-holder-b v2 E-2",
    reason=WhyWithheld.OTHER_BATCH, samples=500, began=100, time=200,
)  # fmt: skip
AGAIN = replace(FIRST, id=uuid4(), samples=30, began=150)
LATER = replace(FIRST, id=uuid4(), key="l", samples=7, began=200, time=300)
LOST = replace(FIRST, id=uuid4(), key="n", room="W1", reason=WhyWithheld.NOT_KEPT, samples=None)
BACK = Withdrawn(
    system="line-3", key="w", holder="holder-b", room="F1", clause="qa-holder-b v2 E-2", began=120, ended=180, time=400
)


def stored(*records: Withheld | Withdrawn) -> Archive:
    archive = Archive(None)
    archive.store([message(one, at) for at, one in enumerate(records)])
    return archive


def test_counts_of_a_room_clause_and_reason_add_up() -> None:
    """A record that came twice counts once; two of one key count both, since an agent that starts again counts on."""
    archive = stored(FIRST, FIRST, AGAIN, LATER, LOST)
    room, lost = not_sent(archive, 0, 1000)
    assert (room.room, room.samples, room.began, room.ended) == ("F1", 537, 100, 300)
    assert (lost.room, lost.samples, lost.reason) == ("W1", None, WhyWithheld.NOT_KEPT)


def test_a_period_has_what_overlaps_it_and_no_more() -> None:
    """Ends are not within; a room has its own alone."""
    archive = stored(FIRST, LATER, LOST, BACK)
    assert [one.samples for one in not_sent(archive, 200, 300)] == [7]
    assert [one.room for one in not_sent(archive, 100, 200, "W1")] == ["W1"]
    assert [(one.began, one.number) for one in taken_back(archive, 179, 180)] == [(120, 4)]
    assert not taken_back(archive, 180, 200)
    assert not taken_back(archive, 0, 1000, "W1")
