"""Statements: starts, rotations, closings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.keys import public_keys
from gateway.proof.note import COSIGNATURE, ED25519, MalformedNoteError, Note, NoteError, SigningKey, UnknownKeyError
from gateway.proof.statement import (
    KINDS,
    LONGEST,
    MOST_STREAMS,
    Closing,
    LastKnown,
    Rotation,
    Sender,
    Start,
    Statement,
    open_statement,
    parse,
    text_of,
    write_statement,
)
from tests.gateway.proof.streams import LINE, NEXT, NODE, OTHER, SENDER, SENDERS, SIGNATORY, STREAM, TRUSTED

ROTATION = Rotation(LINE, 1_800_000_000, SENDERS, public_keys(NEXT))
CLOSING = Closing(
    LINE, 1_800_000_000, SENDERS, (LastKnown(STREAM, 300, b"r" * 32),), "the box burnt", "what it measured after 10:00"
)
WHOLE: list[tuple[Statement, list[SigningKey]]] = [
    (Start(LINE, 1_700_000_000_000_000), [SENDER]),
    (ROTATION, [SENDER, NEXT]),
    (CLOSING, [SIGNATORY]),
]
TIMES = st.integers(0, 2**63 - 1)
WORDS = st.text(min_size=1, max_size=60).filter(lambda words: words.isprintable() and words == words.strip())


@st.composite
def ends(draw: st.DrawFn) -> tuple[LastKnown, ...]:
    families = draw(st.lists(st.sampled_from(["measurements", "alarms", "gaps"]), unique=True))
    roots = st.none() | st.binary(min_size=32, max_size=32)
    return tuple(LastKnown(f"{LINE}.holder-b.{family}.v1", draw(TIMES), draw(roots)) for family in families)


STATEMENTS: st.SearchStrategy[Statement] = st.one_of(
    st.builds(Start, st.just(LINE), TIMES),
    st.builds(Rotation, st.just(LINE), TIMES, st.just(SENDERS), st.just(public_keys(NEXT))),
    st.builds(Closing, st.just(LINE), TIMES, st.just(SENDERS), ends(), WORDS, WORDS),
)


@given(STATEMENTS)
def test_what_is_stated_is_what_is_read(statement: Statement) -> None:
    """Of every kind, whatever the numbers and words."""
    assert parse(text_of(statement)) == statement


def test_every_kind_is_tried_here() -> None:
    """Also one that is added later."""
    assert {statement.TITLE for statement, _ in WHOLE} == set(KINDS)


@pytest.mark.parametrize(("statement", "keys"), WHOLE)
def test_a_statement_is_opened_with_its_time(statement: Statement, keys: list[SigningKey]) -> None:
    """By whoever trusts the keys that have to sign."""
    assert open_statement(write_statement(statement, keys, 1234), TRUSTED) == (statement, 1234)


@pytest.mark.parametrize(("statement", "keys"), WHOLE)
def test_every_changed_byte_is_refused(statement: Statement, keys: list[SigningKey]) -> None:
    """Or, in a line that nobody has to sign, it means the same; no kind has such a line."""
    octets = write_statement(statement, keys, 1234)
    accepted = []
    for at in range(len(octets)):
        for change in (1, 32, 128):
            changed = octets[:at] + bytes([octets[at] ^ change]) + octets[at + 1 :]
            try:
                accepted.append(open_statement(changed, TRUSTED))
            except NoteError:
                continue
    assert accepted == []


@pytest.mark.parametrize(
    ("statement", "keys"),
    [
        (WHOLE[0][0], [OTHER]),
        (WHOLE[0][0], [SIGNATORY]),
        (ROTATION, [SENDER]),
        (ROTATION, [NEXT]),
        (ROTATION, [SENDER, OTHER]),
        (CLOSING, [SENDER]),
        (CLOSING, [NODE]),
    ],
)
def test_a_statement_by_others_is_refused(statement: Statement, keys: list[SigningKey]) -> None:
    """A start is the sender's, a rotation that of both keys, a closing a signatory's."""
    with pytest.raises(UnknownKeyError):
        open_statement(write_statement(statement, keys, 1234), TRUSTED)


@pytest.mark.parametrize(("statement", "keys"), WHOLE)
@pytest.mark.parametrize("kind", [ED25519, COSIGNATURE])
def test_one_of_the_two_lines_is_not_enough(statement: Statement, keys: list[SigningKey], kind: bytes) -> None:
    """Neither a signature without its time nor a time without the signature."""
    text = text_of(statement)
    last = keys[-1].sign(text, kind, 9)
    others = [key.sign(text, one, 9) for key in keys[:-1] for one in (ED25519, COSIGNATURE)]
    with pytest.raises(NoteError):
        open_statement(Note(text, (*others, last)).to_bytes(), TRUSTED)


def test_a_rotation_of_a_key_that_is_not_trusted_is_refused() -> None:
    """Both its keys may have signed."""
    with pytest.raises(UnknownKeyError, match="is not a trusted one"):
        open_statement(write_statement(ROTATION, [SENDER, NEXT], 1), public_keys(NEXT))


START_TEXT = text_of(WHOLE[0][0])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        START_TEXT.replace("start", "begin"),
        START_TEXT.replace("1700", "01700"),
        START_TEXT + "1\n",
        "cmo.v1/start\ncmo-a.line-3\n",
        START_TEXT.replace("cmo-a.line-3", "cmo-a.line-3.x"),
        START_TEXT.replace("cmo-a.line-3", "cmo-a"),
        text_of(ROTATION).replace("old ", "new ", 1),
        text_of(ROTATION).replace("old ", "key "),
        text_of(CLOSING).replace(" 300", " +300"),
        text_of(CLOSING).replace("reason ", "because "),
        text_of(CLOSING).replace("stream ", "stream  "),
        "\n".join(reversed(text_of(CLOSING).split("\n"))),
    ],
)
def test_there_is_one_way_of_writing_a_statement(text: str) -> None:
    """Everything else is refused, with what is wrong."""
    with pytest.raises(MalformedNoteError):
        parse(text)


@pytest.mark.parametrize(
    "change",
    [
        {"keys": ()},
        {"keys": (*SENDERS, *SENDERS)},
        {"keys": public_keys(OTHER)},
        {"streams": (LastKnown("cmo-a.line-4.holder-b.alarms.v1", 1),)},
        {"streams": (LastKnown(STREAM, 1), LastKnown(STREAM, 2))},
        {"streams": tuple(LastKnown(f"{LINE}.b.{at}", 1) for at in range(MOST_STREAMS + 1))},
        {"reason": ""},
        {"reason": "two\nlines"},
        {"unknown": " "},
        {"unknown": "x" * (LONGEST + 1)},
    ],
)
def test_a_closing_that_cannot_be_is_not_made(change: dict[str, object]) -> None:
    """Of keys and streams of another, twice the same, without words."""
    fields = {name: getattr(CLOSING, name) for name in ("sender", "time", "keys", "streams", "reason", "unknown")}
    with pytest.raises(MalformedNoteError):
        Closing(**(fields | change))


def test_a_key_does_not_follow_itself() -> None:
    """Nor one of another sender."""
    for new in (SENDERS, public_keys(OTHER)):
        with pytest.raises(MalformedNoteError):
            Rotation(LINE, 1, SENDERS, new)


@given(st.text(max_size=20))
def test_a_senders_name_is_read_as_it_is_written(text: str) -> None:
    """Or is none."""
    try:
        assert str(Sender.parse(text)) == text
    except MalformedNoteError:
        assert text != "cmo-a.line-3"
