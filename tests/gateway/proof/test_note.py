"""Signed notes: what is read, what is refused, which signatures count."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.note import (
    COSIGNATURE,
    COSIGNATURE_HEADER,
    ED25519,
    MAX_NOTE,
    MAX_SIGNATURES,
    MalformedNoteError,
    Note,
    NoteError,
    Signature,
    SigningKey,
    UnknownKeyError,
    UnsignedNoteError,
    VerifierKey,
    WrongSignatureError,
    decode64,
)

# The example of golang.org/x/mod/sumdb/note.
PETER = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
PETERS_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
# The example of C2SP tlog-checkpoint and tlog-cosignature has keys that are not published; ours:
KEY = SigningKey("example.com/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")
TEXTS = st.text(CHARACTERS, max_size=60).map("{}\n".format).filter(lambda text: not text.startswith(COSIGNATURE_HEADER))


def signed(text: str = "a text\n") -> Note:
    return Note(text, (KEY.sign(text, ED25519), KEY.sign(text, COSIGNATURE, 1_700_000_000)))


def test_a_note_signed_by_others_software_holds() -> None:
    """The published example of the Go package."""
    (held,) = Note.parse(PETERS_NOTE).verify([PETER])
    assert held.key is PETER
    assert Note.parse(PETERS_NOTE).to_bytes() == PETERS_NOTE


@given(TEXTS)
def test_any_text_comes_back_and_both_kinds_of_signature_hold(text: str) -> None:
    """Also with empty lines and any language."""
    note = Note.parse(signed(text).to_bytes())
    assert note == signed(text)
    held = note.verify([KEY.verifier(ED25519), KEY.verifier(COSIGNATURE)])
    assert [(one.key.type, one.time) for one in held] == [(ED25519, 0), (COSIGNATURE, 1_700_000_000)]


@given(st.integers(0, len(signed().to_bytes()) - 1), st.integers(1, 255))
def test_a_note_with_a_changed_byte_never_holds_whole(at: int, change: int) -> None:
    """It is refused, or the line that was changed into another key's no longer counts."""
    octets = bytearray(signed().to_bytes())
    octets[at] ^= change
    try:
        held = Note.parse(bytes(octets)).verify([KEY.verifier(ED25519), KEY.verifier(COSIGNATURE)])
    except NoteError:
        return
    assert len(held) == 1


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (b"", MalformedNoteError),
        (b"text\n", UnsignedNoteError),
        (b"text\n\n", UnsignedNoteError),
        (b"text\x00" + signed().to_bytes(), MalformedNoteError),
        (b"text\r\n" + signed().to_bytes(), MalformedNoteError),
        (b"\xff" + signed().to_bytes(), MalformedNoteError),
        (signed().to_bytes()[:-1], MalformedNoteError),
        (signed().to_bytes() + b"\n", MalformedNoteError),
        (signed().to_bytes() + b"more\n", MalformedNoteError),
        (signed().to_bytes().replace(b"\n\n", b"\n"), MalformedNoteError),
        ("text\n\n— name AAAAAA==\n".encode(), MalformedNoteError),
        ("text\n\n— na+me AAAAAAA=\n".encode(), MalformedNoteError),
        ("text\n\n—  AAAAAAA=\n".encode(), MalformedNoteError),
        ("text\n\n— name AAAAAAB=\n".encode(), MalformedNoteError),
        ("text\n\n— name AAAA AAA=\n".encode(), MalformedNoteError),
        (b"x" * (MAX_NOTE + 1), MalformedNoteError),
    ],
)
def test_what_is_no_note_is_refused(octets: bytes, kind: type[NoteError]) -> None:
    """Control characters, broken UTF-8, missing newlines, base64 written in a second way, too long."""
    with pytest.raises(kind):
        Note.parse(octets)


def test_lines_of_unknown_keys_count_for_nothing() -> None:
    """Neither another name, nor another key of the same name, nor the same key for another kind of signature."""
    note = signed()
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    for key in (SigningKey(KEY.name, stranger), SigningKey("example.com/other", KEY.private)):
        with pytest.raises(UnknownKeyError, match=r"example.com/log"):
            note.verify([key.verifier(ED25519)])
    assert len(note.verify([KEY.verifier(COSIGNATURE)])) == 1
    forged = Signature("stranger", b"1234", b"no signature")
    assert len(Note(note.text, (forged, *note.signatures)).verify([KEY.verifier(ED25519)])) == 1


