"""Seals and receipts: what they state, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.checkpoint import Checkpoint, countersign, decimal, open_receipt, open_seal, write_seal
from gateway.proof.keys import public_keys
from gateway.proof.merkle import HASH
from gateway.proof.note import (
    COSIGNATURE,
    ED25519,
    MalformedNoteError,
    Note,
    NoteError,
    Signature,
    UnknownKeyError,
    UnsignedNoteError,
    WrongSignatureError,
)
from tests.gateway.proof.streams import NODE, NODES, OTHER, SENDER, SENDERS, START, STREAM

CHECKPOINT = Checkpoint(STREAM, 42, bytes(range(32)))
SEAL = write_seal(CHECKPOINT, SENDER, START)


@given(st.integers(0, 2**63 - 1), st.binary(min_size=HASH, max_size=HASH), st.integers(0, 2**63 - 1))
def test_a_seal_states_size_root_and_time(size: int, root: bytes, time: int) -> None:
    """What was signed is what is read."""
    octets = write_seal(Checkpoint(STREAM, size, root), SENDER, time)
    seal = open_seal(octets, STREAM, SENDERS)
    assert (seal.size, seal.root, seal.time, seal.note) == (size, root, time, octets)


def test_extension_lines_are_read_and_signed() -> None:
    """They belong to the text."""
    extended = Checkpoint(STREAM, 42, bytes(32), ("first", "second"))
    assert open_seal(write_seal(extended, SENDER, START), STREAM, SENDERS).checkpoint == extended


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "origin\n1\nAAAA\n",
        f"\n1\n{'A' * 43}=\n",
        f"or igin\n1\n{'A' * 43}=\n",
        f"origin\n01\n{'A' * 43}=\n",
        f"origin\n-1\n{'A' * 43}=\n",
        f"origin\n１\n{'A' * 43}=\n",
        f"origin\n\n{'A' * 43}=\n",
        f"origin\n9223372036854775808\n{'A' * 43}=\n",
        f"origin\n1\n{'A' * 42}B=\n",
        f"origin\n1\n{'A' * 43}=\n\nextension\n",
        f"origin\n1\n{'A' * 43}=",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """Leading zeros, other digits, a short root, an empty line."""
    with pytest.raises(MalformedNoteError):
        Checkpoint.parse(text)


@pytest.mark.parametrize("text", ["", "00", "+1", " 1", "1 ", "1_0", "٣", "9223372036854775808"])
def test_a_number_is_written_in_one_way(text: str) -> None:
    """No sign, no space, no leading zero, no other digits, no more than 63 bits."""
    with pytest.raises(MalformedNoteError):
        decimal(text)


@given(st.integers(0, len(SEAL) - 1), st.integers(1, 255))
def test_a_seal_with_a_changed_byte_is_refused(at: int, change: int) -> None:
    """Wherever it is."""
    octets = bytearray(SEAL)
    octets[at] ^= change
    with pytest.raises(NoteError):
        open_seal(bytes(octets), STREAM, SENDERS)


def test_a_seal_needs_both_lines_of_one_key_of_its_sender() -> None:
    """The signature, the signed time, by a key that is trusted; and it counts for its own stream."""
    note = Note.parse(SEAL)
    signature, timed = note.signatures
    foreign = Note.parse(write_seal(CHECKPOINT, OTHER, START)).signatures
    text, both = note.text, (*SENDERS, *public_keys(OTHER))
    cases: list[tuple[tuple[Signature, ...], type[NoteError]]] = [
        ((signature,), UnsignedNoteError),
        ((timed,), UnsignedNoteError),
        ((signature, foreign[1]), UnsignedNoteError),
        ((signature, timed, SENDER.sign(text, COSIGNATURE, START + 1)), MalformedNoteError),
    ]
    for lines, kind in cases:
        with pytest.raises(kind):
            open_seal(Note(text, lines).to_bytes(), STREAM, both)
    with pytest.raises(UnknownKeyError):
        open_seal(Note(text, foreign).to_bytes(), STREAM, SENDERS)
    with pytest.raises(MalformedNoteError, match="in the place of"):
        open_seal(SEAL, "cmo-a.line-3.holder-b.alarms.v1", SENDERS)


def test_while_a_key_is_exchanged_old_and_new_may_sign_together() -> None:
    """Whoever trusts one of them accepts the seal."""
    note, new = Note.parse(SEAL), Note.parse(write_seal(CHECKPOINT, OTHER, START))
    octets = Note(note.text, (*note.signatures, *new.signatures)).to_bytes()
    for trusted in (SENDERS, public_keys(OTHER), (*SENDERS, *public_keys(OTHER))):
        assert open_seal(octets, STREAM, trusted).time == START


def test_a_receipt_says_which_node_had_how_much_and_when() -> None:
    """Several nodes may sign the same seal; the seal itself stays valid."""
    second = OTHER
    octets = countersign(countersign(SEAL, NODE, START + 5), second, START + 6)
    receipts = open_receipt(octets, STREAM, SENDERS, [*NODES, *public_keys(second)])
    assert [(one.node, one.time, one.seal.size) for one in receipts] == [
        ("holder-b/node/main", START + 5, 42),
        (second.name, START + 6, 42),
    ]
    assert open_seal(octets, STREAM, SENDERS).root == CHECKPOINT.root


def test_a_forged_receipt_is_refused() -> None:
    """A seal that nobody countersigned, a stranger's line, a plain signature, a line of another seal, a forged seal."""
    note, later = Note.parse(SEAL), write_seal(Checkpoint(STREAM, 43, bytes(32)), SENDER, START + 1)
    with pytest.raises(UnknownKeyError):
        open_receipt(SEAL, STREAM, SENDERS, NODES)
    with pytest.raises(UnknownKeyError):
        open_receipt(countersign(SEAL, OTHER, START), STREAM, SENDERS, NODES)
    plain = Note(note.text, (*note.signatures, NODE.sign(note.text, ED25519)))
    with pytest.raises(UnknownKeyError):
        open_receipt(plain.to_bytes(), STREAM, SENDERS, NODES)
    borrowed = Note.parse(countersign(SEAL, NODE, START)).signatures[-1]
    moved = Note(Note.parse(later).text, (*Note.parse(later).signatures, borrowed))
    with pytest.raises(WrongSignatureError):
        open_receipt(moved.to_bytes(), STREAM, SENDERS, NODES)
    invented = countersign(write_seal(CHECKPOINT, OTHER, START), NODE, START)
    with pytest.raises(UnknownKeyError):
        open_receipt(invented, STREAM, SENDERS, NODES)


RECEIPT = countersign(SEAL, NODE, START + 5)


@given(st.integers(0, len(RECEIPT) - 1), st.integers(1, 255))
def test_a_receipt_with_a_changed_byte_is_refused(at: int, change: int) -> None:
    """Wherever it is."""
    octets = bytearray(RECEIPT)
    octets[at] ^= change
    with pytest.raises(NoteError):
        open_receipt(bytes(octets), STREAM, SENDERS, NODES)
