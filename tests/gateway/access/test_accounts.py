"""Local accounts in their file."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from gateway.access import passwords
from gateway.access.account import AccountError, Lockout
from gateway.access.accounts import Accounts
from gateway.access.browsers import KNOWN_DAYS, MOST
from gateway.access.roles import Role
from gateway.access.sessions import MOST_OF_ONE, Sessions
from gateway.access.viewer import Scope, Viewer

SECOND = 1_000_000
GOOD = "correct horse battery"
WRONG = "correct horse batterie"


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many comparisons as before, each of less memory."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    monkeypatch.setattr(passwords, "nobodys", lambda: hasher.hash("nobody"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Iterator[Accounts]:
    with closing(Accounts(tmp_path / "accounts.sqlite", Lockout(3, 60), clock)) as made:
        made.add("wang.fang", "Wang Fang", [Role.QA], GOOD)
        yield made


def test_the_file_is_its_owners_alone(tmp_path: Path, accounts: Accounts) -> None:
    """Nor is one used that others can read; no password stands in it."""
    file = tmp_path / "accounts.sqlite"
    written = [one for one in tmp_path.iterdir() if one.name.startswith(file.name)]
    assert {one.stat().st_mode & 0o777 for one in written} == {0o600}
    assert all(GOOD.encode() not in one.read_bytes() for one in written)
    file.chmod(0o640)
    with pytest.raises(AccountError, match="others can read the accounts; chmod 600"):
        Accounts(file)


def test_the_right_password_lets_in_and_others_do_not(accounts: Accounts) -> None:
    """Who was meant is known; a name that nobody has names nobody."""
    assert accounts.attempt("wang.fang", GOOD).good
    wrong = accounts.attempt("wang.fang", WRONG)
    assert (wrong.good, wrong.account and wrong.account.name) == (False, "Wang Fang")
    assert accounts.attempt("li.na", GOOD) == accounts.attempt("li.na", GOOD)
    assert accounts.attempt("li.na", GOOD).account is None


def test_failures_in_a_row_lock_for_a_time(accounts: Accounts, clock: Clock) -> None:
    """The right password does not help before its end; after it, it does."""
    for _ in range(3):
        assert not accounts.attempt("wang.fang", WRONG).good
    refused = accounts.attempt("wang.fang", GOOD)
    assert (refused.good, refused.reason) == (False, "account locked, disabled or ended")
    clock.now += 61 * SECOND
    assert accounts.attempt("wang.fang", GOOD).good
    for _ in range(2):  # the row began anew
        assert not accounts.attempt("wang.fang", WRONG).good
    assert accounts.attempt("wang.fang", GOOD).good


def test_strangers_lock_nobody_out_of_a_browser_in_which_the_person_signed_in(accounts: Accounts, clock: Clock) -> None:
    """It is counted for itself: neither does it help strangers, nor do they have its attempts."""
    known = accounts.attempt("wang.fang", GOOD).browser
    for _ in range(3):
        accounts.attempt("wang.fang", WRONG)
    assert not accounts.attempt("wang.fang", GOOD).good
    assert not accounts.attempt("wang.fang", GOOD, "x" * 43).good
    again = accounts.attempt("wang.fang", GOOD, known)
    assert (again.good, again.browser) == (True, known)
    assert not accounts.attempt("wang.fang", GOOD).good, "what strangers did is not taken back"
    for _ in range(3):
        accounts.attempt("wang.fang", WRONG, known)
    assert not accounts.attempt("wang.fang", GOOD, known).good
    clock.now += 61 * SECOND
    assert accounts.attempt("wang.fang", GOOD, known).good


def test_a_browser_is_known_to_those_who_signed_in_with_it(accounts: Accounts, clock: Clock) -> None:
    """For half a year, and until another password is given."""
    accounts.add("li.na", "Li Na", [Role.QA], GOOD)
    known = accounts.attempt("wang.fang", GOOD).browser
    assert (
        accounts.attempt("wang.fang", WRONG, known).reason == "wrong password, 1 in a row, in a browser that is known"
    )
    assert accounts.attempt("li.na", WRONG, known).reason == "wrong password, 1 in a row"
    assert accounts.attempt("li.na", GOOD, known).browser == known
    assert accounts.attempt("li.na", WRONG, known).reason.endswith("known")
    accounts.set_password("wang.fang", GOOD)
    assert not accounts.attempt("wang.fang", WRONG, known).reason.endswith("known")
    clock.now += (KNOWN_DAYS * 86_400 + 1) * SECOND
    assert not accounts.attempt("li.na", WRONG, known).reason.endswith("known")
    assert accounts.attempt("li.na", GOOD, known).browser != known


def test_so_many_browsers_are_known_as_a_person_may_have(accounts: Accounts, clock: Clock) -> None:
    """Those that were used last, and none by its name."""
    names = []
    for _ in range(MOST + 1):
        clock.now += SECOND
        names.append(accounts.attempt("wang.fang", GOOD).browser)
    first, second = (accounts.attempt("wang.fang", WRONG, name).reason.endswith("known") for name in names[:2])
    assert (first, second) == (False, True)


def test_the_last_attempt_before_the_lock_may_be_the_right_one(accounts: Accounts) -> None:
    """A failure is counted before the comparison, and taken back."""
    for _ in range(2):
        accounts.attempt("wang.fang", WRONG)
    assert accounts.attempt("wang.fang", GOOD).good
    assert accounts.attempt("wang.fang", GOOD).good


def test_an_administrator_ends_a_lock(accounts: Accounts) -> None:
    """Or gives another password."""
    ends: list[Callable[[], object]] = [
        partial(accounts.unlock, "wang.fang"),
        partial(accounts.set_password, "wang.fang", GOOD),
    ]
    for end in ends:
        known = accounts.attempt("wang.fang", GOOD).browser
        for browser in ["", known] * 3:
            accounts.attempt("wang.fang", WRONG, browser)
        assert not any(accounts.attempt("wang.fang", GOOD, browser).good for browser in ("", known))
        end()
        assert accounts.attempt("wang.fang", GOOD, known).good


def test_every_refusal_costs_a_comparison(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody learns by the time it takes whether a name is known, locked or disabled."""
    compared = list[str | None]()
    real = passwords.matches

    def counting(kept: str | None, password: str) -> bool:
        compared.append(kept)
        return real(kept, password)

    monkeypatch.setattr(passwords, "matches", counting)
    accounts.attempt("nobody", GOOD)
    accounts.attempt("wang.fang", WRONG)
    accounts.disable("wang.fang")
    accounts.attempt("wang.fang", GOOD)
    assert [kept is None for kept in compared] == [True, False, True]


