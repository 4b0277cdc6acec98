"""Which fields may be withheld, by kind, and records with commitments as readers want them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from schemas.catalogue import schema
from schemas.codec import Record, kind_of
from schemas.commitment import Commitment, is_commitment
from schemas.derived import changed


@dataclass(frozen=True, slots=True)
class Withholdable:
    """A field that may be withheld. `text` says that a reader may be shown a text with gaps, `required` that it must
    be shown something.
    """

    name: str
    text: bool
    required: bool


@cache
def withholdable(kind: str) -> Mapping[str, Withholdable]:
    """The fields of a kind in whose schema a Commitment has its place, by name."""
    found: dict[str, Withholdable] = {}
    for one in json.loads(schema(kind).text)["fields"]:
        options = one["type"] if isinstance(one["type"], list) else []
        if any((option if isinstance(option, str) else option.get("name")) == "Commitment" for option in options):
            name = one["name"]
            found[name] = Withholdable(name, text="string" in options, required="null" not in options)
    return found


def commitments_in(record: Record) -> dict[str, Commitment]:
    """The commitments in a record, by field."""
    names, read = _read(kind_of(record))
    values: tuple[Any, ...] = read(record)
    if Commitment not in map(type, values):
        return {}
    return {name: value for name, value in zip(names, values, strict=True) if is_commitment(value)}


@cache
def _read(kind: str) -> tuple[tuple[str, ...], Callable[[Record], tuple[Any, ...]]]:
    """The fields that may be withheld, and what reads them all at once."""
    names = tuple(withholdable(kind))
    if len(names) > 1:
        return names, attrgetter(*names)
    return names, lambda record: tuple(getattr(record, name) for name in names)


def shown(record: Record, held: Mapping[str, Commitment] | None = None) -> Record:
    """The record as who may not open its commitments can read it; one without commitments is the same object.

    In the place of each stands what of a text may be seen; nothing (None), as if the source had not said it, so that
    rules that need it have nothing to judge; or, where the kind asks for a text, one that says so.
    `held` are its commitments, where they are known already.
    """
    found = commitments_in(record) if held is None else held
    if not found:
        return record
    known = withholdable(kind_of(record))
    return changed(record, **{name: _shown(one, known[name]) for name, one in found.items()})


def _shown(one: Commitment, of: Withholdable) -> str | None:
    if of.required:
        return str(one)
    return one.words if of.text else None  # a sender may have put words where no text can stand
