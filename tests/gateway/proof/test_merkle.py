"""The fast tree against the definitions of the RFC, and every proof against damage."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.merkle import (
    EMPTY_ROOT,
    HASH,
    ProofError,
    Subtree,
    Subtrees,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    split,
    verify_consistency,
    verify_inclusion,
)
from tests.gateway.proof import naive

# The inputs and roots that Certificate Transparency's implementations have tested with since RFC 6962.
CT_ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
ENTRIES = [number.to_bytes(3, "big") * 5 for number in range(70)]
SIZES = st.integers(0, len(ENTRIES))


def subtrees(entries: list[bytes]) -> Subtree:
    return Subtrees(lambda first, count: b"".join(map(leaf_hash, entries[first : first + count])))


def refused(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except ProofError:
        return True
    return False


@pytest.mark.parametrize("size", range(len(CT_ROOTS)))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    """Also the definition itself gives these roots."""
    tree = Tree()
    for entry in CT_ENTRIES[:size]:
        tree.append(leaf_hash(entry))
    assert tree.root().hex() == naive.tree_hash(CT_ENTRIES[:size]).hex() == CT_ROOTS[size]


@given(st.lists(st.integers(0, 40), max_size=4))
def test_appending_in_runs_gives_the_defined_root(runs: list[int]) -> None:
    """However the leaves are cut into runs, and written down in between."""
    tree, entries = Tree(), [bytes([at % 256]) for at in range(sum(runs))]
    for run in runs:
        tree = Tree.from_bytes(tree.to_bytes())
        tree.extend(b"".join(map(leaf_hash, entries[tree.size : tree.size + run])))
    assert tree.root() == naive.tree_hash(entries)
    assert tree.size == len(entries)
    assert root_of(tree.size, subtrees(entries)) == tree.root()


@given(st.binary(max_size=200))
def test_a_state_that_is_none_is_refused(octets: bytes) -> None:
    """Size and hashes have to belong together."""
    try:
        tree = Tree.from_bytes(octets)
    except ValueError:
        return
    assert tree.size.bit_count() * HASH + 8 == len(octets) or (tree.size == 0 and len(octets) < 8)


def test_half_a_hash_is_refused() -> None:
    """A run of leaves has to be whole."""
    with pytest.raises(ValueError, match="whole number"):
        Tree().extend(bytes(HASH + 1))


@given(st.data())
def test_inclusion_proofs_are_the_defined_ones_and_hold(data: st.DataObject) -> None:
    """PATH of the RFC, accepted by the RFC's algorithm."""
    size = data.draw(st.integers(1, len(ENTRIES)))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, subtrees(ENTRIES))
    assert proof == naive.path(index, ENTRIES[:size])
    verify_inclusion(leaf_hash(ENTRIES[index]), index, size, proof, naive.tree_hash(ENTRIES[:size]))


@given(SIZES, SIZES)
def test_consistency_proofs_are_the_defined_ones_and_hold(one: int, other: int) -> None:
    """PROOF of the RFC, accepted by the RFC's algorithm."""
    old, new = sorted((one, other))
    proof = consistency_proof(old, new, subtrees(ENTRIES))
    assert proof == (naive.proof(old, ENTRIES[:new]) if old else [])
    verify_consistency(old, new, naive.tree_hash(ENTRIES[:old]), naive.tree_hash(ENTRIES[:new]), proof)


@given(st.data())
def test_a_damaged_inclusion_proof_is_refused(data: st.DataObject) -> None:
    """Every single element counts: flipped, left out, doubled, another index, another leaf."""
    size = data.draw(st.integers(2, len(ENTRIES)))
    index = data.draw(st.integers(0, size - 1))
    proof, leaf, root = (
        inclusion_proof(index, size, subtrees(ENTRIES)),
        leaf_hash(ENTRIES[index]),
        naive.tree_hash(ENTRIES[:size]),
    )
    at, bit = data.draw(st.integers(0, len(proof) - 1)), 1 << data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(proof[at], "big") ^ bit).to_bytes(HASH, "big")
    for damaged in (
        [*proof[:at], flipped, *proof[at + 1 :]],
        [*proof[:at], *proof[at + 1 :]],
        [*proof[: at + 1], *proof[at:]],
        [*proof, root],
        [*proof[:at], proof[at][:-1], *proof[at + 1 :]],
    ):
        assert refused(partial(verify_inclusion, leaf, index, size, damaged, root))
    assert refused(partial(verify_inclusion, leaf, (index + 1) % size, size, proof, root))
    assert refused(partial(verify_inclusion, leaf, index + size, size, proof, root))
    assert refused(partial(verify_inclusion, leaf_hash(b"another"), index, size, proof, root))


