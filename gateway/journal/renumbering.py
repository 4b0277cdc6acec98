"""After a salvage: entries that the topic has and the journal lost go back where they stood.

What the journal took since has provisional numbers and moves behind them. A seal of the own key proves what comes back.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace

from gateway.journal import layout
from gateway.journal.entries import NotOursError, Numbered
from gateway.journal.layout import StreamState, tree_at
from gateway.proof.merkle import Tree, leaf_hash

COLUMNS = "kind, key, time, taken, may_go, leaf, octets"
STEP = 200
"""Entries that are moved at once."""


def adopt(
    db: sqlite3.Connection,
    state: StreamState,
    entries: Iterable[Numbered],
    seal: tuple[int, bytes],
    row: Callable[[Numbered], tuple[object, ...]],
) -> tuple[StreamState, int]:
    """Put entries behind the anchor, in the open transaction; `seal` is size and root,
    `row` gives an entry's columns from its kind to whether it may go.

    Gives the stream's new state and how many of the entries the seal does not count. Raises NotOursError.
    """
    anchor, (size, root) = state.anchor or 0, seal
    tree = _prefix(db, state, anchor, seal)
    db.execute("UPDATE entries SET number = -number WHERE stream = ? AND number > ?", [state.id, anchor])
    for entry in entries:
        number = tree.size + 1
        if entry.number != number:
            raise NotOursError(f"number {entry.number} of {state.name} was read back in the place of {number}")
        leaf = entry.leaf if entry.octets is None else leaf_hash(entry.octets)
        tree.append(leaf)
        values = (state.id, number, *row(entry), leaf)
        db.execute(layout.INSERT, layout.entry_row(values, entry.octets))
        if number == size and tree.root() != root:
            raise NotOursError(f"the {size} entries of {state.name} that the topic has are not those that were sealed")
    end = tree.size
    if size > end:
        raise NotOursError(f"the seal of {state.name} counts {size} entries, the topic has {end}")
    _move_behind(db, state, tree)
    after = replace(state, size=tree.size, tree=tree, anchor=end, published=max(end, state.published))
    after.oldest = layout.oldest(db, after)
    return after, end - max(size, anchor)


def _prefix(db: sqlite3.Connection, state: StreamState, anchor: int, seal: tuple[int, bytes]) -> Tree:
    def read(sql: str, values: list[object]) -> list[tuple[bytes]]:
        return db.execute(sql, values).fetchall()

    size, root = seal
    if state.confirmed.size <= size <= anchor and tree_at(read, state, size).root() != root:
        raise NotOursError(f"the first {size} entries of {state.name} are not those that were sealed")
    return tree_at(read, state, anchor)


def _move_behind(db: sqlite3.Connection, state: StreamState, tree: Tree) -> None:
    """New numbers, and new rows: rows stand in the order of their numbers."""
    sql = f"SELECT number, {COLUMNS} FROM entries WHERE stream = ? AND number < ? ORDER BY number DESC LIMIT {STEP}"
    last = 0
    while rows := db.execute(sql, [state.id, last]).fetchall():
        for number, *values, leaf, octets in rows:
            tree.append(leaf)
            db.execute(layout.INSERT, layout.entry_row((state.id, tree.size, *values, leaf), octets))
            last = number
    db.execute("DELETE FROM entries WHERE stream = ? AND number < 0", [state.id])
