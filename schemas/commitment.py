"""Commitments: what stands in a record in the place of a field that its reader may not see.

`digest` is SHA-256 over the canonical text of five things: a salt of 128 random bits, the stream, the record's id, the
field's path, the value. Whoever is told that text later can check that it is what was sealed, and no one can find
another that fits; who is not told it learns nothing, not even whether two values are equal. README.md has the form.
"""

import base64
import json
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from math import isinf, isnan
from typing import Any, TypeGuard

SALT = 16
"""Octets of a salt."""
SAFE = 2**53 - 1
"""Largest whole number that every JSON reader takes for itself (RFC 8785, appendix D)."""
_FIXED_FROM, _FIXED_TO = -6, 21
AVRO = {
    "type": "record",
    "name": "Commitment",
    "doc": "Stands for a value that this reader may not see; its opening can be disclosed and checked later.",
    "fields": [
        {
            "name": "digest",
            "type": {"type": "fixed", "name": "Sha256", "size": 32},
            "doc": "SHA-256 over the canonical text of salt, stream, record id, field path and value.",
        },
        {
            "name": "clause",
            "type": "string",
            "doc": "Clause of the agreement; or NAMED-TERMS where it names what belongs to another holder, "
            "STAYS-IN-COUNTRY where it may not leave the country.",
        },
        {
            "name": "words",
            "type": ["null", "string"],
            "default": None,
            "doc": "Text with what may not be seen blacked out; null where nothing of it may be seen.",
        },
    ],
}
"""Its schema, a named type of each schema that has such fields."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """Stands for a withheld value: 32 octets of `digest`, and why. `words` is what of a text may be seen."""

    digest: bytes
    clause: str
    words: str | None = None

    def __str__(self) -> str:
        """What a reader sees of it where a text has to stand."""
        return self.words or f"[withheld by {self.clause}, commitment {self.digest.hex()[:16]}]"


def canonical(salt: bytes, stream: str, record: str, path: str, value: Any) -> str:
    """The text whose SHA-256 is the commitment: a JSON array of five, as RFC 8785 writes it.

    The salt in base64url without padding; the value as text, as a number, or, where JSON has no number for it, as text:
    whole numbers beyond 2^53 - 1 in decimal, octets in hexadecimal, NaN, Infinity and -Infinity by these names.
    Raises ValueError for what is no text: half characters, or a salt of another length.
    """
    if len(salt) != SALT:
        raise ValueError(f"a salt has {SALT} octets, not {len(salt)}")
    written = [salt_text(salt), stream, record, path]
    parts = [*map(_text, written), _value(value)]
    return f"[{','.join(parts)}]"


def digest_of(text: str) -> bytes:
    """The commitment to a canonical text. Raises ValueError where it has half characters."""
    return sha256(text.encode()).digest()


def salt_text(salt: bytes) -> str:
    """Base64url without padding (RFC 4648, section 5), as in RFC 9901."""
    return base64.urlsafe_b64encode(salt).decode().rstrip("=")


def is_commitment(value: Any) -> TypeGuard[Commitment]:
    """Whether this stands for a withheld value."""
    return type(value) is Commitment


def _text(text: str) -> str:
    """As RFC 8785, section 3.2.2.2: the escapes of ECMAScript, everything else as it is."""
    return json.dumps(text, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) <= SAFE else f'"{value}"'
    if isinstance(value, bytes):
        return f'"{value.hex()}"'
    if isinstance(value, float):
        return _number(value)
    raise ValueError(f"a {type(value).__name__} cannot be committed to")


def _number(value: float) -> str:
    """As ECMAScript writes a number (RFC 8785, section 3.2.2.3): the shortest digits that give it back."""
    if isnan(value):
        return '"NaN"'
    if isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    if value == 0:
        return "0"
    sign, figures, exponent = Decimal(repr(value)).normalize().as_tuple()
    digits, point = "".join(map(str, figures)), len(figures) + int(exponent)
    return "-" * sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """The digits with the decimal point behind so many of them."""
    if _FIXED_FROM < point <= _FIXED_TO:
        if point <= 0:
            return f"0.{'0' * -point}{digits}"
        whole, rest = digits[:point].ljust(point, "0"), digits[point:]
        return f"{whole}.{rest}" if rest else whole
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{rest}e{point - 1:+d}"
