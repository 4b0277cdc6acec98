"""ASTM E1394 (CLSI LIS02-A2): results of analysers, as a file of records or as the frames that were received.

Records are lines of fields; the first of a message (H) says what separates them. Rows are the results (R). A column is
`R.4` (the fourth field of the result), `R.3.4` (its fourth component), `O.3`, `P.4`, `H.5` (of the order, patient and
header that it stands under); `O.3 | P.3` is the first that is not empty. Statuses (R.9) are for the mapping to judge:
only F and C are final, C is a correction.

Frames (ASTM E1381, CLSI LIS01-A2): STX, number modulo 8 from 1 on, text, ETX or (where the text goes on) ETB, checksum,
CR LF, between ENQ and EOT. The checksum is the sum modulo 256 from the number through ETX or ETB, in two hexadecimal
digits. A frame that is wrong was asked for again (NAK): the next one has to be it, with the same number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from adapters.exports.formats.row import Cell, FileRefusedError, Row, refusing
from adapters.exports.mapping import Format

_CHUNK = 65_536
_ENQ, _EOT = b"\x05", b"\x04"
_FRAME = re.compile(
    rb"\x02(?P<summed>(?P<number>[0-7])(?P<text>[^\x02-\x05\x17]*+)(?P<end>[\x03\x17]))(?P<sum>[0-9A-Fa-f]{2})\r\n"
)
_LONGEST_FRAME = 64_000 + 7
"""Most octets of a frame (CLSI LIS01-A2, 6.3.1.2)."""
_END_OF_RECORD = re.compile(rb"\r\n?|\n")
_COLUMN = re.compile(r"([HPOR])\.([1-9]\d?)(?:\.([1-9]\d?))?")
_KNOWN = frozenset("HPOCRMSQL")
_BELOW = {"H": "HPOR", "P": "POR", "O": "OR", "R": "R"}
"""Which records no longer hold once one of this type comes."""


def astm_rows(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    """The results of a file, as they come. Raises FileRefusedError."""
    if written.encoding == "utf-16":
        raise FileRefusedError("ASTM E1394 is never written in utf-16")
    messages = _Messages(written, needed)
    with refusing(written):
        for line, octets in enumerate(_records(path, written), 1):
            row = messages.take(line, octets)
            if row is not None:
                yield row
    if not messages.whole:
        raise FileRefusedError("is cut off: its last record is no terminator (L)")


def _records(path: Path, written: Format) -> Iterator[bytes]:
    """Records with content, without their ends. Raises FileRefusedError."""
    with path.open("rb") as file:
        framed = file.read(1) in (b"\x02", _ENQ)
        file.seek(0)
        chunks = iter(lambda: file.read(_CHUNK), b"")
        yield from _split(_unframed(chunks) if framed else chunks, written.row)


def _split(texts: Iterator[bytes], longest: int) -> Iterator[bytes]:
    rest = b""
    for text in texts:
        *records, rest = _END_OF_RECORD.split(rest + text)
        if max(map(len, [*records, rest])) > longest:
            raise FileRefusedError(f"has a record longer than {longest} octets")
        yield from (record for record in records if record)
    if rest:
        yield rest


def _unframed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The texts of frames, each with its end of record where it has one. Raises FileRefusedError."""
    link, rest = _Link(), b""
    for chunk in chunks:
        rest += chunk
        at = 0
        while at < len(rest):
            match = _FRAME.match(rest, at)
            if match is not None:
                yield link.frame(match)
                at = match.end()
            elif rest[at : at + 1] in (_ENQ, _EOT):
                link.control(rest[at : at + 1])
                at += 1
            elif not link.open and rest[at : at + 1] in (b"\r", b"\n"):
                at += 1
            elif rest[at : at + 1] != b"\x02" or len(rest) - at > _LONGEST_FRAME:
                raise FileRefusedError(f"behind frame {link.count}: is neither a frame nor its beginning")
            else:
                break
        rest = rest[at:]
    if rest or link.open:
        raise FileRefusedError(f"is cut off behind frame {link.count}")


@dataclass(slots=True)
class _Link:
    """The sequence of frames. `awaited` is the number of a frame that was wrong and has to come again."""

    open: bool = False
    count: int = 0
    _last: tuple[int, bytes] = (0, b"")
    _awaited: str | None = None

    def control(self, octet: bytes) -> None:
        """ENQ opens a transmission, EOT ends it. Raises FileRefusedError where it has to be the other."""
        if self._awaited is not None:
            raise FileRefusedError(self._awaited)
        if (octet == _ENQ) == self.open or (octet == _EOT and self._last[1][-1:] == b"\x17"):
            raise FileRefusedError(f"behind frame {self.count}: a transmission begins or ends out of place")
        self.open, self._last = octet == _ENQ, (0, b"")

    def frame(self, match: re.Match[bytes]) -> bytes:
        """The text; empty of a frame that came before, or that is wrong and has to come again."""
        self.count += 1
        if not self.open:
            raise FileRefusedError(f"frame {self.count}: comes without ENQ before it")
        summed = match["summed"]
        if sum(summed) % 256 != int(match["sum"], 16):
            reckoned = f"{sum(summed) % 256:02X}"
            told = f"frame {self.count}: its checksum is {match['sum'].decode()}, reckoned is {reckoned}"
            self._awaited = f"{told}; it did not come again"
            return b""
        number, self._awaited = int(match["number"]), None
        if (number, summed) == self._last:
            return b""
        if number != (self._last[0] + 1) % 8:
            raise FileRefusedError(f"frame {self.count}: has number {number} behind {self._last[0]}; one is missing")
        self._last = (number, summed)
        ended = match["text"][-1:] in (b"\r", b"\n")
        return match["text"] if ended or match["end"] == b"\x17" else match["text"] + b"\r"


