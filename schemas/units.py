"""Units are UCUM codes (Unified Code for Units of Measure); parsing and conversion are pint's, through ucumvert."""

from functools import cache
from threading import Lock
from typing import Annotated, Any

from pydantic import AfterValidator, Field

_COMMON = frozenset(
    {"1", "Pa", "Cel", "%", "g", "kg", "mg", "{#}", "{#}/m3", "s", "min", "h", "m/s", "L/min", "/min", "/h"}
)
"""Codes known to be valid: the parser behind the others takes a second to load."""

_ONE_AT_A_TIME = Lock()
"""The parser and its registry are not made for threads: two that make it at once get a broken one."""


@cache
def _registry() -> Any:
    from ucumvert import PintUcumRegistry  # noqa: PLC0415 - a second to load, seldom needed

    return PintUcumRegistry()


@cache
def _parsed(code: str) -> Any:
    try:
        with _ONE_AT_A_TIME:
            return _registry().from_ucum(code)
    except Exception as error:
        raise ValueError(f"{code!r} is not a UCUM unit code (examples: Pa, Cel, %, g, {{#}}/m3)") from error


def check_unit(code: str) -> str:
    """The code itself. Raises ValueError when it is no UCUM code."""
    if code not in _COMMON:
        _parsed(code)
    return code


def conversion(source: str, target: str) -> tuple[float, float]:
    """Factor and offset that take a number in `source` to one in `target`: target = factor × source + offset.

    Raises ValueError when the two do not measure the same quantity.
    """
    if source == target:
        return 1.0, 0.0
    given, wanted, quantity = _parsed(source), _parsed(target), _registry().Quantity
    countable = hasattr(given, "dimensionality") and hasattr(wanted, "dimensionality")  # `{#}` alone is only a word
    if not countable or given.dimensionality != wanted.dimensionality:
        raise ValueError(f"{source!r} cannot be converted to {target!r}: they measure different things")
    zero, one = (
        float(quantity(number * given.magnitude, given.units).to(wanted.units).magnitude) / wanted.magnitude
        for number in (0.0, 1.0)
    )
    return one - zero, zero


Unit = Annotated[
    str,
    AfterValidator(check_unit),
    Field(description="UCUM code", examples=["Pa", "Cel", "%", "g", "{#}/m3"]),
]
