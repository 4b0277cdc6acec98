"""The manifest: a signed note that `sha256sum` reads too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bundle.manifest import read_manifest, signature_of, write_manifest
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.note import COSIGNATURE, ED25519, Note, NoteError, SigningKey, UnsignedNoteError
from tests.gateway.proof.streams import NODE, NODES, START

DIGESTS = {"README": "ab" * 32, "entries/0000000001.avro": "cd" * 32}


@given(st.dictionaries(st.from_regex(r"[a-zA-Z0-9/. -]{1,30}", fullmatch=True), st.binary(min_size=32, max_size=32)))
def test_a_manifest_is_read_as_it_was_written(given_digests: dict[str, bytes]) -> None:
    """Whatever the paths; by whom and when it was signed is told."""
    digests = {path: digest.hex() for path, digest in given_digests.items()}
    note, read = read_manifest(write_manifest(digests, NODE, START))
    by = signature_of(note, NODES)
    assert read == digests
    assert (by.key.name, by.time) == (NODE.name, START)


@given(st.data())
def test_an_altered_byte_is_found(data: st.DataObject) -> None:
    """In the list, in the names of signers and in the signatures."""
    octets = bytearray(write_manifest(DIGESTS, NODE, START))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(NoteError):
        signature_of(read_manifest(bytes(octets))[0], NODES)


def test_a_manifest_bears_the_two_lines_of_one_key() -> None:
    """None less, none more, none of another."""
    text = read_manifest(write_manifest(DIGESTS, NODE, START))[0].text
    twin = SigningKey(NODE.name, generate("holder-b", Role.NODE, "main").private)
    plain, timed = NODE.sign(text, ED25519), NODE.sign(text, COSIGNATURE, START)
    foreign = twin.sign(text, COSIGNATURE, START)
    for lines in ((plain,), (timed,), (timed, plain), (plain, foreign), (plain, timed, foreign)):
        with pytest.raises(UnsignedNoteError):
            signature_of(Note(text, lines), [*NODES, *public_keys(twin)])


def test_another_signed_note_is_no_manifest() -> None:
    """A node signs other texts too."""
    for text in ("cmo.v1/resend\na\n1\n2\n", "# cmo.v1/manifest\nno list\n", "# cmo.v1/manifest \n"):
        with pytest.raises(NoteError):
            read_manifest(Note(text, (NODE.sign(text, ED25519),)).to_bytes())
