"""A person's signature on a record."""

from dataclasses import fields, replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.notices.lifecycle import SIGNED
from gateway.proof.keys import Role
from gateway.proof.note import COSIGNATURE, ED25519, Note, SigningKey
from gateway.signing.signers import Signers
from gateway.signing.statement import MEANINGS, TOLERANCE, Fault, Statement, fault_of, sign, statement
from schemas.notices import NoticeClass, NoticeEvent, NoticeKind, NoticeStep
from tests.gateway.notices.steps import raised
from tests.gateway.proof.streams import key
from tests.gateway.signing.persons import BEGIN, CMO, DAY, HOLDER, MICRO, THEIRS, TRUSTED, WANG, said

NOW = (BEGIN + DAY) * MICRO
KNOWN = Signers([said()], TRUSTED)


def unsigned(**more: Any) -> NoticeStep:
    """A notice that Wang raises."""
    return replace(raised(time=NOW), account="wang", name="Wang Lei", **more)


def fault(step: NoticeStep, known: Signers = KNOWN) -> Fault | None:
    """What speaks against its signature."""
    return fault_of(step, known.key, known.terms)


def test_a_signature_names_record_person_meaning_and_time() -> None:
    """As 21 CFR 11.50 asks, in words within the note."""
    step = sign(unsigned(), WANG)
    assert step.signature is not None
    text = Note.parse(step.signature.encode()).text
    assert text.splitlines()[1] == f"NoticeStep {step.id}"
    assert text.splitlines()[3:] == ["AUTHORED", "Wang Lei", "2027-01-16T08:00:00Z"]
    assert fault(step) is None


CHANGED: dict[str, Any] = {
    "id": uuid4(), "notice": uuid4(), "after": (uuid4(),), "number": "DEV-26-002", "kind": NoticeKind.CHANGE,
    "event": NoticeEvent.APPROVED, "time": NOW + MICRO, "party": HOLDER, "to": (), "grade": NoticeClass.MINOR,
    "title": "x", "text": "x", "question": uuid4(), "task": "x", "due": 1, "clause": "x", "products": ("x",),
    "batches": ("x",), "rooms": ("x",), "equipment": ("x",), "materials": ("x",), "evidence": (uuid4(),),
    "attachments": ("x",), "agreement": "x", "agreement_version": 1, "account": "li", "name": "Li Na", "roles": ("qp",),
}  # fmt: skip


@pytest.mark.parametrize("field", [one.name for one in fields(NoticeStep) if one.name != "signature"])
def test_every_field_is_signed(field: str) -> None:
    """A signature cannot be put on another record, nor a record changed under it (21 CFR 11.70)."""
    step = sign(unsigned(), WANG)
    found = fault(replace(step, **{field: CHANGED[field]}))
    assert found is (Fault.OTHER_RECORD if field == "id" else Fault.ALTERED)


def signed_as(made: Statement, by: SigningKey, kind: bytes = COSIGNATURE, time: int | None = None) -> str:
    """A note with this statement."""
    line = by.sign(made.text, kind, made.time if time is None else time)
    return Note(made.text, (line,)).to_bytes().decode()


