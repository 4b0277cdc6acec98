"""Proofs that stand alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.merkle import ProofError, Subtrees, inclusion_proof, leaf_hash
from gateway.proof.note import MalformedNoteError, NoteError
from gateway.proof.tlogproof import TlogProof
from tests.gateway.proof.streams import SENDERS, START, STREAM, entries, sealed

ENTRIES = entries(21)
SUBTREES = Subtrees(lambda first, count: b"".join(map(leaf_hash, ENTRIES[first : first + count])))


def proof(index: int = 9, size: int = 21, extra: bytes | None = None) -> TlogProof:
    return TlogProof(index, tuple(inclusion_proof(index, size, SUBTREES)), sealed(ENTRIES, size, START), extra)


@given(st.data(), st.none() | st.binary(max_size=20))
def test_a_proof_comes_back_and_proves_its_entry(data: st.DataObject, extra: bytes | None) -> None:
    """With or without extra data, also of a tree of one leaf."""
    size = data.draw(st.integers(1, 21))
    index = data.draw(st.integers(0, size - 1))
    written = proof(index, size, extra)
    read = TlogProof.parse(written.to_bytes())
    assert read == written
    assert read.verify(leaf_hash(ENTRIES[index]), STREAM, SENDERS).size == size


def test_the_file_is_laid_out_as_specified() -> None:
    """C2SP tlog-proof, Format."""
    lines = proof(9, 21, b"x").to_bytes().decode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra eA==", "index 9"]
    assert lines[8:10] == ["", STREAM]


def test_another_entry_is_not_proven() -> None:
    """The error names stream and number."""
    with pytest.raises(ProofError, match=rf"{STREAM} number 10: the proof leads to another root"):
        proof().verify(leaf_hash(ENTRIES[10]), STREAM, SENDERS)


@given(st.integers(0, len(proof().to_bytes()) - 1), st.integers(1, 255))
def test_a_changed_byte_is_found(at: int, change: int) -> None:
    """Wherever it is."""
    octets = bytearray(proof().to_bytes())
    octets[at] ^= change
    with pytest.raises((NoteError, ProofError)):
        TlogProof.parse(bytes(octets)).verify(leaf_hash(ENTRIES[9]), STREAM, SENDERS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 9", "index 09"),
        ("index 9", "index -9"),
        ("index 9", "index"),
        ("index 9\n", ""),
        ("index 9\n", "index 9\nextra AA==\n"),
        ("index 9\n", "index 9\nAA==\n"),
        ("index 9\n", "index 9\n" + ("A" * 43 + "=\n") * 64),
        ("\n\n", "\n"),
        ("index 9\n", "index 9\r\n"),
    ],
)
def test_what_is_no_proof_is_refused(old: str, new: str) -> None:
    """The order of lines, numbers, lengths and line ends are exact."""
    with pytest.raises(NoteError):
        TlogProof.parse(proof().to_bytes().decode().replace(old, new, 1).encode()).verify(
            leaf_hash(ENTRIES[9]), STREAM, SENDERS
        )


def test_a_huge_file_is_not_read() -> None:
    """A bound, so that a proof costs no more than it should."""
    with pytest.raises(MalformedNoteError):
        TlogProof.parse(proof().to_bytes() + b"x" * 1_000_000)
