"""Rules for a result among others of its kind: out of trend (OOT), and stability over storage time."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from gateway.review.control_charts import RULES, Chart
from gateway.review.history import Context, date_of
from gateway.review.limits import Limits, converted, decimal_of
from gateway.review.outcome import Judged, Severity, failed, not_evaluable, passed, said
from gateway.review.regression import Line
from gateway.review.results import agreed_limits, agreed_test, own_limits, reported, unit_of, when
from gateway.review.settings import Direction, Stability, Trend
from schemas.exported import BatchOrder, Stage, StoredSample, TestResult

MONTH = 365.25 / 12 * 86_400e6
"""Microseconds."""
WINDOW = max(count for count, _ in RULES.values())
"""Results that the longest rule looks at."""


@dataclass(frozen=True, slots=True)
class Point:
    """A number of a series: `time` in UTC microseconds, `value` in the series' unit."""

    time: int
    value: float
    result: TestResult


def out_of_trend(result: TestResult, context: Context) -> Judged | None:
    """Nelson's and Westgard's rules over the results of this test before it and this one."""
    agreed = agreed_test(result, context)
    if result.stage is Stage.STABILITY or result.value is None:
        return None
    if agreed is None or agreed.trend is None:
        return not_evaluable(said("trend_agreed"), said("test_not_agreed", test=result.test))
    expected = said("in_trend", rules=", ".join(agreed.trend.rules))
    points = _until(result, _series(result, agreed.unit, context))
    if points is None:
        return not_evaluable(expected, reported(result), said("no_point"))
    chart = _chart(points, agreed.trend)
    if chart is None:
        there = said("baseline_short", there=len(points) - 1, of=agreed.trend.baseline)
        return not_evaluable(expected, reported(result), there)
    if not chart.usable:
        return not_evaluable(expected, reported(result), said("no_spread"))
    return _by_chart(result, points, chart, agreed.trend)


def _by_chart(result: TestResult, points: Sequence[Point], chart: Chart, trend: Trend) -> Judged:
    values = [one.value for one in points[-WINDOW:]]
    told = {rule: chart.broken(rule, values) for rule in trend.rules}
    broken, open_ = ([rule for rule, answer in told.items() if answer is which] for which in (True, None))
    expected = said("in_trend", rules=", ".join(trend.rules))
    found = (reported(result), said("chart", centre=chart.centre, deviation=chart.deviation, count=len(points)))
    if broken:
        return failed(expected, *found, said("broken", rules=", ".join(broken)), severity=Severity.ALERT)
    if open_:
        return not_evaluable(expected, *found, said("too_few_for", rules=", ".join(open_)))
    return passed(expected, *found)


def _chart(points: Sequence[Point], trend: Trend) -> Chart | None:
    """The chart for the last point; None where the baseline is not complete before it."""
    if trend.centre is not None and trend.deviation is not None:
        return Chart(trend.centre, trend.deviation)
    if len(points) <= trend.baseline:
        return None
    return Chart.of([one.value for one in points[: trend.baseline]], trend.estimate)


def stability_out_of_trend(result: TestResult, context: Context) -> Judged | None:
    """A stability result against the prediction interval of the earlier ones of its batch and condition."""
    found = _stored(result, context)
    if found is None or isinstance(found, Judged):
        return found
    stability, points = found
    before = [one for one in points if one.time < points[-1].time]
    line = _line(before, stability)
    expected = said("in_prediction", percent=100 * stability.prediction)
    if line is None:
        short = said("baseline_short", there=len(before), of=stability.points)
        return not_evaluable(expected, reported(result), short)
    if not line.usable:
        return not_evaluable(expected, reported(result), said("no_spread"))
    at = points[-1].time / MONTH
    mean, width = line.at(at), line.of_one_more(at, stability.prediction)
    interval = said("interval", low=mean - width, high=mean + width, slope=line.slope, count=line.count)
    beside = [one.result for one in before]
    if abs(points[-1].value - mean) > width:
        return failed(expected, reported(result), interval, severity=Severity.ALERT, beside=beside)
    return passed(expected, reported(result), interval, beside=beside)


def shelf_life_not_supported(result: TestResult, context: Context) -> Judged | None:
    """Whether the confidence limit of the mean keeps to the specification until expiry (ICH Q1E, 2.4.1)."""
    found = _stored(result, context)
    if found is None or isinstance(found, Judged):
        return found
    stability, points = found
    if _condition(result, context) != stability.condition:
        return None
    expected = said("supports_shelf_life", percent=100 * stability.confidence)
    line, limits, expires = _line(points, stability), _limits(result, context), _expires(result, context)
    if line is None:
        short = said("baseline_short", there=len(points), of=stability.points)
        return not_evaluable(expected, reported(result), short)
    if limits is None or expires is None:
        return not_evaluable(expected, reported(result), said("no_limits" if limits is None else "no_expiry"))
    day = date_of(expires.expires or 0)
    at = (expires.expires or 0) * 86_400e6 / MONTH
    low, high = _ends(line, at, stability)
    told = said("mean_at_expiry", low=low, high=high, at=day, slope=line.slope, count=line.count)
    beside = [expires, *(one.result for one in points)]
    low_limit, high_limit = limits
    falls = stability.direction is not Direction.RISES and low_limit is not None and low < low_limit
    rises = stability.direction is not Direction.FALLS and high_limit is not None and high > high_limit
    if falls or rises:
        return failed(expected, reported(result), told, severity=Severity.ALERT, beside=beside)
    return passed(expected, reported(result), told, beside=beside)