@pytest.mark.parametrize("login", ["nobody", "wang.fang", "li.na"])
def test_every_attempt_costs_a_write(tmp_path: Path, accounts: Accounts, login: str) -> None:
    """Before the comparison, for a known name, a disabled one and one that nobody has: each waits for the disk once."""
    accounts.add("li.na", "Li Na", [Role.QA], GOOD)
    accounts.disable("li.na")
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite")) as beside:
        before = beside.execute("PRAGMA data_version").fetchone()
        accounts.attempt(login, WRONG)
        assert beside.execute("PRAGMA data_version").fetchone() != before


@pytest.mark.parametrize("name", ["wang fang", "WANG  FANG", "\uff37ang Fang", "Wang\u00a0Fang"])
def test_a_person_has_one_account_however_the_name_is_written(accounts: Accounts, name: str) -> None:
    """Case, spaces and the width of letters make no other person."""
    with pytest.raises(AccountError, match="one person has one"):
        accounts.add("fang.w", name, [Role.ADMINISTRATOR], GOOD)


@pytest.mark.parametrize("name", ["Li\nNa", "Li \u202eNa", "Li\x1b[31mNa"])
def test_a_name_has_nothing_that_is_not_seen(accounts: Accounts, name: str) -> None:
    """It stands in records, in lists and on terminals."""
    with pytest.raises(AccountError, match="a character that is not seen"):
        accounts.add("li.na", name, [Role.QA], GOOD)


def test_a_file_that_cannot_be_used_is_named_whatever_is_asked(tmp_path: Path, accounts: Accounts) -> None:
    """As when somebody took the tables away while the node runs."""
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite", isolation_level=None)) as beside:
        beside.execute("DROP TABLE changes")
        beside.execute("ALTER TABLE accounts RENAME TO other")
    asked: list[Callable[[], object]] = [
        accounts.all, accounts.changes, partial(accounts.attempt, "wang.fang", GOOD), partial(accounts.told, 1),
    ]  # fmt: skip
    for ask in asked:
        with pytest.raises(AccountError, match=r"accounts\.sqlite cannot be used"):
            ask()


def test_a_disabled_or_ended_account_holds_no_longer(accounts: Accounts, clock: Clock) -> None:
    """Nor its tokens."""
    ends = clock.now + 100 * SECOND
    accounts.add("li.na", "Li Na", [Role.INSPECTOR], GOOD, scope=Scope(batches=frozenset({"240611A"})), ends=ends)
    tokens = {name: accounts.make_token(name, clock.now + 1000 * SECOND) for name in ("wang.fang", "li.na")}
    assert all(accounts.with_token(token) for token in tokens.values())
    accounts.disable("wang.fang")
    clock.now += 100 * SECOND
    assert not any(accounts.with_token(token) for token in tokens.values())
    assert not any(accounts.attempt(name, GOOD).good for name in tokens)
    accounts.disable("wang.fang", disabled=False)
    assert accounts.with_token(tokens["wang.fang"])


