"""Which fields may be withheld, by kind, and records with commitments as readers want them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from schemas.catalogue import schema
from schemas.codec import Record, kind_of
from schemas.commitment import Commitment, is_commitment
from schemas.derived import changed
from schemas.frame import Frame


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
    if isinstance(record, Frame):
        return {}
    values = {name: getattr(record, name) for name in withholdable(kind_of(record))}
    return {name: value for name, value in values.items() if is_commitment(value)}


def shown(record: Record) -> Record:
    """The record as who may not open its commitments can read it; one without commitments is the same object.

    In the place of each stands what of a text may be seen; nothing (None), as if the source had not said it, so that
    rules that need it have nothing to judge; or, where the kind asks for a text, one that says so.
    """
    held: Mapping[str, Any] = commitments_in(record)
    if not held:
        return record
    known = withholdable(kind_of(record))
    return changed(record, **{name: _shown(one, known[name]) for name, one in held.items()})


def _shown(one: Commitment, of: Withholdable) -> str | None:
    if of.required:
        return str(one)
    return one.words if of.text else None  # a sender may have put words where no text can stand
