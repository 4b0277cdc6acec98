"""How much of its time in its rooms a batch has readings of."""

from dataclasses import replace

import pytest

from gateway.batches.environment import Measured, RoomTime, read_share
from gateway.batches.procedure import Stay
from schemas.records import Gap
from tests.gateway.batches.records import at
from tests.gateway.messages import gap

READ = Measured("F1.DP.M1", "differential_pressure", limits=True, good=60)
HALF = replace(gap(at(0), at(30)), tags=("F1.DP.M1",))


@pytest.mark.parametrize(
    ("measured", "gaps", "share"),
    [
        ([READ], [], 100.0),
        ([READ], [HALF], 50.0),
        ([READ], [replace(HALF, backfilled=True)], 100.0),
        ([READ], [replace(HALF, tags=("other",))], 100.0),
        ([READ], [replace(HALF, tags=())], 50.0),
        ([READ, replace(READ, tag="F1.T")], [HALF], 75.0),
        ([READ, replace(READ, tag="F1.T", good=0)], [], 50.0),
        ([], [], None),
    ],
)
def test_gaps_and_tags_without_a_reading_lack(measured: list[Measured], gaps: list[Gap], share: float | None) -> None:
    """Each tag for itself; what was filled in is there."""
    room = RoomTime(Stay("F1", at(0), at(60)), known=True, measured=tuple(measured), gaps=tuple(gaps))
    assert read_share([room], at(100)) == share


def test_a_stay_that_lasts_is_looked_at_up_to_now() -> None:
    """A gap that lasts too."""
    room = RoomTime(
        Stay("F1", at(0), None), known=True, measured=(READ,), gaps=(replace(HALF, began=at(75), ended=None),)
    )
    assert read_share([room], at(100)) == 75.0
