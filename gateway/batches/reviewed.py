"""The rules of one batch, out of the archive. Calls block."""

from zoneinfo import ZoneInfo

from gateway.archive.archive import Archive
from gateway.batches.archived import Whole
from gateway.batches.exceptions import RuleAnswer, interruptions, rule_answers
from gateway.review.archived import Archived
from gateway.review.history import Context
from gateway.review.review import review_all
from gateway.review.settings import Agreed


def reviewed(archive: Archive, whole: Whole, agreed: Agreed, zone: ZoneInfo) -> list[RuleAnswer]:
    """Every rule about the batch as it stands now; also while it runs."""
    outcomes = review_all(Context(Archived(archive), agreed, zone), whole.batch.number)
    if whole.began is None or whole.ended is None:
        return rule_answers(whole, outcomes, ())
    gaps = archive.gaps(whole.began, whole.ended + 1)
    return rule_answers(whole, outcomes, interruptions(whole, gaps))
