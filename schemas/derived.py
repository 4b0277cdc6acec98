"""Avro schemas derived from dataclasses whose fields carry their explanation: `python -m schemas` writes them.

A field is `Annotated[type, "explanation"]`. Types: str, int, float, bool, UUID, Time, Date, an enum of words, tuples of
these, and each of them or None. What has a default in Python has it in Avro, so that schemas evolve FULL_TRANSITIVE.

In kinds whose class says MAY_BE_WITHHELD, a Commitment may stand in the place of a text, and of whatever may be None,
save flags, ids and what is marked as SHOWN. No annotation says so: only redaction puts it there, `withheld.shown`
takes it out, and between the two nobody looks at the fields.
"""

import json
import struct
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from enum import StrEnum
from functools import cache, lru_cache, partial
from itertools import repeat
from operator import attrgetter, call
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from schemas.columnar import long_bytes, text_bytes
from schemas.commitment import AVRO as COMMITMENT
from schemas.commitment import is_commitment


@dataclass(frozen=True, slots=True)
class Logical:
    """An Avro logical type (Avro 1.12, Logical Types)."""

    name: str


Time = Annotated[int, Logical("timestamp-micros")]
"""UTC microseconds."""
Date = Annotated[int, Logical("date")]
"""Days since 1970-01-01."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Marks a field that is never withheld: a record cannot be found or put in order without it."""


SHOWN = Shown()

