"""Whether a bundle proves what it holds. Pure: a mapping from path to bytes goes in, faults come out.

Trust comes from the keys that are given and from nothing in the bundle. A fault names the file that is at fault; what
is already named is not used to accuse another.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from gateway.bundle.contents import (
    CHECKPOINT,
    MANIFEST,
    NAMES,
    NUMBERED,
    README,
    entry_path,
    fingerprint_of,
    proof_path,
    ranges,
    read_manifest,
    schema_in,
    schema_path,
)
from gateway.link.topics import stream_named
from gateway.proof.checkpoint import Checkpoint, Seal, open_seal
from gateway.proof.keys import sender_keys
from gateway.proof.merkle import ProofError, leaf_hash, verify_inclusion
from gateway.proof.note import MalformedNoteError, Note, NoteError, VerifierKey
from gateway.proof.tlogproof import TlogProof

MARKER = b"\xc3\x01"
"""First octets of an entry (Avro 1.12, Single-object encoding)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file of the bundle."""

    path: str
    text: str

    def __str__(self) -> str:
        """One line; a name that could harm a terminal is written in escapes."""
        return f"{self.path if self.path.isprintable() else ascii(self.path)}: {self.text}"


@dataclass(slots=True)
class Checked:
    """A bundle as it was found. `proven` are the numbers that the seal proves, rising."""

    seal: Seal | None = None
    proven: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __str__(self) -> str:
        """One line: which entries of which stream are proven, and by what."""
        if self.seal is None:
            return "nothing is proven"
        moment = datetime.fromtimestamp(self.seal.time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        proven = f"entries {ranges(self.proven)}" if self.proven else "no entries"
        return f"{self.seal.checkpoint.origin}: {proven} of {self.seal.size}, proven by the seal of {moment}"


def check(files: Mapping[str, bytes], trusted: Collection[VerifierKey], unread: Collection[Fault] = ()) -> Checked:
    """Check all of a bundle. `unread` names what stands in its folder and could not be taken for a file."""
    named: dict[str, Fault] = {}
    for fault in (*unread, *_names(files), *_manifest(files)):
        named.setdefault(fault.path, fault)
    checked = Checked(faults=list(named.values()))
    if CHECKPOINT in named:
        return checked
    try:
        checked.seal = _open(files[CHECKPOINT], trusted)
    except NoteError as error:
        checked.faults.append(Fault(CHECKPOINT, str(error)))
        return checked
    for number in _numbers(files):
        if entry_path(number) in named or proof_path(number) in named:
            continue
        wrong = _entry(files, number, checked.seal)
        if wrong is None:
            checked.proven.append(number)
        else:
            checked.faults.append(wrong)
    checked.faults += [fault for fault in _schemas(files, checked.proven) if fault.path not in named]
    return checked


def _names(files: Mapping[str, bytes]) -> Iterator[Fault]:
    for path in sorted(files):
        if not NAMES.fullmatch(path) or path in {entry_path(0), proof_path(0)}:
            yield Fault(path, "does not belong in a bundle")
    for path in (CHECKPOINT, MANIFEST, README):
        if path not in files:
            yield Fault(path, "is not there")
    if not _numbers(files):
        yield Fault("entries", "holds no entry")


def _manifest(files: Mapping[str, bytes]) -> Iterator[Fault]:
    if MANIFEST not in files:
        return
    try:
        digests = read_manifest(files[MANIFEST])
    except ValueError as error:
        yield Fault(MANIFEST, str(error))
        return
    for path in sorted({*digests, *files} - {MANIFEST}):
        if path not in files:
            yield Fault(path, "is listed in the manifest and is not there")
        elif path not in digests:
            yield Fault(path, "is not listed in the manifest")
        elif sha256(files[path]).hexdigest() != digests[path]:
            yield Fault(path, "is not the file that the manifest lists: it has another SHA-256")


def _open(octets: bytes, trusted: Collection[VerifierKey]) -> Seal:
    """The seal, genuine under the trusted keys of the sender of the stream that it names. Raises NoteError."""
    origin = Checkpoint.parse(Note.parse(octets).text).origin
    stream = stream_named(origin)
    if stream is None:
        raise MalformedNoteError(f"is of no stream: {origin[:200]!r}")
    return open_seal(octets, origin, sender_keys(stream.origin, stream.sender, trusted))


def _numbers(files: Mapping[str, bytes]) -> list[int]:
    return sorted({int(match[1]) for path in files if (match := NUMBERED.fullmatch(path))} - {0})


def _entry(files: Mapping[str, bytes], number: int, seal: Seal) -> Fault | None:
    """What is wrong with an entry or its proof."""
    entry, octets = files.get(entry_path(number)), files.get(proof_path(number))
    if entry is None:
        return Fault(entry_path(number), f"is not there, and {proof_path(number)} is")
    if octets is None:
        return Fault(proof_path(number), f"is not there, and {entry_path(number)} is")
    try:
        proof = _proof(octets, number, seal)
    except MalformedNoteError as error:
        return Fault(proof_path(number), str(error))
    try:
        verify_inclusion(leaf_hash(entry), proof.index, seal.size, proof.hashes, seal.root)
    except ProofError as error:
        return Fault(entry_path(number), f"is not what {proof_path(number)} proves: {error}")
    return None


def _proof(octets: bytes, number: int, seal: Seal) -> TlogProof:
    """A proof as it has to be in this bundle. Raises MalformedNoteError."""
    proof = TlogProof.parse(octets)
    if proof.checkpoint != seal.note:
        raise MalformedNoteError(f"bears another checkpoint than the file {CHECKPOINT}")
    if proof.index != number - 1:
        raise MalformedNoteError(f"is a proof of number {proof.index + 1}")
    if proof.extra is not None:
        raise MalformedNoteError("bears extra data, which nothing proves")
    return proof


def _schemas(files: Mapping[str, bytes], proven: Collection[int]) -> Iterator[Fault]:
    """Every proven entry has its schema, and every schema is told by a proven entry."""
    texts: set[tuple[str, bytes]] = set()
    missing: set[str] = set()
    for number in proven:
        entry = files[entry_path(number)]
        path = schema_path(fingerprint_of(entry))
        if not entry.startswith(MARKER):
            yield Fault(entry_path(number), "does not begin with the marker of Avro single-object encoding")
        elif path not in files and path not in missing:
            missing.add(path)
            yield Fault(path, f"is not there, and {entry_path(number)} is written in it")
        told = schema_in(entry)
        if told is not None:
            texts.add((schema_path(told.fingerprint), told.text.encode()))
    for path in sorted(path for path in files if path.startswith("schemas/")):
        if (path, files[path]) not in texts:
            yield Fault(path, "is the text of no proven entry")
