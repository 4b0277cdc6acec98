"""Redaction and disclosure: what is withheld can be opened to the one value, and to no other."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.disclosure import (
    Disclosed,
    DisclosureError,
    Holding,
    checked,
    document,
    holdings_in,
    read_document,
    refuted,
)
from gateway.redaction.redact import Reason, redact
from schemas.catalogue import KINDS, schema
from schemas.codec import decode, encode, kind_of
from schemas.derived import changed
from schemas.exported import BatchStep, StepEvent, TestResult
from schemas.withheld_fields import commitments_in, withholdable
from tests.gateway.messages import frame, weighing
from tests.schemas.test_codec import ALARMS, CONDITIONS, GAPS, WEIGHINGS
from tests.schemas.test_derived import EXPORTED

STREAM = "cmo-a.line-3.holder-b.batches.v1"
PUBLISHED = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
STEP = BatchStep(
    system="mes",
    key="k",
    batch="240611A",
    step="fill",
    event=StepEvent.STARTED,
    time=7,
    comment="slow pump",
    person="李",
)


@given(EXPORTED | ALARMS | CONDITIONS | GAPS | WEIGHINGS)
def test_whatever_is_withheld_opens_to_its_value(record: Any) -> None:
    """All at once that a kind lets be withheld; it comes back exactly, through octets and file."""
    kind = kind_of(record)
    names = withholdable(kind)
    hidden, openings = redact(record, STREAM, {name: Reason("E-7") for name in names})
    told = {one.field for one in openings}
    assert told == {name for name in names if getattr(record, name) is not None}
    assert set(commitments_in(hidden)) == told
    if not openings:
        assert hidden is record
        return
    entry = encode(hidden)
    found = read_document(document(openings).encode())
    holdings = list(holdings_in(STREAM, [entry], PUBLISHED))
    assert [checked(one, holdings) for one in found] == [None] * len(openings)
    restored = {one.path.partition(".")[2]: getattr(record, one.path.partition(".")[2]) for one in found}
    assert changed(decode(entry, PUBLISHED), **restored) == record


@given(st.text(max_size=5), st.text(max_size=5), st.binary(min_size=16, max_size=16))
def test_a_commitment_opens_to_no_other_value(comment: str, other: str, salt: bytes) -> None:
    """Whatever salt is tried with it."""
    hidden, (opening,) = redact(changed(STEP, comment=comment), STREAM, {"comment": Reason("E-7")})
    forged, (claim,) = redact(
        changed(STEP, comment=other), STREAM, {"comment": Reason("E-7")}, salts=lambda size: salt[:size]
    )
    assert forged != hidden
    assert refuted(Disclosed.parse(opening.disclosed), Holding.of(STREAM, hidden)) is None
    assert "another value or with another salt" in (
        refuted(Disclosed.parse(claim.disclosed), Holding.of(STREAM, hidden)) or ""
    )


@given(st.lists(st.sampled_from(["", "a", "240611A"]), min_size=2, max_size=20))
def test_equal_values_have_different_commitments(comments: list[str]) -> None:
    """Nobody learns that two are equal."""
    hidden = [redact(changed(STEP, comment=one), STREAM, {"comment": Reason("E-7")})[0] for one in comments]
    assert len({commitments_in(one)["comment"].digest for one in hidden}) == len(comments)


@pytest.mark.parametrize(
    ("place", "text", "why"),
    [
        (1, "cmo-a.line-3.holder-c.batches.v1", "for the stream"),
        (2, "00000000-0000-0000-0000-000000000000", "for the record"),
        (3, "BatchOrder.comment", "for a BatchOrder"),
        (3, "BatchStep.person", "no BatchStep.person is withheld"),
        (4, "fast pump", "another value"),
    ],
)
def test_a_disclosure_moved_to_another_place_is_refused(place: int, text: str, why: str) -> None:
    """Stream, record, kind, field and value are all bound."""
    hidden, (opening,) = redact(STEP, STREAM, {"comment": Reason("E-7")})
    parts = json.loads(opening.disclosed)
    parts[place] = text
    moved = Disclosed.parse(json.dumps(parts, ensure_ascii=False, separators=(",", ":")))
    assert why in (refuted(moved, Holding.of(STREAM, hidden)) or "")


def test_a_record_with_nothing_to_withhold_is_the_same_object() -> None:
    """It costs nothing; a frame has nothing that can be withheld."""
    for record in (STEP, frame({"DP": 1.0}, received=1)):
        assert redact(record, STREAM, {}) == (record, ())
        assert redact(record, STREAM, {})[0] is record
    assert redact(STEP, STREAM, {"checked_by": Reason("E-6")}) == (STEP, ())


def test_a_field_that_cannot_be_withheld_is_named() -> None:
    """An agreement that asks for it is at fault."""
    with pytest.raises(ValueError, match=r"BatchStep\.event cannot be withheld"):
        redact(STEP, STREAM, {"event": Reason("E-7")})
    with pytest.raises(ValueError, match=r"Frame\.value cannot be withheld"):
        redact(frame({"DP": 1.0}, received=1), STREAM, {"value": Reason("E-7")})


GOOD = redact(STEP, STREAM, {"comment": Reason("E-7")})[1][0].disclosed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        GOOD.replace(",", ", "),
        GOOD.replace('["', '["A'),
        GOOD.replace('["', '["=', 1),
        GOOD.replace('"slow pump"', "null"),
        GOOD.replace('"slow pump"', "[1]"),
        GOOD.replace('"slow pump"', "1e999"),
        GOOD.replace('"slow pump"', "NaN"),
        GOOD.replace('"slow pump"', "7.0"),
        GOOD.replace('"slow pump"', '"\\ud800"'),
        GOOD.replace("slow", "\\u0073low"),
        "[" * 100_000,
    ],
)
def test_a_text_that_is_not_canonical_is_refused(text: str) -> None:
    """Each meaning has one writing, so there is no second look-alike."""
    with pytest.raises(DisclosureError):
        Disclosed.parse(text)


@given(st.floats() | st.integers(-(2**63), 2**63 - 1))
def test_a_disclosed_number_is_read_whatever_its_size(value: float) -> None:
    """Numbers beyond 2^53 and those that are none too."""
    result = TestResult(system="lims", key="k", sample="s", test="t", reported="r", status="a", value=float(value))
    _, (opening,) = redact(result, STREAM, {"value": Reason("E-8")})
    assert Disclosed.parse(opening.disclosed).text == opening.disclosed


@pytest.mark.parametrize("octets", [b"", b"\xff", b"[]", b"{}", b'{"format": "cmo.v1/disclosure", "disclosed": []}'])
def test_a_file_that_discloses_nothing_is_refused(octets: bytes) -> None:
    """With a line that says why."""
    with pytest.raises(DisclosureError, match="no disclosure"):
        read_document(octets)


def test_a_disclosure_of_a_record_that_is_not_there_is_told() -> None:
    """It neither fits nor lies."""
    other, _ = redact(changed(STEP, id=weighing(1).id), STREAM, {"comment": Reason("E-7")})
    holdings = list(holdings_in(STREAM, [encode(other), encode(STEP)], PUBLISHED))
    assert len(holdings) == 1
    assert checked(Disclosed.parse(GOOD), holdings) == f"no record {STEP.id} with anything withheld is here"
    with pytest.raises(DisclosureError, match="an entry cannot be read"):
        list(holdings_in(STREAM, [b"rubbish"], PUBLISHED))
