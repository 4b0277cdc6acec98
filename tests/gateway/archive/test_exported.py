"""What other systems said, in the archive: every version, and what is in force."""

from dataclasses import replace
from uuid import uuid4

import pytest

from gateway.archive.archive import Archive
from gateway.archive.exported import Kept, current, versions
from gateway.archive.exported_tables import TABLES
from schemas.derived import shapes
from schemas.exported import Conclusion, Document, Exported, MaterialMovement, Movement, TestResult
from tests.gateway.messages import message

FIRST = TestResult(
    system="lims", key="S-1|pH", sample="S-1", test="pH", reported="7.10", value=7.1, qualifier="=", unit="[pH]",
    status="approved", batch="240611A", time=2_000, conclusion=Conclusion.PASS,
)  # fmt: skip
SECOND = replace(FIRST, id=uuid4(), version=2, replaces=FIRST.id, by="li", why="typo", batch="240612A", time=3_000)
OTHER = replace(FIRST, id=uuid4(), key="S-2|pH", sample="S-2", time=1_000)


def stored(*records: Exported) -> Archive:
    archive = Archive(None)
    archive.store([message(one, at) for at, one in enumerate(records)])
    return archive


def test_the_highest_version_of_a_key_is_in_force_wherever_it_came() -> None:
    """Of a batch only what no later version took away from it; in order of time; the earlier versions stay."""
    for order in ((FIRST, SECOND, OTHER), (SECOND, OTHER, FIRST)):
        archive = stored(*order)
        assert [one.record for one in current(archive, TestResult)] == [OTHER, SECOND]
        assert [one.record for one in current(archive, TestResult, batch="240611A")] == [OTHER]
        assert [one.record for one in current(archive, TestResult, batch="240612A", sample="S-1")] == [SECOND]
        assert [one.record for one in versions(archive, TestResult, "lims", "S-1|pH")] == [FIRST, SECOND]
        assert current(archive, Document) == []


def test_a_record_is_kept_whole_with_its_place() -> None:
    """Every field comes back, and the stream and number under which it stands."""
    moved = MaterialMovement(
        system="wms", key="m", movement=Movement.ISSUE, material="API", lot="RM-2231", quantity=1.5, unit="kg", time=5,
        expires=20_000, file="ab" * 32, row=7,
    )  # fmt: skip
    assert current(stored(FIRST, moved), MaterialMovement, lot="RM-2231") == [Kept(moved, "s", 2)]


def test_a_field_that_the_kind_has_not_is_a_fault_of_the_caller() -> None:
    """No name reaches SQL that is no field."""
    with pytest.raises(TypeError, match="no field lot; drop"):
        current(stored(), Document, **{"lot; drop": 1})


def test_tables_have_no_column_twice() -> None:
    """A field named as the place would hide it."""
    for kind in TABLES.values():
        assert not {"stream", "number"} & {one.name for one in shapes(kind)}
