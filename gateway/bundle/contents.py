"""What a proof bundle holds, as a mapping from path to bytes. Pure.

A bundle is a selection of one stream's entries, each with its proof against one seal, and all that is needed to read
and to check them without a network.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol, Self

from gateway.bundle.manifest import write_manifest
from gateway.bundle.purpose import Copy, Purpose
from gateway.bundle.readme import readme
from gateway.proof.checkpoint import Receipt, Seal
from gateway.proof.keys import public_keys
from gateway.proof.merkle import HASH, Subtree, inclusion_proof, node_hash
from gateway.proof.note import SigningKey, VerifierKey
from gateway.proof.tlogproof import TlogProof
from gateway.words import ranges
from schemas import records
from schemas.catalogue import schema
from schemas.codec import HEAD, DecodeError, decode
from schemas.errors import ToldError

CHECKPOINT, MANIFEST, README, PURPOSE = "checkpoint", "manifest", "README", "purpose"
FOLDERS = ("entries", "keys", "proofs", "schemas")
NAMES = re.compile(
    r"checkpoint|manifest|README|purpose|entries/[0-9]{10}\.avro|proofs/[0-9]{10}\.tlog-proof"
    r"|schemas/[0-9a-f]{16}\.avsc|keys/[a-z0-9-]{1,100}\.vkey"
)
"""Every path that a bundle may hold."""
NUMBERED = re.compile(r"(?:entries|proofs)/([0-9]{10})\.(?:avro|tlog-proof)")
"""A path that tells a number."""
LARGEST = 10**10 - 1
"""Largest number that a file's name has room for."""
MAX_FILE = 16 * 1024 * 1024
"""Longest file, in bytes."""
MAX_FILES = 1_000_000
MAX_OCTETS = 2 * 1024**3
"""Most bytes of all files together: a bundle is built and checked in memory."""


class BundleError(ToldError):
    """What was asked for cannot be put into a bundle; one line says why, and what to do."""


class Provable(Protocol):
    """One stream as far as a seal proves it, wherever its entries are."""

    @property
    def stream(self) -> str:
        """Its name."""
        ...

    @property
    def seal(self) -> Seal:
        """What proves it."""
        ...

    def entry(self, number: int) -> bytes | None:
        """The entry; None where only its leaf hash is left."""
        ...

    def subtree(self) -> Subtree:
        """The hashes of its complete subtrees."""
        ...

    def schemas(self, wanted: Collection[bytes]) -> Mapping[bytes, tuple[int, str]]:
        """The first number at which each of these schemas, by fingerprint, stands in the stream, with its text."""
        ...


