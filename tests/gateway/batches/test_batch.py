"""Versions, corrections, products; pure."""

from gateway.archive.exported import Kept
from gateway.batches.batch import Correction, batches, corrections
from schemas.exported import Exported, LineClearance, TestResult
from tests.gateway.batches.records import ASSAY, BATCH, CLEARED, ORDER, at, corrected


def kept(*records: Exported) -> list[Kept]:
    return [Kept(one, "s", number) for number, one in enumerate(records, 1)]


def test_a_correction_says_old_new_who_and_why() -> None:
    """One for each field that differs, under the number of the version in force."""
    second = corrected(ASSAY, reported="98.8", value=98.8)
    (batch,) = batches(BATCH, kept(second, ASSAY), [], {})
    assert [one.record for one in batch.of(TestResult)] == [second]
    assert corrections(batch) == [
        Correction("TestResult", "lims", ASSAY.key, 2, name, old, new, "li", "typo", at(600), "s", 1)
        for name, old, new in (("reported", "99.1", "98.8"), ("value", 99.1, 98.8))
    ]


def test_a_new_version_that_changes_nothing_is_told_too() -> None:
    """It is a version all the same."""
    (batch,) = batches(BATCH, kept(ASSAY, corrected(ASSAY)), [], {})
    assert [(one.changed, one.version, one.why) for one in corrections(batch)] == [("", 2, "typo")]


def test_a_version_that_did_not_arrive_is_named() -> None:
    """Version 3 without version 2."""
    (batch,) = batches(BATCH, kept(ASSAY, corrected(ASSAY, version=3)), [], {})
    assert batch.of(TestResult)[0].not_arrived == [2]


def test_a_record_that_a_correction_took_away_is_gone_and_told() -> None:
    """It counts for the batch that its version in force names."""
    away = corrected(CLEARED, batch="240612A")
    (batch,) = batches(BATCH, kept(ORDER, CLEARED, away), [], {})
    assert batch.of(LineClearance) == []
    assert [one.record for one in batch.gone["LineClearance"]] == [away]
    assert [(one.changed, one.old, one.new) for one in corrections(batch)] == [("batch", BATCH, "240612A")]
    (other,) = batches("240612A", kept(CLEARED, away), [], {})
    assert [one.record for one in other.of(LineClearance)] == [away]


def test_two_contents_of_one_version_are_settled_by_their_ids() -> None:
    """So that the order in which two agents sent them does not matter."""
    second, rival = corrected(ASSAY, value=1.0), corrected(ASSAY, value=2.0)
    views = [batches(BATCH, kept(*order), [], {}) for order in ((ASSAY, second, rival), (rival, second, ASSAY))]
    chosen = {one.of(TestResult)[0].record.id for (one,) in views}
    assert chosen == {max((second.id, rival.id), key=str)}
