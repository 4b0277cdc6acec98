"""Key files: made once, private ones readable by their owner alone.

A key's name says whose it is and what it may do: `<party>/<role>/<id>`, as in `cmo-a/sender/line-3`. So a node's key
can never pass for a sender's. A private key file is one line, `PRIVATE+KEY+<name>+<key id>+<base64(type ‖ seed)>`, as
golang.org/x/mod/sumdb/note writes it; a `.vkey` file holds the public side, one verifier key a line, one for each kind
of signature the key makes.
"""

import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from gateway.proof import suites
from gateway.proof.note import (
    SUITES,
    MalformedNoteError,
    SigningKey,
    VerifierKey,
    decode64,
    encode64,
)
from gateway.proof.suites import Algorithm, algorithm_of
from schemas.errors import ToldError

PREFIX = "PRIVATE+KEY+"
MAX_FILE = 64 * 1024
"""Longest key file that is read, in bytes."""
IDENTIFIER = re.compile(r"[a-z0-9-]{1,32}")


class Role(StrEnum):
    """What a key may do."""

    SENDER = "sender"
    """Seals streams."""
    NODE = "node"
    """Signs receipts and the manifests of exports."""
    SIGNATORY = "signatory"
    """Signs agreements and revocations, and says who signs for its party."""
    PERSON = "person"
    """Signs what a person says; opens only with that person's signing password."""


class KeyFileError(ToldError):
    """A key file cannot be used; one line says which, why, and what to do."""


def key_name(party: str, role: Role, identifier: str) -> str:
    """Name of a key. Raises ValueError for what is no identifier."""
    for part in (party, identifier):
        if not IDENTIFIER.fullmatch(part):
            raise ValueError(f"not an identifier: {part!r}; use 1 to 32 of a-z, 0-9 and -")
    return f"{party}/{role}/{identifier}"


def role_of(name: str) -> Role | None:
    """What the key of that name may do; None when the name is not one of ours."""
    party, _, rest = name.partition("/")
    role, _, identifier = rest.partition("/")
    if role not in set(Role) or not (IDENTIFIER.fullmatch(party) and IDENTIFIER.fullmatch(identifier)):
        return None
    return Role(role)


def sender_keys(party: str, sender: str, trusted: Iterable[VerifierKey]) -> list[VerifierKey]:
    """Those of the trusted keys that may seal what this sender of the party sends."""
    name = f"{party}/{Role.SENDER}/{sender}"
    return [key for key in trusted if key.name == name]


def generate(party: str, role: Role, identifier: str, algorithm: Algorithm = suites.ED25519) -> SigningKey:
    """A new key. Raises ValueError for what is no identifier."""
    return SigningKey(key_name(party, role, identifier), algorithm.generate())


def renew(key: SigningKey) -> SigningKey:
    """Another key of the same name."""
    return SigningKey(key.name, algorithm_of(key.private).generate())


def public_keys(key: SigningKey) -> tuple[VerifierKey, ...]:
    """The public side, for every kind of signature the key makes."""
    return tuple(key.verifier(kind) for kind in key.kinds)


def fingerprint(key: VerifierKey) -> str:
    """What is compared on paper: SHA-256 of the public key, 64 hex digits in groups of four; equal for all kinds."""
    digits = sha256(key.public).hexdigest()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def save(key: SigningKey, path: Path) -> None:
    """Write the private key file, mode 0600. Raises KeyFileError; a file that is there stays."""
    public = key.verifier(key.kinds[0])
    secret = encode64(public.type + key.private.private_bytes_raw())
    write_new(path, f"{PREFIX}{key.name}+{public.id.hex()}+{secret}\n", 0o600)


def save_public(key: SigningKey, path: Path) -> None:
    """Write the `.vkey` file. Raises KeyFileError; a file that is there stays."""
    write_new(path, "".join(f"{public}\n" for public in public_keys(key)), 0o644)


def load(path: Path, role: Role) -> SigningKey:
    """The private key in a file, for use in a role. Raises KeyFileError."""
    try:
        key = _parse_private(_read(path, private=True))
    except MalformedNoteError as error:
        raise KeyFileError(f"{path}: {error}; restore the file from a copy, or run keygen") from error
    if role_of(key.name) != role:
        raise KeyFileError(f"{path}: holds the key {key.name}, which is not for a {role}; name a {role} key's file")
    if role is not Role.SIGNATORY and algorithm_of(key.private) is not suites.ED25519:
        raise KeyFileError(f"{path}: a {role} key is of {suites.ED25519.name}; run keygen")
    return key


def load_public(path: Path) -> tuple[VerifierKey, ...]:
    """The verifier keys in a `.vkey` file; empty lines and lines after # are left out. Raises KeyFileError."""
    lines = enumerate(_read(path, private=False).split("\n"), 1)
    keys = tuple(_parse(path, number, line) for number, line in lines if line.strip() and not line.startswith("#"))
    if not keys:
        raise KeyFileError(f"{path}: holds no verifier key; copy the .vkey file again from its owner")
    return keys


def _parse_private(text: str) -> SigningKey:
    name, _, rest = text.removesuffix("\n").removeprefix(PREFIX).partition("+")
    key_id, _, encoded = rest.partition("+")
    octets = decode64(encoded)
    kind = next((one for one in SUITES if octets.startswith(one)), None)
    if not text.startswith(PREFIX) or kind is None:
        raise MalformedNoteError("not a private key file")
    algorithm, secret = SUITES[kind].algorithm, octets[len(kind) :]
    if len(secret) != algorithm.secret_size:
        raise MalformedNoteError("not a private key file")
    key = SigningKey(name, algorithm.restore(secret))
    if kind != key.kinds[0] or key.verifier(kind).id.hex() != key_id:
        raise MalformedNoteError("name and key do not belong together")
    return key


def _parse(path: Path, number: int, line: str) -> VerifierKey:
    try:
        return VerifierKey.parse(line.strip())
    except MalformedNoteError as error:
        raise KeyFileError(f"{path}, line {number}: {error}; copy the .vkey file again from its owner") from error


def write_new(path: Path, text: str, mode: int) -> None:
    """Write a file that is not there yet, to the disk. Raises KeyFileError."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise KeyFileError(f"{path}: there is a file already; move it away, or name another") from error
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be made ({error.strerror}); make the folder, or name another") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise KeyFileError(f"{path}: cannot be written ({error.strerror}); make room, or name another") from error


def _read(path: Path, *, private: bool) -> str:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if private and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                mode = stat.S_IMODE(status.st_mode)
                raise KeyFileError(f"{path}: others can read or write it (mode {mode:04o}); run chmod 600 {path}")
            octets = file.read(MAX_FILE + 1)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read ({error.strerror}); correct the path, or run keygen") from error
    if len(octets) > MAX_FILE or not octets.isascii():
        raise KeyFileError(f"{path}: not a key file; correct the path")
    return octets.decode()
