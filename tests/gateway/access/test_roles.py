"""Roles, rights, mixtures and scopes: the tables, for any choice of them."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.account import Account, refused
from gateway.access.roles import (
    EVERYBODY,
    FAMILIES,
    MIXTURES,
    QUALITY,
    RIGHTS,
    STREAMS,
    Right,
    Role,
    mixed,
    right_for,
    rights_of,
)
from gateway.access.viewer import EVERYTHING, HOMES, Scope, Viewer, subject_of
from gateway.console.api import ROUTER
from gateway.console.routes import PAGES
from gateway.console.shell import MENU
from schemas import catalogue

ROLES = st.frozensets(st.sampled_from(Role), min_size=1)
SCOPES = st.builds(
    Scope,
    st.none() | st.frozensets(st.sampled_from(Right)),
    st.none() | st.frozensets(st.sampled_from(["240611A", "240612", "a/b"])),
)
PATHS = st.sampled_from(["", "/rooms", "/alarms/x", "/batches", "/batches/240611A", "/batches/a/b", "/people", "/new"])


def viewer(*roles: Role, scope: Scope = EVERYTHING) -> Viewer:
    return Viewer("1", "Wang Fang", frozenset(roles), scope)


QA = frozenset({Role.QA})


def account(login: str = "wang.fang", name: str = "Wang Fang", roles: frozenset[Role] = QA) -> Account:
    return Account("1", login, name, roles, 0)


@pytest.mark.parametrize("path", [path for path, _, _ in PAGES])
def test_every_page_has_a_right(path: str) -> None:
    """Else nobody who has to sign in could open it; what is everybody's finds only what its asker may open."""
    assert right_for(path) is not None or path in EVERYBODY


@pytest.mark.parametrize("path", sorted({route.path.removeprefix("/api") for route in ROUTER.routes}))  # type: ignore[attr-defined]
def test_every_question_has_a_right(path: str) -> None:
    """Or is everybody's who is signed in."""
    assert viewer(*Role).may(path)


def test_what_the_menu_has_is_somebodys_first_page() -> None:
    """Whatever a person may see, there is a page to begin with."""
    assert {path for _, path, _ in MENU} <= set(HOMES)


@given(ROLES)
def test_roles_together_see_what_each_sees_and_no_more(roles: frozenset[Role]) -> None:
    """Rights add up."""
    assert rights_of(roles) == {right for role in roles for right in RIGHTS[role]}


@given(ROLES)
def test_an_administrator_beside_any_other_role_is_refused_with_its_clause(roles: frozenset[Role]) -> None:
    """Business and administration are never in one person."""
    against = mixed(roles | {Role.ADMINISTRATOR})
    assert bool(against) == (roles != {Role.ADMINISTRATOR})
    assert all("art. 22(1)(2)" in one for one in against if "administrator" in one)


@given(ROLES, ROLES)
def test_what_is_refused_stays_refused_with_more_roles(roles: frozenset[Role], more: frozenset[Role]) -> None:
    """No role makes a mixture good."""
    assert set(map(len, [mixed(roles)])) == {0} or mixed(roles | more)


@pytest.mark.parametrize("pair", list(combinations(Role, 2)), ids="+".join)
def test_each_pair_is_refused_or_not_as_decided(pair: tuple[Role, Role]) -> None:
    """The quality unit, the qualified person and the holder's reviewer may be one where the law lets them."""
    good = {
        frozenset({Role.QA, Role.QUALIFIED_PERSON}),
        frozenset({Role.HOLDER_REVIEWER, Role.QUALIFIED_PERSON}),
    }
    assert (mixed(pair) == []) == (frozenset(pair) in good)


def test_every_mixture_names_its_clause() -> None:
    """A refusal says where it stands."""
    assert all("art." in one.why for one in MIXTURES)


@given(ROLES, SCOPES, PATHS)
def test_a_scope_only_takes_away(roles: frozenset[Role], scope: Scope, path: str) -> None:
    """Nobody sees more by it, and no batch beyond it."""
    narrow = viewer(*roles, scope=scope)
    assert viewer(*roles).may(path) or not narrow.may(path)
    if scope.batches is not None and narrow.may(path):
        assert path == "/batches" or path.removeprefix("/batches/") in scope.batches


