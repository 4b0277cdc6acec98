"""What a search finds, for whom, and what it never finds."""

from dataclasses import replace
from functools import cache
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.roles import Role
from gateway.access.viewer import Scope, Viewer
from gateway.agreement.in_force import Signed, SignedVersion
from gateway.archive.archive import Archive
from gateway.console.finding import Around, names_of, search
from gateway.proof.merkle import leaf_hash
from gateway.views.search import PER_GROUP, Group, asked
from gateway.views.waiting import Looker
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.agreement.making import agreed
from tests.gateway.batches.records import ASSAY, BATCH, ISSUED, ORDER, RECORDS, another, stored
from tests.gateway.console.stage import NOW, SITE
from tests.gateway.messages import alarm, frame, message, sent, weighing

ALARM = replace(
    alarm(AlarmEvent.ACKNOWLEDGED, AlarmState.ACKNOWLEDGED, NOW, alarm=uuid4(), tag="F1.DP.M1"),
    room="F1", actor="qian", comment="100% door_held open",
)  # fmt: skip
STREAM = "cmo.v1.plant-a.holder-b.measurements.line-3"
OPEN = Looker(None, lambda _: True)


def found(archive: Archive, text: str, looker: Looker = OPEN, signed: Signed = Signed(())) -> dict[Group, list[str]]:  # noqa: B008
    what = asked(text)
    assert what is not None
    around = Around(SITE, signed, names_of(SITE), looker)
    return {one.group: [hit.name for hit in one.hits] for one in search(archive, what, around)}


def looker(*roles: Role, batches: frozenset[str] | None = None) -> Looker:
    viewer = Viewer("a", "A", frozenset(roles), Scope(batches=batches))
    return Looker(viewer.roles, viewer.may, batches)


@pytest.fixture(scope="module")
def archive() -> Archive:
    one = stored([*RECORDS, ALARM, another(ORDER, batch="240611AB"), another(ORDER, batch="X240611A")])
    one.store([sent(STREAM, 18_201_334, frame({"F1.DP.M1": 12.0}, received=NOW), 900)])
    return one


@pytest.mark.parametrize(
    ("text", "group", "names"),
    [
        ("240611a", Group.BATCH, [BATCH, "240611AB", "X240611A"]),
        ("rm-1", Group.LOT, ["RM-1"]),
        ("FC-77", Group.LOT, ["RM-1"]),
        ("aseptic", Group.ROOM, ["F1"]),
        ("灌装", Group.ROOM, ["F1"]),
        ("fil-01", Group.EQUIPMENT, ["FIL-01"]),
        ("f1.dp", Group.EQUIPMENT, ["F1.DP.M1"]),
        ("压差 M1", Group.EQUIPMENT, []),
        ("door_held", Group.ALARM, ["F1.DP.M1"]),
        ("100%", Group.ALARM, ["F1.DP.M1"]),
        ("dev-26-031", Group.DOCUMENT, ["DEV-26-031"]),
        ("production record", Group.DOCUMENT, ["BPR-240611A"]),
        ("wang", Group.PERSON, ["wang", "wang"]),
        ("qian", Group.PERSON, ["qian"]),
        ("#18 201 334", Group.RECORD, [f"{STREAM} #18201334"]),
        ("measurements 18201334", Group.RECORD, [f"{STREAM} #18201334"]),
        (f"{STREAM} #18201334", Group.RECORD, [f"{STREAM} #18201334"]),
        (f"{STREAM}/18201334", Group.RECORD, [f"{STREAM} #18201334"]),
        ("alarms 18201334", Group.RECORD, []),
    ],
)
def test_everything_is_found_by_its_name(archive: Archive, text: str, group: Group, names: list[str]) -> None:
    """In either language, without case; the same name first, then what begins so, then what has it in it."""
    assert found(archive, text).get(group, []) == names


@pytest.mark.parametrize("text", ["２４０６１１Ａ", "２４０６１１ａ　"])
def test_width_makes_no_difference(archive: Archive, text: str) -> None:
    """As Chinese keyboards write letters and digits."""
    assert found(archive, text)[Group.BATCH][0] == BATCH


def test_wide_letters_of_a_record_are_found_by_narrow_ones() -> None:
    """The other way round too."""
    assert found(stored([another(ORDER, batch="ＡＢ１２")]), "ab12")[Group.BATCH] == ["ＡＢ１２"]