UNKNOWN_WORD = "OTHER"
"""The word that stands for one that a reader does not know; every derived enum has it."""
FAULTS = (AttributeError, KeyError, TypeError, struct.error)
"""What is raised where a value does not fit its field."""
DIGEST = 32
_T = TypeVar("_T")
_PLAIN = {str: "string", int: "long", float: "double", bool: "boolean", bytes: "bytes"}
_ENCODERS: Mapping[type, Callable[[Any], bytes]] = {
    str: lru_cache(maxsize=65_536)(text_bytes),
    int: lru_cache(maxsize=65_536)(long_bytes),
    float: struct.Struct("<d").pack,
    bool: lambda value: b"\1" if value else b"\0",
    bytes: lambda value: long_bytes(len(value)) + value,
    UUID: lambda value: b"\x48" + str(value).encode("ascii"),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field holds: `type` without its annotations, never None; `logical` is an Avro logical type.

    `withholdable` says whether a Commitment may stand there.
    """

    name: str
    type: type
    doc: str
    optional: bool
    many: bool
    logical: str | None
    default: Any
    withholdable: bool = False

    @property
    def required(self) -> bool:
        """Whether there is no record without it."""
        return self.default is MISSING


def shapes(kind: type) -> tuple[Shape, ...]:
    """The fields of a dataclass, as they stand there. TypeError where one has no explanation."""
    return _shapes(kind)


@cache
def _shapes(kind: Any) -> tuple[Shape, ...]:
    hints = get_type_hints(kind, include_extras=True)
    withheld = getattr(kind, "MAY_BE_WITHHELD", False)
    found = [_shape(one, hints[one.name]) for one in fields(kind)]
    return tuple(replace(one, withholdable=withheld and _can_be(one, hints[one.name])) for one in found)


def _can_be(one: Shape, hint: Any) -> bool:
    """Whether it can be withheld, of a kind of which that is possible."""
    fixed = one.many or one.type in {bool, UUID} or SHOWN in getattr(hint, "__metadata__", ())
    return not fixed and (one.optional or one.type is str)


def avro(kind: type) -> dict[str, Any]:
    """The kind's schema, as JSON."""
    named: set[str] = set()
    return {
        "type": "record",
        "name": kind.__name__,
        "namespace": "cmo.v1",
        "doc": " ".join((kind.__doc__ or "").split()),
        "fields": [_avro_field(one, named) for one in shapes(kind)],
    }


def body_of(record: Any) -> bytes:
    """The record in Avro's binary encoding: the octets of any Avro library, for a fraction of a general writer's work.

    ValueError where a field does not fit its type.
    """
    kind: Any = type(record)
    try:
        return b"".join([write(getattr(record, name)) for name, write in encoders(kind)])
    except FAULTS as error:
        octets = _redacted_body(record)
        if octets is None:
            raise ValueError(f"not a {kind.__name__} that can be written: {error}") from error
        return octets


def _redacted_body(record: Any) -> bytes | None:
    """The record with commitments in it; None where there is none, or where one or a value does not fit.

    It is tried when the plain way has failed, so that records without a commitment do not pay for those with one.
    """
    kind: Any = type(record)
    if not any(is_commitment(getattr(record, one.name)) for one in shapes(kind)):
        return None
    try:
        return b"".join([_redacted(one, write, getattr(record, one.name)) for one, write in _shaped(kind)])
    except FAULTS:
        return None


@cache
def _shaped(kind: Any) -> tuple[tuple[Shape, Callable[[Any], bytes]], ...]:
    return tuple((one, write) for one, (_, write) in zip(shapes(kind), encoders(kind), strict=True))


def _redacted(one: Shape, write: Callable[[Any], bytes], value: Any) -> bytes:
    if not is_commitment(value):
        return write(value)
    if not one.withholdable or len(value.digest) != DIGEST:
        raise TypeError(f"{one.name} cannot be withheld")
    words = b"\0" if value.words is None else b"\2" + text_bytes(value.words)
    return (b"\4" if one.optional else b"\2") + value.digest + text_bytes(value.clause) + words


def changed(record: _T, **values: Any) -> _T:
    """As `dataclasses.replace`, for records with slots, in a quarter of its time: no constructor looks at them."""
    kind: Any = type(record)
    read, slots = _slots(kind)
    made: _T = object.__new__(kind)
    deque(map(call, slots.values(), repeat(made), read(record)), maxlen=0)
    for name, value in values.items():
        slots[name](made, value)
    return made


@cache
def _slots(kind: Any) -> tuple[Callable[[Any], tuple[Any, ...]], dict[str, Callable[[Any, Any], None]]]:
    names = [one.name for one in fields(kind)]
    return attrgetter(*names), {name: getattr(kind, name).__set__ for name in names}


def values_of(record: Any) -> dict[str, Any]:
    """The record as Avro's plain values."""
    kind: Any = type(record)
    return {name: write(getattr(record, name)) for name, write in _writers(kind)}


def record_of(kind: type, data: Mapping[str, Any]) -> Any:
    """The record of plain values; ValueError for a word or an id that is none."""
    return kind(**{name: None if (value := data[name]) is None else read(value) for name, read in _readers(kind)})


def _shape(one: "Field[Any]", hint: Any) -> Shape:
    found, doc, logical = _bare(hint)
    options = get_args(found) if get_origin(found) in {Union, UnionType} else (found,)
    optional = NoneType in options
    (bare,) = [option for option in options if option is not NoneType]
    bare, _, inner = _bare(bare)
    many = get_origin(bare) is tuple
    if many:
        bare, _, inner = _bare(get_args(bare)[0])
    default = one.default if one.default_factory is MISSING else None
    if not doc:
        raise TypeError(f"field {one.name} has no explanation")
    return Shape(one.name, bare, doc, optional, many, logical or inner, default)


def _bare(hint: Any) -> tuple[Any, str, str | None]:
    """Type, explanation and logical type of what may be annotated."""
    if get_origin(hint) is not Annotated:
        return hint, "", None
    inner, *extras = get_args(hint)
    docs = [extra for extra in extras if isinstance(extra, str)]
    logical = [extra.name for extra in extras if isinstance(extra, Logical)]
    return inner, docs[-1] if docs else "", logical[0] if logical else None


def _avro_field(one: Shape, named: set[str]) -> dict[str, Any]:
    type_: Any = _avro_type(one, named)
    if one.many:
        type_ = {"type": "array", "items": type_}
    options = [*(["null"] if one.optional else []), type_, *([_named(COMMITMENT, named)] if one.withholdable else [])]
    if len(options) > 1:
        type_ = options
    default = {} if one.required or (one.type is UUID and not one.optional) else {"default": _plain(one.default)}
    return {"name": one.name, "type": type_, **default, "doc": one.doc}


def _named(type_: dict[str, Any], named: set[str]) -> Any:
    """A named type: in full where it stands first, then by its name (Avro 1.12, Names)."""
    if type_["name"] in named:
        return type_["name"]
    named.add(type_["name"])
    return type_


def _avro_type(one: Shape, named: set[str]) -> Any:
    if issubclass(one.type, StrEnum):
        words = [word.value for word in one.type]
        return _named({"type": "enum", "name": one.type.__name__, "symbols": words, "default": UNKNOWN_WORD}, named)
    if one.type is UUID:
        return {"type": "string", "logicalType": "uuid"}
    if one.logical is not None:
        return {"type": "int" if one.logical == "date" else "long", "logicalType": one.logical}
    return _PLAIN[one.type]


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _as_it_is(value: Any) -> Any:
    return value


@cache
def _writers(kind: Any) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    return tuple((one.name, _plain if one.many or one.type is UUID else _as_it_is) for one in shapes(kind))


@cache
def _readers(kind: Any) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    return tuple((one.name, _reader(one)) for one in shapes(kind))


@cache
def encoders(kind: Any) -> tuple[tuple[str, Callable[[Any], bytes]], ...]:
    """What writes each field of a dataclass in Avro's binary encoding."""
    return tuple((one.name, _encoder(one)) for one in shapes(kind))


def _encoder(one: Shape) -> Callable[[Any], bytes]:
    words: Any = one.type
    write = _ENCODERS.get(one.type) or {word: long_bytes(at) for at, word in enumerate(words)}.__getitem__
    if one.many:
        write = partial(_array, write)
    if one.optional:
        return partial(_optional, write)
    return partial(_first_branch, write) if one.withholdable else write


def _first_branch(write: Callable[[Any], bytes], value: Any) -> bytes:
    return b"\0" + write(value)


def _optional(write: Callable[[Any], bytes], value: Any) -> bytes:
    return b"\0" if value is None else b"\2" + write(value)


def _array(write: Callable[[Any], bytes], values: tuple[Any, ...]) -> bytes:
    return long_bytes(len(values)) + b"".join(map(write, values)) + b"\0" if values else b"\0"


def _reader(one: Shape) -> Callable[[Any], Any]:
    read = one.type if one.type is UUID or issubclass(one.type, StrEnum) else _as_it_is
    if one.many:
        return lambda values: tuple(map(read, values))
    return read


def text(kind: type) -> str:
    """The schema as its file has it."""
    schema = avro(kind)
    head = ", ".join(f"{json.dumps(name)}: {json.dumps(schema[name], ensure_ascii=False)}" for name in list(schema)[:4])
    lines = ",\n".join(f"    {json.dumps(one, ensure_ascii=False)}" for one in schema["fields"])
    return f'{{\n  {head},\n  "fields": [\n{lines}\n  ]\n}}\n'
