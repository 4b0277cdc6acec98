"""Agreements, assignments and frames in few words. Times are minutes from `BEGIN`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np

from gateway.agreement.agreement import Agreement
from gateway.agreement.exchange import Exchange
from gateway.agreement.routing.occupancy import Occupancy
from gateway.agreement.routing.plant import Plant
from gateway.agreement.routing.router import Router
from schemas.context import Assignment, PlaceKind
from schemas.frame import Frame, TagTable, Value, frame_of
from schemas.status import Reason

BEGIN = 1_760_000_000_000_000
MINUTE = 60_000_000
LINE = "line-3"
EVERY = ("measurements", "alarms", "gaps", "weighings", "batches", "results", "quality")


def at(minute: float) -> int:
    """UTC microseconds."""
    return BEGIN + round(minute * MINUTE)


def clause(name: str = "E-1", **said: Any) -> Exchange:
    """A clause on line-3 about all families."""
    text = {"zh": "交换", "en": "Exchange"}
    return Exchange.model_validate({"clause": name, "text": text, "lines": [LINE], "families": EVERY} | said)


def agreement(holder: str, products: Mapping[str, Sequence[str]], *clauses: Exchange, version: int = 1) -> Agreement:
    """Of that what routing reads; products by code, with their other spellings. All have one generic name."""
    same, own = SimpleNamespace(en="Same", zh="同名药"), SimpleNamespace(en=f"{holder} Ltd", zh=f"{holder}公司")
    made = [
        SimpleNamespace(code=code, also=tuple(also), generic_name=same, name=same, approval_number=f"H{code}")
        for code, also in products.items()
    ]
    party = SimpleNamespace(id=holder, licence=f"L-{holder}", credit_code=f"C-{holder}", name=own, country="CN")
    construct: Any = Agreement.model_construct  # only what routing reads
    one: Agreement = construct(
        agreement=f"qa-{holder}", version=version, holder=party, products=tuple(made),
        exchange=clauses, effective=date(2025, 10, 9), cmo=SimpleNamespace(id="cmo-a", country="CN"),
    )  # fmt: skip
    return one


@dataclass(frozen=True)
class Version:
    """Signed, in force from until before."""

    agreement: Agreement
    begins: int = -(2**62)
    ends: int = 2**62


@dataclass(frozen=True)
class Versions:
    """All of them."""

    versions: tuple[Version, ...]

    def at(self, moment: int) -> list[Version]:
        """Those in force."""
        return [one for one in self.versions if one.begins <= moment < one.ends]

    def boundaries(self) -> list[int]:
        """When that changes."""
        edges = {edge for one in self.versions for edge in (one.begins, one.ends)}
        return sorted(edge for edge in edges if abs(edge) < 2**62)


def signed(*agreements: Agreement) -> Versions:
    """In force for ever."""
    return Versions(tuple(Version(one) for one in agreements))


def stay(
    batch: str, product: str | None, room: str, began: float, ended: float | None = None, **said: Any
) -> Assignment:
    """A batch in a room."""
    given = {"key": f"{batch}@{room}", "place_kind": PlaceKind.ROOM, "line": LINE} | said
    end = None if ended is None else at(ended)
    return Assignment(
        system="edge", batch=batch, product=product, place=room, began=at(began), ended=end, time=at(began), **given
    )


def plant(rooms: Mapping[str, str | None], **said: Any) -> Plant:
    """Tags with their rooms."""
    known = {tag: room for tag, room in rooms.items() if room is not None}
    return Plant("edge", LINE, known, said.pop("sources", {"ems": tuple(rooms)}), **said)


def router(versions: Versions, where: Plant, *stays: Assignment, products: Mapping[str, str] | None = None) -> Router:
    """That knows these stays, and of other batches the product."""
    known = {one.batch: one.product for one in stays} | dict(products or {})
    return Router(versions, where, product_of=known.get, occupancy=Occupancy().after(stays))


def table(rooms: Mapping[str, str | None]) -> TagTable:
    """Tags with their rooms."""
    return TagTable(tuple(rooms), ("1",) * len(rooms), rooms=tuple(rooms.values()), line=LINE)


def frame(
    tags: TagTable, rows: Iterable[tuple[str, Value, float | None]], received: float = 0.0, doubt: Reason = Reason.NONE
) -> Frame:
    """Rows of tag, value and time."""
    made = [(tags.index[tag], value, 0, doubt, None if minute is None else at(minute)) for tag, value, minute in rows]
    return frame_of("ems", tags, made, received=at(received))


def told(where: Router, one: Frame) -> dict[str, list[str]]:
    """The tags of the rows that each holder gets, in their order."""
    every = np.ones(len(one), dtype=np.bool_)
    return {
        holder: [one.tags.names[tag] for tag in one.tag[every if rows is None else rows]]
        for holders, rows in where.shares(one)
        for holder in holders
    }