@pytest.mark.parametrize("text", ["%", "_", "24%1A", "F_", "' OR 1=1 --", "\\", "[a-z]", "*", "?", "^F1$"])
def test_nothing_is_a_pattern(archive: Archive, text: str) -> None:
    """Signs of SQL, globs and regular expressions stand for themselves."""
    for names in found(archive, text).values():
        assert all(text in name or text == "%" for name in names) or text == "_"


def test_a_percent_sign_finds_only_what_has_one(archive: Archive) -> None:
    """The alarm's comment, and nothing else."""
    assert found(archive, "%") == {Group.ALARM: ["F1.DP.M1"]}
    assert found(archive, "door%open") == {}


def test_a_record_is_found_by_its_id_and_its_leaf(archive: Archive) -> None:
    """Frames by id too, other records by the begin of their leaf hash; an alarm leads to its page."""
    (record,) = found(archive, str(ASSAY.id))[Group.RECORD]
    leaf = leaf_hash(message(ASSAY, 0).entry).hex()
    assert record.startswith("s #")
    assert found(archive, str(ALARM.alarm).upper())[Group.RECORD] == [str(ALARM.alarm)]
    assert found(archive, leaf[:8])
    assert found(archive, str(UUID(int=5))) == {}


def test_no_kind_is_shown_without_bound() -> None:
    """Twenty of each, and that there are more."""
    archive = stored([another(ORDER, batch=f"B{at:03}") for at in range(30)])
    what = asked("b0")
    assert what is not None
    (hits,) = search(archive, what, Around(SITE, Signed(()), {}, OPEN))
    assert (len(hits.hits), hits.more) == (PER_GROUP, True)


WHO: dict[Role, set[Group]] = {
    Role.OPERATOR: {Group.EQUIPMENT, Group.ROOM, Group.ALARM},
    Role.QA: {Group.EQUIPMENT, Group.ROOM, Group.ALARM},
    Role.ADMINISTRATOR: set(),
}


@pytest.mark.parametrize("role", list(WHO))
def test_what_a_role_may_not_see_is_not_found(archive: Archive, role: Role) -> None:
    """An operator finds rooms and alarms, an administrator no quality data at all."""
    assert set(found(archive, "f1", looker(role))) == WHO[role]
    batches = found(archive, BATCH, looker(role))
    assert (Group.BATCH in batches) == (role is Role.QA)
    assert (found(archive, "18201334", looker(role)) == {}) == (role is not Role.QA)


def test_an_inspector_of_one_batch_finds_nothing_of_others(archive: Archive) -> None:
    """By no name: not of batch, person, equipment or document; the answer is that of an archive without them."""
    mine = looker(Role.INSPECTOR, batches=frozenset({BATCH}))
    assert found(archive, "240611", mine) == {Group.BATCH: [BATCH], Group.DOCUMENT: ["BPR-240611A", "DEV-26-031"]}
    others = looker(Role.INSPECTOR, batches=frozenset({"240611AB"}))
    for text in ("wang", "fil-01", "dev-26-031", "rm-1", "f1", str(ASSAY.id), BATCH):
        hits = found(archive, text, others)
        assert set(hits) <= {Group.BATCH}
        assert hits.get(Group.BATCH, []) in ([], ["240611AB"])


def test_clauses_are_found_by_number_and_text(archive: Archive) -> None:
    """And an agreement by its name, a product by its name in either language."""
    agreement = agreed(effective="2026-01-01")
    signed = Signed((SignedVersion(agreement, __file__, "0" * 64, 0),))  # type: ignore[arg-type]
    clause, product = agreement.exchange[0], agreement.products[0]
    assert f"§{clause.clause}" in found(archive, f"§{clause.clause}", signed=signed)[Group.CLAUSE]
    assert f"§{clause.clause}" in found(archive, clause.text.zh[:30], signed=signed)[Group.CLAUSE]
    assert product.code in found(archive, product.name.zh, signed=signed)[Group.CLAUSE]
    assert Group.CLAUSE not in found(archive, product.name.zh, looker(Role.OPERATOR), signed)


def test_a_correction_is_found_only_as_it_is_now() -> None:
    """Of a document the version in force."""
    archive = stored([ISSUED, weighing(NOW)])
    assert found(archive, "w1").get(Group.BATCH) is None


@cache
def small() -> Archive:
    return stored([ORDER, ALARM])


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=400))
def test_whatever_is_typed_is_answered(text: str) -> None:
    """Never an error, never more than is looked at."""
    what = asked(text)
    if what is not None:
        assert len(what.words) <= 8
        around = Around(SITE, Signed(()), {}, OPEN)
        assert all(len(one.hits) <= PER_GROUP for one in search(small(), what, around))
