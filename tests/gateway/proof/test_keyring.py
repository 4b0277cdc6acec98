"""Which keys seal when, and where streams end."""

from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.findings import Code
from gateway.proof.keyring import End, KeyRing
from gateway.proof.keys import Role, public_keys
from gateway.proof.note import NoteError, SigningKey, UnknownKeyError
from gateway.proof.statement import Closing, LastKnown, Rotation, Sender, Start, write_statement
from tests.gateway.proof.streams import (
    LINE,
    NEXT,
    SENDER,
    SENDERS,
    SIGNATORY,
    START,
    STREAM,
    TRUSTED,
    entries,
    key,
    sealed,
)

ENTRIES = entries(3)
THIRD = key("cmo-a", Role.SENDER, "line-3", 6)
THIEF = key("cmo-a", Role.SENDER, "line-3", 7)
CHAIN = [SENDER, NEXT, THIRD]
SINCE = [START + 100, START + 200]


def rotation(old: SigningKey, new: SigningKey, since: int, signed: int | None = None) -> bytes:
    statement = Rotation(LINE, since, public_keys(old), public_keys(new))
    return write_statement(statement, [old, new], since if signed is None else signed)


def closing(size: int | None, time: int, root: bytes | None = None, signer: SigningKey = SIGNATORY) -> bytes:
    streams = () if size is None else (LastKnown(STREAM, size, root),)
    return write_statement(Closing(LINE, time, SENDERS, streams, "stolen", "nothing"), [signer], time)


def rotated() -> KeyRing:
    ring = KeyRing(LINE, TRUSTED)
    for (old, new), since in zip(pairwise(CHAIN), SINCE, strict=True):
        assert ring.take(rotation(old, new, since), 0) is None
    return ring


def holds(ring: KeyRing, signer: SigningKey, time: int) -> bool:
    try:
        return ring.open_seal(sealed(ENTRIES, 3, time, signer), STREAM).time == time
    except UnknownKeyError:
        return False


@pytest.mark.parametrize("restarted", [False, True])
@given(time=st.integers(START, START + 300), whose=st.integers(0, 2))
def test_a_key_seals_in_its_time_and_in_no_other(time: int, whose: int, restarted: bool) -> None:
    """Through a chain of rotations, each from its moment on; also after a restart."""
    ring = rotated()
    if restarted:
        ring = KeyRing(LINE, TRUSTED, ring.state())
    bounds = [0, *SINCE, START + 1000]
    assert holds(ring, CHAIN[whose], time) == (bounds[whose] <= time < bounds[whose + 1])


def test_a_chain_that_begins_at_no_trusted_key_counts_nothing() -> None:
    """However well it is signed."""
    ring = KeyRing(LINE, public_keys(SENDER))
    finding = ring.take(rotation(NEXT, THIRD, SINCE[1]), 7.0)
    assert finding is not None
    assert (finding.code, finding.stream, finding.found) == (Code.WRONG_KEY, "cmo-a.line-3", 7.0)
    assert not holds(ring, THIRD, SINCE[1])


@pytest.mark.parametrize("signed", [START, SINCE[0], SINCE[1] + 50])
def test_a_key_is_replaced_once(signed: int) -> None:
    """Who steals an old key cannot name another successor, whatever time he states."""
    ring = rotated()
    finding = ring.take(rotation(SENDER, THIEF, SINCE[0] + 10, signed), 0)
    assert finding is not None
    assert finding.code is Code.WRONG_KEY
    assert not holds(ring, THIEF, SINCE[1] + 10)
    assert holds(ring, THIRD, SINCE[1] + 10)


def test_a_key_names_no_successor_before_its_own_time() -> None:
    """Its statements count as long as its seals do."""
    ring = KeyRing(LINE, TRUSTED)
    ring.take(rotation(SENDER, NEXT, SINCE[0]), 0)
    assert ring.take(rotation(NEXT, THIRD, SINCE[1], SINCE[0] - 1), 0) is not None


def test_a_statement_that_comes_again_is_no_finding() -> None:
    """An agent publishes its rotations at each start."""
    ring = rotated()
    before = ring.state()
    for (old, new), since in zip(pairwise(CHAIN), SINCE, strict=True):
        assert ring.take(rotation(old, new, since), 0) is None
    assert ring.state() == before


