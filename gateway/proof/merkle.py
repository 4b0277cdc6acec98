"""The Merkle tree of RFC 6962 and RFC 9162: appending, proofs and their verification. Pure.

A leaf is `SHA-256(0x00 ‖ entry)`, a node `SHA-256(0x01 ‖ left ‖ right)`. A *subtree* (level, index) is the complete one
over the 2^level leaves from index · 2^level on; every root and every proof is put together from such subtrees, so
whoever can tell their hashes can prove. Hashes have 32 bytes; several of them stand one after the other in one `bytes`.
"""

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from hashlib import sha256
from typing import Self

HASH = 32
"""Bytes of a hash."""
EMPTY_ROOT = sha256().digest()
"""Root of the tree without leaves (RFC 9162 2.1.1)."""
STRIDE = 8
"""A tree's hashes are kept at every eighth level: 1/255 of the leaves' room, and 255 rebuild any other."""

Subtree = Callable[[int, int], bytes]
"""The hash of the complete subtree (level, index)."""


class ProofError(ValueError):
    """A proof does not prove what it should."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry as a leaf."""
    digest = sha256(b"\x00")
    digest.update(entry)  # not put together first: an entry may be large
    return digest.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


def complete_root(hashes: bytes) -> bytes:
    """Root over 2^k hashes (of leaves, or of subtrees of one level)."""
    while len(hashes) > HASH:
        hashes = b"".join(
            [sha256(b"\x01" + hashes[at : at + 2 * HASH]).digest() for at in range(0, len(hashes), 2 * HASH)]
        )
    return hashes


