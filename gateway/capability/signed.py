"""The signature of a capability report: a signed note (C2SP signed-note) beside it. Pure.

Its text is what `sha256sum --check` reads, with the period and the time of printing as remarks before it. The node's
key makes two lines, as on a manifest: Ed25519, which every tool for signed notes checks, and a timestamped cosignature.
`README.md` tells why the PDF itself bears no signature.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from gateway.bundle.manifest import signature_of
from gateway.checking.trust import Trust
from gateway.proof.note import COSIGNATURE, ED25519, MalformedNoteError, Note, NoteError, SigningKey
from gateway.words import moment

TITLE = "# cmo.v1/capability-report"
ENDING = ".note"
"""What the note's file is called, behind the name of the file that it signs."""
LARGEST = 2**63 - 1
_TIMES = re.compile(r"# begin (\d{1,19}) end (\d{1,19}) printed (\d{1,19})")
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._-]{1,200})")


@dataclass(frozen=True, slots=True)
class Signed:
    """What a note says: the report's period and when it was printed, UTC microseconds; each file with its SHA-256."""

    begin: int
    end: int
    printed: int
    digests: Mapping[str, str]

    @property
    def text(self) -> str:
        """As it is signed; there is one way of writing it."""
        files = (f"{digest}  {name}\n" for name, digest in sorted(self.digests.items()))
        return "".join([f"{TITLE}\n# begin {self.begin} end {self.end} printed {self.printed}\n", *files])

    @classmethod
    def read(cls, text: str) -> "Signed":
        """What the text says. Raises MalformedNoteError."""
        lines = text.split("\n")
        times = _TIMES.fullmatch(lines[1]) if len(lines) > 2 else None
        files = [match for line in lines[2:] if (match := _LINE.fullmatch(line))]
        if times is None or not files:
            raise MalformedNoteError("is no note of a capability report")
        begin, end, printed = map(int, times.groups())
        found = cls(begin, end, printed, {match[2]: match[1] for match in files})
        if found.text != text or max(begin, end, printed) > LARGEST:
            raise MalformedNoteError("is not as it was written")
        return found


def sign(files: Mapping[str, bytes], begin: int, end: int, printed: int, key: SigningKey) -> bytes:
    """The note over these files, by their names; times are UTC microseconds, `printed` is the signed time too."""
    text = Signed(begin, end, printed, {name: sha256(octets).hexdigest() for name, octets in files.items()}).text
    return Note(text, (key.sign(text, ED25519), key.sign(text, COSIGNATURE, printed // 1_000_000))).to_bytes()


def check(files: Mapping[str, bytes], note: bytes, trust: Trust) -> list[str]:
    """What is proven of the files, a line each; each has to stand in the note, and nothing else. Raises NoteError.

    A file that was given another name is told apart by what it holds.
    """
    opened = Note.parse(note)
    said = Signed.read(opened.text)
    held = signature_of(opened, trust.nodes())
    found = {sha256(octets).hexdigest(): name for name, octets in files.items()}
    if strange := sorted(name for digest, name in found.items() if digest not in said.digests.values()):
        raise NoteError(
            f"{', '.join(strange)}: is not what {held.key.name} signed: it was altered, or is another report"
        )
    if lost := sorted(name for name, digest in said.digests.items() if digest not in found):
        raise NoteError(f"{', '.join(lost)}: was signed and is not here; take all files of the report")
    period = f"{moment(said.begin // 1_000_000)} to {moment(said.end // 1_000_000)}"
    return [
        *(f"{name}: as signed" for name in sorted(files)),
        f"capability report on {period}, signed by {held.key.name} at {moment(held.time)}",
    ]


def is_report(octets: bytes) -> bool:
    """Whether a note begins as that of a report."""
    return octets.startswith(f"{TITLE}\n".encode())
