"""Mapping files: what the columns of an export mean. A new layout is a new file of this kind, not a program."""

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from schemas import exported
from schemas.derived import Shape, shapes
from schemas.exported import Exported
from schemas.settings import Identifier, Strict

KINDS: dict[str, type[Exported]] = {
    re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower(): kind for name, kind in exported.KINDS.items()
}
"""Record kinds by their names in mappings, such as `test-result`."""
MADE = frozenset({"id", "system", "key", "version", "replaces", "file", "row"})
"""Fields that no column gives."""
DERIVED = frozenset({"value", "qualifier"})
"""Fields that are derived from `reported`, where a kind has it."""
TREES = frozenset({"xml", "b2mml", "animl", "json"})
"""Formats whose rows have to be named."""


class MappingError(Exception):
    """The mapping file has a fault; the message says where, in a line."""


class Sort(StrEnum):
    """What a field takes."""

    TEXT = "text"
    REPORTED = "text as reported"
    NUMBER = "number"
    TIME = "time"
    DATE = "date"
    UNIT = "unit"
    WORD = "word"


@cache
def given_fields(kind: str) -> dict[str, Shape]:
    """The fields of a record kind that columns give."""
    found = {one.name: one for one in shapes(KINDS[kind]) if one.name not in MADE}
    return {name: one for name, one in found.items() if "reported" not in found or name not in DERIVED}


def sort_of(field: Shape) -> Sort:
    """What the field takes. TypeError for one that no cell can give."""
    by_name = {"unit": Sort.UNIT, "reported": Sort.REPORTED}
    by_type = {str: Sort.TEXT, float: Sort.NUMBER}
    by_logical = {"timestamp-micros": Sort.TIME, "date": Sort.DATE}
    if issubclass(field.type, StrEnum):
        return Sort.WORD
    if field.logical is None and field.type not in by_type:
        raise TypeError(f"{field.name}: no cell gives a {field.type.__name__}")
    return by_logical[field.logical] if field.logical else by_name.get(field.name, by_type[field.type])


class Column(Strict):
    """Where a field comes from."""

    column: str | None = Field(
        None, min_length=1, description="Name of the column, or path in a tree.", examples=["批号"]
    )
    value: str | None = Field(None, min_length=1, description="The same for all rows, instead of a column.")
    codes: dict[str, str] = Field(
        {}, description="What each word of the source means; another word refuses the row.", examples=[{"合格": "pass"}]
    )
    form: str | None = Field(
        None, min_length=1, description="Form of its times or dates, where it is not that of the others."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.column is None) == (self.value is None):
            raise ValueError("give either column or value")
        return self


def _column(given: object) -> object:
    return {"column": given} if isinstance(given, str) else given


def _known_kind(given: str) -> str:
    if given not in KINDS:
        raise ValueError(f"{given!r} is no record kind; there are {', '.join(KINDS)}")
    return given


def _known_zone(given: str) -> str:
    try:
        ZoneInfo(given)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{given!r} is no time zone (example: Asia/Shanghai)") from error
    return given


class Words(Strict):
    """Rows that are told by words in a column."""

    column: str = Field(min_length=1, description="Name of the column.")
    words: frozenset[str] = Field(min_length=1, description="The words, each the whole cell.")


class Format(Strict):
    """How the file is written. Nothing is guessed: what contradicts this refuses the file."""

    type: Literal["csv", "excel", "json-lines", "xml", "b2mml", "animl", "json", "asm", "astm"] = Field(
        "csv", description="Kind of file."
    )
    encoding: Literal["utf-8", "gb18030", "utf-16"] = Field("utf-8", description="Encoding of text; a BOM may stand.")
    delimiter: str = Field(",", min_length=1, max_length=1, description="Between the cells of a CSV file.")
    sheet: str | None = Field(None, description="Sheet of an Excel file; the only one where left out.")
    rows: str | None = Field(
        None, min_length=1, description="Path of its rows, in a file with a tree.", examples=["batches[].steps[]"]
    )
    columns: int = Field(256, ge=1, le=4096, description="Most columns.")
    cell: int = Field(32_768, ge=1, le=1_048_576, description="Most characters of a cell.")
    row: int = Field(262_144, ge=1, le=4_194_304, description="Most characters of a row.")

    @model_validator(mode="after")
    def _rows_of_a_tree(self) -> Self:
        if self.type in TREES and self.rows is None:
            raise ValueError(f"{self.type} needs rows: the path of what becomes a record")
        return self


class Mapping(Strict):
    """What an export means."""

    kind: Annotated[str, AfterValidator(_known_kind)] = Field(
        description="Record kind of a row.", examples=["test-result"]
    )
    system: Identifier = Field(description="The source system.", examples=["lims"])
    format: Format = Field(Format(), description="How the file is written.")
    time: str = Field(
        "%Y-%m-%d %H:%M:%S", min_length=1, description="Form of its times, as Python's strptime takes it, or `iso`."
    )
    date: str = Field("%Y-%m-%d", min_length=1, description="Form of its dates without a time of day, or `iso`.")
    zone: Annotated[str, AfterValidator(_known_zone)] = Field("UTC", description="Time zone of times without one.")
    decimal: Literal[".", ","] = Field(".", description="Decimal sign.")
    key: tuple[str, ...] = Field(min_length=1, description="Columns that together name a row, whatever its version.")
    version: str | None = Field(None, description="Column with the version, a whole number; else it is counted.")
    final: Words | None = Field(None, description="Only rows with these words are final; others are refused.")
    trailer: Words | None = Field(None, description="Rows with these words, such as totals, are no data.")
    refuse: tuple[Words, ...] = Field((), description="Rows with these words are refused.")
    fields: dict[str, Annotated[Column, BeforeValidator(_column)]] = Field(description="Where each field comes from.")

    @model_validator(mode="after")
    def _fields_of_the_kind(self) -> Self:
        known = given_fields(self.kind)
        if unknown := sorted(self.fields.keys() - known.keys()):
            raise ValueError(f"a {self.kind} has no field {', '.join(unknown)}; it has {', '.join(sorted(known))}")
        needed = {name for name, one in known.items() if one.required}
        if missing := sorted(needed - self.fields.keys()):
            raise ValueError(f"a {self.kind} needs {', '.join(missing)}")
        return self

    @property
    def columns(self) -> frozenset[str]:
        """Every column that has to be there."""
        told = [words.column for words in (self.final, self.trailer, *self.refuse) if words]
        version = [self.version] if self.version else []
        return frozenset([*self.key, *told, *version, *(one.column for one in self.fields.values() if one.column)])


def load(path: Path) -> Mapping:
    """The mapping in a file. Raises MappingError."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeError) as error:
        raise MappingError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error


def parse(text: str, name: str) -> Mapping:
    """The mapping that a text says; faults are told with the name. Raises MappingError."""
    try:
        return Mapping.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "mapping"
        raise MappingError(f"{name}: {where}: {first['msg']}") from error
    except yaml.YAMLError as error:
        raise MappingError(f"{name}: cannot be read: {' '.join(str(error).split())}") from error
