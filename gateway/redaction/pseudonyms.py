"""Pseudonyms of persons, for records that cross a border: keyed, so that who has the key alone can tell who it is."""

import hmac
import unicodedata
from base64 import b32encode
from functools import lru_cache
from pathlib import Path
from secrets import token_bytes

from gateway.proof.keys import write_new
from schemas.errors import ToldError

OCTETS = 32
_SHOWN = 16
"""Characters of base32 that are shown: 80 bits, so that two persons do not meet in one."""


class PseudonymKeyError(ToldError):
    """The key of pseudonyms cannot be used; the message says why, and what to do."""


class Pseudonyms:
    """`P-` and 16 letters and digits for a name: HMAC-SHA-256 under a key that stays at home (GB/T 37964)."""

    def __init__(self, key: bytes) -> None:
        if len(key) != OCTETS:
            raise PseudonymKeyError(f"the key of pseudonyms has {len(key)} octets, not {OCTETS}")
        self._key = key
        self._of = lru_cache(maxsize=4096)(self._made)

    def __call__(self, name: str) -> str:
        """The same for the same name, however wide it is written or spaced at its ends."""
        return self._of(name)

    def _made(self, name: str) -> str:
        octets = unicodedata.normalize("NFKC", name).strip().encode()
        return f"P-{b32encode(hmac.digest(self._key, octets, 'sha256')).decode()[:_SHOWN]}"


def pseudonyms_from(path: Path) -> Pseudonyms:
    """With the key in this file; a file that is not there is made, for its owner alone.

    Raises PseudonymKeyError where it cannot be read or made, others may read it, or it holds no key.
    """
    try:
        if not path.exists():
            write_new(path, token_bytes(OCTETS).hex() + "\n", 0o600)
        if path.stat().st_mode & 0o077:
            raise PseudonymKeyError(f"{path}: others may read the key of pseudonyms; run `chmod 600 {path}`")
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise PseudonymKeyError(f"{path}: the key of pseudonyms cannot be used: {error}") from error
    return Pseudonyms(key)