@given(ROLES, SCOPES)
def test_whoever_sees_anything_has_a_page_to_begin_with(roles: frozenset[Role], scope: Scope) -> None:
    """And it is open to that person."""
    who = viewer(*roles, scope=scope)
    home, with_a_page = who.home(), {right_for(path) for path in HOMES}
    assert (home is None) == (not who.rights & with_a_page)
    assert home is None or who.may(home)


@pytest.mark.parametrize("path", ["/system", "//rooms", "/roomsx", "/Rooms", "rooms", "/nowhere"])
def test_what_no_table_tells_is_nobodys(path: str) -> None:
    """Denied until somebody decides."""
    assert not viewer(*Role).may(path)


@pytest.mark.parametrize("begin", STREAMS)
@pytest.mark.parametrize("family", catalogue.FAMILIES)
def test_what_stands_in_a_stream_is_seen_by_whoever_sees_its_subject(begin: str, family: str) -> None:
    """Not by everybody who sees evidence: who looked at what, and what opens commitments, stand in streams too."""
    path = f"{begin}plant-a.line-3.plant-a.{family}.v1/7"
    sees = [role for role in Role if viewer(role).may(path)]
    assert set(sees) == {role for role in Role if {Right.EVIDENCE, within(family)} <= viewer(role).rights}
    assert (Role.HOLDER_REVIEWER in sees) == (family != "openings")
    assert Role.OPERATOR not in sees


def within(family: str) -> Right:
    return FAMILIES.get(family, Right.EVIDENCE)


def test_a_scope_narrows_streams_too() -> None:
    """An inspector of evidence and alarms reads no batch records by their numbers."""
    scope = Scope(rights=frozenset({Right.EVIDENCE, Right.ALARMS}))
    inspector = viewer(Role.INSPECTOR, scope=scope)
    assert inspector.may("/r/plant-a.line-3.mah.alarms.v1/7")
    assert not inspector.may("/r/plant-a.line-3.mah.batches.v1/7")


def test_the_administrator_sees_no_quality_data() -> None:
    """People, and nothing else."""
    assert rights_of({Role.ADMINISTRATOR}).isdisjoint(QUALITY)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (account(login="qa"), r"art\. 22\(3\)"),
        (account(login="li.na", name="Admin"), r"art\. 22\(3\)"),
        (account(login="wang.fang2"), "one person has one"),
        (account(login="old", name="Somebody Else"), "never given twice"),
        (account(login="Wang"), "2 to 64 of"),
        (account(login="li.na", name=" "), "full name"),
        (account(login="li.na", name="Li Na", roles=frozenset()), "at least one role"),
        (account(login="li.na", name="Li Na", roles=frozenset({Role.QA, Role.ADMINISTRATOR})), r"22\(1\)\(2\)"),
        (account(login="li.na", name="Li Na", roles=frozenset({Role.INSPECTOR})), "has an end"),
        (account(login="li.na", name="Li Na", roles=frozenset({Role.INSPECTOR})), "has a scope"),
        (Account("1", "li.na", "Li Na", QA, 0, Scope(batches=frozenset("A"))), "inspector's access only"),
    ],
)  # fmt: skip
def test_an_account_that_breaks_a_rule_is_refused(made: Account, why: str) -> None:
    """With the reason."""
    others = [account(), account(login="old", name="Old")]
    assert re.search(why, "; ".join(refused(made, others)))


def test_an_address_tells_what_it_is_about() -> None:
    """Batch, alarm, room and tag, from the path or from the query."""
    assert subject_of("/batches/a/b", {})["batch"] == "a/b"
    assert subject_of("/alarms/7f2c", {"room": "F1", "tag": "dp4", "batch": "B"}) == {
        "batch": "B", "alarm": "7f2c", "room": "F1", "tag": "dp4",
    }  # fmt: skip
    assert subject_of("/alarms/performance", {})["alarm"] is None
