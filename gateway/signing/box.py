"""A person's private key, locked with a signing password of that person's own (21 CFR 11.200(a), 11.300). Pure.

AES-256-GCM, whose key argon2id (RFC 9106) makes of the password. The public key is bound to it, so that nobody's box
can be put in another's place. It is opened for one signature at a time; who loses the password gets another key.
"""

import os
from typing import Annotated, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from gateway.proof.note import COSIGNATURE, MalformedNoteError, SigningKey, VerifierKey
from gateway.proof.suites import ED25519

Salt = Annotated[Base64Bytes, Field(min_length=16, max_length=16)]
Nonce = Annotated[Base64Bytes, Field(min_length=12, max_length=12)]


class BoxError(ValueError):
    """What should hold a locked key does not."""


class Cost(BaseModel):
    """What one try of a password costs: `memory` in KiB, how many passes over it, in how many lanes.

    As RFC 9106, section 4, recommends second; bounded, as it is read back from a file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory: int = Field(65_536, ge=32, le=1_048_576)
    passes: int = Field(3, ge=1, le=16)
    lanes: int = Field(4, ge=1, le=4)


class Box(BaseModel):
    """A locked key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    """The public key: a line of a `.vkey` file."""
    cost: Cost
    salt: Salt
    nonce: Nonce
    sealed: Base64Bytes = b""

    @classmethod
    def read(cls, text: str) -> Self:
        """As `text` wrote it. Raises BoxError."""
        try:
            read = cls.model_validate_json(text)
            VerifierKey.parse(read.key)
        except (ValidationError, MalformedNoteError) as error:
            raise BoxError("not a locked key; give the person a new one") from error
        return read

    @property
    def text(self) -> str:
        """For keeping, in a line."""
        return self.model_dump_json()

    @property
    def public(self) -> VerifierKey:
        """Whose signatures it makes."""
        return VerifierKey.parse(self.key)

    def unlock(self, password: str) -> SigningKey | None:
        """The key; None where the password is another one, or the box was altered: the two cannot be told apart."""
        try:
            secret = AESGCM(_derived(self, password)).decrypt(self.nonce, self.sealed, _bound(self))
        except InvalidTag:
            return None
        if len(secret) != ED25519.secret_size:
            return None
        key = SigningKey(self.public.name, ED25519.restore(secret))
        return key if key.verifier(COSIGNATURE) == self.public else None


def lock(key: SigningKey, password: str, cost: Cost | None = None) -> Box:
    """The key, locked; with another salt and nonce every time."""
    public = str(key.verifier(COSIGNATURE))
    # Unread, as reading takes base64.
    box = Box.model_construct(key=public, cost=cost or Cost(), salt=os.urandom(16), nonce=os.urandom(12), sealed=b"")
    sealed = AESGCM(_derived(box, password)).encrypt(box.nonce, key.private.private_bytes_raw(), _bound(box))
    return box.model_copy(update={"sealed": sealed})


def _derived(box: Box, password: str) -> bytes:
    memory, passes, lanes = box.cost.memory, box.cost.passes, box.cost.lanes
    derivation = Argon2id(salt=box.salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
    return derivation.derive(password.encode())


def _bound(box: Box) -> bytes:
    """What cannot be changed without the password: everything but what is sealed."""
    return box.model_dump_json(exclude={"sealed"}).encode()
