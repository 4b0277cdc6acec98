"""Whose signature counts."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.keys import Role
from gateway.proof.note import COSIGNATURE, ED25519, MalformedNoteError
from gateway.signing.signers import Signers
from gateway.signing.statement import Terms
from schemas.signers import Signer
from tests.gateway.proof.streams import key
from tests.gateway.signing.persons import (
    BEGIN,
    CMO,
    DAY,
    HOLDER,
    MICRO,
    SIGNATORY,
    THEIRS,
    TRUSTED,
    WANG,
    said,
)

KEY = WANG.verifier(COSIGNATURE)
QA = Terms(CMO, "wang", "Wang Lei", frozenset({"qa"}), BEGIN * MICRO, None)


def test_a_key_is_whose_the_signatory_says() -> None:
    """Found by its name and id; of another one nothing is said."""
    known = Signers([said()], TRUSTED)
    assert known.key(KEY.name, KEY.id) == KEY
    assert known.key(KEY.name, b"none") is None
    assert known.terms(KEY, BEGIN * MICRO) == QA
    assert known.terms(THEIRS.verifier(COSIGNATURE), BEGIN * MICRO) is None
    assert known.refused == []


@pytest.mark.parametrize(
    "one",
    [
        said(by=THEIRS),
        said(by=key(CMO, Role.SIGNATORY, "quality", 9)),
        said(by=key(CMO, Role.NODE, "main", 4)),
        said(by=WANG),
        said(person=key(HOLDER, Role.PERSON, "wang", 6)),
        said(person=key(CMO, Role.SENDER, "line-3", 6)),
        said(party=HOLDER),
        said(party=HOLDER, by=THEIRS),
        replace(said(), approval=""),
        replace(said(), approval=said(name="Li Na").approval),
        replace(said(), key="nothing"),
        replace(said(), key=str(WANG.verifier(ED25519))),
    ],
    ids=[
        "the other side's signatory", "a signatory's name with another key", "no signatory", "the person",
        "a person of the other side", "a key that is no person's", "the other party's", "said for the other party",
        "not approved", "approved for another", "no key", "a key without times",
    ],
)  # fmt: skip
def test_what_no_trusted_signatory_of_the_party_approved_is_refused(one: Signer) -> None:
    """It makes nobody a person who signs."""
    known = Signers([one], TRUSTED)
    assert (known.refused, known.holding(BEGIN * MICRO)) == ([one], [])


@pytest.mark.parametrize("field", [one.name for one in fields(Signer) if one.name != "approval"])
def test_every_field_is_approved(field: str) -> None:
    """One that was changed afterwards takes the approval away."""
    changes: dict[str, Any] = {
        "id": said().id, "time": 1, "party": HOLDER, "account": "li", "name": "Li Na", "roles": ("qa", "qp"),
        "key": str(key(CMO, Role.PERSON, "wang", 7).verifier(COSIGNATURE)), "since": 1, "until": 2, "reason": "x",
    }  # fmt: skip
    one = replace(said(), **{field: changes[field]})
    assert Signers([one], TRUSTED).refused == [one]


def test_what_was_signed_before_a_change_stays_and_later_the_change_holds() -> None:
    """Also where the change came first."""
    later = BEGIN + 10 * DAY
    change = said(at=BEGIN + DAY, since=later * MICRO, until=(later + DAY) * MICRO, roles=("qp",))
    for records in ([said(), change], [change, said()]):
        known = Signers(records, TRUSTED)
        assert known.terms(KEY, later * MICRO - 1) == QA
        changed = known.terms(KEY, later * MICRO)
        assert changed is not None
        assert changed.roles == {"qp"}
        assert [len(known.holding((later + days * DAY) * MICRO)) for days in (-11, -1, 0, 1)] == [0, 1, 1, 0]


def test_one_that_names_an_earlier_day_takes_back_what_was_signed_since() -> None:
    """A key that was stolen is ended from the theft on."""
    stolen = BEGIN + 5 * DAY
    end = said(at=BEGIN + 9 * DAY, since=stolen * MICRO, until=stolen * MICRO, reason="Stolen.")
    known = Signers([said(), end], TRUSTED)
    assert known.terms(KEY, stolen * MICRO - 1) == QA
    assert known.holding(stolen * MICRO) == known.holding((stolen + DAY) * MICRO) == []


@given(st.permutations([said(at=BEGIN + n, roles=(f"r{n}",), since=(BEGIN + n % 3) * MICRO) for n in range(6)]))
def test_the_order_in_which_statements_come_is_of_no_account(records: list[Signer]) -> None:
    """Of those that hold the one that was approved last."""
    known = Signers(records, TRUSTED)
    found = [known.terms(KEY, (BEGIN + n) * MICRO) for n in range(3)]
    assert [one and set(one.roles) for one in found] == [{"r3"}, {"r4"}, {"r5"}]


def test_a_name_of_two_lines_is_not_approved() -> None:
    """It could say something else in the next line of the note."""
    with pytest.raises(MalformedNoteError, match="more than one line"):
        said(name="Wang\nLei")
    assert SIGNATORY.kinds[-1] == COSIGNATURE