def test_a_wrong_line_of_a_known_key_rejects_the_note() -> None:
    """Even beside a good one, also of the same key, and also when the signature has a wrong length."""
    note = signed()
    good, cosigned = note.signatures
    for blob in (bytes(64), good.blob[:-1], cosigned.blob):
        wrong = Signature(good.name, good.id, blob)
        for lines in ((wrong,), (good, wrong), (wrong, good), (wrong, cosigned)):
            with pytest.raises(WrongSignatureError, match="does not fit the text"):
                Note(note.text, lines).verify([KEY.verifier(ED25519), KEY.verifier(COSIGNATURE)])


def test_a_cosignature_holds_for_its_own_time_alone() -> None:
    """Moved by a second, or past 2^63, it does not fit."""
    note = signed()
    cosigned = note.signatures[1]
    for time in (1_700_000_001, 2**63):
        line = Signature(cosigned.name, cosigned.id, time.to_bytes(8, "big") + cosigned.blob[8:])
        with pytest.raises(WrongSignatureError):
            Note(note.text, (line,)).verify([KEY.verifier(COSIGNATURE)])


def test_a_time_past_63_bits_is_neither_signed_nor_accepted() -> None:
    """Also when the key did sign it (C2SP tlog-cosignature)."""
    key, text = KEY.verifier(COSIGNATURE), "a text\n"
    signature = KEY.private.sign(key.suite.message(KEY.name, text, 2**63))
    line = Signature(KEY.name, key.id, (2**63).to_bytes(8, "big") + signature)
    with pytest.raises(WrongSignatureError):
        Note(text, (line,)).verify([key])
    for time in (-1, 2**63):
        with pytest.raises(MalformedNoteError, match="not a POSIX time"):
            KEY.sign(text, COSIGNATURE, time)


def test_sixteen_and_more_signatures_are_accepted() -> None:
    """Up to the limit, which is said when it is passed."""
    strangers = [Signature(f"witness-{at}", b"1234", bytes(5000)) for at in range(MAX_SIGNATURES)]
    note = Note("text\n", (*strangers[:16], KEY.sign("text\n", ED25519)))
    assert len(Note.parse(note.to_bytes()).verify([KEY.verifier(ED25519)])) == 1
    small = [Signature(f"witness-{at}", b"1234", b"1") for at in range(MAX_SIGNATURES)]
    assert len(Note.parse(Note("text\n", tuple(small)).to_bytes()).signatures) == MAX_SIGNATURES
    with pytest.raises(MalformedNoteError, match="signatures"):
        Note.parse(Note("text\n", (*small, small[0])).to_bytes())


@pytest.mark.parametrize("text", ["no newline", "", "tab\t\n", "nul\x00\n", "return\r\n"])
def test_what_cannot_be_read_is_not_signed(text: str) -> None:
    """The text rules hold on both sides."""
    with pytest.raises(MalformedNoteError):
        KEY.sign(text, ED25519)


def test_a_plain_signature_never_passes_for_a_cosignature() -> None:
    """A text that looks like what a cosignature signs is neither signed nor accepted."""
    text = "cosignature/v1\ntime 1\nlog\n0\n"
    with pytest.raises(MalformedNoteError, match="must not begin"):
        KEY.sign(text, ED25519)
    line = Signature(KEY.name, KEY.verifier(ED25519).id, KEY.private.sign(text.encode()))
    with pytest.raises(MalformedNoteError, match="must not begin"):
        Note(text, (line,)).verify([KEY.verifier(ED25519)])


@given(st.binary(min_size=32, max_size=32), st.sampled_from([ED25519, COSIGNATURE]))
def test_verifier_keys_come_back(public: bytes, kind: bytes) -> None:
    """As they are written."""
    key = VerifierKey("example.com/log", kind, public)
    assert VerifierKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+",
        "PeterNeumann+c74f20a3+Aw==",
        "PeterNeumann+c74f20a3+AQ==",
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    """A wrong key id, an unknown kind, a short key, a name with a space."""
    with pytest.raises(MalformedNoteError):
        VerifierKey.parse(text)


@given(st.text("ABCDwxyz0189+/=", max_size=12))
def test_base64_is_read_in_one_way_of_writing_only(text: str) -> None:
    """What is accepted is what would be written."""
    try:
        octets = decode64(text)
    except MalformedNoteError:
        return
    assert b64encode(octets).decode() == text
