"""Schemas derived from dataclasses, and the octets of their records."""

from dataclasses import replace
from datetime import date
from enum import StrEnum
from importlib.resources import files
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from fastavro import schemaless_writer
from hypothesis import given
from hypothesis import strategies as st

from schemas import access, context, exported, notices, signers
from schemas.catalogue import FAMILIES, schema
from schemas.codec import decode, encode, encode_all, plain
from schemas.derived import UNKNOWN_WORD, Shape, changed, shapes, text
from schemas.exported import Conclusion, Exported, TestResult

KINDS = exported.KINDS | context.KINDS
RESULT = TestResult(system="lims", key="k", sample="s", test="pH", reported="7.0", status="approved")
LONGS = st.integers(-(2**63), 2**63 - 1)


def of_shape(one: Shape) -> st.SearchStrategy[Any]:
    """Anything that the field may hold."""
    by_type: dict[type, st.SearchStrategy[Any]] = {
        str: st.text(), int: LONGS, float: st.floats(allow_nan=False), bool: st.booleans(), UUID: st.uuids()
    }  # fmt: skip
    known = by_type.get(one.type)
    if one.logical == "date":
        known = st.dates().map(lambda day: (day - date(1970, 1, 1)).days)
    values: st.SearchStrategy[Any] = st.sampled_from(list(one.type)) if known is None else known  # type: ignore[call-overload]
    values = st.lists(values, max_size=4).map(tuple) if one.many else values
    return st.none() | values if one.optional else values


def of_kind(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any record of the kind."""
    return st.builds(kind, **{one.name: of_shape(one) for one in shapes(kind)})


EXPORTED: st.SearchStrategy[Exported] = st.sampled_from(list(KINDS.values())).flatmap(of_kind)
"""A record of any kind."""


@given(EXPORTED | of_kind(access.Access) | of_kind(notices.NoticeStep) | of_kind(signers.Signer))
def test_a_record_has_the_octets_that_any_avro_library_writes_and_comes_back(record: Any) -> None:
    """Every kind, every field at its ends."""
    kind = type(record).__name__
    known, out = schema(kind), BytesIO()
    schemaless_writer(out, known.parsed, plain(record))
    octets = encode(record)
    assert octets == known.marker + out.getvalue()
    assert decode(octets, {known.fingerprint: known}) == record


@given(st.sampled_from(list(KINDS.values())).flatmap(lambda kind: st.tuples(st.just(kind), st.lists(of_kind(kind)))))
def test_many_records_at_once_have_the_octets_that_each_has(given: tuple[type[Exported], list[Exported]]) -> None:
    """Whatever was written of the same column before: 0.0 is not -0.0."""
    kind, records = given
    assert encode_all(kind, records * 2) == [encode(one) for one in records * 2]
    assert encode_all(TestResult, [replace(RESULT, low=low) for low in (0.0, -0.0)]) == [
        encode(replace(RESULT, low=low)) for low in (0.0, -0.0)
    ]


def test_what_cannot_be_written_among_many_is_told() -> None:
    """As of a single record."""
    wrong: Any = "high"
    with pytest.raises(ValueError, match="not a TestResult that can be written"):
        encode_all(TestResult, [RESULT, replace(RESULT, low=wrong)])


@given(EXPORTED, st.none() | st.text())
def test_a_changed_record_differs_in_nothing_else(record: Exported, line: str | None) -> None:
    """And is another object."""
    assert changed(record, line=line, version=7) == replace(record, line=line, version=7)


@pytest.mark.parametrize("kind", (KINDS | access.KINDS).values(), ids=KINDS | access.KINDS)
def test_the_published_schema_is_the_one_of_the_dataclass(kind: type[Any]) -> None:
    """`python -m schemas` was run after the last change; each field is explained, each enum can grow."""
    published = files("schemas").joinpath("avro", f"{kind.__name__.lower()}.avsc").read_text(encoding="utf-8")
    assert published == text(kind)
    for one in shapes(kind):
        assert one.doc.endswith(".")
        assert not issubclass(one.type, StrEnum) or UNKNOWN_WORD in one.type.__members__


def test_every_kind_travels_in_one_family() -> None:
    """None is forgotten, none is in two."""
    told = [kind for family in FAMILIES.values() for kind in family.kinds if kind in KINDS]
    assert sorted(told) == sorted(KINDS)


@pytest.mark.parametrize("change", [{"sample": None}, {"version": "1"}, {"conclusion": "maybe"}, {"low": "7"}])
def test_a_field_that_does_not_fit_is_no_record(change: dict[str, Any]) -> None:
    """It is said which kind it should have been."""
    with pytest.raises(ValueError, match="not a TestResult"):
        encode(replace(RESULT, **change))


def test_a_word_of_the_enum_counts_as_its_text() -> None:
    """A word that was read as text is written as the word it is."""
    assert encode(RESULT) != encode(replace(RESULT, conclusion=Conclusion.PASS))
