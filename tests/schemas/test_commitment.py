"""Commitments in records: their octets, and the canonical text that they are made of."""

import json
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from fastavro import schemaless_writer
from hypothesis import given
from hypothesis import strategies as st

from schemas import commitment
from schemas.catalogue import KINDS, families_to, schema
from schemas.codec import decode, encode, encode_all, kind_of, plain
from schemas.commitment import Commitment, canonical, digest_of
from schemas.derived import changed
from schemas.exported import Exported, TestResult
from schemas.records import Gap, GapCause
from schemas.withheld_fields import commitments_in, shown, withholdable
from tests.schemas.test_codec import ALARMS, CONDITIONS, GAPS, WEIGHINGS
from tests.schemas.test_derived import EXPORTED, RESULT

PUBLISHED = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
COMMITMENTS = st.builds(
    Commitment, digest=st.binary(min_size=32, max_size=32), clause=st.text(max_size=8), words=st.none() | st.text()
)
HELD = Commitment(bytes(range(32)), "E-7", "made of ███")
SALT = bytes(range(16))


@st.composite
def redacted(draw: st.DrawFn) -> tuple[Any, Mapping[str, Commitment]]:
    """A record of any kind in which some fields are withheld, and which."""
    record = draw(EXPORTED | ALARMS | CONDITIONS | GAPS | WEIGHINGS)
    names = draw(st.sets(st.sampled_from(sorted(withholdable(kind_of(record)))), min_size=1, max_size=6))
    held: dict[str, Any] = {name: draw(COMMITMENTS) for name in names}
    return changed(record, **held), held


@given(redacted())
def test_a_redacted_record_has_the_octets_of_any_avro_library_and_comes_back(
    made: tuple[Any, Mapping[str, Commitment]],
) -> None:
    """Every kind and every field that may be withheld."""
    record, held = made
    known, out = schema(kind_of(record)), BytesIO()
    schemaless_writer(out, known.parsed, plain(record))
    octets = encode(record)
    assert octets == known.marker + out.getvalue()
    back = decode(octets, PUBLISHED)
    assert back == record
    assert commitments_in(back) == held


@given(redacted())
def test_a_reader_is_shown_no_commitment_and_all_the_rest(made: tuple[Any, Mapping[str, Commitment]]) -> None:
    """What has to be a text is one; what may be None is None, or what may be seen of it."""
    record, held = made
    known = withholdable(kind_of(record))
    plain_record = shown(record)
    assert not commitments_in(plain_record)
    for name, one in held.items():
        words = one.words if known[name].text else None
        assert getattr(plain_record, name) == (str(one) if known[name].required else words)
    assert changed(plain_record, **held) == record
    assert decode(encode(plain_record), PUBLISHED) == plain_record


def test_what_a_required_text_becomes_names_clause_and_commitment() -> None:
    """So that a page tells why nothing stands there."""
    gap = Gap(gap=RESULT.id, source="mes", tags=(), began=1, cause=GapCause.OTHER, detail="x")
    hidden: Any = Commitment(bytes(32), "E-7")
    assert shown(replace(gap, detail=hidden)).detail == "[withheld by E-7, commitment 0000000000000000]"  # type: ignore[union-attr]


def test_among_many_records_some_may_be_redacted() -> None:
    """They are written as each by itself."""
    hidden: Any = HELD
    some = [RESULT, replace(RESULT, analyst=hidden), replace(RESULT, sample=hidden, value=hidden)]
    assert encode_all(TestResult, some) == [encode(one) for one in some]


@pytest.mark.parametrize("name", ["id", "system", "version", "replaces", "origin", "time", "row"])
def test_what_finds_and_orders_a_record_is_never_withheld(name: str) -> None:
    """A commitment there is no record; of no exported kind."""
    hidden: Any = HELD
    with pytest.raises(ValueError, match=r"not a TestResult|ascii"):
        encode(changed(RESULT, **{name: hidden}))
    assert not any(name in withholdable(kind) for kind, shape in KINDS.items() if issubclass(shape, Exported))


def test_a_commitment_of_another_length_is_no_record() -> None:
    """SHA-256 has 32 octets."""
    short: Any = Commitment(bytes(31), "E-7")
    with pytest.raises(ValueError, match="not a TestResult"):
        encode(replace(RESULT, analyst=short))


def test_openings_stay_at_home() -> None:
    """Their family has no stream and no topic to another party."""
    assert "openings" in families_to("cmo-a", "cmo-a")
    assert "openings" not in families_to("cmo-a", "holder-b")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("PH 7,2 “ok”\n\x01", '"PH 7,2 “ok”\\n\\u0001"'),
        (333333333.33333329, "333333333.3333333"),
        (1e30, "1e+30"),
        (4.50, "4.5"),
        (2e-3, "0.002"),
        (0.000000000000000000000000001, "1e-27"),
        (-1e-7, "-1e-7"),
        (1e21, "1e+21"),
        (123456789012345680000.0, "123456789012345680000"),
        (-0.0, "0"),
        (float("nan"), '"NaN"'),
        (float("-inf"), '"-Infinity"'),
        (2**53 - 1, "9007199254740991"),
        (2**53, '"9007199254740992"'),
        (b"\x00\xff", '"00ff"'),
    ],
)
def test_values_are_written_as_rfc_8785_says(value: Any, written: str) -> None:
    """The first numbers are the example of its section 3.2.2; what JSON has no number for is text."""
    assert canonical(SALT, "s", "r", "K.f", value) == f'["AAECAwQFBgcICQoLDA0ODw","s","r","K.f",{written}]'


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_so_that_it_comes_back(value: float) -> None:
    """Also by a reader that has nothing but doubles."""
    text = canonical(SALT, "s", "r", "K.f", value)
    assert json.loads(text, parse_int=float)[4] == value


TEXTS = st.text(max_size=6)
PLACES = st.tuples(st.binary(min_size=16, max_size=16), TEXTS, TEXTS, TEXTS, TEXTS | st.floats() | st.integers())


@given(PLACES, PLACES)
def test_two_places_or_values_never_have_one_text(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    """So a commitment to the one opens to no other, as long as SHA-256 holds."""
    assert (canonical(*one) == canonical(*other)) == (json.loads(canonical(*one)) == json.loads(canonical(*other)))
    if one[:4] != other[:4]:
        assert digest_of(canonical(*one)) != digest_of(canonical(*other))


@pytest.mark.parametrize("salt", [b"", bytes(15), bytes(17)])
def test_a_salt_of_another_length_is_refused(salt: bytes) -> None:
    """A short one could be guessed."""
    with pytest.raises(ValueError, match="a salt has 16 octets"):
        canonical(salt, "s", "r", "K.f", "v")


def test_what_cannot_be_written_is_not_committed_to() -> None:
    """Half characters have no octets; a list is no field."""
    with pytest.raises(ValueError, match="surrogates"):
        digest_of(canonical(SALT, "s", "r", "K.f", "\ud800"))
    with pytest.raises(ValueError, match="a list cannot be committed to"):
        canonical(SALT, "s", "r", "K.f", [])


def test_the_schema_tells_what_a_commitment_is() -> None:
    """The named type is the same in the kinds whose schemas are written by hand."""
    for kind in ("Alarm", "Condition", "Gap", "Weighing", "TestResult"):
        assert json.dumps(commitment.AVRO, ensure_ascii=False, separators=(",", ":")) in schema(kind).text
