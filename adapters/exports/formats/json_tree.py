"""JSON of any depth becomes rows, streaming (RFC 8259). Allotrope ASM is JSON with fixed names.

The items of an array are nodes of the array's name; the root is `$`. Digits stay as they were written. Names of ASM are
written with spaces or with hyphens, by its edition: here both are hyphens.
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import accumulate, count
from pathlib import Path
from typing import IO, Any, NoReturn

from adapters.exports.formats.paths import ROOT, Grammar, Paths
from adapters.exports.formats.row import FileRefusedError, Row, opened, refusing
from adapters.exports.formats.tree import DEPTH, Behind, Follower, checked, walked
from adapters.exports.mapping import Format

_CHUNK = 65_536
_TOKEN = re.compile(
    r'[ \t\r\n]*+(?:(?P<mark>[{}\[\]:,])|(?P<string>"(?:[^"\\\x00-\x1f]++|\\.)*+")'
    r"|(?P<plain>(?:-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+|true|false|null)(?=[ \t\r\n,\]}])))"
)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_BRACKET = re.compile(r"[\[\]{}]")
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}
_OPENING = ("[", "{")
_DOUBTFUL = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""What may be a NUL or half a character."""
_WHOLE = 262_144
"""Characters of a value that is read at once, about."""
_SPACE = re.compile(r"[ \t\r\n]*+")
_PART = 1024
"""Tokens that are told at a time."""
_MANIFEST = "$asm.manifest"
_ASM_ROWS = "*.*[].measurement-aggregate-document.measurement-document[]"
"""Where ASM has its measurements, whatever the technique (ASM core model, REC/2023/09)."""
_GRAMMARS = {
    "json": Grammar(separator=".", first_index=0),
    "asm": Grammar(separator=".", first_index=0, named=lambda name: name.replace(" ", "-")),
}


def json_rows(path: Path, written: Format, needed: frozenset[str], behind: Behind | None = None) -> Iterator[Row]:
    """The rows, as they end. Raises FileRefusedError."""
    return walked(json_read, path, written, _paths(written, needed), behind or Behind())


def json_check(path: Path, written: Format, needed: frozenset[str], behind: Behind) -> Iterator[int]:
    """Rows, as they are found. Raises FileRefusedError."""
    return checked(json_read, path, written, _paths(written, needed), behind)


def _paths(written: Format, needed: frozenset[str]) -> Paths:
    rows = written.rows or (_ASM_ROWS if written.type == "asm" else "")
    return _GRAMMARS[written.type].compiled(rows, sorted(needed))


def json_read(path: Path, written: Format, follower: Follower) -> Iterator[None]:
    """Tell a file, some tokens or a value at a time. Raises FileRefusedError."""
    with refusing(written), opened(path, written) as text:
        tokens = _Tokens(written, text)
        values = _Values(follower, tokens, _GRAMMARS[written.type])
        follower.hear(lambda: tokens.began, tokens.since)
        for number in count():
            whole = values.take_whole()
            if not whole and not values.take_token():
                break
            if whole or number % _PART == 0:
                yield
        yield
    if not values.whole:
        raise FileRefusedError("is no whole JSON: it is cut off")
    if written.type == "asm" and not values.has_manifest:
        raise FileRefusedError(f"is no ASM file: it has no {_MANIFEST}")


class _Tokens:
    """The tokens of a text, each at most as long as a row; it remembers what it read last, up to a row and more."""

    def __init__(self, written: Format, text: IO[str]) -> None:
        self._written, self._file = written, text
        self._text, self._base, self._at = "", 0, 0
        self._ended = False
        self.began = 0

    def next(self) -> tuple[str, str] | None:
        """Kind (`mark`, `string`, `plain`) and token. Raises FileRefusedError."""
        while (match := _TOKEN.match(self._text, self._at)) is None:
            if self._ended:
                if self._text[self._at :].strip():
                    raise FileRefusedError(f"is no whole JSON: {self._text[self._at : self._at + 40]!r} is no value")
                return None
            self._at = _end(_SPACE.match(self._text, self._at))
            if len(self._text) - self._at > self._written.row:
                raise FileRefusedError(f"has a value longer than {self._written.row} characters, or is no JSON")
            self._more()
        kind = match.lastgroup or ""
        token = match[kind]
        self._at = match.end()
        self.began = self._base + self._at - len(token)
        return kind, token

    def opens(self) -> str:
        """The next sign, where it opens an object or array."""
        self._at = _end(_SPACE.match(self._text, self._at))
        while self._at == len(self._text) and not self._ended:
            self._more()
            self._at = _end(_SPACE.match(self._text, self._at))
        sign = self._text[self._at : self._at + 1]
        return sign if sign in _OPENING else ""

    def value(self, depth: int) -> Any:
        """The object or array that begins here, where it is not too long, nor deeper than this, nor doubtful; else None
        and the tokens tell.
        """
        while True:
            try:
                value, end = _SCAN(self._text, self._at)
                break
            except (StopIteration, ValueError, RecursionError):
                if self._ended or len(self._text) - self._at > _WHOLE:
                    return None
                self._more()
        if _is_deeper(self._text, self._at, end, depth):
            return None
        if self._text.find("\\u", self._at, end) >= 0 and _DOUBTFUL.search(self._text, self._at, end):
            return None
        self.began, self._at = self._base + self._at, end
        return value

    def since(self, began: int) -> bytes:
        """What was read from a place on, as declared; nothing where it is longer than a row may be."""
        if began < self._base or self._base + self._at - began > self._written.row:
            return b""
        return self._text[began - self._base : self._at].encode(self._written.encoding)

    def _more(self) -> None:
        """Read on; a space stands for the end of the text."""
        chunk = self._file.read(_CHUNK)
        kept = max(0, self._at - self._written.row)
        self._text = self._text[kept:] + (chunk or " ")
        self._base, self._at = self._base + kept, self._at - kept
        self._ended = not chunk


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _is_deeper(text: str, began: int, end: int, depth: int) -> bool:
    """Whether more than so many brackets are open at a place of a value."""
    if text.count("{", began, end) + text.count("[", began, end) <= depth:
        return False
    signs = _BRACKET.findall(_STRING.sub("", text[began:end]))
    return max(accumulate(map(_STEPS.__getitem__, signs))) > depth


