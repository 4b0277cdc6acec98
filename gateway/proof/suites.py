"""Signature algorithms: how a private key is made and restored, and how a signature is checked. Pure.

A row of ALGORITHMS is all that an algorithm needs; `note.SUITES` says in which kinds of signature line it stands. The
row for SM2 with SM3 (GB/T 32918, GB/T 32905) is missing as long as `cryptography` has SM3 but no SM2.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey


class PublicBytes(Protocol):
    """The public side of a private key."""

    def public_bytes_raw(self) -> bytes:
        """The public key in its one encoding."""


class PrivateKey(Protocol):
    """A private key of any algorithm."""

    def sign(self, data: bytes, /) -> bytes:
        """A signature over the data."""

    def private_bytes_raw(self) -> bytes:
        """The secret from which the key can be restored: 32 bytes."""

    def public_key(self) -> Any:
        """Its public side, a `PublicBytes`."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A signature algorithm; `name` stands in agreements. Sizes are in bytes."""

    name: str
    private: type
    public_size: int
    secret_size: int
    generate: Callable[[], PrivateKey]
    restore: Callable[[bytes], PrivateKey]
    """From what `private_bytes_raw` gives."""
    fits: Callable[[bytes, bytes, bytes], bool]
    """(public key, signature, message) → whether the signature holds."""


def _fits(public: Any) -> Callable[[bytes, bytes, bytes], bool]:
    def fits(octets: bytes, signature: bytes, message: bytes) -> bool:
        try:
            public.from_public_bytes(octets).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    return fits


ED25519 = Algorithm(
    "ed25519",
    Ed25519PrivateKey,
    public_size=32,
    secret_size=32,
    generate=Ed25519PrivateKey.generate,
    restore=Ed25519PrivateKey.from_private_bytes,
    fits=_fits(Ed25519PublicKey),
)
"""RFC 8032."""
ML_DSA_44 = Algorithm(
    "ml-dsa-44",
    MLDSA44PrivateKey,
    public_size=1312,
    secret_size=32,
    generate=MLDSA44PrivateKey.generate,
    restore=MLDSA44PrivateKey.from_seed_bytes,
    fits=_fits(MLDSA44PublicKey),
)
"""FIPS 204, with an empty context."""
ALGORITHMS: Mapping[str, Algorithm] = {one.name: one for one in (ED25519, ML_DSA_44)}


def algorithm_of(key: PrivateKey) -> Algorithm:
    """The algorithm of a private key. Raises StopIteration for one of another kind."""
    return next(one for one in ALGORITHMS.values() if isinstance(key, one.private))