STEP = unsigned()
SAID = statement(STEP)
LI = key(CMO, Role.PERSON, "li", 8)
FALSE_WANG = key(CMO, Role.PERSON, "wang", 9)
FALSE_LINE = replace(FALSE_WANG.sign(SAID.text, COSIGNATURE, SAID.time), id=WANG.verifier(COSIGNATURE).id)


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        (None, Fault.UNSIGNED),
        ("", Fault.UNREADABLE),
        ("x" * 100_000, Fault.UNREADABLE),
        (signed_as(replace(SAID, meaning=statement(replace(STEP, event=NoticeEvent.RECEIVED)).meaning), WANG),
         Fault.MEANING),
        (signed_as(replace(SAID, name="Li Na"), WANG), Fault.OTHER_NAME),
        (signed_as(replace(SAID, time=SAID.time - 1), WANG), Fault.TIME),
        (signed_as(SAID, WANG, time=SAID.time + TOLERANCE + 1), Fault.TIME),
        (signed_as(SAID, WANG, ED25519), Fault.UNKNOWN_KEY),
        (signed_as(SAID, LI), Fault.UNKNOWN_KEY),
        (signed_as(SAID, FALSE_WANG), Fault.UNKNOWN_KEY),
        (signed_as(SAID, key(CMO, Role.NODE, "main", 6)), Fault.UNKNOWN_KEY),
        (Note(SAID.text, (FALSE_LINE,)).to_bytes().decode(), Fault.FORGED),
        (Note(SAID.text, (WANG.sign(SAID.text, COSIGNATURE, SAID.time),) * 2).to_bytes().decode(), Fault.UNKNOWN_KEY),
    ],
    ids=[
        "none", "empty", "nonsense", "another meaning", "another's name", "another time", "made much later",
        "without a time", "a key that nobody approved", "the person's name with another key", "a node's key", "forged",
        "signed twice",
    ],
)  # fmt: skip
def test_what_speaks_against_a_signature_is_named(signature: str | None, expected: Fault) -> None:
    """One reason each."""
    assert fault(replace(STEP, signature=signature)) is expected


def test_a_signature_of_one_record_is_none_under_another() -> None:
    """Replayed."""
    other = replace(unsigned(), signature=sign(unsigned(), WANG).signature)
    assert fault(other) is Fault.OTHER_RECORD


@pytest.mark.parametrize(
    ("records", "step", "expected"),
    [
        ([said(since=NOW + 1)], unsigned(), Fault.NOT_YET),
        ([said(until=NOW)], unsigned(), Fault.ENDED),
        ([said(until=NOW + 1)], unsigned(), None),
        ([said(roles=("qp",))], unsigned(), Fault.ROLE),
        ([said(roles=("qa", "qp"))], unsigned(roles=("qp",)), None),
        ([said()], unsigned(roles=()), Fault.ROLE),
        ([said(name="Li Na")], unsigned(), Fault.OTHER_NAME),
        ([said(account="li")], unsigned(), Fault.OTHER_NAME),
        ([said(by=THEIRS)], unsigned(), Fault.UNKNOWN_KEY),
        ([said()], replace(unsigned(), party=HOLDER), Fault.UNKNOWN_KEY),
        ([said(), said(at=BEGIN + 9 * DAY, since=NOW - 1, until=NOW - 1, reason="Stolen.")], unsigned(), Fault.ENDED),
        ([said(), said(at=BEGIN + 9 * DAY, since=NOW + 1, until=NOW + 1, reason="Left.")], unsigned(), None),
    ],
    ids=[
        "before the person signs", "after its end", "up to its end", "in another role", "in one of two", "in no role",
        "of another name", "of another account", "approved by the other side", "for the other side",
        "taken back later", "ended later",
    ],
)  # fmt: skip
def test_a_person_signs_while_and_in_what_its_signatory_says(
    records: list[Any], step: NoticeStep, expected: Fault | None
) -> None:
    """What was signed before the end stays signed."""
    assert fault(sign(step, WANG), Signers(records, TRUSTED)) is expected


@given(st.text(st.characters(categories=("L", "N", "Zs", "P")), min_size=1), st.integers(0, 4_000_000_000))
def test_a_statement_is_read_as_it_was_written(name: str, time: int) -> None:
    """Whatever the name."""
    if not name.isprintable():
        return
    made = statement(replace(unsigned(), name=name, time=time * MICRO))
    assert Statement.parse(made.text) == made


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    """As a fault, never as something else."""
    with pytest.raises(ValueError, match=r".+"):
        Statement.parse(text)


def test_each_step_that_is_signed_has_a_meaning() -> None:
    """And no other one."""
    assert set(MEANINGS) == SIGNED


@pytest.mark.parametrize("name", [None, "", "Wang\nLei"])
def test_nobody_signs_without_a_name_in_one_line(name: str | None) -> None:
    """It has to be printed."""
    with pytest.raises(ValueError, match="prints the name"):
        sign(replace(unsigned(), name=name), WANG)
