"""What the first page and the head of every page need of the archive: asked in a thread, for all pages at once.

Nothing here looks at readings. The rules of one batch take a while, so a few batches are counted at a time, and each
again only when a record or a finding of it came, or after `COUNT_AGAIN`: rules also read records of others.
"""

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from zoneinfo import ZoneInfo

from gateway.agreement.due import AgreedDue, agreed_due
from gateway.agreement.in_force import Signed
from gateway.agreement.shelf import Shelf
from gateway.agreement.terms import NoticeKind
from gateway.archive import evidence as kept
from gateway.archive.archive import Archive
from gateway.archive.judged import BatchFindings, findings_by_batch
from gateway.batches.standing import OpenEvents, batch_standings, quality_events, record_marks
from gateway.configuration import ConfigurationError
from gateway.console.views.known import CANDIDATES, DraftWaits, FindingsWait, Proof, Work
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
COUNT_FOR = 0.4
"""Seconds that counting may take before the page is answered; one batch is counted at least."""
COUNT_AGAIN = 900.0
"""Seconds after which a batch is counted again although nothing of its own came."""
DOUBTS = 20


def proof_of(archive: Archive) -> Proof:
    """As it stands now. Calls block."""
    told = kept.told_missing(archive)
    return Proof(Numbers(told, kept.held(archive, told), kept.leaves_only(archive)), kept.in_doubt(archive, DOUBTS))


class Working:
    """Reads it, and remembers the counts of batches. Calls block, one at a time."""

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
        known = Work(batches, (), (), events, {}, signed, problem)
        shown = [one.number for one in known.candidates[:CANDIDATES]]
        return Work(
            batches,
            [FindingsWait(one, self._oos_due(one, codes, events, signed)) for one in found if one.actions + one.alerts],
            [self._draft(one, codes, signed) for one in unraised(archive, now - LOOK_BACK, now, DRAFTS)],
            events, self._tallies(archive, shown, {one.batch: one.steps for one in found}), signed, problem,
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

    def _tallies(self, archive: Archive, shown: Sequence[str], steps: Mapping[str, int]) -> dict[str, Tally]:
        marks = record_marks(archive)
        until = monotonic() + COUNT_FOR
        for number in shown:
            mark = (*marks.get(number, ()), steps.get(number, 0))
            before = self._counts.get(number)
            if before is not None and before[0] == mark and monotonic() - before[1] < COUNT_AGAIN:
                continue
            context = Context(Archived(archive), self._agreed, self._zone)
            self._counts[number] = (mark, monotonic(), tally(review_all(context, number)))
            if monotonic() >= until:
                break
        return {number: self._counts[number][2] for number in shown if number in self._counts}


def _signed(shelf: Shelf | None) -> tuple[Signed, str | None]:
    try:
        return (Signed(()) if shelf is None else shelf.signed()), None
    except ConfigurationError as error:
        return Signed(()), str(error)
