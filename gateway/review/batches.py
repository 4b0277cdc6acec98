"""Rules for a batch: its number, expiry, master record, steps, and balances."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from gateway.masters import MasterBatchRecord
from gateway.review.history import Context, date_of, moment
from gateway.review.limits import Limits, Possible, Where, decimal_of, shown
from gateway.review.outcome import Judged, Said, Severity, failed, not_evaluable, passed, said
from gateway.review.results import contradiction, within
from gateway.review.settings import Expiry
from schemas.exported import BatchOrder, BatchStep, Conclusion, LabelReconciliation, OrderStatus, StepEvent, Yield

EXCEPTIONS = frozenset({StepEvent.SKIPPED, StepEvent.FORCED, StepEvent.REPEATED, StepEvent.ABORTED})
"""What a review by exception shows of steps."""


def batch_number_twice(order: BatchOrder, context: Context) -> Judged:
    """A batch number is given once (GMP 2010, HB 95). Two systems may tell of one batch, one system may not."""
    others = [one for one in of_batch(order, context) if one.id != order.id and _other_batch(order, one, context)]
    expected = said("number_once", batch=order.batch)
    found = [said("other_order", system=one.system, order=one.key, product=one.product or "?") for one in others]
    if not others:
        return passed(expected, said("one_order"))
    cancelled = all(OrderStatus.CANCELLED in {order.status, one.status} for one in others)
    return failed(expected, *found, severity=Severity.ALERT if cancelled else Severity.ACTION, beside=others)


def _other_batch(order: BatchOrder, other: BatchOrder, context: Context) -> bool:
    """Whether the two orders cannot be one batch."""
    codes = [context.agreed.code(one.product) for one in (order, other)]
    products = None not in codes and codes[0] != codes[1]
    if products and context.agreed.settings.batch_numbers == "product":
        return False
    days = {order.manufactured, other.manufactured} - {None}
    return products or order.system == other.system or len(days) > 1


def expiry_not_agreed(order: BatchOrder, context: Context) -> Judged:
    """Expiry follows from manufacture by the agreed rule (HB 95, 107 T10)."""
    product = context.agreed.product(order.product)
    found = [said("expires", on=date_of(order.expires))] if order.expires is not None else [said("no_expiry")]
    if order.manufactured is not None:
        found.append(said("manufactured", on=date_of(order.manufactured)))
    if product is None or product.shelf_life is None:
        return not_evaluable(said("expiry_agreed"), *found, said("product_not_agreed", product=order.product or "?"))
    if order.manufactured is None or order.expires is None:
        return not_evaluable(said("months_after", months=product.shelf_life), *found)
    wanted = expiry(date_of(order.manufactured), product.shelf_life, product.expiry)
    given, expected = date_of(order.expires), said("expires", on=wanted)
    by_month = product.expiry is Expiry.MONTH_BEFORE
    same = (given.year, given.month) == (wanted.year, wanted.month) if by_month else given == wanted
    return (passed if same else failed)(expected, *found)


def expiry(manufactured: date, months: int, rule: Expiry) -> date:
    """The last day of the shelf life. A month without the corresponding day ends it with its last day."""
    year, month = divmod(manufactured.year * 12 + manufactured.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    if rule is Expiry.END_OF_MONTH:
        return date(year, month + 1, last)
    if rule is Expiry.MONTH_BEFORE:
        return date(year, month + 1, 1) - timedelta(days=1)
    if manufactured.day > last:
        return date(year, month + 1, last)
    return date(year, month + 1, manufactured.day) - timedelta(days=rule is Expiry.DAY_BEFORE)


def master_record_not_agreed(order: BatchOrder, context: Context) -> Judged:
    """The batch follows the agreed version of its master batch record."""
    agreed = _master(order, context)
    found = said("master_is", name=order.master_record or "?", version=order.master_version or "?")
    if agreed is None:
        return not_evaluable(said("master_agreed"), found, said("product_not_agreed", product=order.product or "?"))
    expected = said("master_is", name=agreed.name or "?", version=agreed.version or "?")
    told = (order.master_record, order.master_version)
    pairs = zip(told, (agreed.name, agreed.version), strict=True)
    if any(None not in (theirs, ours) and theirs != ours for theirs, ours in pairs):
        return failed(expected, found)
    return not_evaluable(expected, found) if None in told else passed(expected, found)


def step_order(step: BatchStep, context: Context) -> Judged | None:
    """A step begins when those before it are completed, by the master batch record of the order."""
    if step.event is not StepEvent.STARTED:
        return None
    masters = [_master(one, context) for one in context.current(BatchOrder, batch=step.batch)]
    known = [one for one in masters if one is not None]
    if not known:
        return not_evaluable(said("order_agreed"), said("no_master", batch=step.batch))
    before = known[0].before(step.step)
    if before is None:
        return not_evaluable(said("order_agreed"), said("step_not_listed", step=step.step))
    return _after(step, before, context.current(BatchStep, batch=step.batch))


def _after(step: BatchStep, before: Sequence[str], steps: Sequence[BatchStep]) -> Judged:
    expected = said("after_steps", names=", ".join(before)) if before else said("first_step")
    started = said("started", step=step.step, at=moment(step.time))
    late, missing, beside = list[Said](), list[str](), list[BatchStep]()
    for name in before:
        of_it = [one for one in steps if one.step == name]
        done = [one for one in of_it if one.event is StepEvent.COMPLETED]
        beside += done
        if any(one.time <= step.time for one in done):
            continue
        begun = [one for one in of_it if one.event in {StepEvent.STARTED, StepEvent.COMPLETED} and one.time > step.time]
        if begun:
            late.append(said("later", step=name, at=moment(begun[0].time)))
        else:
            missing.append(name)
    if late:
        return failed(expected, started, *late, beside=beside)
    if missing:
        return not_evaluable(expected, started, said("not_completed", names=", ".join(missing)), beside=beside)
    return passed(expected, started, beside=beside)


def step_not_as_planned(step: BatchStep, _: Context) -> Judged:
    """Skipped, forced, repeated and aborted steps are looked at by a person."""
    expected = said("as_planned")
    if step.event is StepEvent.OTHER:
        return not_evaluable(expected, said("event_unknown", step=step.step))
    found = said("step_event", step=step.step, event=step.event.value, at=moment(step.time), comment=step.comment or "")
    return failed(expected, found, severity=Severity.ALERT) if step.event in EXCEPTIONS else passed(expected)


def balance_outside(stage: Yield, context: Context) -> Judged:
    """Material balance of a stage within its own and the agreed limits (C3; HB 104, 124(4); GMP 187)."""
    own, agreed = _own_limits(stage), _agreed_limits(stage, context)
    expected = within(own or agreed, "%")
    balance = _balance(stage, blank_is_zero=context.agreed.settings.blank_is_zero)
    if stage.conclusion is Conclusion.FAIL:
        return failed(expected, *_percent(balance), said("source_says_fail"))
    if balance is None or own is agreed is None:
        return not_evaluable(expected, *_percent(balance), said("no_limits" if own is agreed is None else "no_balance"))
    told = {limits: limits.where(balance) for limits in (own, agreed) if limits is not None}
    outside = [limits for limits, where in told.items() if where is Where.OUTSIDE]
    if outside:
        return failed(within(outside[0], "%"), *_percent(balance))
    if Where.UNKNOWN in told.values():
        return not_evaluable(expected, *_percent(balance), said("quantities_missing"))
    return passed(expected, *_percent(balance))


def balance_contradicted(stage: Yield, context: Context) -> Judged:
    """F68 for a balance: what the file concludes against its own numbers."""
    limits = _own_limits(stage)
    balance = _balance(stage, blank_is_zero=context.agreed.settings.blank_is_zero)
    expected = said("balance_conclusion_fits")
    found = (*_percent(balance), said(f"source_says_{(stage.conclusion or Conclusion.OTHER).lower()}"))
    if limits is None or balance is None or stage.conclusion in {None, Conclusion.OTHER}:
        return not_evaluable(expected, *found)
    return contradiction(expected, found, limits.where(balance), stage.conclusion)


def labels_unaccounted(labels: LabelReconciliation, context: Context) -> Judged:
    """Printed packaging material that was issued is accounted for (GMP 211, 215)."""
    product = context.agreed.product(labels.product)
    allowed = decimal_of(product.labels if product is not None else 0.0) or Decimal(0)
    expected = said("labels_within", pieces=shown(allowed))
    parts = [labels.used, labels.samples, labels.damaged, labels.returned]
    blank = None in parts and not context.agreed.settings.blank_is_zero
    rest = (decimal_of(labels.issued) or Decimal(0)) - sum((decimal_of(one) or Decimal(0) for one in parts), Decimal(0))
    found = said("labels_left", pieces=shown(rest))
    if labels.conclusion is Conclusion.FAIL:
        return failed(expected, found, said("source_says_fail"))
    if blank and rest >= -allowed:  # what is blank can only make the rest smaller
        return not_evaluable(expected, found, said("quantities_missing"))
    return failed(expected, found) if abs(rest) > allowed else passed(expected, found)


def _own_limits(stage: Yield) -> Limits | None:
    low, high = decimal_of(stage.low), decimal_of(stage.high)
    return None if low is high is None else Limits(low, high)


def _agreed_limits(stage: Yield, context: Context) -> Limits | None:
    product = context.agreed.product(stage.product)
    found = next((one for one in product.balance if one.stage == stage.stage), None) if product is not None else None
    return None if found is None else Limits(decimal_of(found.low), decimal_of(found.high))


def _balance(stage: Yield, *, blank_is_zero: bool) -> Possible | None:
    """Per cent of what went in; at least that where a part is not told. None where nothing went in."""
    taken = decimal_of(stage.taken)
    if taken is None or taken <= 0:
        return None
    parts = [stage.made, stage.samples, stage.rejected, stage.left]
    percent = 100 * sum((decimal_of(one) or Decimal(0) for one in parts), Decimal(0)) / taken
    return Possible(percent, None if None in parts and not blank_is_zero else percent)


def _percent(balance: Possible | None) -> tuple[Said, ...]:
    if balance is None or balance.least is None:
        return ()
    return (said("balance", percent=shown(Decimal(f"{balance.least:.8g}"))),)


def _master(order: BatchOrder, context: Context) -> MasterBatchRecord | None:
    """The agreed version for the day of manufacture; None where no day is known."""
    if order.manufactured is not None:
        day = date_of(order.manufactured)
    elif order.time is not None:
        day = context.day(order.time)
    else:
        return None
    return context.agreed.masters.on(context.agreed.code(order.product), day)


def of_batch(order: BatchOrder, context: Context) -> list[BatchOrder]:
    """Orders with the same batch number."""
    return context.current(BatchOrder, batch=order.batch)


def steps_of(record: BatchOrder | BatchStep, context: Context) -> list[BatchStep]:
    """Steps of the record's batch."""
    return context.current(BatchStep, batch=record.batch)
