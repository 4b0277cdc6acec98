"""Passwords of local accounts: what they must be, and how they are kept (argon2id, RFC 9106)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

LEAST = 12
"""Characters of a password at least (NIST SP 800-63B-4, 3.1.1.2: length, and no rules of composition)."""
MOST = 256
"""Characters at most, so that nobody makes the node hash a book."""
_HASHER = PasswordHasher()


def faults(password: str, *names: str) -> list[str]:
    """What is wrong with a password of somebody with these names; empty where nothing is."""
    found = []
    if len(password) < LEAST:
        found.append(f"a password has at least {LEAST} characters")
    if len(password) > MOST:
        found.append(f"a password has at most {MOST} characters")
    if len(set(password)) < 4:
        found.append("a password has more than three different characters")
    plain = password.casefold()
    if any(name.casefold() in plain for name in names if len(name) > 2):
        found.append("a password does not contain the name of its account or of the person")
    return found


def hashed(password: str) -> str:
    """As it is kept."""
    return _HASHER.hash(password)


@cache
def nobodys() -> str:
    """What is compared where there is nothing to compare with."""
    return hashed("nobody has this password")


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password. Takes the same time where there is none to compare with."""
    try:
        return _HASHER.verify(kept or nobodys(), password[: MOST + 1]) and kept is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
