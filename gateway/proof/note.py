"""Signed notes (C2SP signed-note) and the kinds of signature they carry. Pure.

A note is text, an empty line and signature lines `— <key name> <base64(key id ‖ signature)>`. A kind of signature is a
row of SUITES: what is signed, and with what. A name and a key id together say which key of which kind signed.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Self

from gateway.proof import suites
from gateway.proof.suites import Algorithm, PrivateKey, algorithm_of

MAX_NOTE = 256 * 1024
"""Longest note, in bytes: room for sixteen post-quantum signatures and more."""
MAX_SIGNATURES = 64
"""Most signature lines of a note; C2SP asks for at least 16."""
MARK = "— "
ED25519 = b"\x01"
COSIGNATURE = b"\x04"
ML_DSA_44 = b"\xffcmo.v1/ml-dsa-44\n"
"""Timed ML-DSA-44 over any text. C2SP has assigned no type to it: 0x06 signs checkpoints only."""
COSIGNATURE_HEADER = "cosignature/v1\n"
"""First line of what a cosignature signs; no note that begins with it may be signed as a plain text."""
LATEST = 2**63 - 1
"""Largest POSIX time of a cosignature."""


class NoteError(ValueError):
    """A note is not one, or does not carry the signature it should."""


class MalformedNoteError(NoteError):
    """The bytes are no signed note."""


class UnsignedNoteError(NoteError):
    """A signature that has to be there is not."""


class UnknownKeyError(NoteError):
    """There are signatures, none of them by a trusted key."""


class WrongSignatureError(NoteError):
    """A trusted key's line does not fit the text: text or line were altered."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A kind of signature. A timed one puts its POSIX time, 64 bit big-endian, before the signature."""

    type: bytes
    """Signature type identifier (C2SP signed-note); none begins another."""
    name: str
    algorithm: Algorithm
    timed: bool
    message: Callable[[str, str, int], bytes]
    """(key name, note text, POSIX seconds) → what is signed."""


def _plain_message(_name: str, text: str, _time: int) -> bytes:
    if text.startswith(COSIGNATURE_HEADER):
        raise MalformedNoteError(f"a note must not begin with the line {COSIGNATURE_HEADER.strip()}")
    return text.encode()


def _cosigned_message(_name: str, text: str, time: int) -> bytes:
    return f"{COSIGNATURE_HEADER}time {time}\n{text}".encode()


SUITES: Mapping[bytes, Suite] = {
    suite.type: suite
    for suite in (
        Suite(ED25519, "Ed25519", suites.ED25519, timed=False, message=_plain_message),
        Suite(COSIGNATURE, "cosignature/v1", suites.ED25519, timed=True, message=_cosigned_message),
        Suite(ML_DSA_44, "ML-DSA-44", suites.ML_DSA_44, timed=True, message=_cosigned_message),
    )
}


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """The four bytes that tell keys of one name apart (C2SP signed-note, Signatures)."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


@dataclass(frozen=True)
class VerifierKey:
    """A public key for one kind of signature."""

    name: str
    type: bytes
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.type not in SUITES:
            raise MalformedNoteError(f"key {self.name}: signature type 0x{self.type[:1].hex()} is not known here")
        if len(self.public) != SUITES[self.type].algorithm.public_size:
            raise MalformedNoteError(f"key {self.name}: the public key has {len(self.public)} bytes")

    @cached_property
    def id(self) -> bytes:
        """Key id."""
        return key_id(self.name, self.type, self.public)

    @property
    def suite(self) -> Suite:
        """Its kind of signature."""
        return SUITES[self.type]

    def __str__(self) -> str:
        """As in a vkey file: `<name>+<key id>+<base64(type ‖ public key)>`."""
        return f"{self.name}+{self.id.hex()}+{encode64(self.type + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that `text` writes. Raises MalformedNoteError."""
        name, plus, rest = text.partition("+")
        hexadecimal, second, encoded = rest.partition("+")
        octets = decode64(encoded)
        if not (plus and second and octets):
            raise MalformedNoteError(f"not a verifier key: {text[:80]!r}")
        kind = next((one for one in SUITES if octets.startswith(one)), octets[:1])
        key = cls(name, kind, octets[len(kind) :])
        if key.id.hex() != hexadecimal:
            raise MalformedNoteError(f"verifier key {name}: its key id should be {key.id.hex()}")
        return key

    def verify(self, text: str, blob: bytes) -> int:
        """The POSIX time at which `blob` was signed over `text`, 0 where its kind tells none.

        Raises WrongSignatureError.
        """
        time, signature = (int.from_bytes(blob[:8], "big"), blob[8:]) if self.suite.timed else (0, blob)
        message = self.suite.message(self.name, text, time)
        if time > LATEST or not self.suite.algorithm.fits(self.public, signature, message):
            raise WrongSignatureError(f"the signature line of {self.name} ({self.suite.name}) does not fit the text")
        return time


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the name under which it signs; one key serves all kinds that share its algorithm."""

    name: str
    private: PrivateKey

    @property
    def kinds(self) -> tuple[bytes, ...]:
        """The kinds of signature that it makes, the timed one last."""
        algorithm = algorithm_of(self.private)
        return tuple(kind for kind, suite in SUITES.items() if suite.algorithm is algorithm)

    def verifier(self, kind: bytes) -> VerifierKey:
        """Its public side for one kind of signature. Raises MalformedNoteError for a kind that it cannot make."""
        if kind not in self.kinds:
            algorithms = f"{algorithm_of(self.private).name}, not {SUITES[kind].algorithm.name}"
            raise MalformedNoteError(f"key {self.name} is of {algorithms}")
        return VerifierKey(self.name, kind, self.private.public_key().public_bytes_raw())

    def sign(self, text: str, kind: bytes, time: int = 0) -> "Signature":
        """A signature line over a note's text. Raises MalformedNoteError when text or time are none."""
        check_text(text)
        if not 0 <= time <= LATEST:
            raise MalformedNoteError(f"not a POSIX time: {time}")
        key = self.verifier(kind)
        signature = self.private.sign(key.suite.message(self.name, text, time))
        return Signature(self.name, key.id, (time.to_bytes(8, "big") if key.suite.timed else b"") + signature)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line. `blob` is what follows the key id."""

    name: str
    id: bytes
    blob: bytes

    def __str__(self) -> str:
        """The line without its newline."""
        return f"{MARK}{self.name} {encode64(self.id + self.blob)}"

    @classmethod
    def parse(cls, line: str) -> Self:
        """The signature that a line writes. Raises MalformedNoteError."""
        name, _, encoded = line.removeprefix(MARK).partition(" ")
        octets = decode64(encoded)
        if not line.startswith(MARK) or len(octets) < 5:
            raise MalformedNoteError("a signature line is malformed")
        check_name(name)
        return cls(name, octets[:4], octets[4:])


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds. `time` is POSIX seconds, 0 where its kind tells none."""

    key: VerifierKey
    time: int