class _Values:
    """Tokens become nodes that begin and end. `whole` once the one value of the text has ended."""

    def __init__(self, follower: Follower, tokens: _Tokens, grammar: Grammar) -> None:
        self._follower, self._tokens, self._named = follower, tokens, grammar.named
        self._open: list[tuple[str, str]] = []
        self._expected = "value"
        self._name = ROOT
        self.has_manifest = False

    @property
    def whole(self) -> bool:
        """Whether the text may end here."""
        return self._expected == "nothing"

    def take_whole(self) -> bool:
        """The next value with all that is in it, if it comes next and can be told so; gives whether it was."""
        if self._expected not in ("value", "first value") or not self._open:
            return False
        sign = self._tokens.opens()
        if not sign or (sign == "[" and self._open[-1][0] == "["):
            return False
        if not self._follower.takes_whole(self._name, many=sign == "["):
            return False
        value = self._tokens.value(DEPTH - len(self._open) - 1)
        if value is None:
            return False
        self._follower.whole(self._name, value if self._named is str else _renamed(value, self._named))
        self._expected = "next"
        return True

    def take_token(self) -> bool:
        """The next token; False at the end. Raises FileRefusedError where another had to come."""
        token = self._tokens.next()
        if token is not None:
            self._take(*token)
        return token is not None

    def _take(self, kind: str, sign: str) -> None:
        if self._expected in ("value", "first value") and sign not in ("}", "]", ":", ","):
            self._begin(kind, sign)
        elif kind == "string" and self._expected in ("name", "first name"):
            self._name, self._expected = self._named(_text(sign)), ":"
            self.has_manifest |= len(self._open) == 1 and self._name == _MANIFEST
        elif sign == self._expected == ":":
            self._expected = "value"
        elif sign == "," and self._expected == "next":
            self._expected = "name" if self._open[-1][0] == "{" else "value"
            self._name = self._open[-1][1]
        elif (sign, self._open[-1][0] if self._open else "", self._expected) in _CLOSING:
            self._close()
        else:
            raise FileRefusedError(f"is no JSON: {sign[:40]!r} stands where {self._expected} had to come")

    def _begin(self, kind: str, sign: str) -> None:
        if sign == "[":
            if len(self._open) == DEPTH:
                raise FileRefusedError(f"has more than {DEPTH} arrays and objects within each other")
            inner = "" if self._open and self._open[-1][0] == "[" else self._name
            self._open.append((sign, inner))
            self._name, self._expected = inner, "first value"
            return
        self._follower.begin(self._name, {})
        if sign == "{":
            self._open.append((sign, self._name))
            self._expected = "first name"
            return
        if sign != "null":
            self._follower.text(_text(sign) if kind == "string" else sign)
        self._follower.end()
        self._expected = "next" if self._open else "nothing"

    def _close(self) -> None:
        kind, name = self._open.pop()
        if kind == "{":
            self._follower.end()
        elif self._expected == "first value":
            self._follower.whole(name, [])
        self._expected = "next" if self._open else "nothing"


def _renamed(value: Any, named: Callable[[str], str]) -> Any:
    """With the names as the format has them."""
    if isinstance(value, tuple):
        return tuple((named(name), _renamed(one, named)) for name, one in value)
    return [_renamed(one, named) for one in value] if isinstance(value, list) else value


def _no_number(text: str) -> NoReturn:
    """NaN and infinities are no JSON. Raises ValueError."""
    raise ValueError(text)


_DECODER: Any = json.JSONDecoder(object_pairs_hook=tuple, parse_int=str, parse_float=str, parse_constant=_no_number)
_SCAN: Callable[[str, int], tuple[Any, int]] = _DECODER.scan_once
"""Value and end of what begins at a place: as the standard library reads it, at ten times the speed of tokens."""
_CLOSING = frozenset({("}", "{", "first name"), ("}", "{", "next"), ("]", "[", "first value"), ("]", "[", "next")})
"""Which mark closes what, and when."""


def _text(sign: str) -> str:
    """What a string says. Raises FileRefusedError where that is no text."""
    if "\\" not in sign:
        return sign[1:-1]
    try:
        text = str(json.loads(sign))
        text.encode()
    except ValueError as error:
        raise FileRefusedError(f"is no JSON: {sign[:40]} is no text") from error
    if "\0" in text:
        raise FileRefusedError("has a NUL in a string; the file is damaged")
    return text
