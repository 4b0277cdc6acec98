"""Browsers in which a person has signed in before: their failures are counted each for itself, those of all others by
account (OWASP, Slow Down Online Guessing Attacks with Device Cookies). So whoever does not know a password can lock an
account for strangers, and not for the person.

Such a browser has a random name in a cookie, kept here as a hash. It lets nobody in.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.access.account import Lockout

SCHEMA = """
CREATE TABLE IF NOT EXISTS browsers (
    digest BLOB NOT NULL, account TEXT NOT NULL REFERENCES accounts, used INTEGER NOT NULL,
    failed INTEGER NOT NULL DEFAULT 0, last_failed INTEGER NOT NULL DEFAULT 0, locked INTEGER,
    PRIMARY KEY (digest, account)
) STRICT;
"""
KNOWN_DAYS = 180
"""So long a browser is known after the last time that somebody signed in."""
MOST = 20
"""Browsers of an account that are known: of more, those used last."""
FORGET = "DELETE FROM browsers WHERE account = ?"
UNLOCK = "UPDATE browsers SET failed = 0, locked = NULL WHERE account = ?"
_SECOND = 1_000_000
_TABLES = {True: ("browsers", "digest = ? AND account = ?"), False: ("accounts", "id = ?")}


@dataclass(frozen=True, slots=True)
class Counter:
    """Where the failures of an attempt are counted: the row of a browser that is known to the account, or its own."""

    account: str
    digest: bytes | None

    @property
    def known(self) -> bool:
        """Whether the person has signed in with this browser."""
        return self.digest is not None

    def count(self, db: sqlite3.Connection, lockout: Lockout, now: int) -> tuple[int, int | None] | None:
        """One more failure: how many in a row there are, and until when it is locked by that; None where it was locked
        already, and nothing is counted. `now` is UTC microseconds.
        """
        table, where = _TABLES[self.known]
        failed, last, locked = db.execute(
            f"SELECT failed, last_failed, locked FROM {table} WHERE {where}", self._place
        ).fetchone()
        if locked is not None and now < locked:
            return None
        span = round(lockout.seconds * _SECOND)
        failed = failed + 1 if now - last < span and locked is None else 1
        until = now + span if failed >= lockout.failures else None
        sql = f"UPDATE {table} SET failed = ?, last_failed = ?, locked = ? WHERE {where}"
        db.execute(sql, [failed, now, until, *self._place])
        return failed, until

    def clear(self, db: sqlite3.Connection) -> None:
        """The password was right."""
        table, where = _TABLES[self.known]
        db.execute(f"UPDATE {table} SET failed = 0, locked = NULL WHERE {where}", self._place)

    @property
    def _place(self) -> Sequence[Any]:
        return [self.account] if self.digest is None else [self.digest, self.account]


def counter_for(db: sqlite3.Connection, account: str, name: str, now: int) -> Counter:
    """The counter of an attempt from a browser with this name."""
    sql = "SELECT 1 FROM browsers WHERE digest = ? AND account = ? AND used > ?"
    known = db.execute(sql, [_digest(name), account, _oldest(now)]).fetchone()
    return Counter(account, _digest(name) if known else None)


def remember(db: sqlite3.Connection, account: str, name: str, now: int) -> str:
    """The browser is known to the account from now on; its name, a new one where it had none from here."""
    known = db.execute("SELECT 1 FROM browsers WHERE digest = ? AND used > ?", [_digest(name), _oldest(now)]).fetchone()
    kept = name if known else secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO browsers (digest, account, used) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET used = excluded.used",
        [_digest(kept), account, now],
    )
    db.execute(
        """DELETE FROM browsers WHERE account = ? AND (used <= ? OR digest NOT IN (
            SELECT digest FROM browsers WHERE account = ? ORDER BY used DESC LIMIT ?))""",
        [account, _oldest(now), account, MOST],
    )
    return kept


def _oldest(now: int) -> int:
    return now - KNOWN_DAYS * 86_400 * _SECOND


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