@dataclass(frozen=True, slots=True)
class Proven:
    """One stream as far as a seal proves it, all of it in memory.

    `leaves` are the leaf hashes of all entries up to the seal's size, one after the other; `octets` finds an entry by
    its leaf hash, for all entries that may be chosen and for all that are schemas. `receipts` are seals of the same
    tree that the recipient's nodes countersigned.
    """

    stream: str
    seal: Seal
    leaves: bytes
    octets: Mapping[bytes, bytes]
    receipts: Sequence[Receipt] = ()

    def entry(self, number: int) -> bytes | None:
        """The entry; None where only its leaf hash is left."""
        return self.octets.get(self.leaves[(number - 1) * HASH : number * HASH])

    def subtree(self) -> Subtree:
        """All complete subtrees at once: twice the leaves' room, and no hash is made twice for many proofs."""
        levels = [self.leaves]
        while (pairs := len(levels[-1]) // (2 * HASH)) > 0:
            below, starts = levels[-1], range(0, pairs * 2 * HASH, 2 * HASH)
            levels.append(
                b"".join([node_hash(below[at : at + HASH], below[at + HASH : at + 2 * HASH]) for at in starts])
            )
        return lambda level, index: levels[level][index * HASH : (index + 1) * HASH]

    def schemas(self, wanted: Collection[bytes]) -> dict[bytes, tuple[int, str]]:
        """The first number at which each of these schemas, by fingerprint, stands in the stream, with its text."""
        found: dict[bytes, tuple[int, str]] = {}
        for number in range(1, self.seal.size + 1):
            if found.keys() >= set(wanted):
                break
            told = schema_in(self.entry(number) or b"")
            if told is not None and told.fingerprint in wanted:
                found.setdefault(told.fingerprint, (number, told.text))
        return found

    def countersigned(self, last: int) -> Self:
        """As far as the newest receipt proves it that counts the number `last`; where there is none, as it is."""
        sizes = range(last, self.seal.size + 1)
        fitting = [receipt for receipt in self.receipts if receipt.seal.size in sizes]
        if not fitting:
            return self
        newest = max(fitting, key=lambda receipt: (receipt.seal.size, receipt.time))
        return replace(self, seal=newest.seal, leaves=self.leaves[: newest.seal.size * HASH])


def entry_path(number: int) -> str:
    """Where an entry stands."""
    return f"entries/{number:010}.avro"


def proof_path(number: int) -> str:
    """Where its proof stands."""
    return f"proofs/{number:010}.tlog-proof"


def schema_path(fingerprint: bytes) -> str:
    """Where the text of a schema stands."""
    return f"schemas/{fingerprint.hex()}.avsc"


def fingerprint_of(entry: bytes) -> bytes:
    """The fingerprint of the schema in which it is written (Avro 1.12, Single-object encoding)."""
    return entry[2:HEAD]


def schema_in(entry: bytes) -> records.Schema | None:
    """The schema that an entry tells; None when it tells none."""
    known = schema("Schema")
    try:
        record = decode(entry, {known.fingerprint: known})
    except DecodeError:
        return None
    return record if isinstance(record, records.Schema) else None


def build(
    proven: Provable,
    numbers: Iterable[int],
    senders: Collection[VerifierKey],
    node: SigningKey,
    time: int,
    *,
    purpose: Purpose | None = None,
) -> dict[str, bytes]:
    """The bundle of these numbers, with the schemas that they use, listed and signed by the node at `time`.

    With a purpose it is a copy for an authority, and says so itself. The keys of the sender and of the node are put in
    as hints. Raises BundleError when an entry or a schema is not there, or when it would be too large.
    """
    entries = {number: _octets(proven, number) for number in numbers}
    schemas = _schemas(proven, {fingerprint_of(entry) for entry in entries.values()})
    entries |= {number: _octets(proven, number) for number, _ in schemas.values()}
    files = {CHECKPOINT: proven.seal.note}
    copy = None
    if purpose is not None:
        copy = Copy(purpose=purpose, of=proven.stream, entries=ranges(sorted(entries)), by=node.name, made=time)
        files[PURPOSE] = copy.to_bytes()
    files[README] = readme(proven.stream, copy.lines() if copy else ()).encode()
    files |= {schema_path(fingerprint): text.encode() for fingerprint, (_, text) in schemas.items()}
    hints = [*senders, *public_keys(node)]
    for name in {key.name for key in hints}:
        lines = "".join(f"{key}\n" for key in hints if key.name == name)
        files[f"keys/{name.replace('/', '-')}.vkey"] = lines.encode()
    subtree = proven.subtree()
    for number, entry in entries.items():
        hashes = inclusion_proof(number - 1, proven.seal.size, subtree)
        files[entry_path(number)] = entry
        files[proof_path(number)] = TlogProof(number - 1, tuple(hashes), proven.seal.note).to_bytes()
    digests = {path: sha256(octets).hexdigest() for path, octets in files.items()}
    files[MANIFEST] = write_manifest(digests, node, time)
    _check_bounds(files)
    return files


def _octets(proven: Provable, number: int) -> bytes:
    if number > min(proven.seal.size, LARGEST):
        raise BundleError(
            f"number {number} is not proven; the newest seal that holds counts {proven.seal.size} entries"
        )
    entry = proven.entry(number)
    if entry is None:
        raise BundleError(f"number {number} made room in the sender's journal; only its leaf hash is left")
    return entry


def _schemas(proven: Provable, used: Collection[bytes]) -> Mapping[bytes, tuple[int, str]]:
    """Where each schema stands: the used ones and that of schemas."""
    wanted = {*used, schema("Schema").fingerprint}
    found = proven.schemas(wanted)
    for fingerprint in wanted - found.keys():
        raise BundleError(
            f"schema {fingerprint.hex()} stands nowhere in the stream; its entries cannot be read from it"
        )
    return found


def _check_bounds(files: Mapping[str, bytes]) -> None:
    octets = sum(map(len, files.values()))
    longest = max(map(len, files.values()))
    if len(files) > MAX_FILES or octets > MAX_OCTETS or longest > MAX_FILE:
        raise BundleError(
            f"{len(files)} files of {octets} bytes, the longest {longest}: a bundle holds at most {MAX_FILES} files, "
            f"{MAX_OCTETS} bytes, {MAX_FILE} a file; choose fewer entries with --from and --to"
        )