def _ends(line: Line, at: float, stability: Stability) -> tuple[float, float]:
    """Confidence limits of the mean: each one-sided where the direction is known, else both ends of one interval."""
    both = stability.direction is Direction.BOTH
    confidence = (1 + stability.confidence) / 2 if both else stability.confidence
    width = line.of_the_mean(at, confidence)
    return line.at(at) - width, line.at(at) + width


def _stored(result: TestResult, context: Context) -> tuple[Stability, list[Point]] | Judged | None:
    """The stability series until this result; an answer where there is none to be judged, None where none is asked."""
    if result.stage is not Stage.STABILITY or result.value is None:
        return None
    agreed = agreed_test(result, context)
    expected = said("stability_agreed")
    if agreed is None or agreed.stability is None:
        return not_evaluable(expected, said("test_not_agreed", test=result.test))
    condition = _condition(result, context)
    if condition is None or result.batch is None:
        return not_evaluable(expected, said("condition_unknown", sample=result.sample))
    series = [one for one in _series(result, agreed.unit, context) if _condition(one.result, context) == condition]
    points = _until(result, series)
    return not_evaluable(expected, reported(result), said("no_point")) if points is None else (agreed.stability, points)


def _line(points: Sequence[Point], stability: Stability) -> Line | None:
    if len(points) < stability.points:
        return None
    return Line.through([one.time / MONTH for one in points], [one.value for one in points])


def _condition(result: TestResult, context: Context) -> str | None:
    """The storage condition of its sample; None where it is unknown or not one."""
    found = {one.condition for one in context.current(StoredSample, sample=result.sample)}
    return next(iter(found)) if len(found) == 1 else None


def _limits(result: TestResult, context: Context) -> tuple[float | None, float | None] | None:
    """The limits in the series' unit."""
    agreed = agreed_test(result, context)
    unit, limits = unit_of(agreed), agreed_limits(agreed)
    if limits is None and (own := own_limits(result)) is not None:
        limits = Limits(*(None if one is None else converted(one, result.unit, unit or result.unit)
                          for one in (own.low, own.high)))  # fmt: skip
    if limits is None or limits.low is limits.high is None:
        return None
    low, high = (None if one is None else float(one) for one in (limits.low, limits.high))
    return low, high


def _expires(result: TestResult, context: Context) -> BatchOrder | None:
    """The order that tells when the batch expires."""
    orders = context.current(BatchOrder, batch=result.batch) if result.batch is not None else []
    return next((one for one in orders if one.expires is not None), None)


def series(result: TestResult, context: Context) -> list[TestResult]:
    """All results that are compared with this one, and it."""
    if result.stage is Stage.STABILITY:
        return context.current(TestResult, test=result.test, stage=result.stage, batch=result.batch)
    return context.current(
        TestResult, test=result.test, stage=result.stage, product=result.product, material=result.material,
        point=result.point,
    )  # fmt: skip


def _series(result: TestResult, unit: str | None, context: Context) -> list[Point]:
    """The series as numbers in time order, made once for all its results. What is no plain number is left out."""
    wanted = unit or result.unit
    return context.once(("series", wanted, *_key(result)), lambda: _points(series(result, context), wanted))


def _points(results: Iterable[TestResult], unit: str | None) -> list[Point]:
    found = []
    for one in results:
        time, number = when(one), decimal_of(one.value)
        value = None if number is None else converted(number, one.unit, unit)
        if time is not None and value is not None and one.qualifier in {None, "="}:
            found.append(Point(time, float(value), one))
    return sorted(found, key=_order)


def _order(point: Point) -> tuple[int, str, str]:
    return point.time, point.result.system, point.result.key


def _until(result: TestResult, points: Sequence[Point]) -> list[Point] | None:
    """The points up to and with this result; None where it is no point itself."""
    time = when(result)
    if time is None:
        return None
    end = bisect_right(points, (time, result.system, result.key), key=_order)
    return list(points[:end]) if end and points[end - 1].result.id == result.id else None


def later(result: TestResult, context: Context) -> list[TestResult]:
    """Results whose answers this one has a part in: it, and those of its series that are not before it."""
    time = when(result)
    if time is None:
        return []
    timed = context.once(("timed", *_key(result)), lambda: _timed(series(result, context)))
    return [one for _, one in timed[bisect_left(timed, time, key=itemgetter(0)) :]]


def _timed(results: Iterable[TestResult]) -> list[tuple[int, TestResult]]:
    """Those that have a time, in its order."""
    return sorted(((time, one) for one in results if (time := when(one)) is not None), key=itemgetter(0))


def _key(result: TestResult) -> tuple[str | None, ...]:
    """What the results of one series have in common."""
    if result.stage is Stage.STABILITY:
        return (result.test, result.stage, result.batch)
    return (result.test, result.stage, result.product, result.material, result.point)


def of_sample(sample: StoredSample, context: Context) -> list[TestResult]:
    """Results of the series that a stored sample belongs to: its condition decides about them."""
    own = [one for one in context.current(TestResult, sample=sample.sample) if one.stage is Stage.STABILITY]
    return [other for one in own for other in (one, *later(one, context))]


def of_order(order: BatchOrder, context: Context) -> list[TestResult]:
    """Stability results of the batch, whose expiry the order tells."""
    return context.current(TestResult, batch=order.batch, stage=Stage.STABILITY)
