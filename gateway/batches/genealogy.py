"""Where material came from and where it went: from a lot to every batch, from batch to batch, and back.

One question to the archive, in SQL, recursive. Each pair of node and direction is walked once, so that a circle in the
records (material recovered from a batch into the same one, a lot returned under its own name) ends.

What links two nodes, of records in force only:

| basis | from | to |
|---|---|---|
| RECEIPT | a supplier's lot, or the batch that a lot without supplier was received from | the lot |
| ISSUE | the lot | the batch it was issued to, also where it was returned later |
| LABEL | the lot of printed material | the batch whose labels were counted |
| WEIGHING | every lot of that number | the batch that it was weighed for |
| REWORK | the batch that material was recovered from | the batch that it went into |
| SAME_NUMBER | a batch | the lot that has its number, where it is not bought in |

A lot is known by its number and material, a batch by its number and product ("" where no record tells it), a
supplier's lot by its number and supplier. For a recall a link too many is better than one too few.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.archive.evidence import Readable
from gateway.archive.in_force import LATEST

Way = Literal["down", "up"]
NodeKind = Literal["supplier_lot", "lot", "batch"]
BATCHES: tuple[NodeKind, ...] = ("batch",)


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A supplier's lot, a lot or a batch; `of` is its supplier, material or product, "" where it is not told."""

    kind: NodeKind
    name: str
    of: str


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """Material went from one to the other. `quantity` is in `unit`; both None where it was not told in one unit."""

    source: Node
    target: Node
    basis: str
    quantity: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that a name leads to: `starts` are the nodes that have it, `down` where it went, `up` what went in."""

    name: str
    starts: tuple[Node, ...]
    down: tuple[Link, ...]
    up: tuple[Link, ...]

    @property
    def batches(self) -> list[Node]:
        """Every batch downstream, those to be recalled."""
        return sorted({link.target for link in self.down if link.target.kind == "batch"})


@dataclass(frozen=True, slots=True)
class Line:
    """A node in a tree as it is listed: how deep, by which link, and whether it was told above with what follows."""

    depth: int
    node: Node
    link: Link | None
    again: bool


def _current(table: str) -> str:
    return f"""(SELECT * REPLACE (coalesce(same.to_product, product) AS product) FROM (SELECT * FROM {table}
        QUALIFY {LATEST}) AS one
        LEFT JOIN same ON same.code = one.product)"""


_SQL = f"""
WITH RECURSIVE
same AS (SELECT unnest(?::VARCHAR[]) AS code, unnest(?::VARCHAR[]) AS to_product),
orders AS {_current("batch_order")},
moves AS {_current("material_movement")},
reworks AS {_current("rework")},
labels AS {_current("label_reconciliation")},
users AS (
    SELECT batch, product FROM orders UNION SELECT batch, product FROM moves WHERE batch IS NOT NULL
    UNION SELECT batch, product FROM reworks UNION SELECT batch, product FROM labels),
sole AS (SELECT batch, CASE WHEN count(DISTINCT product) = 1 THEN max(product) ELSE '' END AS product
    FROM users GROUP BY batch),
lots AS (SELECT lot, material, bool_or(supplier IS NOT NULL OR supplier_lot IS NOT NULL) AS bought
    FROM moves GROUP BY lot, material),
flows AS (
    SELECT 'supplier_lot' AS from_kind, coalesce(supplier_lot, '') AS from_name, coalesce(supplier, '') AS from_of,
        'lot' AS to_kind, lot AS to_name, material AS to_of, 'RECEIPT' AS basis,
        CASE movement WHEN 'RECEIPT' THEN quantity END AS quantity, unit
    FROM moves WHERE supplier IS NOT NULL OR supplier_lot IS NOT NULL
    UNION ALL
    SELECT 'batch', m.batch, coalesce(m.product, sole.product, ''), 'lot', lot, material, 'RECEIPT', quantity, unit
    FROM moves AS m LEFT JOIN sole USING (batch)
    WHERE m.batch IS NOT NULL AND movement = 'RECEIPT' AND supplier IS NULL AND supplier_lot IS NULL
    UNION ALL
    SELECT 'lot', lot, material, 'batch', m.batch, coalesce(m.product, sole.product, ''), 'ISSUE',
        CASE movement WHEN 'ISSUE' THEN quantity WHEN 'RETURN' THEN -quantity END, unit
    FROM moves AS m LEFT JOIN sole USING (batch) WHERE m.batch IS NOT NULL AND movement IN ('ISSUE', 'RETURN', 'OTHER')
    UNION ALL
    SELECT 'lot', l.lot, l.material, 'batch', l.batch, coalesce(l.product, sole.product, ''), 'LABEL', l.used, '{{#}}'
    FROM labels AS l LEFT JOIN sole USING (batch) WHERE l.lot IS NOT NULL
    UNION ALL
    SELECT 'lot', w.lot, coalesce(lots.material, ''), 'batch', w.batch, coalesce(sole.product, ''), 'WEIGHING',
        CASE WHEN accepted THEN net END, unit
    FROM (SELECT DISTINCT id, lot, batch, accepted, net, unit FROM weighings) AS w LEFT JOIN lots USING (lot)
        LEFT JOIN sole USING (batch)
    WHERE w.lot IS NOT NULL AND w.batch IS NOT NULL
    UNION ALL
    SELECT 'batch', r.came_from, coalesce(came.product, ''), 'batch', r.batch, coalesce(r.product, sole.product, ''),
        'REWORK', quantity, unit
    FROM reworks AS r LEFT JOIN sole USING (batch) LEFT JOIN sole AS came ON came.batch = r.came_from
    WHERE r.came_from IS NOT NULL),
