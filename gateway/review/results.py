"""Rules for a single test result: limits, conclusion, unit, specification, times."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

from gateway.review.history import Context, moment
from gateway.review.limits import Limits, Possible, Where, converted, decimal_of, factor_and_offset, shown
from gateway.review.outcome import Judged, Said, Severity, failed, not_evaluable, passed, said
from gateway.review.settings import AgreedTest
from schemas.exported import Conclusion, TestResult


def out_of_specification(result: TestResult, context: Context) -> Judged:
    """OOS: outside its own or the agreed limits, or failed by the source (GMP 224, 312(26))."""
    agreed = agreed_test(result, context)
    own, ours = own_limits(result), agreed_limits(agreed)
    expected = within(own if own is not None else ours, result.unit if own is not None else unit_of(agreed))
    found = reported(result)
    if result.conclusion is Conclusion.FAIL:
        return failed(expected, found, said("source_says_fail"))
    told = [*_against(result, context)]
    for where, limits, unit in told:
        if where is Where.OUTSIDE:
            return failed(within(limits, unit), found, source_says(result))
    if not told:
        return not_evaluable(expected, found, said("no_limits" if own is ours is None else "no_number"))
    unclear = any(where is Where.UNKNOWN for where, _, _ in told)
    return not_evaluable(expected, found, said("undecided")) if unclear else passed(expected, found)


def conclusion_contradicted(result: TestResult, context: Context) -> Judged:
    """F68: what the file concludes against the numbers that it gives itself."""
    limits = own_limits(result)
    expected = said("conclusion_fits", limits=_span(limits), unit=result.unit or "")
    found = (reported(result), source_says(result))
    where = _where(result, limits, result.unit, agreed_test(result, context))
    if result.conclusion in {None, Conclusion.OTHER} or where is None:
        return not_evaluable(expected, *found)
    return contradiction(expected, found, where, result.conclusion)


def contradiction(expected: Said, found: tuple[Said, ...], where: Where, conclusion: Conclusion | None) -> Judged:
    """A pass outside the limits asks for an answer; a fail within them may have another cause."""
    if where is Where.OUTSIDE and conclusion is Conclusion.PASS:
        return failed(expected, *found)
    if where is Where.WITHIN and conclusion is Conclusion.FAIL:
        return failed(expected, *found, severity=Severity.ALERT)
    return not_evaluable(expected, *found) if where is Where.UNKNOWN else passed(expected, *found)


def corrected_into_limits(result: TestResult, context: Context) -> Judged | None:
    """A result that was outside and by a correction is no more: both stay to be looked at (74 art. 16)."""
    if result.version == 1:
        return None
    expected = said("no_correction_into_limits")
    earlier = [one for one in context.versions(result) if one.version < result.version]
    there = len({one.version for one in earlier})
    if there < result.version - 1:
        return not_evaluable(expected, said("versions_missing", there=there, of=result.version - 1))
    bad = [one for one in earlier if _is_outside(one, context)]
    if bad and not _is_outside(result, context):
        why = said("corrected", by=result.by or "?", why=result.why or "?")
        return failed(expected, reported(bad[-1]), reported(result), why, beside=bad)
    return passed(expected, reported(result), beside=earlier)


def unit_not_agreed(result: TestResult, context: Context) -> Judged | None:
    """The unit is the agreed one, or one that converts to it (then an alert)."""
    agreed = agreed_test(result, context)
    if result.value is None:
        return None
    if agreed is None or agreed.unit is None:
        return not_evaluable(said("agreed_unit_unknown"), _unit(result), said("test_not_agreed", test=result.test))
    expected = said("unit_is", unit=agreed.unit)
    if result.unit is None:
        return not_evaluable(expected, said("no_unit"))
    if result.unit == agreed.unit:
        return passed(expected, _unit(result))
    if factor_and_offset(result.unit, agreed.unit) is not None:
        return failed(expected, _unit(result), said("unit_converts"), severity=Severity.ALERT)
    return failed(expected, _unit(result))


def specification_not_agreed(result: TestResult, context: Context) -> Judged:
    """Specification, its version and its limits are those agreed for the day of sampling."""
    agreed = agreed_test(result, context)
    found = said("specification_is", name=result.specification or "?", version=result.specification_version or "?")
    if agreed is None or agreed.specification is agreed.version is None:
        unknown = said("agreed_specification_unknown")
        return not_evaluable(unknown, found, said("test_not_agreed", test=result.test))
    expected = said("specification_is", name=agreed.specification or "?", version=agreed.version or "?")
    differing = [*_other_names(result, agreed), *_other_limits(result, agreed)]
    if differing:
        return failed(expected, found, *differing)
    if (agreed.specification and not result.specification) or (agreed.version and not result.specification_version):
        return not_evaluable(expected, found)
    return passed(expected, found)


def result_before_sample(result: TestResult, _: Context) -> Judged:
    """A sample is taken, then tested, then its result becomes final."""
    expected = said("sampled_tested_final")
    times = [("sampled", result.sampled), ("tested", result.tested), ("final", result.time)]
    known = [(name, time) for name, time in times if time is not None]
    found = tuple(said(f"{name}_at", at=moment(time)) for name, time in known)
    if any(later < earlier for (_, earlier), (_, later) in pairwise(known)):
        return failed(expected, *found)
    missing = result.sampled is None or (result.tested is None and result.time is None)
    return not_evaluable(expected, *found, said("time_missing")) if missing else passed(expected, *found)


def agreed_test(result: TestResult, context: Context) -> AgreedTest | None:
    """What was agreed of the test on the day of sampling, or the next day that is known."""
    time = when(result)
    day = date.max if time is None else context.day(time)
    names = (result.product, result.material, result.stage)
    return context.once(("agreed", result.test, day, names), lambda: _agreed(result, day, context))


def _agreed(result: TestResult, day: date, context: Context) -> AgreedTest | None:
    return context.agreed.test(result.test, day, product=result.product, material=result.material, stage=result.stage)


def when(result: TestResult) -> int | None:
    """When it was sampled, else tested, else final: UTC microseconds."""
    return next((time for time in (result.sampled, result.tested, result.time) if time is not None), None)


def own_limits(result: TestResult) -> Limits | None:
    """The limits in the record; None where it has none."""
    low, high = decimal_of(result.low), decimal_of(result.high)
    return None if low is high is None else Limits(low, high)


def agreed_limits(agreed: AgreedTest | None) -> Limits | None:
    """The limits that were agreed, in the agreed unit."""
    if agreed is None or agreed.low is agreed.high is None:
        return None
    return Limits(decimal_of(agreed.low), decimal_of(agreed.high))


def unit_of(agreed: AgreedTest | None) -> str | None:
    """The agreed unit."""
    return None if agreed is None else agreed.unit


def reported(result: TestResult) -> Said:
    """The result, every sign of it."""
    return said("reported", text=result.reported, unit=result.unit or "")


def source_says(result: TestResult) -> Said:
    """What the source concludes."""
    return said(f"source_says_{(result.conclusion or Conclusion.OTHER).lower()}")


def within(limits: Limits | None, unit: str | None) -> Said:
    """That a result is within limits."""
    return said("within", limits=_span(limits), unit=unit or "")


def _span(limits: Limits | None) -> str:
    if limits is None:
        return "?"
    if limits.low is None or limits.high is None:
        return f"≤ {shown(limits.high)}" if limits.high is not None else f"≥ {shown(limits.low or Decimal(0))}"
    return f"{shown(limits.low)} – {shown(limits.high)}"


def _against(result: TestResult, context: Context) -> Iterator[tuple[Where, Limits, str | None]]:
    """Where the result lies by each limits that there are, with their unit."""
    agreed = agreed_test(result, context)
    for limits, unit in ((own_limits(result), result.unit), (agreed_limits(agreed), unit_of(agreed))):
        where = _where(result, limits, unit, agreed)
        if limits is not None and where is not None:
            yield where, limits, unit


def _where(result: TestResult, limits: Limits | None, unit: str | None, agreed: AgreedTest | None) -> Where | None:
    """None where there is no number or no limit; a unit that does not convert leaves it unknown."""
    number = decimal_of(result.value)
    if number is None or limits is None:
        return None
    value = converted(number, result.unit, unit)
    if value is None:
        return Where.UNKNOWN
    not_negative = agreed is not None and agreed.not_negative
    return limits.where(Possible.of(value, result.qualifier, not_negative=not_negative))


def _is_outside(result: TestResult, context: Context) -> bool:
    outside = any(where is Where.OUTSIDE for where, _, _ in _against(result, context))
    return outside or result.conclusion is Conclusion.FAIL


def _unit(result: TestResult) -> Said:
    return said("unit_is", unit=result.unit or "?")


def _other_names(result: TestResult, agreed: AgreedTest) -> Iterator[Said]:
    pairs = ((agreed.specification, result.specification), (agreed.version, result.specification_version))
    if any(ours and theirs and ours != theirs for ours, theirs in pairs):
        yield said("differs")


def _other_limits(result: TestResult, agreed: AgreedTest) -> Iterator[Said]:
    """The record's limits, where both sides have some and they are not the same numbers."""
    own, ours = own_limits(result), agreed_limits(agreed)
    if own is None or ours is None:
        return
    pairs = ((own.low, ours.low), (own.high, ours.high))
    in_agreed = [None if one is None else converted(one, result.unit, agreed.unit) for one, _ in pairs]
    if in_agreed != [one for _, one in pairs]:
        yield said(
            "limits_differ", limits=_span(own), unit=result.unit or "", agreed=_span(ours), in_unit=agreed.unit or ""
        )
