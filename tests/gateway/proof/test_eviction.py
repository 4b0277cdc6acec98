"""Notes of evictions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.eviction import check_eviction, is_signed, write_eviction
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.note import NoteError

SENDER = generate("cmo-a", Role.SENDER, "line-3")
STREAM = "cmo-a.line-3.holder-b.measurements.v1"
LEAVES = [bytes([number]) * 32 for number in range(1, 4)]


def test_a_note_holds_for_its_numbers_and_hashes_alone() -> None:
    """Another stream, number, hash, or order of hashes is not what was signed; another key did not sign."""
    note = write_eviction(STREAM, 7, LEAVES, SENDER)
    keys = public_keys(SENDER)
    check_eviction(note, STREAM, 7, LEAVES, keys)
    assert not is_signed(note, STREAM.replace("line-3", "line-4"), 7, LEAVES, keys)
    assert not is_signed(note, STREAM, 8, LEAVES, keys)
    assert not is_signed(note, STREAM, 7, LEAVES[:2], keys)
    assert not is_signed(note, STREAM, 7, LEAVES[::-1], keys)
    assert not is_signed(note, STREAM, 7, LEAVES, public_keys(generate("cmo-a", Role.SENDER, "line-3")))
    assert not is_signed(b"", STREAM, 7, LEAVES, keys)


@given(st.data())
def test_a_flipped_byte_is_refused(data: st.DataObject) -> None:
    """Wherever it is."""
    octets = bytearray(write_eviction(STREAM, 7, LEAVES, SENDER))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(NoteError):
        check_eviction(bytes(octets), STREAM, 7, LEAVES, public_keys(SENDER))