@dataclass(slots=True)
class _Delimiters:
    """What separates fields, repeats and components, and what escapes (E1394, 6.4)."""

    field: str
    repeat: str
    component: str
    escape: str

    def plain(self, text: str) -> str:
        """Without escapes (E1394, 6.6); one that is not known stays as it is."""
        if self.escape not in text:
            return text
        known = {"F": self.field, "S": self.component, "R": self.repeat, "E": self.escape}
        sign = re.escape(self.escape)
        return re.sub(f"{sign}([FSRE]){sign}", lambda match: known[match[1]], text)


@dataclass(slots=True)
class _Path:
    """A column's field, and component where it names one; both count from 1."""

    record: str
    field: int
    component: int | None


@dataclass(slots=True)
class _Messages:
    """Where in a message the reader is: the header, patient and order that the next result stands under."""

    written: Format
    needed: frozenset[str]
    whole: bool = False
    _columns: dict[str, list[_Path]] = field(init=False)
    _delimiters: _Delimiters | None = None
    _held: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._columns = {column: [_path(one.strip()) for one in column.split(" | ")] for column in sorted(self.needed)}

    def take(self, line: int, octets: bytes) -> Row | None:
        """The row of a result; None of any other record. Raises FileRefusedError."""
        text = octets.decode(self.written.encoding)
        kind = text[0].upper()
        between = self._delimiters is None or self.whole
        if kind not in _KNOWN or (kind == "H") != between:
            raise FileRefusedError(f"record {line}: {text[:20]!r} cannot stand here")
        if kind == "H":
            self._delimiters = _declared(text, line)
        elif kind == "L":
            self._ended(text, line)
        self.whole = kind == "L"
        delimiters = self._delimiters
        if delimiters is None or kind not in _BELOW:
            return None
        for below in _BELOW[kind]:
            self._held.pop(below, None)
        self._held[kind] = _fields(text, kind, delimiters)
        return Row(line, self._cells(delimiters), octets) if kind == "R" else None

    def _ended(self, text: str, line: int) -> None:
        """A terminator tells whether the message was sent to its end (LIS02-A2, 12.3)."""
        code = text.split(self._delimiters.field if self._delimiters else "|")[2:3]
        if "".join(code).strip() not in ("", "N", "F"):
            raise FileRefusedError(f"record {line}: {text[:20]!r} says that the message was broken off")

    def _cells(self, delimiters: _Delimiters) -> dict[str, Cell]:
        cells: dict[str, Cell] = {}
        for column, paths in self._columns.items():
            for path in paths:
                fields = self._held.get(path.record, [])
                given = fields[path.field - 1] if path.field <= len(fields) else ""
                if len(given) > self.written.cell:
                    raise FileRefusedError(f"{column}: is longer than {self.written.cell} characters")
                text = _component(given, path.component, delimiters)
                if not text.strip():
                    continue
                if path.record != "H" and delimiters.repeat in given:
                    cells[""] = f"{column}: stands more than once"
                cells[column] = delimiters.plain(text)
                break
        return cells


def _path(text: str) -> _Path:
    match = _COLUMN.fullmatch(text)
    if match is None:
        raise FileRefusedError(f"the mapping's column {text!r} names no field, as R.4 or O.3.1 does")
    return _Path(match[1], int(match[2]), int(match[3]) if match[3] else None)


def _declared(text: str, line: int) -> _Delimiters:
    """The delimiters that a header declares in its first five characters (E1394, 6.4.1)."""
    signs = text[1:5]
    if len(signs) != 4 or len(set(signs)) != 4 or any(sign.isalnum() or sign.isspace() for sign in signs):
        raise FileRefusedError(f"record {line}: {text[:5]!r} declares no delimiters")
    return _Delimiters(*signs)


def _fields(text: str, kind: str, delimiters: _Delimiters) -> list[str]:
    fields = text.split(delimiters.field)
    return fields if kind != "H" else [kind, "", *fields[2:]]


def _component(given: str, nth: int | None, delimiters: _Delimiters) -> str:
    if nth is None:
        return given
    parts = given.split(delimiters.component)
    return parts[nth - 1] if nth <= len(parts) else ""
