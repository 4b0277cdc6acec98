"""From a reading of the balance to a weighing of record, or to why it is none. Pure.

What speaks against it is all said, not only the first. Whether the calibration is still valid on that day is found
behind the adapter, where the plant's time zone is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from adapters.contract import WeighingRequest
from adapters.serial.dialect import UNITS
from adapters.serial.reading import Fault, Reading, Weight
from adapters.serial.settings import BalanceSettings, WeighingSettings
from schemas.records import Refusal, Weighing, WeighingMethod

_EPOCH = date(1970, 1, 1).toordinal()
BY_KEY = WeighingRequest(method=WeighingMethod.PRINT_KEY)
"""Nobody says who pressed the key, or for what."""
Refused = tuple[Refusal, str]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known besides the reading. Times are UTC microseconds.

    `confirmed`: said twice where one line proves nothing (F44). `broken`: why the weighing could not be finished.
    """

    time: int
    requested: int | None = None
    serial_number: str | None = None
    identified: bool = False
    confirmed: bool = False
    broken: str | None = None


def weighing(
    settings: BalanceSettings,
    rules: WeighingSettings,
    request: WeighingRequest,
    reading: Reading | None,
    at: Circumstances,
) -> Weighing:
    """The record. `reading` is None where nothing was heard."""
    weight = reading if isinstance(reading, Weight) else None
    refused = [
        *_breaks(reading, at),
        *(_of_weight(weight, settings, rules, request, confirmed=at.confirmed) if weight else ()),
        *_of_identity(at),
        *_of_persons(rules, request),
    ]
    gross, net = _parts(weight, request)
    due = settings.tag.calibration_due
    if due is None:
        raise ValueError("a balance with `weighing` has a day of calibration")  # the settings see to it
    return Weighing(
        source=settings.name, tag=settings.tag.name, method=request.method, accepted=not refused,
        refusals=tuple(refusal for refusal, _ in refused), detail="; ".join(text for _, text in refused),
        gross=gross, tare=request.tare, net=net, unit=UNITS.get(weight.unit) if weight else None,
        stable=weight.stable if weight else None, serial_number=at.serial_number,
        calibration_due=due.toordinal() - _EPOCH, minimum=rules.minimum, low=rules.confirmed[0],
        high=rules.confirmed[1], operator=request.operator, second=request.second,
        second_required=rules.second_check, lot=request.lot, batch=request.batch,
        raw=reading.line or None if isinstance(reading, Weight | Fault) else None,
        requested=at.requested, time=at.time,
    )  # fmt: skip


def _breaks(reading: Reading | None, at: Circumstances) -> Iterator[Refused]:
    if at.broken is not None:
        yield Refusal.BROKEN, at.broken
    elif not isinstance(reading, Weight):
        yield Refusal.NO_WEIGHT, reading.text if isinstance(reading, Fault) else "the balance gave no weight"


def _of_weight(
    weight: Weight, settings: BalanceSettings, rules: WeighingSettings, request: WeighingRequest, *, confirmed: bool
) -> Iterator[Refused]:
    if not weight.stable:
        yield Refusal.UNSTABLE, "the weight moves"
    elif not confirmed:
        yield Refusal.UNPROVEN, "the balance said it only once"
    if (weight.unit or weight.stable) and UNITS.get(weight.unit) != settings.device_unit:
        yield Refusal.UNIT, f"the balance shows {weight.unit or 'no unit'}, not {settings.device_unit}"
        return  # the limits are in that unit
    low, high = rules.confirmed
    _, net = _parts(weight, request)
    if not low <= weight.value <= high:
        yield Refusal.OUT_OF_RANGE, f"{weight.value:g} is outside the confirmed range, {low:g} to {high:g}"
    if request.tare is not None and request.tare > weight.value:
        yield Refusal.TARE, f"a tare of {request.tare:g} is more than the balance shows"
    if net is not None and net < rules.minimum:
        yield Refusal.BELOW_MINIMUM, f"{net:g} is below the minimum weight, {rules.minimum:g}"


def _of_identity(at: Circumstances) -> Iterator[Refused]:
    if at.serial_number is None:
        yield Refusal.IDENTITY, "the balance did not say which one it is"
    elif not at.identified:
        yield Refusal.IDENTITY, f"the balance with number {at.serial_number} is not the one that is meant"


def _of_persons(rules: WeighingSettings, request: WeighingRequest) -> Iterator[Refused]:
    if rules.second_check and request.second is None:
        yield Refusal.SECOND_CHECK, "nobody checked it"
    elif request.second is not None and _folded(request.second) == _folded(request.operator):
        yield Refusal.SECOND_CHECK, f"{request.second} cannot check what the same person weighed"


def _folded(person: str | None) -> str:
    return (person or "").strip().casefold()


def _parts(weight: Weight | None, request: WeighingRequest) -> tuple[float | None, float | None]:
    """Gross and net. Without a tare that was told the balance shows the net weight, tared at its own keys or not."""
    if weight is None:
        return None, None
    if request.tare is None:
        return None, weight.value
    return weight.value, float(Decimal(repr(weight.value)) - Decimal(repr(request.tare)))
