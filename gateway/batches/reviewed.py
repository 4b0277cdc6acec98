"""The rules of one batch, out of the archive. Calls block."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from gateway.archive.archive import Archive
from gateway.batches.archived import Whole
from gateway.batches.exceptions import RuleAnswer, interruptions, is_over, rule_answers
from gateway.batches.numbers import counted
from gateway.review.archived import Archived
from gateway.review.history import Context, Kind
from gateway.review.outcome import Outcome
from gateway.review.review import review_all
from gateway.review.settings import Agreed
from schemas.exported import KINDS


def reviewed(archive: Archive, whole: Whole, agreed: Agreed, zone: ZoneInfo, now: int) -> list[RuleAnswer]:
    """Every rule about the batch as it stands at `now`, UTC microseconds; also while it runs."""
    every = review_all(Context(_Assembled(archive, whole), agreed, zone), whole.batch.number)
    outcomes = [one for one in every if _is_of(one, whole, agreed.masters.same())]
    over = is_over(whole)
    numbers = counted(archive, whole, over=over, now=now)
    if whole.began is None or whole.ended is None:
        return rule_answers(whole, outcomes, None, numbers)
    gaps = archive.gaps(whole.began, (whole.ended if over else max(whole.ended, now)) + 1)
    return rule_answers(whole, outcomes, interruptions(whole, gaps), numbers)


class _Assembled(Archived):
    """A History that has the records of the batch already, and asks the archive for all others.

    Of a number that several products use it asks for all, since rules compare them.
    """

    def __init__(self, archive: Archive, whole: Whole) -> None:
        super().__init__(archive)
        self._batch = whole.batch if len(whole.batch.products) < 2 else None
        for name, many in (self._batch.records if self._batch is not None else {}).items():
            for one in many:
                self._versions[KINDS[name], one.record.system, one.record.key] = [*one.earlier, one.record]

    def current(self, kind: type[Kind], **wanted: str) -> Sequence[Kind]:
        """As History says."""
        if self._batch is not None and wanted == {"batch": self._batch.number}:
            return [one.record for one in self._batch.of(kind)]
        return super().current(kind, **wanted)


def _is_of(one: Outcome, whole: Whole, same: Mapping[str, str]) -> bool:
    """Not another product's that uses the number too."""
    product = getattr(one.subject, "product", None)
    return len(whole.batch.products) < 2 or product is None or same.get(product, product) == whole.batch.product
