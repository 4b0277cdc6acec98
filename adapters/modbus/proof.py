"""Are word and byte order as the configuration says? Nobody's word is taken for it (F25). Pure.

What is known about the device decides: a constant that it holds, a value that it gives twice, a clock that shows about
the present, a version whose order its manual tells.
"""

import math
from enum import Enum
from zoneinfo import ZoneInfo

from adapters.modbus.clock import shown
from adapters.modbus.image import Image
from adapters.modbus.numbers import Order, encode, is_float, is_number
from adapters.modbus.places import Constant, Place, Proof, Witness
from adapters.modbus.plan import Span

Sort = tuple[bool, bool, str, str]
"""Values whose word and byte order are proven together: float, several words, word order, byte order."""
FLOATS: dict[Order, Sort] = {"big": (True, True, "big", "big"), "little": (True, True, "little", "big")}
"""Floats in two registers or four, by word order."""
DAY = 86_400
"""Seconds; a clock of two registers in a wrong order shows the present by chance once in 25,000."""


def sort_of(place: Place) -> Sort:
    """The sort of a value."""
    several = place.span.count > 1
    return is_float(place.type), several, place.word_order if several else "", place.byte_order


def needs_proof(place: Place) -> bool:
    """Whether there is another order in which the value could stand."""
    return is_number(place.type) and (place.span.count > 1 or place.byte_order != "big")


def spans(proof: Proof) -> tuple[Span, ...]:
    """What has to be read for it, at once where the two follow each other."""
    return (proof.span, proof.seconds.span) if isinstance(proof, Witness) else (proof.span,)


class Verdict(Enum):
    """What a proof says in one scan."""

    HOLDS = "the orders are as configured"
    FAILS = "they are not, or it is another device"
    OPEN = "the content fits any order, or is no number"
    UNREAD = "it could not be read"


def judge(proof: Proof, image: Image) -> Verdict:
    """Whether it is as it must be. A device that refuses to give it is another one."""
    if any(image.refused(span) for span in spans(proof)):
        return Verdict.FAILS
    return _constant(proof, image) if isinstance(proof, Constant) else _witness(proof, image)


def clock_error(clock: Place, zone: ZoneInfo, image: Image, received: int) -> float | None:
    """Seconds by which the device's clock is ahead of ours (`received`, UTC microseconds); None when not read."""
    read = image.number(clock)
    return None if read is None else read - shown(received, zone)


def _constant(constant: Constant, image: Image) -> Verdict:
    words = image.span(constant.span)
    if words is None:
        return Verdict.UNREAD
    expected = encode(constant.type, constant.word_order, constant.byte_order, constant.value)
    return Verdict.HOLDS if (words == expected).all() else Verdict.FAILS


def _witness(witness: Witness, image: Image) -> Verdict:
    """A value near zero is near zero in a wrong order too, and proves nothing."""
    first, second = image.number(witness), image.number(witness.seconds)
    if first is None or second is None:
        return Verdict.UNREAD
    if not math.isfinite(first):
        return Verdict.OPEN
    told = second * witness.factor
    if abs(first - told) > witness.tolerance:
        return Verdict.FAILS
    turned = witness.model_copy(update={"word_order": "little" if witness.word_order == "big" else "big"})
    other = image.number(turned)
    return Verdict.OPEN if other is not None and abs(other - told) <= witness.tolerance else Verdict.HOLDS