class Tree:
    """A tree that can only be appended to; it holds its size and the roots of its complete subtrees, largest first."""

    __slots__ = ("_roots", "size")

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        """Raises ValueError when size and roots do not belong together."""
        self.size = size
        self._roots = list(roots)
        if size < 0 or len(self._roots) != size.bit_count() or any(len(root) != HASH for root in self._roots):
            raise ValueError(f"{len(self._roots)} subtree roots do not make a tree of {size} leaves")

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self._push(leaf, 0)

    def extend(self, leaves: bytes) -> None:
        """Add many leaf hashes, one after the other in `leaves`. Raises ValueError when the last is not whole."""
        at, (end, odd) = 0, divmod(len(leaves), HASH)
        if odd:
            raise ValueError(f"{len(leaves)} bytes are no whole number of hashes")
        while at < end:
            level = (end - at).bit_length() - 1
            if self.size:
                level = min(level, (self.size & -self.size).bit_length() - 1)
            self._push(complete_root(leaves[at * HASH : (at + (1 << level)) * HASH]), level)
            at += 1 << level

    def root(self) -> bytes:
        """Root of the whole tree."""
        return _join(self._roots) if self._roots else EMPTY_ROOT

    def copy(self) -> "Tree":
        """A tree of its own with the same leaves."""
        return Tree(self.size, self._roots)

    def to_bytes(self) -> bytes:
        """The whole state: the size in 8 bytes, big-endian, and at most 64 hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self._roots)

    @classmethod
    def from_bytes(cls, state: bytes) -> Self:
        """The tree that wrote `state`. Raises ValueError when it is none."""
        return cls(int.from_bytes(state[:8], "big"), split(state[8:]))

    def _push(self, root: bytes, level: int) -> None:
        carried = self.size >> level
        while carried & 1:
            root = node_hash(self._roots.pop(), root)
            carried >>= 1
        self._roots.append(root)
        self.size += 1 << level


class Subtrees:
    """Hashes of a long stream's subtrees, from its stored leaf hashes.

    `leaves(first, count)` gives the hashes of that many leaves from the zero-based index on, one after the other.
    Every STRIDE-th level is looked for and kept in `kept`, which may be a table on disk.
    """

    def __init__(
        self, leaves: Callable[[int, int], bytes], kept: MutableMapping[tuple[int, int], bytes] | None = None
    ) -> None:
        self._leaves = leaves
        self._kept: MutableMapping[tuple[int, int], bytes] = {} if kept is None else kept

    def __call__(self, level: int, index: int) -> bytes:
        """Hash of the complete subtree (level, index)."""
        known = self._kept.get((level, index)) if level and level % STRIDE == 0 else None
        if known is not None:
            return known
        root = complete_root(self._below(level, index))
        if level and level % STRIDE == 0:
            self._kept[level, index] = root
        return root

    def _below(self, level: int, index: int) -> bytes:
        base = max(level - 1, 0) // STRIDE * STRIDE
        count = 1 << (level - base)
        if base == 0:
            return self._leaves(index * count, count)
        return b"".join([self(base, at) for at in range(index * count, (index + 1) * count)])


def root_of(size: int, subtree: Subtree) -> bytes:
    """Root of the first `size` leaves."""
    return _range_root(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """PATH(index, D[size]) of RFC 9162 2.1.3.1, from the leaf's sibling up. Raises ValueError outside the tree."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has none at index {index}")
    first, last, path = 0, size, []
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(_range_root(middle, last, subtree))
            last = middle
        else:
            path.append(_range_root(first, middle, subtree))
            first = middle
    return path[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 9162 2.1.4.1; none between equal sizes or from the empty tree.

    Raises ValueError when `old` is larger than `new`.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not go on from one of {old}")
    if old in {0, new}:
        return []
    first, last, path = 0, new, []
    while old != last:
        middle = first + _split(last - first)
        if old <= middle:
            path.append(_range_root(middle, last, subtree))
            last = middle
        else:
            path.append(_range_root(first, middle, subtree))
            first = middle
    if first:
        path.append(_range_root(first, last, subtree))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 2.1.3.2. Raises ProofError unless `leaf` stands at the zero-based `index` of the tree with that root."""
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} leaves has none at index {index}")
    _check_lengths([leaf, root, *proof])
    at, end, node = index, size - 1, leaf
    for sibling in proof:
        if end == 0:
            raise ProofError("the proof is longer than its way to the root")
        if at & 1 or at == end:
            node = node_hash(sibling, node)
            at, end = _skip_levels_alone(at, end)
        else:
            node = node_hash(node, sibling)
        at, end = at >> 1, end >> 1
    if end:
        raise ProofError("the proof ends before the root")
    if node != root:
        raise ProofError("the proof leads to another root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 2.1.4.2. Raises ProofError unless the tree of `new` leaves begins with all those of the old one."""
    _check_lengths([old_root, new_root, *proof])
    if not 0 <= old <= new:
        raise ProofError(f"a tree of {new} leaves does not go on from one of {old}")
    if old in {0, new}:
        _verify_trivial_consistency(old, new, old_root, new_root, proof)
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not proof:
        raise ProofError("the proof is empty")
    at, end = old - 1, new - 1
    while at & 1:
        at, end = at >> 1, end >> 1
    before = after = path[0]
    for node in path[1:]:
        if end == 0:
            raise ProofError("the proof is longer than its way to the root")
        if at & 1 or at == end:
            before, after = node_hash(node, before), node_hash(node, after)
            at, end = _skip_levels_alone(at, end)
        else:
            after = node_hash(after, node)
        at, end = at >> 1, end >> 1
    if end:
        raise ProofError("the proof ends before the root")
    if before != old_root or after != new_root:
        raise ProofError(f"the proof leads to another root of the {'old' if before != old_root else 'new'} tree")


def split(hashes: bytes) -> list[bytes]:
    """Hashes that stand one after the other, singly."""
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


def _verify_trivial_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofError(f"there is nothing to prove from {old} to {new} leaves, yet the proof is not empty")
    if old_root != (new_root if old == new else EMPTY_ROOT):
        raise ProofError(f"trees of {old} and {new} leaves: the roots do not fit")


def _skip_levels_alone(at: int, end: int) -> tuple[int, int]:
    """At the right edge: the levels on which the node has no sibling and moves up unchanged."""
    while not at & 1 and at:
        at, end = at >> 1, end >> 1
    return at, end


def _check_lengths(hashes: Iterable[bytes]) -> None:
    if any(len(value) != HASH for value in hashes):
        raise ProofError(f"a hash does not have {HASH} bytes")


def _split(count: int) -> int:
    """The largest power of two smaller than `count`, which is 2 or more."""
    return 1 << (count - 1).bit_length() - 1


def _range_root(first: int, last: int, subtree: Subtree) -> bytes:
    """MTH(D[first:last]), where the range is one side of a split: it begins at a multiple of its largest subtree."""
    roots = []
    while first < last:
        level = (last - first).bit_length() - 1
        roots.append(subtree(level, first >> level))
        first += 1 << level
    return _join(roots)


def _join(roots: Sequence[bytes]) -> bytes:
    """Root of complete subtrees that stand side by side, largest first."""
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = node_hash(left, root)
    return root
