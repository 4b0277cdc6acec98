"""Local accounts in a file of the node: SQLite, readable by its owner alone. Calls block.

The commands change the file beside a running node, which asks it at every page; so what is taken away is gone at once.
What they changed stands in `changes` until the node has put it into its access log.
"""

import hashlib
import json
import os
import pwd
import secrets
import sqlite3
import stat
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

from gateway.access import browsers, passwords
from gateway.access.account import Account, AccountError, Lockout, refused
from gateway.access.browsers import Counter, counter_for, remember
from gateway.access.roles import Right, Role
from gateway.access.viewer import EVERYTHING, Scope

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, roles TEXT NOT NULL, made INTEGER NOT NULL,
    scope TEXT NOT NULL, ends INTEGER, disabled INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
    locked INTEGER, last_failed INTEGER NOT NULL DEFAULT 0, password TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tokens (
    digest BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts, ends INTEGER NOT NULL, made INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, account TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS in_vain (id INTEGER PRIMARY KEY CHECK (id = 1), time INTEGER NOT NULL) STRICT;
"""
COLUMNS = "id, login, name, roles, made, scope, ends, disabled, failed, locked, password"
TOKEN = "cmo_"  # noqa: S105 - how a token begins, so that one that leaked is found
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an attempt to sign in. `account` is who was meant, None for a name that nobody has."""

    account: Account | None
    good: bool
    reason: str = ""
    browser: str = field(default="", repr=False)
    """What the browser is called from now on, where the attempt was good."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to an account by a command, or by the person."""

    id: int
    time: int
    account: Account
    text: str


def utc_now() -> int:
    """UTC microseconds."""
    return time.time_ns() // 1000


class Accounts:
    """All local accounts of a node. Everything raises AccountError when the file cannot be used."""

    def __init__(self, file: Path, lockout: Lockout | None = None, clock: Callable[[], int] = utc_now) -> None:
        self._lockout, self._clock, self._lock, self._file = lockout or Lockout(), clock, Lock(), file
        self._by = _operating_user()
        passwords.nobodys()  # now, so that the first attempt takes no longer than others
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
            if stat.S_IMODE(file.stat().st_mode) & 0o077:
                raise AccountError(f"{file}: others can read the accounts; chmod 600 {file}")
            self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None, timeout=10)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.executescript(SCHEMA + browsers.SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def all(self) -> list[Account]:
        """Every account, by name."""
        return self._accounts("ORDER BY login")

    def find(self, login: str) -> Account | None:
        """The account of that name."""
        return next(iter(self._accounts("WHERE login = ?", login)), None)

    def with_id(self, id_: str) -> Account | None:
        """The account of that id."""
        return next(iter(self._accounts("WHERE id = ?", id_)), None)

    def add(
        self,
        login: str,
        name: str,
        roles: Collection[Role],
        password: str,
        *,
        scope: Scope = EVERYTHING,
        ends: int | None = None,
    ) -> Account:
        """Make an account. Raises AccountError with every reason against it."""
        made = Account(str(uuid4()), login, name.strip(), frozenset(roles), self._clock(), scope, ends)
        wrong = refused(made, self.all())
        wrong += passwords.faults(password, login, *name.split())
        if wrong:
            raise AccountError("; ".join(wrong))
        row = (made.id, login, made.name, _roles(roles), made.made, _text(scope), ends, passwords.hashed(password))
        with self._writing() as db:
            db.execute(
                "INSERT INTO accounts (id, login, name, roles, made, scope, ends, password)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            self._tell(made.id, f"account {login} made, roles {_roles(roles)}")
        return made

    def set_password(self, login: str, password: str) -> Account:
        """Give another password; a lock ends, and no browser is known any more. Raises AccountError."""
        account = self._known(login)
        if wrong := passwords.faults(password, login, *account.name.split()):
            raise AccountError("; ".join(wrong))
        what = "password = ?, failed = 0, locked = NULL"
        return self._change(account, what, "password set", passwords.hashed(password), besides=browsers.FORGET)

    def disable(self, login: str, *, disabled: bool = True) -> Account:
        """Close the account, or open it again; its tokens with it. Raises AccountError."""
        text = "account disabled" if disabled else "account enabled"
        return self._change(self._known(login), "disabled = ?", text, int(disabled))

    def unlock(self, login: str) -> Account:
        """End a lock before its time. Raises AccountError."""
        what = "failed = 0, locked = NULL"
        return self._change(self._known(login), what, "lock ended", besides=browsers.UNLOCK)

    def make_token(self, login: str, ends: int) -> str:
        """A token for a program of this person; it is told once and kept as a hash. Raises AccountError."""
        account, token = self._known(login), TOKEN + secrets.token_urlsafe(32)
        if ends <= self._clock():
            raise AccountError("--days: the end is past")
        with self._writing() as db:
            db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?)", (_digest(token), account.id, ends, self._clock()))
            self._tell(account.id, "token for programs made")
        return token

    def drop_tokens(self, login: str) -> Account:
        """Every token of the account ends. Raises AccountError."""
        account = self._known(login)
        with self._writing() as db:
            db.execute("DELETE FROM tokens WHERE account = ?", [account.id])
            self._tell(account.id, "tokens for programs ended")
        return account

    def with_token(self, token: str) -> Account | None:
        """The open account that a program's token stands for."""
        sql = "WHERE id = (SELECT account FROM tokens WHERE digest = ? AND ends > ?)"
        now = self._clock()
        return next((one for one in self._accounts(sql, _digest(token), now) if one.open(now)), None)

    def attempt(self, login: str, password: str, browser: str = "") -> Attempt:
        """Somebody gives a name and a password. It takes one comparison, and one write before it, whether there is such
        an account or not. `browser` is what an earlier good attempt called it.

        The failure is counted before the comparison, so that attempts side by side get no more of them.
        """
        account, kept, counter = self._count(login, browser)
        good = passwords.matches(kept, password)
        if account is None:
            return Attempt(None, good=False, reason="no such account")
        if kept is None or counter is None:
            return Attempt(account, good=False, reason="account locked, disabled or ended")
        if not good:
            where = ", in a browser that is known" if counter.known else ""
            return Attempt(account, good=False, reason=f"wrong password, {account.failed} in a row{where}")
        with self._writing() as db:
            counter.clear(db)
            named = remember(db, account.id, browser, self._clock())
        return Attempt(account, good=True, browser=named)

    def changes(self) -> list[Change]:
        """What was changed and is not yet in the access log."""
        rows = self._rows("SELECT id, time, account, text FROM changes ORDER BY id")
        known = {one.id: one for one in self.all()}
        return [Change(id_, time_, known[account], text) for id_, time_, account, text in rows]

    def told(self, upto: int) -> None:
        """Changes up to this one are in the access log."""
        with self._writing() as db:
            db.execute("DELETE FROM changes WHERE id <= ?", [upto])

    def _count(self, login: str, browser: str) -> tuple[Account | None, str | None, Counter | None]:
        """The account, with one more failure, what its password is compared with and where the failure was counted;
        None where none would do.
        """
        now = self._clock()
        with self._writing() as db:
            found = db.execute("SELECT id, password FROM accounts WHERE login = ?", [login]).fetchone()
            if found is None:
                self._in_vain(now)
                return None, None, None
            id_, kept = found
            account = _account(db.execute(f"SELECT {COLUMNS} FROM accounts WHERE id = ?", [id_]).fetchone())
            counter = counter_for(db, id_, browser, now)
            counted = counter.count(db, self._lockout, now) if account.open(now) else None
            if counted is None:
                self._in_vain(now)
                return account, None, None
        failed, until = counted
        return replace(account, failed=failed, locked=until), kept, counter

    def _in_vain(self, now: int) -> None:
        """A write as for an account that may be used, so that nobody learns by the time it takes that it is none."""
        self._db.execute("INSERT OR REPLACE INTO in_vain VALUES (1, ?)", [now])

    def _known(self, login: str) -> Account:
        account = self.find(login)
        if account is None:
            raise AccountError(f"{login}: there is no such account; `cmo-gateway user list` names them")
        return account

    def _change(self, account: Account, what: str, text: str, *values: object, besides: str | None = None) -> Account:
        with self._writing() as db:
            db.execute(f"UPDATE accounts SET {what} WHERE id = ?", [*values, account.id])
            if besides is not None:
                db.execute(besides, [account.id])
            self._tell(account.id, text)
        return account

    def _tell(self, account: str, text: str) -> None:
        sql = "INSERT INTO changes (time, account, text) VALUES (?, ?, ?)"
        self._db.execute(sql, [self._clock(), account, f"{text}, by {self._by}"])

    def _accounts(self, where: str, *values: object) -> list[Account]:
        return [_account(row) for row in self._rows(f"SELECT {COLUMNS} FROM accounts {where}", *values)]

    def _rows(self, sql: str, *values: object) -> list[Any]:
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with self._db:
                    self._db.execute("BEGIN IMMEDIATE")
                    yield self._db
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> AccountError:
        return AccountError(f"accounts {self._file} cannot be used: {error}")


def _operating_user() -> str:
    """Who runs this program, as the operating system has it; commands that change accounts are told under this name."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"user {os.getuid()}"
    behind = os.environ.get("SUDO_USER")
    return f"{name} for {behind}" if behind else name


def _account(row: Any) -> Account:
    id_, login, name, roles, made, scope, ends, disabled, failed, locked, kept = row
    held = frozenset(Role(role) for role in roles.split(","))
    credential = hashlib.sha256(kept.encode()).hexdigest()
    return Account(id_, login, name, held, made, _scope(scope), ends, bool(disabled), failed, locked, credential)


def _roles(roles: Collection[Role]) -> str:
    return ",".join(sorted(roles))


def _text(scope: Scope) -> str:
    return json.dumps(
        {"rights": _sorted(scope.rights), "batches": _sorted(scope.batches)}, ensure_ascii=False, sort_keys=True
    )


def _sorted(given: Collection[str] | None) -> list[str] | None:
    return None if given is None else sorted(given)


def _scope(text: str) -> Scope:
    told = json.loads(text)
    rights, batches = told["rights"], told["batches"]
    return Scope(
        None if rights is None else frozenset(map(Right, rights)), None if batches is None else frozenset(batches)
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
