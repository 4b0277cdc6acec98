"""XML becomes rows: streaming, and safe whatever comes.

A document type is refused, and with it every entity, so nothing can be fetched or blown up (XML 1.0, 2.8 and 4.4).
Names count without their prefix and namespace, because exporters declare wrong ones, or one that they never use. A
file of a standard has to have one of its root elements; nobody asks for more validity.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat  # a DOCTYPE is refused below, so there are no entities

from adapters.exports.formats.b2mml import ROOTS
from adapters.exports.formats.paths import Grammar, Paths
from adapters.exports.formats.row import FileRefusedError, Row, opened, refusing
from adapters.exports.formats.tree import Behind, Follower, checked, walked
from adapters.exports.mapping import Format

_CHUNK = 65_536
_EMPTY = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*/>""")
"""An element without content, written as one tag."""
_NAMES = 16_384
"""Most names in a file."""
_GRAMMAR = Grammar(separator="/", first_index=1)
_ENCODINGS = {
    "utf-8": {"utf-8", "us-ascii"},
    "gb18030": {"gb18030", "gbk", "gb2312"},
    "utf-16": {"utf-16", "utf-16le", "utf-16be"},
}
"""What the file may say of itself, by what is declared for it."""
_ACCEPTED: dict[str, frozenset[str]] = {"b2mml": ROOTS, "animl": frozenset({"AnIML"})}
_TYPED = frozenset({"I", "L", "F", "D", "S", "Boolean", "DateTime", "EmbeddedXML", "PNG", "SVG"})
"""Elements around a value in AnIML (AnIML Core 0.90, Parameter): here all of them are named Value."""


def xml_rows(path: Path, written: Format, needed: frozenset[str], behind: Behind | None = None) -> Iterator[Row]:
    """The rows, as they end. Raises FileRefusedError."""
    return walked(xml_read, path, written, _paths(written, needed), behind or Behind())


def xml_check(path: Path, written: Format, needed: frozenset[str], behind: Behind) -> Iterator[int]:
    """Rows, as they are found. Raises FileRefusedError."""
    return checked(xml_read, path, written, _paths(written, needed), behind)


def _paths(written: Format, needed: frozenset[str]) -> Paths:
    return _GRAMMAR.compiled(written.rows or "", sorted(needed))


def xml_read(path: Path, written: Format, follower: Follower) -> Iterator[None]:
    """Tell a file, 64 Ki characters at a time. Raises FileRefusedError."""
    reader = _Reader(written, follower)
    with refusing(written), opened(path, written) as text:
        while chunk := text.read(_CHUNK):
            reader.feed(chunk.encode(), last=False)
            yield
        reader.feed(b"", last=True)
        yield


class _Reader:
    """One reading of a file; it keeps the last octets, for those of a row that ends. Text and ends of elements go
    straight to the follower.
    """

    def __init__(self, written: Format, follower: Follower) -> None:
        self._written, self._follower = written, follower
        self._accepted = _ACCEPTED.get(written.type)
        self._typed = _TYPED if written.type == "animl" else frozenset[str]()
        self._parser = _parser(self._begin, follower.end, follower.text, self._declared)
        self._kept, self._base = bytearray(), 0
        self._rooted = False
        self._locals: dict[str, str] = {}
        follower.hear(lambda: self._parser.CurrentByteIndex, self._since)

    def feed(self, octets: bytes, *, last: bool) -> None:
        """Hand octets to expat. A token longer than a row may be is refused before expat has gathered it."""
        self._kept += octets
        try:
            self._parser.Parse(octets, last)
        except expat.ExpatError as error:
            raise FileRefusedError(f"line {error.lineno}: is no whole XML: {error}") from error
        if self._base + len(self._kept) - self._parser.CurrentByteIndex > self._written.row + _CHUNK * 4:
            raise FileRefusedError(f"has a tag or comment longer than {self._written.row} characters")
        if (spare := len(self._kept) - 2 * self._written.row) > 2 * self._written.row:
            del self._kept[:spare]
            self._base += spare

    def _since(self, began: int) -> bytes:
        """The element that ends here, as declared; nothing where it is longer than a row may be."""
        here = self._parser.CurrentByteIndex
        if here - began > self._written.row:
            return b""
        until = self._kept[began - self._base : here - self._base]
        empty = until.endswith(b"/>") and _EMPTY.fullmatch(until)
        end = here if empty else self._kept.find(b">", here - self._base) + 1 + self._base
        if end - began > self._written.row:
            return b""
        octets = bytes(self._kept[began - self._base : end - self._base])
        return octets if self._written.encoding == "utf-8" else octets.decode().encode(self._written.encoding)

    def _begin(self, name: str, given: dict[str, str]) -> None:
        local = self._locals.get(name) or self._local(name)
        attributes = self._attributes(local, given) if given else given
        if not self._rooted:
            self._root(local)
        self._follower.begin(local, attributes)
        if attributes and attributes.get("nil", "").strip() in ("true", "1"):
            self._follower.nothing()

    def _root(self, local: str) -> None:
        if self._accepted is not None and local not in self._accepted:
            raise FileRefusedError(f"is no {self._written.type} file: its root element is {local[:100]}")
        self._rooted = True

    def _attributes(self, local: str, given: dict[str, str]) -> dict[str, str]:
        """By local names, without declarations of namespaces. Raises FileRefusedError where they are too long."""
        if sum(map(len, given.values())) > self._written.cell:
            raise FileRefusedError(f"{local}: has attributes longer than {self._written.cell} characters")
        names = self._locals
        return {
            names.get(one) or self._local(one): value for one, value in given.items() if not one.startswith("xmlns")
        }

    def _local(self, name: str) -> str:
        """The name without its prefix. Raises FileRefusedError where there are too many: expat keeps each."""
        if len(self._locals) == _NAMES:
            raise FileRefusedError(f"has more than {_NAMES} names of elements and attributes")
        local = name.rpartition(":")[2]
        self._locals[name] = "Value" if local in self._typed else local
        return self._locals[name]

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        del version, standalone
        if encoding is not None and encoding.lower() not in _ENCODINGS[self._written.encoding]:
            raise FileRefusedError(f"not {self._written.encoding} as declared: it says {encoding} of itself")


def _parser(
    begin: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
    declared: Callable[[str, str | None, int], None],
) -> expat.XMLParserType:
    """Takes UTF-8, whatever the file says."""
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text, parser.buffer_size = True, _CHUNK
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = text
    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = _refuse
    return parser


def _refuse(*given: object) -> int:
    """Raises FileRefusedError."""
    del given
    raise FileRefusedError("has a document type or entities, which are not allowed")