def test_a_token_is_kept_as_a_hash_and_ends(tmp_path: Path, accounts: Accounts, clock: Clock) -> None:
    """At its end, or when all are dropped."""
    token = accounts.make_token("wang.fang", clock.now + 60 * SECOND)
    assert all(token.encode() not in file.read_bytes() for file in tmp_path.iterdir())
    assert accounts.with_token(token)
    assert accounts.with_token(token + "x") is None
    clock.now += 60 * SECOND
    assert accounts.with_token(token) is None
    other = accounts.make_token("wang.fang", clock.now + 60 * SECOND)
    accounts.drop_tokens("wang.fang")
    assert accounts.with_token(other) is None
    with pytest.raises(AccountError, match="end is past"):
        accounts.make_token("wang.fang", clock.now)


def test_what_commands_change_waits_for_the_access_log(tmp_path: Path, accounts: Accounts) -> None:
    """Once, in order, with whose account it is."""
    with closing(Accounts(tmp_path / "accounts.sqlite")) as beside:
        beside.disable("wang.fang")
    changes = accounts.changes()
    assert [one.text.split(", by ")[0] for one in changes] == ["account wang.fang made, roles qa", "account disabled"]
    assert all(one.text.split(", by ")[1] for one in changes)
    assert {one.account.name for one in changes} == {"Wang Fang"}
    accounts.told(changes[0].id)
    assert accounts.changes() == changes[1:]


def test_an_account_is_kept_as_it_was_made(accounts: Accounts, clock: Clock) -> None:
    """With scope, end and roles."""
    scope, ends = Scope(batches=frozenset({"批次 1", "a/b"})), clock.now + SECOND
    made = accounts.add("li.na", "李娜", [Role.INSPECTOR], GOOD, scope=scope, ends=ends)
    assert accounts.find("li.na") == accounts.with_id(made.id) == made
    assert [one.login for one in accounts.all()] == ["li.na", "wang.fang"]


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "Wang Fang is me", "wang.fang-2026", "x" * 300])
def test_a_poor_password_is_refused(accounts: Accounts, password: str) -> None:
    """For a new account and for an old one; what was given is not repeated."""
    with pytest.raises(AccountError, match="a password") as made:
        accounts.set_password("wang.fang", password)
    assert password not in str(made.value)


@pytest.mark.parametrize("text", ["", "\0", "密码" * 300, "x" * 10_000])
def test_any_text_is_compared_without_complaint(text: str) -> None:
    """Whatever somebody types."""
    assert not passwords.matches(None, text)
    assert not passwords.matches("no hash", text)


VIEWER = Viewer("1", "Wang Fang", frozenset({Role.QA}))


@given(st.lists(st.integers(0, 120), max_size=20))
def test_a_session_ends_when_idle_and_in_any_case(waits: list[int]) -> None:
    """After 60 s without a click, after 300 s whatever is done."""
    clock = Clock()
    sessions, begun, used = Sessions(60, 300, clock), clock.now, clock.now
    name = sessions.begin(VIEWER, None)
    alive = True
    for wait in waits:
        clock.now += wait * SECOND
        alive = alive and clock.now - used < 60 * SECOND and clock.now - begun < 300 * SECOND
        assert (sessions.find(name) is not None) == alive
        used = clock.now


def test_a_session_that_ends_tells_what_is_open_with_it() -> None:
    """By hand, by time, or because there are too many of one person."""
    clock = Clock()
    sessions = Sessions(60, 300, clock)
    names = [sessions.begin(VIEWER, None) for _ in range(MOST_OF_ONE)]
    first, second = sessions.find(names[0]), sessions.find(names[1])
    assert first is not None
    assert second is not None
    sessions.begin(VIEWER, None)
    assert first.ended.is_set()
    sessions.end(names[1])
    assert second.ended.is_set()
    third = sessions.find(names[2])
    clock.now += 60 * SECOND
    assert third is not None
    assert sessions.left(third) <= 0
    assert sessions.find(names[2]) is None
    assert third.ended.is_set()


def test_names_of_sessions_are_random() -> None:
    """And a name that was not given is none."""
    sessions = Sessions(60, 300, Clock())
    names = {sessions.begin(VIEWER, None) for _ in range(10)}
    assert len(names) == 10
    assert all(len(name) >= 43 for name in names)
    assert sessions.find("") is None
