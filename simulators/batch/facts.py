"""What is true of a batch: facts, each a thing that one of the site's systems knows, with all its fields.

The kinds and their fields have the names of the published record kinds, so that a fact can be compared with the record
that came of it. Times are Unix µs, dates days since 1970-01-01, units UCUM codes, enum words in capitals.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Shape = Literal["text", "number", "time", "date", "unit", "word"]

_COMMON = "by why origin:word second batch product line time:time"
_KINDS = {
    "BatchOrder": "status:word quantity:number unit:unit master_record master_version manufactured:date expires:date",
    "BatchStep": "step event:word name within room equipment person checked_by comment",
    "EquipmentUse": "equipment use:word began:time room procedure conclusion:word valid_until:time person checked_by",
    "LineClearance": "room stage conclusion:word previous items person checked_by",
    "Yield": (
        "stage taken:number made:number unit:unit samples:number rejected:number left:number low:number high:number "
        "conclusion:word person checked_by"
    ),
    "LabelReconciliation": (
        "material lot issued:number used:number samples:number damaged:number returned:number conclusion:word "
        "person checked_by"
    ),
    "MaterialMovement": (
        "movement:word material lot quantity:number unit:unit name supplier supplier_lot expires:date person checked_by"
    ),
    "TestResult": (
        "sample test reported status unit:unit stage:word material lot point equipment method specification "
        "specification_version low:number high:number conclusion:word sampled:time tested:time analyst approver"
    ),
    "StoredSample": (
        "sample purpose:word quantity:number unit:unit place condition material lot due:date keep_until:date"
    ),
    "Document": "document document_version sha256 place status title effective:date",
    "QualityEvent": (
        "what:word reference title status grade description opened:time closed:time room equipment draft person"
    ),
    "AuditTrailEntry": "action:word object person before after reason",
    "Signature": "signer meaning signed_kind signed_key signed_version",
}


def _shapes(text: str) -> dict[str, Shape]:
    known: dict[str, Shape] = {one: one for one in ("text", "number", "time", "date", "unit", "word")}
    return {name: known[shape or "text"] for name, _, shape in (word.partition(":") for word in text.split())}


FIELDS: Mapping[str, Mapping[str, Shape]] = {kind: {**_shapes(own), **_shapes(_COMMON)} for kind, own in _KINDS.items()}
"""The fields of each kind that an export can have a column for, beside `key` and `version`, in their usual order."""

DERIVED = {"TestResult": ("value", "qualifier")}
"""What no column holds: the number and the sign in a result as reported."""


@dataclass(frozen=True)
class Fact:
    """One version of one thing, as one system knows it."""

    system: str
    kind: str
    key: str
    told: int
    """When the system knew it, Unix µs."""
    fields: Mapping[str, Any]
    """All fields of the kind; None where there is nothing."""
    version: int = 1

    def corrected(self, told: int, by: str, why: str, **changed: Any) -> "Fact":
        """The next version of the same thing."""
        fields = {**self.fields, **changed, "by": by, "why": why}
        return replace(self, version=self.version + 1, told=told, fields=fields)

    def line(self) -> dict[str, Any]:
        """As a line of the truth."""
        own = {"system": self.system, "kind": self.kind, "key": self.key, "version": self.version, "told": self.told}
        return {**own, "fields": dict(self.fields)}


def fact(system: str, kind: str, key: str, told: int, **given: Any) -> Fact:
    """A fact with every field of its kind. KeyError for a field that the kind does not have."""
    fields: dict[str, Any] = dict.fromkeys((*FIELDS[kind], *DERIVED.get(kind, ())))
    for name, value in given.items():
        if name not in fields:
            raise KeyError(f"{kind} has no field {name}")
        fields[name] = value
    fields["origin"] = fields["origin"] or "EXPORTED"
    return Fact(system, kind, key, told, fields)
