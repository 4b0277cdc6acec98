"""What the site's systems know agrees with what the sensors did, and with itself."""

from collections import Counter
from itertools import pairwise
from math import inf
from typing import Any
from uuid import uuid4

import pytest

from gateway.context.context import Context
from gateway.context.timeline import merged
from schemas.context import Assignment, PlaceKind
from schemas.derived import record_of, shapes
from schemas.exported import KINDS
from simulators.batch.facts import DERIVED, FIELDS, Fact
from tests.simulators.batch.made import START, batch, course, planned, site

OURS = {"id", "system", "key", "version", "replaces", "file", "row"}
SORTS = {"timestamp-micros": "time", "date": "date"}


def facts(kind: str, system: str | None = None) -> list[Fact]:
    """All of a kind."""
    return [one for one in planned().facts if one.kind == kind and system in (None, one.system)]


def test_fields_are_those_of_the_published_kinds() -> None:
    """By name and by what they hold; only rework has not happened here."""
    assert set(FIELDS) == set(KINDS) - {"Rework"}
    for name, own in FIELDS.items():
        published = {one.name: one for one in shapes(KINDS[name]) if one.name not in OURS}
        assert set(own) | set(DERIVED.get(name, ())) == set(published)
        for field, sort in own.items():
            shape = published[field]
            plain = "number" if shape.type is float else "word" if shape.type is not str else sort
            assert sort == (SORTS[shape.logical] if shape.logical else plain)
            assert sort in {"text", "unit", "time", "date", "number", "word"}


def test_every_field_that_a_record_needs_is_there() -> None:
    """And every enum word is one of the published."""
    for one in planned().facts:
        for shape in shapes(KINDS[one.kind]):
            if shape.name in OURS:
                continue
            value = one.fields[shape.name]
            assert value is not None or not shape.required, (one, shape.name)
            if FIELDS[one.kind].get(shape.name) == "word" and value is not None:
                assert value in {word.value for word in shape.type}  # type: ignore[attr-defined]


def test_keys_name_things() -> None:
    """Within a system and kind no version stands twice, and versions count from 1."""
    places = Counter((one.system, one.kind, one.key, one.version) for one in planned().facts)
    assert max(places.values()) == 1
    assert all((system, kind, key, version - 1) in places for system, kind, key, version in places if version > 1)


def test_weighings_are_what_the_balance_showed() -> None:
    """As many records, with the same digits, at the same moments."""
    weighed = [(one.fields["reported"], one.fields["time"]) for one in facts("TestResult", "mes")]
    assert weighed == [(one.shown, batch().at(one.at)) for one in course().weighings]


def test_steps_are_in_the_rooms_and_at_the_times_of_the_plant() -> None:
    """Each operation's start and end."""
    steps = {(one.fields["step"], one.fields["event"]): one.fields for one in facts("BatchStep")}
    for operation in site()[1].operations:
        span = course().operations[operation.id]
        began, ended = steps[operation.id, "STARTED"], steps[operation.id, "COMPLETED"]
        assert (began["time"], ended["time"]) == (batch().at(span.began), batch().at(span.ended))
        assert began["room"] == ended["room"] == operation.room


def test_each_lost_differential_is_a_deviation() -> None:
    """In its room, opened after it, saying how low it was."""
    told = [one.fields for one in facts("QualityEvent") if one.fields["what"] == "DEVIATION" and one.version == 1]
    assert len(told) == len(course().breaches)
    for fields, breach in zip(told, course().breaches, strict=True):
        assert fields["room"] == breach.tag.partition(".")[0]
        assert fields["opened"] > batch().at(breach.ended)
        assert f"{breach.lowest:.2f}" in fields["description"]


def test_vials_are_accounted_for_from_the_line_to_the_labels() -> None:
    """What one stage gives the next one takes; labels come out even."""
    yields = [one.fields for one in facts("Yield") if one.fields["unit"] == "{#}"]
    assert yields[0]["taken"] == course().filled
    for before, after in pairwise(yields):
        assert after["taken"] == before["made"]
    for one in facts("LabelReconciliation"):
        used = sum(one.fields[name] for name in ("used", "samples", "damaged", "returned"))
        assert used == one.fields["issued"]
        assert one.fields["used"] == yields[-1]["taken"]


def test_results_come_after_their_samples_and_keep_their_limits() -> None:
    """And the number is what the sign says."""
    for one in facts("TestResult", "lims"):
        fields = one.fields
        assert fields["sampled"] <= fields["tested"] <= fields["time"]
        if fields["qualifier"] == "=":
            assert float(fields["reported"]) == fields["value"]
            assert (fields["low"] or 0) <= fields["value"] <= (fields["high"] or inf)


def test_nothing_is_used_before_it_is_released_or_after_it_expires() -> None:
    """Of each material that is tested or kept."""
    moves = {(one.fields["material"], one.fields["movement"]): one.fields for one in facts("MaterialMovement")}
    for material in site()[1].materials:
        issued = moves[material.code, "ISSUE"]
        assert moves[material.code, "RECEIPT"]["time"] < issued["time"]
        assert issued["time"] < issued["expires"] * 86_400_000_000
        released = moves.get((material.code, "RELEASE"))
        assert released is None or released["time"] < issued["time"]


def test_the_whole_batch_is_told() -> None:
    """From the order, a day before the start, to the last test."""
    order = facts("BatchOrder")
    assert [one.fields["status"] for one in order] == ["RELEASED", "STARTED", "COMPLETED"]
    assert order[0].told == START - 86_400_000_000
    stages = {one.fields["stage"] for one in facts("TestResult")} - {None}
    assert stages == {"MATERIAL", "IN_PROCESS", "INTERMEDIATE", "FINISHED", "ENVIRONMENT"}
    assert {one.fields["purpose"] for one in facts("StoredSample")} == {"RETENTION", "STABILITY"}


@pytest.mark.parametrize("kind", sorted(FIELDS))
def test_every_kind_happens(kind: str) -> None:
    """Else no reader of it is ever tried."""
    assert facts(kind)


def test_the_context_found_from_what_is_exported_is_where_the_batch_was() -> None:
    """Room by room from the first to the last second of its operations, whenever the MES told what."""
    context = Context("line-3", "line-3")
    told: dict[str, Assignment] = {}
    for one in sorted((one for one in planned().facts if one.system == "mes"), key=lambda one: one.told):
        defaults = {shape.name: shape.default for shape in shapes(KINDS[one.kind]) if not shape.required}
        own: dict[str, Any] = {"id": str(uuid4()), "system": "mes", "key": one.key, "version": one.version}
        context.take(record_of(KINDS[one.kind], defaults | dict(one.fields) | own))
        told |= {assigned.key: assigned for assigned in context.settle(one.told)}
    found = {(one.place_kind, one.place, one.began, one.ended) for one in told.values() if not one.withdrawn}
    truth = set()
    for kind, place_of in ((PlaceKind.ROOM, "room"), (PlaceKind.EQUIPMENT, "equipment")):
        for place in {getattr(one, place_of) for one in site()[1].operations}:
            spans = [batch().span(one.id) for one in site()[1].operations if getattr(one, place_of) == place]
            moments = merged((batch().at(span.began), batch().at(span.ended)) for span in spans)
            truth |= {(kind, place, began, ended) for began, ended in moments}
    assert found == truth
    assert {(one.batch, one.product) for one in told.values()} == {(batch().number, batch().recipe.product.code)}
