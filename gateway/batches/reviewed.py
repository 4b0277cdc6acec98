"""The rules of one batch, out of the archive. Calls block."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from gateway.archive.archive import Archive
from gateway.batches.archived import Whole
from gateway.batches.exceptions import RuleAnswer, interruptions, is_over, rule_answers
from gateway.batches.numbers import counted
from gateway.review.archived import Archived
from gateway.review.history import Context
from gateway.review.outcome import Outcome
from gateway.review.review import review_all
from gateway.review.settings import Agreed


def reviewed(archive: Archive, whole: Whole, agreed: Agreed, zone: ZoneInfo, now: int) -> list[RuleAnswer]:
    """Every rule about the batch as it stands at `now`, UTC microseconds; also while it runs."""
    every = review_all(Context(Archived(archive), agreed, zone), whole.batch.number)
    outcomes = [one for one in every if _is_of(one, whole, agreed.masters.same())]
    over = is_over(whole)
    numbers = counted(archive, whole, over=over, now=now)
    if whole.began is None or whole.ended is None:
        return rule_answers(whole, outcomes, None, numbers)
    gaps = archive.gaps(whole.began, (whole.ended if over else max(whole.ended, now)) + 1)
    return rule_answers(whole, outcomes, interruptions(whole, gaps), numbers)


def _is_of(one: Outcome, whole: Whole, same: Mapping[str, str]) -> bool:
    """Not another product's that uses the number too."""
    product = getattr(one.subject, "product", None)
    return len(whole.batch.products) < 2 or product is None or same.get(product, product) == whole.batch.product
