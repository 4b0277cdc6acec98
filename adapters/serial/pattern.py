"""Lines of a sensor by declared pattern: fixed text and fields of exact width. Pure.

A pattern is written as for Python's `str.format`, with a width in every field, so that every line has one length and
each field its columns: `DP {dp:+7.2f} Pa {state:2s}` is `DP  -14.50 Pa OK`. There is nothing to search and nothing to
back up from, whatever arrives.

    {name:8.2f}    number right in 8 columns, 2 decimals; `-` where it is negative
    {name:+8.2f}   the same, always with a sign
    {name:08.2f}   the same, with leading zeros
    {name:5d}      whole number
    {name:2s}      word, left in 2 columns
    {:4s}          whatever is in 4 columns; `{{` and `}}` are braces
"""

import re
from dataclasses import dataclass
from string import Formatter

_SPEC = re.compile(r"(\+?)(0?)([1-9][0-9]?)(?:\.([0-9]))?([fds])")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_PRINTABLE = re.compile(rb"[ -~]*")


@dataclass(frozen=True, slots=True)
class Field:
    """Columns of a line. `number` is None for a word."""

    name: str
    at: int
    width: int
    number: re.Pattern[bytes] | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line without its end: `width` octets, `texts` at their places, `fields` between them."""

    width: int
    texts: tuple[tuple[int, bytes], ...]
    fields: tuple[Field, ...]

    def split(self, line: bytes) -> dict[str, bytes] | None:
        """The columns of each named field, if the line has the right length and the fixed text in its places."""
        if len(line) != self.width or not _PRINTABLE.fullmatch(line):
            return None
        if any(not line.startswith(text, at) for at, text in self.texts):
            return None
        return {field.name: line[field.at : field.at + field.width] for field in self.fields if field.name}


def compile_pattern(template: str) -> Pattern:
    """The pattern of a template. Raises ValueError that says what is wrong with it."""
    at = 0
    texts: list[tuple[int, bytes]] = []
    fields: list[Field] = []
    for text, name, spec, conversion in Formatter().parse(template):
        if text:
            if not text.isascii() or not text.isprintable():
                raise ValueError(f"{text!r} has characters that are not printable ASCII")
            texts.append((at, text.encode("ascii")))
            at += len(text)
        if name is not None:
            fields.append(_field(name, spec or "", conversion, at))
            at += fields[-1].width
    names = [field.name for field in fields if field.name]
    if not names or len(set(names)) != len(names):
        raise ValueError("a pattern needs fields, each with a name of its own")
    return Pattern(at, tuple(texts), tuple(fields))


def _field(name: str, spec: str, conversion: str | None, at: int) -> Field:
    found = _SPEC.fullmatch(spec)
    if conversion or not found or (name and not _NAME.fullmatch(name)):
        raise ValueError(f"field {{{name}:{spec}}}: write {{name:8.2f}}, {{name:5d}} or {{name:2s}}, with a width")
    sign, zeros, width, places, kind = found.groups()
    if (places is not None) != (kind == "f") or (kind == "s" and (sign or zeros)):
        raise ValueError(f"field {{{name}:{spec}}}: f needs decimals, d and s have none, s has neither sign nor zeros")
    return Field(name, at, int(width), _number(sign, zeros, int(places or 0)) if kind != "s" else None)


def _number(sign: str, zeros: str, places: int) -> re.Pattern[bytes]:
    """What `str.format` writes for it."""
    left = ("" if zeros else " *") + ("[+-]" if sign else "-?")
    whole = "[0-9]+" if zeros else "(?:0|[1-9][0-9]*)"
    return re.compile(f"{left}{whole}{rf'[.][0-9]{{{places}}}' if places else ''}".encode())
