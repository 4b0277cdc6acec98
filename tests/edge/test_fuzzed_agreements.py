"""Agreements that somebody or something altered: none starts an agent, and none ends in anything but a finding."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.agreeing import Agreeing, AgreementsError
from edge.settings import AgentConfiguration, load
from gateway.agreement.signing import ENDING
from tests.edge.running import configure
from tests.gateway.agreement.making import TRUST, agreed, data_of, signed

FEW = settings(max_examples=30)
GOOD = signed(agreed(effective="2026-01-01"))
NOTE = GOOD.note or b""
SOURCE = {
    "type": "modbus", "name": "ems", "host": "127.0.0.1", "port": 1, "proof": "none-available",
    "tags": [{"name": "T", "unit": "Pa", "address": 4, "type": "float32", "word_order": "little"}],
}  # fmt: skip
DEEP: Any = "x"
for _ in range(50):
    DEEP = [DEEP]
STRANGE: tuple[Any, ...] = (
    None, True, -1, 10**400, float("nan"), float("inf"), "", "x" * 100_000, "\0\ud7ff\u202e", "2026-02-30", [], {},
    DEEP, {"<<": {}}, "!!python/object/apply:os.system [x]", "${HOME}",
)  # fmt: skip


@cache
def configuration() -> AgentConfiguration:
    with TemporaryDirectory() as folder:
        return load(configure(Path(folder), SOURCE))


def start(octets: bytes, note: bytes = NOTE) -> Agreeing:
    """What an agent does first with the agreement in its folder."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.yaml").write_bytes(octets)
        (Path(folder) / f"a.yaml{ENDING}").write_bytes(note)
        return Agreeing(replace(configuration(), agreements=Path(folder)), TRUST)


def places(data: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every key and item."""
    found = []
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, one in items:
        found += [(*at, name), *places(one, (*at, name))]
    return found


PLACES = places(data_of(effective="2026-01-01"))


def removed(owner: Any, name: Any, _: object) -> None:
    del owner[name]


def replaced(owner: Any, name: Any, value: object) -> None:
    owner[name] = value


def doubled(owner: Any, name: Any, _: object) -> None:
    if isinstance(owner, list):
        owner.append(deepcopy(owner[name]))
    else:
        owner[f"{name}x"] = owner[name]


def test_the_agreement_that_both_signed_starts_the_agent() -> None:
    """Else the tests below would prove nothing."""
    assert start(GOOD.octets).recipients == ("holder-b", "cmo-a")


@FEW
@given(st.sampled_from(PLACES), st.sampled_from([removed, replaced, doubled]), st.sampled_from(STRANGE))
def test_another_structure_under_the_signatures_of_the_good_one_starts_nothing(
    place: tuple[Any, ...], change: Callable[[Any, Any, object], None], value: object
) -> None:
    """A key that is missing, of another kind, strange, or there twice."""
    data = deepcopy(data_of(effective="2026-01-01"))
    owner = data
    for name in place[:-1]:
        owner = owner[name]
    change(owner, place[-1], value)
    with pytest.raises(AgreementsError, match=r"a\.yaml"):
        start(yaml.safe_dump(data, allow_unicode=True).encode())


@FEW
@given(st.integers(0, len(GOOD.octets) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_no_octet_can_be_changed(at: int, new: bytes, cut: int) -> None:
    """Not one, wherever it stands."""
    octets = GOOD.octets[:at] + new + GOOD.octets[at + cut :]
    if octets == GOOD.octets:
        return
    with pytest.raises(AgreementsError, match=r"a\.yaml"):
        start(octets)


@FEW
@given(st.integers(0, len(NOTE) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_an_altered_signature_is_a_finding_and_nothing_else(at: int, new: bytes, cut: int) -> None:
    """Where it is still one, the agreement is still the one that was signed."""
    try:
        recipients = start(GOOD.octets, NOTE[:at] + new + NOTE[at + cut :]).recipients
    except AgreementsError as error:
        recipients = (str(error).partition(": ")[2].partition(" ")[0],)
    assert recipients in {("holder-b", "cmo-a"), ("no",)}


@pytest.mark.parametrize(
    "text",
    [
        "", "\0", "- a\n- b", "{" * 5000, "a: &a [*a]", "a: b: c", "\xff", "%YAML 9.9\n---\na: 1", "--- a\n--- b",
        "a: !!python/object/apply:os.system ['false']", "a: &x {}\n<<: [*x, *x]",
        "a: &a [x, x]\n"
        + "".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise("abcdefghi")),
    ],
)  # fmt: skip
def test_what_is_no_agreement_at_all_starts_nothing(text: str) -> None:
    """Whatever YAML makes of it, within moments."""
    with pytest.raises(AgreementsError, match=r"a\.yaml"):
        start(text.encode("latin-1"))
