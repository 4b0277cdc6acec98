"""What the verifier makes of keys that change and of streams that a signatory closes."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.findings import Code
from gateway.proof.keys import public_keys
from gateway.proof.merkle import leaf_hash
from gateway.proof.standing import Limits, Outcome
from gateway.proof.statement import Closing, LastKnown, Rotation, write_statement
from tests.gateway.proof.streams import (
    LINE,
    NEXT,
    SENDER,
    SENDERS,
    SIGNATORY,
    START,
    STREAM,
    Reader,
    entries,
    message,
    root,
    sealed,
)

ENTRIES = entries(12)
SINCE = START + 50
PATIENCE = Limits().patience
CALM = Limits(late=inf, silent=inf)
ROTATION = write_statement(Rotation(LINE, SINCE, SENDERS, public_keys(NEXT)), [SENDER, NEXT], SINCE)


def closing(size: int, head: bytes | None = None, time: int = SINCE) -> bytes:
    ends = (LastKnown(STREAM, size, head),)
    return write_statement(Closing(LINE, time, SENDERS, ends, "the box burnt", "the last minute"), [SIGNATORY], time)


def reader_of(count: int, limits: Limits | None = CALM) -> Reader:
    reader = Reader(limits)
    for number, entry in enumerate(ENTRIES[:count], 1):
        reader.entry(message(number, entry))
    return reader


def told(reader: Reader) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.first, finding.last) for finding in reader.found]


def test_a_stream_goes_on_under_the_next_key() -> None:
    """Its proof does not begin anew."""
    reader = reader_of(6)
    reader.seal(sealed(ENTRIES, 3, START))
    reader.statement(ROTATION)
    reader.seal(sealed(ENTRIES, 5, SINCE, NEXT))
    reader.restart()
    reader.seal(sealed(ENTRIES, 6, SINCE + 5, NEXT))
    reader.wait(PATIENCE)
    assert (reader.found, reader.verifier.verified_to) == ([], 6)


@pytest.mark.parametrize("time", [SINCE, SINCE + 5])
def test_an_old_key_after_its_rotation_is_a_wrong_key(time: int) -> None:
    """A copy of it is worth nothing from that moment on."""
    reader = reader_of(6)
    reader.statement(ROTATION)
    reader.seal(sealed(ENTRIES, 6, time, SENDER))
    assert told(reader) == [(Code.WRONG_KEY, 0, 0)]
    assert reader.verifier.verified_to == 0


def test_an_old_key_cannot_seal_backwards_either() -> None:
    """A time before the rotation is not later than that of the new key's seals."""
    reader = reader_of(6)
    reader.statement(ROTATION)
    reader.seal(sealed(ENTRIES, 6, SINCE, NEXT))
    reader.seal(sealed(ENTRIES, 6, SINCE - 1, SENDER))
    assert told(reader) == [(Code.STALE_SEAL, 6, 6)]


def test_a_new_key_without_its_rotation_is_a_wrong_key() -> None:
    """Nobody has said yet whose it is."""
    reader = reader_of(6)
    reader.seal(sealed(ENTRIES, 6, SINCE, NEXT))
    assert told(reader) == [(Code.WRONG_KEY, 0, 0)]


def test_a_closed_stream_is_not_silent() -> None:
    """Nor are its seals late: nobody is expected to speak."""
    reader = reader_of(3, Limits())
    reader.seal(sealed(ENTRIES, 3, START))
    reader.statement(closing(3))
    for _ in range(10):
        reader.wait(60)
    assert (reader.found, reader.verifier.verified_to) == ([], 3)


@pytest.mark.parametrize(("size", "time"), [(4, SINCE - 1), (4, SINCE + 1), (3, SINCE)])
def test_no_seal_beyond_the_closing_counts(size: int, time: int) -> None:
    """Neither a larger one, whatever time it claims, nor a later one."""
    reader = reader_of(3)
    reader.statement(closing(3))
    reader.seal(sealed(ENTRIES, size, time))
    assert told(reader) == [(Code.AFTER_CLOSING, size, size)]
    assert reader.verifier.verified_to == 0
    reader.seal(sealed(ENTRIES, 3, SINCE - 1))
    assert reader.verifier.verified_to == 3


