"""What the first page and the head of every page need of the archive: asked in a thread, for all pages at once.

Nothing here looks at readings. The rules of one batch take a while, so they are counted beside, batch by batch, and
again only when a record or a finding of the batch came, or after `COUNT_AGAIN`: rules also read records of others.
"""

from collections.abc import Iterable, Mapping
from time import monotonic
from zoneinfo import ZoneInfo

from gateway.agreement.due import AgreedDue, agreed_due
from gateway.agreement.in_force import Signed
from gateway.agreement.shelf import Shelf
from gateway.agreement.terms import NoticeKind
from gateway.archive import evidence as kept
from gateway.archive.archive import Archive
from gateway.archive.judged import BatchFindings, findings_by_batch
from gateway.archive.lives import EVER
from gateway.batches.standing import OpenEvents, batch_standings, quality_events, record_marks
from gateway.configuration import ConfigurationError
from gateway.console.views.known import CANDIDATES, DraftWaits, FindingsWait, Proof, Work
from gateway.console.views.lacking import LastDay
from gateway.console.views.streams import Numbers
from gateway.deviations.archived import unraised
from gateway.deviations.draft import Draft
from gateway.masters import Masters
from gateway.review.archived import Archived
from gateway.review.history import Context
from gateway.review.review import Tally, review_all, tally
from gateway.review.settings import Agreed

DAY = 86_400_000_000
LOOK_BACK = 365 * DAY
"""How far back drafts of deviations are looked for, microseconds."""
DRAFTS = 200
"""How many drafts are looked at, the newest."""
COUNT_AGAIN = 900.0
"""Seconds after which a batch is counted again although nothing of its own came."""
DOUBTS = 20


def proof_of(archive: Archive) -> Proof:
    """As it stands now. Calls block."""
    told = kept.told_missing(archive)
    return Proof(Numbers(told, kept.held(archive, told), kept.leaves_only(archive)), kept.in_doubt(archive, DOUBTS))


class Working:
    """Reads it, and remembers the counts of batches. `read` and `count` block; each is called one at a time."""

    def __init__(self, masters: Masters, agreed: Agreed, zone: ZoneInfo) -> None:
        self._masters, self._agreed, self._zone = masters, agreed, zone
        self._counts: dict[str, tuple[tuple[object, ...], float, Tally]] = {}

    def read(self, archive: Archive, agreements: Shelf | None, now: int) -> Work:
        """As it stands at `now`, UTC microseconds."""
        batches = batch_standings(archive, self._masters.same())
        found = findings_by_batch(archive)
        events = quality_events(archive)
        signed, problem = _signed(agreements)
        codes = {one.number: one.product for one in batches}
        return Work(
            batches,
            [FindingsWait(one, self._oos_due(one, codes, events, signed)) for one in found if one.actions + one.alerts],
            [self._draft(one, codes, signed) for one in unraised(archive, now - LOOK_BACK, now, DRAFTS)],
            events, {}, signed, LastDay(archive.gaps(now - DAY, EVER), kept.first_records(archive)), problem,
        )  # fmt: skip

    def _draft(self, draft: Draft, codes: Mapping[str, str | None], signed: Signed) -> DraftWaits:
        products = [codes.get(batch) for batch in draft.batches]
        return DraftWaits(draft, self._due(signed, NoticeKind.DEVIATION, products, draft.began))

    def _oos_due(
        self,
        found: BatchFindings,
        codes: Mapping[str, str | None],
        events: Mapping[str, OpenEvents],
        signed: Signed,
    ) -> AgreedDue | None:
        raised = found.batch in events and events[found.batch].out_of_specification
        if found.oos_since is None or raised:
            return None
        return self._due(signed, NoticeKind.OOS_OOT, [codes.get(found.batch)], found.oos_since)

    def _due(self, signed: Signed, kind: NoticeKind, products: Iterable[str | None], moment: int) -> AgreedDue | None:
        named = {code for code in products if code is not None}
        spelled = named | {code for code, product in self._masters.same().items() if product in named}
        try:
            return agreed_due(signed, kind, "told", codes=spelled, grade=None, moment=moment)
        except ConfigurationError:  # a profile that is not there: the page of the agreement says it
            return None

    @property
    def tallies(self) -> dict[str, Tally]:
        """What was counted so far, by batch."""
        return {number: told for number, (_, _, told) in self._counts.items()}

    def count(self, archive: Archive, work: Work) -> bool:
        """Count the first batch of those that are shown whose count is not as it should be; False where none is."""
        marks = record_marks(archive)
        steps = {one.found.batch: one.found.steps for one in work.findings}
        for number in dict.fromkeys(one.number for one in work.candidates[:CANDIDATES]):
            mark = (*marks.get(number, ()), steps.get(number, 0))
            before = self._counts.get(number)
            if before is None or before[0] != mark or monotonic() - before[1] >= COUNT_AGAIN:
                context = Context(Archived(archive), self._agreed, self._zone)
                self._counts[number] = (mark, monotonic(), tally(review_all(context, number)))
                return True
        return False

    def forget(self) -> None:
        """Nothing is counted."""
        self._counts = {}


def _signed(shelf: Shelf | None) -> tuple[Signed, str | None]:
    try:
        return (Signed(()) if shelf is None else shelf.signed()), None
    except ConfigurationError as error:
        return Signed(()), str(error)
