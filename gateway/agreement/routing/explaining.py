"""Why a holder got a record or did not, in words. Pure: the same rules that routed it, and what is known of batches."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.agreement.routing.plan import Decision
from gateway.agreement.routing.reason import Reason
from gateway.agreement.routing.router import Router
from gateway.cleanroom.levels import Words
from schemas.codec import Record
from schemas.frame import Frame

REASONS = {
    Reason.ALWAYS: Words(en="sent: the clause exchanges it all the time", zh="已发送：该条款约定始终交换"),
    Reason.BATCH: Words(
        en="sent: a batch of the clause's products was there", zh="已发送：该条款所涉产品的批次在场"
    ),
    Reason.BEFORE: Words(
        en="sent: it belongs to the line clearance before a batch of the clause's products",
        zh="已发送：属于该条款所涉产品批次之前的清场时段",
    ),
    Reason.AFTER: Words(
        en="sent: it belongs to the cleaning after a batch of the clause's products",
        zh="已发送：属于该条款所涉产品批次之后的清洁时段",
    ),
    Reason.NAMED: Words(en="sent: it names the holder's own product", zh="已发送：记录涉及该持有人自己的产品"),
    Reason.SENDER: Words(
        en="sent: the agent tells it to every holder that it concerns", zh="已发送：采集端须告知相关持有人"
    ),
    Reason.LIFE: Words(
        en="sent: it goes on what the holder got the beginning of", zh="已发送：其开端已发送给该持有人，故后续一并发送"
    ),
    Reason.NOT_IN_FORCE: Words(
        en="withheld: no agreement with this holder was in force then", zh="未发送：当时与该持有人没有生效的质量协议"
    ),
    Reason.KIND: Words(en="withheld: no clause exchanges records of this kind", zh="未发送：没有条款约定交换此类记录"),
    Reason.LINE: Words(
        en="withheld: no clause that exchanges such records is about this line",
        zh="未发送：交换此类记录的条款不涉及该生产线",
    ),
    Reason.PLACE: Words(
        en="withheld: no clause is about this room, equipment or tag", zh="未发送：没有条款涉及该房间、设备或位号"
    ),
    Reason.NO_BATCH: Words(
        en="withheld: the clause asks for a batch of its products, and no batch was there",
        zh="未发送：该条款以产品批次在场为条件，当时没有批次在场（未归属）",
    ),
    Reason.UNKNOWN_PRODUCT: Words(
        en="withheld: it is not known of which product the batch is", zh="未发送：批次所属产品未知，不作推测"
    ),
    Reason.OTHER_BATCH: Words(
        en="withheld: the batch that was there is not of the holder's products",
        zh="未发送：当时在场的批次不属于该持有人的产品",
    ),
    Reason.OTHER_PRODUCT: Words(
        en="withheld: it is of a product that this clause is not about", zh="未发送：所涉产品不在该条款范围内"
    ),
    Reason.OTHER_HOLDER: Words(
        en="withheld: it names a product or batch that is not this holder's",
        zh="未发送：记录涉及的产品或批次不属于该持有人",
    ),
    Reason.NAMES_OTHER: Words(
        en="withheld: its text names what belongs to another holder", zh="未发送：文字内容涉及其他持有人"
    ),
}  # fmt: skip
"""Of each reason that a decision can have."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Of a record, or of those samples of a frame for which it is the same; `samples` is 0 where it is no frame."""

    decision: Decision
    samples: int = 0
    tags: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        """The reason."""
        return REASONS[self.decision.reason]

    @property
    def clause(self) -> Words | None:
        """What the clause says that sent or withheld it; None where no clause is about it."""
        return None if self.decision.rule is None else self.decision.rule.clause.text


def explain(router: Router, record: Record, holder: str, now: int) -> list[Explanation]:
    """Of each part of a record that was decided alike; `now` counts for what tells no time."""
    if not isinstance(record, Frame):
        return [Explanation(router.decide(record, holder, now))]
    found: dict[Decision, list[str]] = {}
    for tag, decision in _samples(router, record, holder):
        found.setdefault(decision, []).append(tag)
    return [Explanation(one, len(tags), tuple(dict.fromkeys(tags))) for one, tags in found.items()]


def _samples(router: Router, frame: Frame, holder: str) -> Iterator[tuple[str, Decision]]:
    got = {row for holders, rows in router.frames.shares(frame) if holder in holders
           for row in (range(len(frame)) if rows is None else rows.nonzero()[0].tolist())}  # fmt: skip
    for at, row in enumerate(frame.rows()):
        decision = router.decide_sample(frame, at, holder)
        if decision.sends and at not in got:
            decision = Decision(holder, decision.rule, Reason.NAMES_OTHER)
        yield row.tag, decision
