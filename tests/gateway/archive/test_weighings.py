"""Weighings of record, as they are asked for by the page that lists them."""

from dataclasses import replace

from gateway.archive.archive import Archive
from gateway.archive.weighings import balances, weighings_since
from schemas.records import Weighing
from tests.gateway.messages import message, weighing

FIRST, LATER, OTHER = weighing(1000), weighing(2000, accepted=False, net=None), replace(weighing(1500), source="big")


def stored(*weighings: Weighing) -> Archive:
    archive = Archive(None)
    archive.store([message(one, at) for at, one in enumerate(weighings)])
    return archive


def test_weighings_come_newest_first_with_their_place_in_the_stream() -> None:
    """Every field as the record has it; the calibration's end as a day."""
    found = weighings_since(stored(FIRST, LATER, OTHER), 0, 10)
    assert [one.time for one in found] == [2000, 1500, 1000]
    refused = found[0]
    assert (refused.accepted, refused.refusals, refused.detail) == (False, ["UNSTABLE"], "the weight moves")
    last = found[-1]
    assert (last.id, last.stream, last.number) == (FIRST.id, "s", 1)
    assert (last.net, last.unit, last.operator, last.second, last.lot) == (100.0, "g", "li", "wang", "L-77")
    assert last.calibration_due.toordinal() == FIRST.calibration_due + 719_163


def test_weighings_are_chosen_by_time_balance_and_outcome() -> None:
    """Each alone and together; at most as many as asked for."""
    archive = stored(FIRST, LATER, OTHER)
    assert [one.time for one in weighings_since(archive, 1500, 10)] == [2000, 1500]
    assert [one.time for one in weighings_since(archive, 0, 10, source="scale")] == [2000, 1000]
    assert [one.time for one in weighings_since(archive, 0, 10, accepted=True)] == [1500, 1000]
    assert [one.time for one in weighings_since(archive, 0, 10, source="scale", accepted=True)] == [1000]
    assert [one.time for one in weighings_since(archive, 0, 1)] == [2000]
    assert balances(archive) == ["big", "scale"]
