"""XML becomes rows: streaming, and safe whatever comes.

A document type is refused, and with it every entity, so nothing can be fetched or blown up (XML 1.0, 2.8 and 4.4).
Names count without their prefix and namespace, because exporters declare wrong ones, or one that they never use. A
file of a standard has to have one of its root elements; nobody asks for more validity.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat  # a DOCTYPE is refused below, so there are no entities

from adapters.exports.b2mml import ROOTS
from adapters.exports.mapping import Format
from adapters.exports.paths import Grammar
from adapters.exports.row import FileRefusedError, Row, opened, refusing
from adapters.exports.tree import Follower, walked

_CHUNK = 65_536
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


def xml_rows(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    """The rows, as they end. Raises FileRefusedError."""
    return walked(xml_read, path, written, _GRAMMAR.compiled(written.rows or "", sorted(needed)))


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
    """One reading of a file; it keeps the last octets, for those of a row that ends."""

    def __init__(self, written: Format, follower: Follower) -> None:
        self._written, self._follower = written, follower
        self._accepted = _ACCEPTED.get(written.type)
        self._typed = _TYPED if written.type == "animl" else frozenset[str]()
        self._parser = _parser(self._begin, self._end, self._text, self._other, self._declared)
        self._kept, self._base = bytearray(), 0
        self._just_begun = -1
        self._silent = 0
        self._rooted = False
        self._locals: dict[str, str] = {}

    def feed(self, octets: bytes, *, last: bool) -> None:
        """Hand octets to expat. A token longer than a row may be is refused before expat has gathered it."""
        self._kept += octets
        self._silent += len(octets)
        try:
            self._parser.Parse(octets, last)
        except expat.ExpatError as error:
            raise FileRefusedError(f"line {error.lineno}: is no whole XML: {error}") from error
        if self._silent > self._written.row + _CHUNK * 4:
            raise FileRefusedError(f"has a tag or comment longer than {self._written.row} characters")
        if (spare := len(self._kept) - 2 * self._written.row) > 2 * self._written.row:
            del self._kept[:spare]
            self._base += spare

    def _since(self, began: int) -> bytes:
        """The element that ends here, as declared; nothing where it is longer than a row may be."""
        here = self._parser.CurrentByteIndex
        empty = self._just_begun == began and self._kept[began - self._base : here - self._base].endswith(b"/>")
        end = here if empty else self._kept.find(b">", here - self._base) + 1 + self._base
        if end - began > self._written.row:
            return b""
        octets = bytes(self._kept[began - self._base : end - self._base])
        return octets if self._written.encoding == "utf-8" else octets.decode().encode(self._written.encoding)

    def _begin(self, name: str, given: dict[str, str]) -> None:
        self._silent = 0
        local = self._local(name)
        attributes = self._attributes(local, given) if given else given
        if not self._rooted and self._accepted is not None and local not in self._accepted:
            raise FileRefusedError(f"is no {self._written.type} file: its root element is {local[:100]}")
        self._rooted, self._just_begun = True, self._parser.CurrentByteIndex
        self._follower.begin("Value" if local in self._typed else local, attributes, self._just_begun)
        if attributes and attributes.get("nil", "").strip() in ("true", "1"):
            self._follower.nothing()

    def _attributes(self, local: str, given: dict[str, str]) -> dict[str, str]:
        """By local names, without declarations of namespaces. Raises FileRefusedError where they are too long."""
        if sum(map(len, given.values())) > self._written.cell:
            raise FileRefusedError(f"{local}: has attributes longer than {self._written.cell} characters")
        return {self._local(one): value for one, value in given.items() if not one.startswith("xmlns")}

    def _local(self, name: str) -> str:
        """The name without its prefix. Raises FileRefusedError where there are too many: expat keeps each."""
        if (local := self._locals.get(name)) is None:
            if len(self._locals) == _NAMES:
                raise FileRefusedError(f"has more than {_NAMES} names of elements and attributes")
            local = self._locals[name] = name.rpartition(":")[2]
        return local

    def _end(self, name: str) -> None:
        del name
        self._silent = 0
        self._follower.end(self._since)
        self._just_begun = -1

    def _text(self, text: str) -> None:
        self._silent = 0
        self._follower.text(text)
        self._just_begun = -1

    def _other(self, *given: object) -> None:
        del given
        self._silent = 0

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        del version, standalone
        self._silent = 0
        if encoding is not None and encoding.lower() not in _ENCODINGS[self._written.encoding]:
            raise FileRefusedError(f"not {self._written.encoding} as declared: it says {encoding} of itself")


def _parser(
    begin: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
    other: Callable[..., None],
    declared: Callable[[str, str | None, int], None],
) -> expat.XMLParserType:
    """Takes UTF-8, whatever the file says; `other` hears of comments and processing instructions."""
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text, parser.buffer_size = True, _CHUNK
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = text
    parser.CommentHandler = parser.ProcessingInstructionHandler = other
    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = _refuse
    return parser


def _refuse(*given: object) -> int:
    """Raises FileRefusedError."""
    del given
    raise FileRefusedError("has a document type or entities, which are not allowed")