def test_an_entry_beyond_the_closing_is_refused() -> None:
    """With its leaf, so that it is found in quarantine; repeats of what is proven are mere repeats."""
    reader = reader_of(3)
    reader.seal(sealed(ENTRIES, 3, START))
    reader.statement(closing(3))
    outcomes = []
    for number in (4, 2):
        reader.entry(message(number, ENTRIES[number - 1]))
        outcomes.append(reader.outcome)
    assert outcomes == [Outcome.REFUSED, Outcome.REPEATED]
    assert told(reader) == [(Code.AFTER_CLOSING, 4, 4), (Code.DUPLICATE, 2, 2)]
    assert reader.found[0].leaf == leaf_hash(ENTRIES[3])


def test_what_came_beyond_the_closing_before_it_was_known_is_told_once() -> None:
    """Received entries one by one, with their leaves; what a seal has proven as a range."""
    reader = reader_of(9)
    reader.entry(message(7, b"rival"))
    reader.entry(message(11, ENTRIES[10]))
    reader.seal(sealed(ENTRIES, 5, START))
    reader.statement(closing(3))
    reader.wait(PATIENCE)
    reader.restart()
    reader.wait(PATIENCE)
    leaves = [leaf_hash(entry) for entry in (*ENTRIES[5:9], ENTRIES[10], b"rival")]
    assert {finding.leaf for finding in reader.found} == {None, *leaves}
    assert told(reader)[-1] == (Code.AFTER_CLOSING, 4, 5)
    assert len(reader.found) == len(leaves) + 1
    assert reader.codes() == {Code.AFTER_CLOSING}
    assert reader.verifier.verified is None


def test_numbers_that_the_closing_counts_and_nobody_has_are_missing() -> None:
    """Also when no seal of the sender ever counted them."""
    reader = reader_of(2)
    reader.seal(sealed(ENTRIES, 2, START))
    reader.statement(closing(5))
    reader.wait(PATIENCE)
    reader.wait(PATIENCE)
    assert told(reader) == [(Code.MISSING, 3, 5)]


def test_a_seal_from_the_time_on_that_nothing_counts_is_told() -> None:
    """It came before the closing was known; no receipt is given for it any more."""
    reader = reader_of(3)
    reader.seal(sealed(ENTRIES, 3, SINCE + 1))
    reader.statement(closing(3))
    reader.wait(PATIENCE)
    reader.wait(PATIENCE)
    assert told(reader) == [(Code.AFTER_CLOSING, 3, 3)]
    assert reader.verifier.verified is None


@pytest.mark.parametrize("sealed_first", [False, True])
def test_a_closing_with_another_root_than_the_seal_is_a_fork(*, sealed_first: bool) -> None:
    """Two signed statements of one stream exclude each other."""
    reader = reader_of(3)
    if sealed_first:
        reader.seal(sealed(ENTRIES, 3, START))
    reader.statement(closing(3, root(entries(3, "other "))))
    reader.wait(PATIENCE)
    if not sealed_first:
        reader.seal(sealed(ENTRIES, 3, START))
    reader.wait(PATIENCE)
    assert reader.codes() == {Code.FORKED}


def test_a_closing_with_the_root_of_the_seal_is_no_finding() -> None:
    """Whichever comes first."""
    reader = reader_of(3)
    reader.statement(closing(3, root(ENTRIES[:3])))
    reader.wait(PATIENCE)
    reader.seal(sealed(ENTRIES, 3, START))
    reader.wait(PATIENCE)
    assert (reader.found, reader.verifier.verified_to) == ([], 3)


@given(st.integers(0, 12), st.integers(0, 12), st.lists(st.integers(0, 12), max_size=4), st.integers(0, 4))
def test_a_closing_says_the_same_whenever_it_comes(count: int, size: int, sizes: list[int], before: int) -> None:
    """Before, between or after the seals: beyond it each number that came is told, and nothing is called otherwise."""
    reader = reader_of(count)
    for at, seal in enumerate(sorted(min(one, count) for one in sizes)):
        if at == before:
            reader.statement(closing(size))
        reader.seal(sealed(ENTRIES, seal, START + at))
        reader.wait(0.1)
    reader.statement(closing(size))
    reader.wait(PATIENCE)
    beyond = set(range(size + 1, count + 1))
    assert reader.codes() <= {Code.AFTER_CLOSING, Code.MISSING}
    assert reader.numbers(Code.AFTER_CLOSING) == beyond
    assert reader.numbers(Code.MISSING) == set(range(count + 1, size + 1))