def test_a_start_is_checked_and_not_kept() -> None:
    """There is one for each start of the agent, for years."""
    ring = KeyRing(LINE, TRUSTED)
    before = ring.state()
    assert ring.take(write_statement(Start(LINE, 5), [SENDER], 5), 0) is None
    assert ring.state() == before
    finding = ring.take(write_statement(Start(LINE, 6), [THIEF], 6), 0)
    assert finding is not None
    assert finding.code is Code.WRONG_KEY


def test_a_statement_of_another_sender_counts_nothing() -> None:
    """Somebody put it under this one's key."""
    ring = KeyRing(Sender("cmo-a", "line-4"), TRUSTED)
    finding = ring.take(closing(3, START), 0)
    assert finding is not None
    assert ring.end_of(STREAM) is None


@pytest.mark.parametrize("octets", [b"", b"\xff", b"cmo.v1/closing\n", sealed(ENTRIES, 3, START)])
def test_what_is_no_statement_is_a_finding(octets: bytes) -> None:
    """And changes nothing."""
    ring = KeyRing(LINE, TRUSTED)
    before = ring.state()
    finding = ring.take(octets, 0)
    assert finding is not None
    assert finding.code in {Code.ALTERED, Code.UNSIGNED}
    assert ring.state() == before


def test_a_closing_needs_a_trusted_signatory() -> None:
    """Neither the sender itself nor a signatory of another party can close."""
    foreign = key("cmo-b", Role.SIGNATORY, "quality", 8)
    ring = KeyRing(LINE, [*TRUSTED, *public_keys(foreign)])
    for signer in (SENDER, foreign, key("cmo-a", Role.SIGNATORY, "other", 9)):
        assert ring.take(closing(3, START, signer=signer), 0) is not None
    assert ring.end_of(STREAM) is None
    assert ring.take(closing(3, START), 0) is None
    assert ring.end_of(STREAM) == End(3, None, START)
    assert KeyRing(LINE, TRUSTED, ring.state()).end_of(STREAM) == End(3, None, START)


def test_of_several_closings_the_least_counts_in_any_order() -> None:
    """The smallest number that one names, and the earliest time; a stream that none names ends at 0."""
    notes = [closing(9, START + 5), closing(7, START + 9, b"r" * 32), closing(None, START + 7)]
    for order in permutations(notes):
        ring = KeyRing(LINE, TRUSTED)
        for note in order:
            assert ring.take(note, 0) is None
        assert ring.end_of(STREAM) == End(7, b"r" * 32, START + 5)
        assert ring.end_of("cmo-a.line-3.holder-b.alarms.v1") == End(0, None, START + 5)


@pytest.mark.parametrize("closed_first", [False, True])
def test_a_rotation_before_the_closing_counts_and_one_after_does_not(*, closed_first: bool) -> None:
    """In whichever order they are read."""
    ring = KeyRing(LINE, TRUSTED)
    if closed_first:
        ring.take(closing(3, SINCE[1]), 0)
    assert ring.take(rotation(SENDER, NEXT, SINCE[0]), 0) is None
    if not closed_first:
        ring.take(closing(3, SINCE[1]), 0)
    assert holds(ring, NEXT, SINCE[0] + 1)
    assert ring.take(rotation(NEXT, THIRD, SINCE[1]), 0) is not None


def test_what_is_remembered_counts_only_under_trusted_keys() -> None:
    """A key that was taken out of the files takes with it what it had carried on."""
    ring = KeyRing(LINE, public_keys(NEXT), rotated().state())
    assert not holds(ring, SENDER, START)
    with pytest.raises(NoteError):
        ring.open_seal(sealed(ENTRIES, 3, START, SENDER), STREAM)


@pytest.mark.parametrize("state", [b"", b"{}", b"[]", b'{"version": 2, "notes": []}', b'{"version": 1, "notes": [1]}'])
def test_a_state_that_is_none_is_refused(state: bytes) -> None:
    """Rather than beginning anew unnoticed."""
    with pytest.raises(ValueError, match="not a key ring's state"):
        KeyRing(LINE, TRUSTED, state)
