"""Fields of a record replaced by commitments, and what opens them. Pure but for the salts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

from gateway.envelope import time_of
from schemas.codec import Record, kind_of
from schemas.commitment import SALT, Commitment, canonical, digest_of, is_commitment
from schemas.derived import changed
from schemas.frame import Frame
from schemas.opening import Opening
from schemas.withheld_fields import withholdable


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a field is withheld: the clause; `words` is what of its text may be seen."""

    clause: str
    words: str | None = None


def redact(
    record: Record, stream: str, withheld: Mapping[str, Reason], salts: Callable[[int], bytes] = token_bytes
) -> tuple[Record, tuple[Opening, ...]]:
    """The record with commitments in the place of these fields, and the opening of each. `stream` is the holder's.

    A field that is None stays None: there is nothing to withhold. Nothing to withhold gives the same record.
    Raises ValueError for a field that its kind does not let be withheld, and for text that is none.
    """
    kind, made, openings = kind_of(record), dict[str, Commitment](), list[Opening]()
    for name, reason in withheld.items():
        _check(kind, name)
        value: Any = getattr(record, name)
        if value is None or is_commitment(value):
            continue
        text = canonical(salts(SALT), stream, str(record.id), f"{kind}.{name}", value)
        made[name] = Commitment(digest_of(text), reason.clause, reason.words)
        openings.append(
            Opening(
                stream=stream,
                record=record.id,
                kind=kind,
                field=name,
                clause=reason.clause,
                disclosed=text,
                time=time_of(record),
            )
        )
    return _with(record, made), tuple(openings)


def _with(record: Record, made: Mapping[str, Commitment]) -> Record:
    values: Mapping[str, Any] = made
    return changed(record, **values) if values and not isinstance(record, Frame) else record


def _check(kind: str, name: str) -> None:
    if name not in withholdable(kind):
        raise ValueError(f"{kind}.{name} cannot be withheld: a record is not found or not understood without it")