@given(st.data())
def test_a_damaged_consistency_proof_is_refused(data: st.DataObject) -> None:
    """Every single element counts, also in the middle."""
    old = data.draw(st.integers(1, len(ENTRIES) - 1))
    new = data.draw(st.integers(old + 1, len(ENTRIES)))
    proof = consistency_proof(old, new, subtrees(ENTRIES))
    before, after = naive.tree_hash(ENTRIES[:old]), naive.tree_hash(ENTRIES[:new])
    at, bit = data.draw(st.integers(0, len(proof) - 1)), 1 << data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(proof[at], "big") ^ bit).to_bytes(HASH, "big")
    for damaged in (
        [],
        [*proof[:at], flipped, *proof[at + 1 :]],
        [*proof[:at], *proof[at + 1 :]],
        [*proof[: at + 1], *proof[at:]],
        [*proof, after],
    ):
        assert refused(partial(verify_consistency, old, new, before, after, damaged))
    assert refused(partial(verify_consistency, old, new, after, after, proof))
    assert refused(partial(verify_consistency, old, new, before, before, proof))
    assert refused(partial(verify_consistency, new, old, after, before, proof))


@given(st.data())
def test_a_proof_of_another_length_than_the_claimed_place_needs_is_refused(data: st.DataObject) -> None:
    """Though its hashes do lead to the root: a smaller tree's proof is none of a larger, nor the other way round."""
    size, claimed = data.draw(st.integers(1, 16)), data.draw(st.integers(1, 32))
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, claimed - 1))
    proof = naive.path(index, ENTRIES[:size])
    leaf, root = leaf_hash(ENTRIES[index]), naive.tree_hash(ENTRIES[:size])
    if len(naive.path(other, ENTRIES[:claimed])) != len(proof):
        assert refused(partial(verify_inclusion, leaf, other, claimed, proof, root))


def test_right_edges_of_inclusion_proofs_are_counted() -> None:
    """All siblings on the left: the path of index 3 of 4 is none of index 1 of 2."""
    proof, root = naive.path(3, ENTRIES[:4]), naive.tree_hash(ENTRIES[:4])
    assert refused(partial(verify_inclusion, leaf_hash(ENTRIES[3]), 1, 2, proof, root))


def test_a_consistency_proof_of_another_length_is_refused() -> None:
    """Though all its hashes lead to both roots: too short for the claimed size, or one element too long."""
    before, after = naive.tree_hash(ENTRIES[:4]), naive.tree_hash(ENTRIES[:8])
    assert refused(partial(verify_consistency, 4, 16, before, after, naive.proof(4, ENTRIES[:8])))
    left, old, new = bytes(HASH), naive.tree_hash(ENTRIES[:3]), naive.tree_hash(ENTRIES[:4])
    longer = [*naive.proof(3, ENTRIES[:4]), left]
    assert refused(partial(verify_consistency, 3, 4, node_hash(left, old), node_hash(left, new), longer))


def test_between_equal_trees_and_from_the_empty_one_nothing_is_to_prove() -> None:
    """An element that is there all the same is refused, and so is another root."""
    root = naive.tree_hash(ENTRIES[:5])
    verify_consistency(5, 5, root, root, [])
    verify_consistency(0, 5, EMPTY_ROOT, root, [])
    assert refused(partial(verify_consistency, 5, 5, root, EMPTY_ROOT, []))
    assert refused(partial(verify_consistency, 0, 5, root, root, []))
    assert refused(partial(verify_consistency, 5, 5, root, root, [root]))


@pytest.mark.parametrize("make", [lambda s: inclusion_proof(5, 5, s), lambda s: consistency_proof(6, 5, s)])
def test_what_no_tree_holds_cannot_be_proven(make: Callable[[Subtree], object]) -> None:
    """An index outside, or a tree that is smaller than its predecessor."""
    with pytest.raises(ValueError, match="tree of 5 leaves"):
        make(subtrees(ENTRIES))


def test_proofs_of_a_long_stream_read_few_leaves() -> None:
    """Once the kept levels are there a proof reads less than a thousand of 70,000 leaves."""
    leaves = b"".join(leaf_hash(number.to_bytes(4, "big")) for number in range(70_000))
    read = 0

    def stored(first: int, count: int) -> bytes:
        nonlocal read
        read += count
        return leaves[first * HASH : (first + count) * HASH]

    kept: dict[tuple[int, int], bytes] = {}
    subtree, tree = Subtrees(stored, kept), Tree()
    tree.extend(leaves)
    assert root_of(70_000, subtree) == tree.root()
    assert len(kept) <= 70_000 // 255
    for index in (0, 255, 256, 40_123, 65_535, 65_536, 69_999):
        read = 0
        proof = inclusion_proof(index, 70_000, Subtrees(stored, kept))
        verify_inclusion(leaves[index * HASH : (index + 1) * HASH], index, 70_000, proof, tree.root())
        assert read < 1000


def test_a_leaf_is_never_a_node() -> None:
    """The prefixes keep an entry of two hashes from passing for their parent."""
    left, right = split(bytes(range(64)))
    assert leaf_hash(left + right) != node_hash(left, right)
