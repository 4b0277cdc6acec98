"""A stream checked from its octets, whatever was stored of it."""

import pytest

from gateway.checking.recomputing import NAMED, Kept, Recomputing, Verdict
from gateway.proof.checkpoint import Checkpoint, Seal
from gateway.proof.merkle import Tree, leaf_hash

SIZE = 50


def entries(count: int = SIZE) -> list[Kept]:
    octets = [b"entry %d" % n for n in range(1, count + 1)]
    return [(n, leaf_hash(one), one) for n, one in enumerate(octets, 1)]


def sealed(count: int = SIZE) -> Seal:
    tree = Tree()
    tree.extend(b"".join(leaf for _, leaf, _ in entries(count)))
    return Seal(Checkpoint("s", count, tree.root()), 1, b"")


def checked(kept: list[Kept], seal: Seal, step: int = 16) -> Recomputing:
    """Taken in steps, as far as there is something to learn."""
    work = Recomputing(seal)
    while not work.over:
        first, last = work.done + 1, min(work.done + step, seal.size)
        work.take([one for one in kept if first <= one[0] <= last], last)
    return work


@pytest.mark.parametrize("step", [1, 7, 16, SIZE])
def test_what_was_sealed_holds_in_steps_of_any_size(step: int) -> None:
    """What came after the seal is not looked at."""
    work = checked(entries(SIZE + 3), sealed(), step)
    assert (work.verdict, work.done, work.root) == (Verdict.HOLDS, SIZE, sealed().root)


def test_an_octet_that_was_altered_names_its_number() -> None:
    """Although the leaf hash that was stored is the right one."""
    kept = entries()
    kept[8] = (9, kept[8][1], b"entry 0")
    work = checked(kept, sealed())
    assert (work.verdict, work.altered, work.altered_in_all) == (Verdict.ALTERED, [9], 1)
    assert work.root != sealed().root


def test_an_entry_and_its_leaf_altered_together_are_found_by_the_root() -> None:
    """No number can be named, and nothing holds."""
    kept = entries()
    kept[8] = (9, leaf_hash(b"entry 0"), b"entry 0")
    assert checked(kept, sealed()).verdict is Verdict.OTHER_ROOT


@pytest.mark.parametrize("number", [1, 16, 17, SIZE])
def test_a_number_that_is_not_here_ends_the_check(number: int) -> None:
    """It is named; nothing behind it is judged."""
    work = checked([one for one in entries() if one[0] != number], sealed())
    assert (work.verdict, work.missing, work.done) == (Verdict.MISSING, number, number - 1)


def test_a_leaf_alone_counts_for_the_root_and_is_counted() -> None:
    """A wrong one does not pass."""
    kept = [(n, leaf, None if n < 4 else octets) for n, leaf, octets in entries()]
    work = checked(kept, sealed())
    assert (work.verdict, work.leaves_only) == (Verdict.HOLDS, 3)
    kept[0] = (1, bytes(32), None)
    assert checked(kept, sealed()).verdict is Verdict.OTHER_ROOT


def test_of_very_many_altered_numbers_the_first_are_named() -> None:
    """And all are counted."""
    work = checked([(n, leaf, b"") for n, leaf, _ in entries()], sealed())
    assert work.altered == list(range(1, NAMED + 1))
    assert work.altered_in_all == SIZE


def test_a_check_that_was_stopped_says_nothing_of_the_rest() -> None:
    """Nor does it pass."""
    work = Recomputing(sealed())
    work.take(entries()[:10], 10)
    assert work.verdict is Verdict.STOPPED


def test_the_empty_list_holds() -> None:
    """A seal over nothing is one too."""
    assert checked([], sealed(0)).verdict is Verdict.HOLDS
