"""What OpenAPI tells of the questions: the words an address may have, what is answered, and what is said otherwise."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import numpy as np
from fastapi import Depends, Query
from pydantic import create_model

from gateway.batches.alongside import Alongside
from gateway.console.views.trend import RANGES, TrendView
from gateway.console.views.wanted_alarms import PRIORITIES, STATES
from gateway.console.views.weighings import OUTCOMES
from gateway.console.words import Language
from gateway.reports.report import Report
from gateway.reports.spells import Spell
from schemas.catalogue import KINDS

Text = Annotated[str | None, Query(max_length=200)]
Range = Annotated[Literal[*RANGES] | None, Query(description="so long up to now, instead of `from` and `to`")]  # type: ignore[valid-type]
Moment = Annotated[str | None, Query(max_length=40, description="ISO 8601, in the plant's zone where it names none")]


@dataclass(frozen=True)
class Told:
    """Why there is no answer: a sentence, or what of the address is wrong."""

    detail: str | list[dict[str, Any]]


def answers(model: Any, *others: int) -> dict[int | str, dict[str, Any]]:
    """What a question answers: the model, and with which other codes it says why it does not; 401 and 422 always."""
    said = {
        401: "nobody has signed in", 404: "no such data, or not yours", 409: "something else has to come or end first",
        422: "not understood", 503: "not now",
    }  # fmt: skip
    refused = (401, 422, *others)
    return {200: {"model": model}, **{code: {"model": Told, "description": said[code]} for code in refused}}


def files(media: Iterable[str], *others: int) -> dict[int | str, dict[str, Any]]:
    """The same of a question that is answered with a file, in one of these media types."""
    content = {one.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for one in media}
    said = answers(Told, *others)
    return said | {200: {"content": content, "description": "the file"}}


def _ranged(range_: Annotated[Range, Query(alias="range")] = None) -> None:
    """A named range up to now."""


def _period(
    from_: Annotated[Moment, Query(alias="from")] = None,
    to: Moment = None,
    range_: Annotated[Range, Query(alias="range")] = None,
) -> None:
    """From when to when."""


def _moment(at: Moment = None) -> None:
    """When, in the past; now where it is not said."""


def _alarms(
    room: Text = None,
    priority: Literal[*PRIORITIES, ""] | None = None,  # type: ignore[valid-type]
    state: Literal[*STATES, ""] | None = None,  # type: ignore[valid-type]
    batch: Text = None,
    text: Text = None,
) -> None:
    """Which alarms."""


def _weighings(balance: Text = None, outcome: Literal[*OUTCOMES, ""] | None = None) -> None:  # type: ignore[valid-type]
    """Which weighings."""


def _looks(person: Text = None, batch: Text = None, path: Text = None) -> None:
    """Whose looks, at what."""


def _language(language: Language | None = None) -> None:
    """In which language."""


def _report(room: Text = None, language: Language | None = None) -> None:
    """Of which room, in which language."""


def _numbers(
    to: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    at: Moment = None,
    kind: Literal[*KINDS] | None = None,  # type: ignore[valid-type]
) -> None:
    """Which numbers of a stream."""


def _number(to: Annotated[int | None, Query(ge=1, lt=2**63)] = None) -> None:
    """Which number of a stream."""


def _origin(
    id_: Annotated[UUID | None, Query(alias="id")] = None,
    gap: UUID | None = None,
    tag: Text = None,
    time: Moment = None,
) -> None:
    """Of what the record is looked for."""


RANGED, PERIOD, MOMENT = [Depends(_ranged)], [Depends(_period)], [Depends(_moment)]
ALARMS = [*PERIOD, Depends(_alarms)]
WEIGHINGS = [*RANGED, Depends(_weighings)]
LOOKS = [*PERIOD, Depends(_looks)]
REPORT = [*PERIOD, Depends(_report)]
NUMBERS, NUMBER, ORIGIN = [Depends(_numbers)], [Depends(_number)], [Depends(_origin)]
SPOKEN = [*PERIOD, Depends(_language)]
"""What the address of a question may say; what it says otherwise is refused with 422. The view reads it again."""


@cache
def plain(view: type) -> Any:
    """A view as JSON has it: columns as lists in which NaN is null, stretches of time by their names."""
    hints = get_type_hints(view)
    named: dict[str, Any] = {one.name: (_plain(hints[one.name]), ...) for one in fields(view)}
    return create_model(view.__name__, __doc__=view.__doc__, **named)


def _plain(hint: Any) -> Any:
    if hint is Spell:
        return Literal[*Spell.__members__]
    if get_origin(hint) is np.ndarray:
        return list[float | None]
    if is_dataclass(hint) and isinstance(hint, type):
        return plain(hint) if any(_columns(hint)) else hint
    if get_origin(hint) in {Union, UnionType}:
        return Union[tuple(_plain(one) for one in get_args(hint))]  # noqa: UP007 - made, not written
    if get_origin(hint) is None or get_origin(hint) is Literal:
        return hint
    return get_origin(hint)[tuple(_plain(one) for one in get_args(hint))]


def _columns(view: Any) -> Iterator[Any]:
    """What within the view JSON has no word for."""
    hints = [view] if not is_dataclass(view) else list(get_type_hints(view).values())
    for hint in hints:
        if hint is Spell or get_origin(hint) is np.ndarray:
            yield hint
        elif is_dataclass(hint):
            yield from _columns(hint)
        else:
            yield from (found for one in get_args(hint) for found in _columns(one))


TREND, REPORT_VIEW, ALONGSIDE = plain(TrendView), plain(Report), plain(Alongside)