batches AS (
    SELECT batch AS name, coalesce(product, '') AS product FROM orders
    UNION SELECT to_name, to_of FROM flows WHERE to_kind = 'batch'
    UNION SELECT from_name, from_of FROM flows WHERE from_kind = 'batch'),
links AS (
    SELECT from_kind, from_name, from_of, to_kind, to_name, to_of, basis,
        CASE WHEN count(DISTINCT unit) = 1 THEN fsum(quantity) END AS quantity,
        CASE WHEN count(DISTINCT unit) = 1 AND count(quantity) > 0 THEN max(unit) END AS unit
    FROM flows GROUP BY ALL
    UNION ALL
    SELECT 'batch', name, product, 'lot', lot, material, 'SAME_NUMBER', NULL, NULL
    FROM batches JOIN lots ON lot = name
    WHERE product = material OR (NOT bought AND NOT EXISTS (
        SELECT 1 FROM batches AS other WHERE other.name = lot AND other.product = lots.material))),
nodes AS (
    SELECT from_kind AS kind, from_name AS name, from_of AS part FROM links
    UNION SELECT to_kind, to_name, to_of FROM links
    UNION SELECT 'lot', lot, material FROM lots
    UNION SELECT 'batch', name, product FROM batches),
starts AS (SELECT * FROM nodes WHERE name = ? AND name <> '' AND list_contains(?, kind)
    AND (?::VARCHAR IS NULL OR part = ?)),
ways AS (
    SELECT 'down' AS way, from_kind AS kind, from_name AS name, from_of AS part, to_kind, to_name, to_of FROM links
    UNION ALL SELECT 'up', to_kind, to_name, to_of, from_kind, from_name, from_of FROM links),
walk AS (
    SELECT way, kind, name, part FROM starts, (VALUES ('down'), ('up')) AS directions(way)
    UNION
    SELECT way, to_kind, to_name, to_of FROM walk JOIN ways USING (way, kind, name, part))
SELECT way, links.* FROM walk JOIN links
    ON way = 'down' AND from_kind = kind AND from_name = name AND from_of = part
UNION ALL SELECT way, links.* FROM walk JOIN links
    ON way = 'up' AND to_kind = kind AND to_name = name AND to_of = part
UNION ALL SELECT 'start', kind, name, part, '', '', '', '', NULL, NULL FROM starts
"""


def trace(
    archive: Readable,
    name: str,
    same: Mapping[str, str],
    *,
    kinds: Collection[NodeKind] = ("lot", "supplier_lot", "batch"),
    of: str | None = None,
) -> Trace:
    """All that a name leads to, whatever has it; only nodes of these kinds, of this material, product or supplier."""
    values = [list(same), list(same.values()), name, list(kinds), of, of]
    found: dict[str, set[Link]] = {"down": set(), "up": set()}
    starts = set[Node]()
    for way, kind, node, part, *rest in archive.rows(_SQL, values):
        if way == "start":
            starts.add(Node(kind, node, part))
        else:
            to_kind, to_name, to_of, basis, quantity, unit = rest
            found[way].add(Link(Node(kind, node, part), Node(to_kind, to_name, to_of), basis, quantity, unit))
    return Trace(name, tuple(sorted(starts)), *(_ordered(found[way]) for way in ("down", "up")))


def _ordered(links: Iterable[Link]) -> tuple[Link, ...]:
    return tuple(sorted(links, key=lambda link: (link.source, link.target, link.basis)))


def lines(start: Node, links: Iterable[Link], way: Way) -> list[Line]:
    """The tree below a node, depth first; a node that was told is not unfolded again."""
    beside: dict[Node, list[Link]] = {}
    for one in links:
        beside.setdefault(one.source if way == "down" else one.target, []).append(one)
    found, unfolded = list[Line](), set[Node]()
    waiting: list[tuple[int, Node, Link | None]] = [(0, start, None)]
    while waiting:
        depth, node, link = waiting.pop()
        again = node in unfolded
        found.append(Line(depth, node, link, again))
        if not again:
            unfolded.add(node)
            nexts = [(depth + 1, one.target if way == "down" else one.source, one) for one in beside.get(node, ())]
            waiting += reversed(nexts)
    return found
