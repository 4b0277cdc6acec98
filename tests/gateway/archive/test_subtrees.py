"""Roots of subtrees that are kept: the proofs by them lead to the root of all leaves."""

from collections.abc import Iterator
from random import Random

import pytest

from gateway.archive.archive import Archive
from gateway.archive.subtrees import WAITING, WIDTH, Roots, subtrees_of
from gateway.proof.merkle import HASH, Tree, inclusion_proof, split, verify_inclusion

SIZE = 300 * WIDTH + 77
"""So many that a root of the second kept level is made, and none of the third."""
LEAVES = Random(1).randbytes(SIZE * HASH)
GROWING: tuple[tuple[int, list[tuple[int, int]]], ...] = (
    (WAITING - 1, []),
    (WAITING + 5, [(8, 16)]),
    (290 * WIDTH, [(8, 290), (16, 1)]),
    (SIZE, [(8, 290), (16, 1)]),  # ten more do not make it worth a search
)
"""Proven numbers, one after the other, and the roots that are kept then."""
NUMBERS = (1, 2, 255, 256, 257, 65_536, 65_537, SIZE - 76, SIZE)


@pytest.fixture(scope="module")
def archive() -> Iterator[Archive]:
    made = Archive(None)
    made.rows(
        """INSERT INTO entries (stream, number, leaf, kind)
        SELECT 's', row_number() OVER (), leaf, '' FROM (SELECT unnest(?::BLOB[]) AS leaf)""",
        [split(LEAVES)],
    )
    yield made
    made.close()


def kept(archive: Archive) -> list[tuple[int, int]]:
    return [
        (level, count) for level, count in archive.rows("SELECT level, count(*) FROM subtrees GROUP BY 1 ORDER BY 1")
    ]


def test_every_proof_leads_to_the_root_however_many_roots_are_kept(archive: Archive) -> None:
    """A restart counts what is there and goes on behind it."""
    tree = Tree()
    tree.extend(LEAVES)
    for proven, expected in GROWING:
        with archive._cursor() as connection:
            Roots(connection).grow(connection, "s", proven)
        assert kept(archive) == expected
        for number in NUMBERS:
            proof = inclusion_proof(number - 1, SIZE, subtrees_of(archive, "s"))
            verify_inclusion(LEAVES[(number - 1) * HASH : number * HASH], number - 1, SIZE, proof, tree.root())


def test_a_leaf_that_is_not_here_is_named(archive: Archive) -> None:
    """Nothing is proven by what is guessed."""
    with pytest.raises(LookupError, match="not all numbers from 76878 to 76878 are here"):
        subtrees_of(archive, "s")(0, SIZE)
