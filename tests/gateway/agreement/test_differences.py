"""What changed between two versions: nothing is left unsaid, and nothing is said where nothing changed."""

from copy import deepcopy
from datetime import date
from functools import cache
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from gateway.agreement.agreement import Agreement
from gateway.agreement.differences import differences
from gateway.agreement.papers.changes import told
from gateway.agreement.papers.facts import labels
from gateway.languages import Language
from gateway.proof.keys import Role, fingerprint, generate, public_keys
from tests.gateway.agreement.making import agreed, data_of, listed, sample

Path = tuple[str | int, ...]


@cache
def whole() -> Agreement:
    return Agreement.model_validate(yaml.safe_load(sample()))


def data() -> dict[str, Any]:
    found: dict[str, Any] = whole().model_dump(mode="json")
    return found


def said(change: Any, language: Language = Language.EN) -> tuple[str, ...]:
    """What is told when `change` has worked on the document."""
    new = data()
    change(new)
    return told(whole(), Agreement.model_validate(new), language)


def clause(new: dict[str, Any], number: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in new["exchange"] if one["clause"] == number)
    return found


def test_equal_versions_have_no_difference() -> None:
    """Also where clauses stand in the same order but were read anew."""
    assert differences(whole(), Agreement.model_validate(data())) == ()


def test_a_room_that_is_no_longer_exchanged_is_told_by_clause_and_day() -> None:
    """The day is the first one of the new version."""

    def without(new: dict[str, Any]) -> None:
        clause(new, "E-1")["rooms"] = ["W1", "L1"]
        new["effective"] = "2027-01-01"

    assert said(without)[1:] == ("E-1 · room F1: no longer exchanged from 2027-01-01",)
    assert said(without, Language.ZH)[1:] == ("E-1·房间 F1：自 2027-01-01 起不再交换",)


def test_a_clause_that_moved_is_no_change_of_its_contents() -> None:
    """It is told that the order changed, once."""

    def turned(new: dict[str, Any]) -> None:
        new["exchange"] = new["exchange"][::-1]

    (line,) = said(turned)
    assert line.startswith("clause: in another order: ")


def test_a_list_that_means_all_where_it_is_empty_is_told_as_such() -> None:
    """A clause that was for all kinds is not widened by naming one."""
    assert said(lambda new: clause(new, "E-1").update(kinds=["Alarm"])) == ("E-1 · kinds of records: all → Alarm",)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda new: new["retention"].update(after_expiry_years=3), "2 → 3"),
        (lambda new: new["notices"][0]["deadlines"][0]["term"].update(amount=12), "24 hours → at once, that is 12"),
        (lambda new: new["notices"][0].update(persons=["b-quality"]), "Deviation · person b-contact: removed from"),
        (lambda new: new["responsibilities"][0].update(by="both"), "1 Persons · who does it: the manufacturer → both"),
        (lambda new: clause(new, "E-6").update(withheld=[]), "E-6 · withheld field Weighing.operator: no longer"),
        (lambda new: new["exchange"].pop(4), "E-5: no longer exchanged from 2026-01-01"),
        (lambda new: new["products"].append(new["products"][0] | {"code": "NEW", "also": []}), "product NEW Sample B"),
        (lambda new: new["products"][0].update(carrier=None), "carrier: who does it third_party, name Example Cold"),
        (lambda new: new.update(pseudonyms=True), "pseudonyms: no → yes"),
        (lambda new: new["holder"]["persons"][0].update(phone="1"), "holder · b-legal Yi Fa Yi · telephone: +86-000"),
        (lambda new: new["suppliers"]["approved"].pop(), "list of suppliers · approved supplier PP-202, Print F: "),
    ],
)  # fmt: skip
def test_a_change_is_told_where_it_is_and_from_what_to_what(change: Any, line: str) -> None:
    """One line for one change."""
    (found,) = said(change)
    assert line in found


def test_words_that_changed_in_the_other_language_alone_are_told() -> None:
    """In both."""

    def renamed(new: dict[str, Any]) -> None:
        new["title"]["en"] = "Another"

    assert said(renamed)[0].endswith("→ Another")
    assert said(renamed, Language.ZH)[0].endswith("→ Another）")


def test_a_key_is_told_with_the_fingerprint_that_is_compared() -> None:
    """Both the one that goes and the one that comes."""
    one, two = (generate("holder-b", Role.SIGNATORY, "qa") for _ in range(2))
    lines = told(agreed(holder=listed(one)), agreed(holder=listed(two)), Language.EN)
    assert [fingerprint(public_keys(key)[0]) in line for key, line in zip((one, two), lines, strict=True)] == [
        True,
        True,
    ]


def places(value: Any, at: Path = ()) -> list[Path]:
    """Every place below which something stands that can be changed."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    return [at, *(place for key, one in inside for place in places(one, (*at, key)))]


DATA = data_of()
PLACES = [one for one in places(DATA) if one]


def altered(draw: Any, where: Path) -> dict[str, Any]:
    new = deepcopy(DATA)
    above: Any = new
    for step in where[:-1]:
        above = above[step]
    value, last = above[where[-1]], where[-1]
    match value:
        case bool():
            above[last] = not value
        case int() | float():
            above[last] = value + draw(st.integers(1, 3))
        case date():
            above[last] = date(2030, 1, draw(st.integers(1, 28)))
        case list() | tuple():
            above[last] = draw(st.sampled_from([list(value)[::-1], list(value)[1:], [*value, *value[:1]]]))
        case None | dict():
            above[last] = None
        case _:
            above[last] = draw(st.sampled_from([f"{value}x", f"x{value}", "both", "line-5", "G1"]))
    return new


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(PLACES))
def test_nothing_that_differs_is_left_unsaid(draw: st.DataObject, where: Path) -> None:
    """Whatever was changed wherever: there is a line exactly where the two are not equal, in both languages."""
    old = Agreement.model_validate(DATA)
    try:
        new = Agreement.model_validate(altered(draw.draw, where))
    except ValidationError:
        return
    for language in Language:
        lines = told(old, new, language)
        assert bool(lines) == (old != new)
        assert all(line.strip() and "{" not in line for line in lines)
    assert bool(told(new, old, Language.EN)) == (old != new)


def test_every_field_of_the_document_has_a_name_in_both_languages() -> None:
    """A field without one would be told by its key."""
    assert _fields(Agreement) <= set(labels()["field"])


def _fields(model: type[BaseModel]) -> set[str]:
    found = set(model.model_fields)
    for field in model.model_fields.values():
        for one in _models(field.annotation):
            found |= _fields(one)
    return found - {"en", "zh", "amount", "unit", "at_once"}


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for inner in get_args(annotation) for one in _models(inner)]
