"""JSON of any depth becomes rows, streaming (RFC 8259). Allotrope ASM is JSON with fixed names.

The items of an array are nodes of the array's name; the root is `$`. Digits stay as they were written. Names of ASM are
written with spaces or with hyphens, by its edition: here both are hyphens.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from adapters.exports.mapping import Format
from adapters.exports.paths import ROOT, Grammar
from adapters.exports.row import FileRefusedError, Row, opened, refusing
from adapters.exports.tree import DEPTH, Follower, walked

_CHUNK = 65_536
_TOKEN = re.compile(
    r'[ \t\r\n]*+(?:(?P<mark>[{}\[\]:,])|(?P<string>"(?:[^"\\\x00-\x1f]++|\\.)*+")'
    r"|(?P<plain>(?:-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+|true|false|null)(?=[ \t\r\n,\]}])))"
)
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


def json_rows(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    """The rows, as they end. Raises FileRefusedError."""
    rows = written.rows or (_ASM_ROWS if written.type == "asm" else "")
    return walked(json_read, path, written, _GRAMMARS[written.type].compiled(rows, sorted(needed)))


def json_read(path: Path, written: Format, follower: Follower) -> Iterator[None]:
    """Tell a file, some tokens at a time. Raises FileRefusedError."""
    tokens = _Tokens(written)
    values = _Values(follower, tokens, _GRAMMARS[written.type])
    with refusing(written), opened(path, written) as text:
        for number, (kind, token) in enumerate(tokens.of(text)):
            values.take(kind, token)
            if number % _PART == 0:
                yield
        yield
    if not values.whole:
        raise FileRefusedError("is no whole JSON: it is cut off")
    if written.type == "asm" and not values.has_manifest:
        raise FileRefusedError(f"is no ASM file: it has no {_MANIFEST}")


class _Tokens:
    """The tokens of a text, each at most as long as a row; it remembers what it read last, up to a row and more."""

    def __init__(self, written: Format) -> None:
        self._written = written
        self._text, self._base, self._at = "", 0, 0
        self.began = 0

    def of(self, text: IO[str]) -> Iterator[tuple[str, str]]:
        """Kind (`mark`, `string`, `plain`) and token. Raises FileRefusedError."""
        ended = False
        while True:
            match = _TOKEN.match(self._text, self._at)
            if match is not None:
                kind = match.lastgroup or ""
                token = match[kind]
                self._at = match.end()
                self.began = self._base + self._at - len(token)
                yield kind, token
            elif ended:
                break
            else:
                ended = self._more(text)
        if self._text[self._at :].strip():
            raise FileRefusedError(f"is no whole JSON: {self._text[self._at : self._at + 40]!r} is no value")

    def since(self, began: int) -> bytes:
        """What was read from a place on, as declared; nothing where it is longer than a row may be."""
        if began < self._base or self._base + self._at - began > self._written.row:
            return b""
        return self._text[began - self._base : self._at].encode(self._written.encoding)

    def _more(self, text: IO[str]) -> bool:
        """Read on; a space stands for the end of the text. Whether it ended."""
        self._at = _end(_SPACE.match(self._text, self._at))
        if len(self._text) - self._at > self._written.row:
            raise FileRefusedError(f"has a value longer than {self._written.row} characters, or is no JSON")
        chunk = text.read(_CHUNK)
        kept = max(0, self._at - self._written.row)
        self._text = self._text[kept:] + (chunk or " ")
        self._base, self._at = self._base + kept, self._at - kept
        return not chunk


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


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

    def take(self, kind: str, sign: str) -> None:
        """The next token. Raises FileRefusedError where another had to come."""
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
        self._follower.begin(self._name, {}, self._tokens.began)
        if sign == "{":
            self._open.append((sign, self._name))
            self._expected = "first name"
            return
        if sign != "null":
            self._follower.text(_text(sign) if kind == "string" else sign)
        self._follower.end(self._tokens.since)
        self._expected = "next" if self._open else "nothing"

    def _close(self) -> None:
        kind, _ = self._open.pop()
        if kind == "{":
            self._follower.end(self._tokens.since)
        self._expected = "next" if self._open else "nothing"


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