@dataclass(frozen=True, slots=True)
class Note:
    """Text with signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """The note as it is published."""
        return (self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)).encode()

    @classmethod
    def parse(cls, octets: bytes) -> Self:
        """The note that was published. Raises MalformedNoteError, UnsignedNoteError when it has no signature line."""
        if len(octets) > MAX_NOTE:
            raise MalformedNoteError(f"a note of {len(octets)} bytes is longer than {MAX_NOTE}")
        try:
            whole = octets.decode()
        except UnicodeDecodeError as error:
            raise MalformedNoteError("the note is not UTF-8") from error
        check_text(whole)
        if not any(line.startswith(MARK) for line in whole.split("\n")):
            raise UnsignedNoteError("the note bears no signature")
        text, blank, block = whole.rpartition("\n\n")
        lines = block.split("\n")[:-1]
        if not blank or not 1 <= len(lines) <= MAX_SIGNATURES:
            raise MalformedNoteError(f"the note does not end in an empty line and 1 to {MAX_SIGNATURES} signatures")
        return cls(text + "\n", tuple(Signature.parse(line) for line in lines))

    def verify(self, keys: Iterable[VerifierKey]) -> list[Verified]:
        """The signatures by these keys, in the note's order; lines of other keys count for nothing.

        Raises WrongSignatureError when a line of one of the keys does not hold, UnknownKeyError when there is none.
        """
        known = {(key.name, key.id): key for key in keys}
        found = [(known.get((line.name, line.id)), line.blob) for line in self.signatures]
        held = [Verified(key, key.verify(self.text, blob)) for key, blob in found if key is not None]
        if not held:
            names = ", ".join(sorted({line.name for line in self.signatures}))
            raise UnknownKeyError(f"signed by {names}, not by a trusted key")
        return held


def check_text(text: str) -> None:
    """Raises MalformedNoteError for what no note may hold."""
    if not text.endswith("\n"):
        raise MalformedNoteError("the note does not end in a newline")
    if any(character < " " and character != "\n" for character in text):
        raise MalformedNoteError("the note holds a control character")


def check_name(name: str) -> None:
    """Raises MalformedNoteError for what is no key name."""
    if not name or "+" in name or any(character.isspace() for character in name):
        raise MalformedNoteError(f"not a key name: {name[:80]!r}")


def encode64(octets: bytes) -> str:
    """Base 64 (RFC 4648 section 4)."""
    return base64.b64encode(octets).decode()


def decode64(text: str) -> bytes:
    """The bytes, for the one canonical way of writing them. Raises MalformedNoteError."""
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedNoteError("not base64") from error
    if encode64(octets) != text:
        raise MalformedNoteError("not base64 in its canonical form")
    return octets
