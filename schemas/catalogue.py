"""Which record kinds there are, in which family they travel, and under which Avro schema.

One place to add a record kind: an `.avsc` in `schemas/avro`, its Python shape, and a line in `KINDS`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from fastavro import parse_schema
from fastavro.schema import fingerprint, to_parsing_canonical_form

from schemas import access, context, exported, notices, opening, records, signers
from schemas.frame import Frame
from schemas.records import Alarm, Condition, Evicted, Gap, Weighing

Side = Literal["cmo", "holder", "both"]
MAJOR = 1
"""Major version of the words; within it schemas evolve FULL_TRANSITIVE."""


@dataclass(frozen=True, slots=True)
class Family:
    """Record kinds that share a stream and a topic, and who may send them. `home` ones go to no other party."""

    name: str
    sender: Side
    kinds: tuple[str, ...]
    home: bool = False


_BATCHES = (
    *("BatchOrder", "BatchStep", "EquipmentUse", "LineClearance", "Yield", "LabelReconciliation", "Rework"),
    "Assignment",
)
FAMILIES = {
    family.name: family
    for family in (
        Family("measurements", "cmo", ("Frame",)),
        Family("alarms", "cmo", ("Alarm", "Condition")),
        Family("gaps", "cmo", ("Gap", "Withheld", "Withdrawn")),
        Family("weighings", "cmo", ("Weighing",)),
        Family("batches", "cmo", _BATCHES),
        Family("results", "both", ("TestResult", "StoredSample")),
        Family("materials", "both", ("MaterialMovement",)),
        Family("documents", "both", ("Document",)),
        Family("quality", "cmo", ("QualityEvent", "AuditTrailEntry", "Signature")),
        Family("agreements", "both", ("AgreementInForce",)),
        Family("openings", "cmo", ("Opening",), home=True),
        Family("access", "both", ("Access",)),
        Family("notices", "both", ("NoticeStep", "Signer")),
    )
}
EVERYWHERE = ("Schema", "Evicted")
"""Kinds that keep a stream whole and travel in every family."""
DERIVED: Mapping[str, type] = {
    **exported.KINDS,
    **context.KINDS,
    **opening.KINDS,
    **access.KINDS,
    **notices.KINDS,
    **signers.KINDS,
}
"""Kinds whose schema is derived from their dataclass; `python -m schemas` writes them."""
KINDS: Mapping[str, type] = {
    "Frame": Frame,
    "Alarm": Alarm,
    "Condition": Condition,
    "Gap": Gap,
    "Weighing": Weighing,
    "Schema": records.Schema,
    "Evicted": Evicted,
    **DERIVED,
}


@dataclass(frozen=True, slots=True)
class Schema:
    """One Avro schema: as published (`text`), as the codec uses it, and its 8-byte CRC-64-AVRO fingerprint.

    `parsed` is without logical types, so that times stay integers and UUIDs text.
    """

    name: str
    text: str
    fingerprint: bytes
    parsed: Any

    @property
    def marker(self) -> bytes:
        """The ten bytes before a body in single-object encoding (Avro 1.12, Single-object encoding)."""
        return b"\xc3\x01" + self.fingerprint


def schema_of(text: str) -> Schema:
    """A schema from its text. Raises ValueError when it is no Avro schema.

    The fingerprint is taken of the Parsing Canonical Form without logical types, as Java and fastavro do; others
    differ, so readers look fingerprints up and never compute them.
    """
    try:
        plain = _without_logical_types(json.loads(text))
        parsed = parse_schema(plain)
        crc = fingerprint(to_parsing_canonical_form(plain), "CRC-64-AVRO")
    except Exception as error:
        raise ValueError(f"not an Avro schema: {error}") from error
    return Schema(name=plain["name"], text=text, fingerprint=bytes.fromhex(crc), parsed=parsed)


@cache
def schema(kind: str) -> Schema:
    """The schema in which this version writes records of the kind."""
    text = files("schemas").joinpath("avro", f"{kind.lower()}.avsc").read_text(encoding="utf-8")
    return schema_of(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")))


def family_of(kind: str) -> Family:
    """The family in which records of the kind travel. Raises StopIteration for a kind of every family."""
    return next(family for family in FAMILIES.values() if kind in family.kinds)


def families_to(origin: str, recipient: str) -> list[str]:
    """Names of the families that one party may send to another, or to itself."""
    return [family.name for family in FAMILIES.values() if origin == recipient or not family.home]


def _without_logical_types(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_logical_types(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _without_logical_types(value) for key, value in node.items() if key != "logicalType"}
    return kept["type"] if set(kept) == {"type"} else kept
