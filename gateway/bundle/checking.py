"""Whether a bundle proves what it holds. Pure: a mapping from path to bytes goes in, faults come out.

Trust comes from the keys that are given and from nothing in the bundle. A fault names the file that is at fault; what
is already named is not used to accuse another.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.bundle.contents import (
    CHECKPOINT,
    MANIFEST,
    NAMES,
    NUMBERED,
    PURPOSE,
    README,
    entry_path,
    fingerprint_of,
    proof_path,
    schema_in,
    schema_path,
)
from gateway.bundle.manifest import read_manifest, signature_of
from gateway.bundle.purpose import Copy, PurposeError
from gateway.checking.receipts import receipts_of
from gateway.checking.trust import Trust
from gateway.link.topics import stream_named
from gateway.proof.checkpoint import Checkpoint, Receipt, Seal
from gateway.proof.keys import Role, role_of
from gateway.proof.merkle import ProofError, leaf_hash, verify_inclusion
from gateway.proof.note import MalformedNoteError, Note, NoteError, UnknownKeyError, VerifierKey
from gateway.proof.statement import Sender
from gateway.proof.tlogproof import TlogProof
from gateway.words import moment, ranges

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


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed the manifest, at which POSIX second, and whether the key is a trusted one."""

    name: str
    time: int
    trusted: bool

    def __str__(self) -> str:
        """One line: what the manifest vouches for."""
        if self.trusted:
            return f"{MANIFEST}: signed by {self.name} at {moment(self.time)}"
        return f"{MANIFEST}: signed by {self.name}, whose key is not trusted; it shows damage and vouches for no more"


@dataclass(slots=True)
class Checked:
    """A bundle as it was found. `proven` are the numbers that the seal proves, rising."""

    seal: Seal | None = None
    receipts: list[Receipt] = field(default_factory=list)
    """Countersignatures of the seal by trusted keys of the recipient's nodes."""
    signer: Signer | None = None
    proven: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    copy: Copy | None = None
    """For whom the bundle is a copy, as who signed the manifest says."""

    def __str__(self) -> str:
        """One line: which entries of which stream are proven, and by what."""
        if self.seal is None:
            return "nothing is proven"
        proven = f"entries {ranges(self.proven)}" if self.proven else "no entries"
        origin, sealed = self.seal.checkpoint.origin, moment(self.seal.time)
        return f"{origin}: {proven} of {self.seal.size}, proven by the seal of {sealed}"

    def lines(self) -> Iterator[str]:
        """What a person reads: each fault; without one, what is proven and who vouches for it."""
        yield from map(str, self.faults)
        if self.faults or self.seal is None:
            return
        yield str(self)
        for receipt in self.receipts:
            yield f"{CHECKPOINT}: received and confirmed by {receipt.node.partition('/')[0]} at {moment(receipt.time)}"
        if not self.receipts:
            yield f"{CHECKPOINT}: {_unconfirmed(self.seal)}"
        if self.signer is not None:
            yield str(self.signer)
        if self.copy is not None:
            yield from (f"{PURPOSE}: {line}" for line in self.copy.lines())


def check(files: Mapping[str, bytes], trust: Trust, unread: Collection[Fault] = ()) -> Checked:
    """Check all of a bundle. `unread` names what stands in its folder and could not be taken for a file."""
    named: dict[str, Fault] = {}
    signer, listed = _manifest(files, trust)
    for fault in (*unread, *_names(files), *listed):
        named.setdefault(fault.path, fault)
    checked = Checked(signer=signer, faults=list(named.values()))
    if PURPOSE in files and PURPOSE not in named:
        try:
            checked.copy = Copy.parse(files[PURPOSE])
        except PurposeError as error:
            checked.faults.append(Fault(PURPOSE, str(error)))
    if CHECKPOINT in named:
        return checked
    try:
        checked.seal, checked.receipts = _open(files[CHECKPOINT], trust)
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


def _manifest(files: Mapping[str, bytes], trust: Trust) -> tuple[Signer | None, list[Fault]]:
    """Who signed it, and which files are not as it says. One that is damaged itself accuses no file."""
    if MANIFEST not in files:
        return None, []
    try:
        note, digests = read_manifest(files[MANIFEST])
        signer = _signer(note, files, trust)
    except NoteError as error:
        return None, [Fault(MANIFEST, f"{error}; it vouches for no file")]
    faults = list(_digests(files, digests))
    if signer is None and not any(fault.path.startswith("keys/") for fault in faults):
        names = ", ".join(sorted({line.name for line in note.signatures}))
        return None, [Fault(MANIFEST, f"signed by {names!a}, of which no fitting key is trusted or in keys/")]
    return signer, faults


def _signer(note: Note, files: Mapping[str, bytes], trust: Trust) -> Signer | None:
    """Who signed the manifest; None where no key for it is known. Raises NoteError when the signature does not hold."""
    nodes = trust.nodes()
    with suppress(UnknownKeyError):
        by = signature_of(note, nodes)
        return Signer(by.key.name, by.time, trusted=True)
    hints = [key for key in _hints(files) if key.name not in {node.name for node in nodes}]
    with suppress(UnknownKeyError):
        by = signature_of(note, hints)
        return Signer(by.key.name, by.time, trusted=False)
    return None


def _hints(files: Mapping[str, bytes]) -> Iterator[VerifierKey]:
    """The keys of nodes in the bundle. A file of which a line is no key gives none: the manifest names it."""
    for path in sorted(path for path in files if path.startswith("keys/")):
        with suppress(MalformedNoteError):
            keys = [VerifierKey.parse(line) for line in files[path].decode("latin-1").split("\n")[:-1]]
            yield from (key for key in keys if role_of(key.name) is Role.NODE)


def _digests(files: Mapping[str, bytes], digests: Mapping[str, str]) -> Iterator[Fault]:
    for path in sorted({*digests, *files} - {MANIFEST}):
        if path not in files:
            yield Fault(path, "is listed in the manifest and is not there")
        elif path not in digests:
            yield Fault(path, "is not listed in the manifest")
        elif sha256(files[path]).hexdigest() != digests[path]:
            yield Fault(path, "is not the file that the manifest lists: it has another SHA-256")


def _open(octets: bytes, trust: Trust) -> tuple[Seal, list[Receipt]]:
    """The seal, genuine under the trusted keys of its stream's sender, and what trusted nodes confirm.

    Not confirmed is no fault. Raises NoteError, also when a line of a trusted node does not hold.
    """
    origin = Checkpoint.parse(Note.parse(octets).text).origin
    stream = stream_named(origin)
    if stream is None:
        raise MalformedNoteError(f"is of no stream: {origin[:200]!r}")
    seal = trust.ring(Sender(stream.origin, stream.sender)).open_seal(octets, origin)
    try:
        return seal, receipts_of(seal, trust.nodes(stream.recipient))
    except UnknownKeyError:
        return seal, []


def _unconfirmed(seal: Seal) -> str:
    """Why nobody is told to have received it."""
    names = {line.name for line in Note.parse(seal.note).signatures}
    nodes = sorted(name for name in names if role_of(name) is Role.NODE)
    if nodes:
        return f"countersigned by {', '.join(nodes)}, whose key is not trusted; it shows no receipt"
    return "not countersigned; it shows no receipt"


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
