"""Mapping files: what the columns of an export mean. A new layout is a new file of this kind, not a program."""

from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self, get_type_hints
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from schemas.exported import Document, Exported, MaterialMovement, TestResult
from schemas.settings import Identifier, Strict

KINDS: dict[str, type[Exported]] = {
    "test-result": TestResult,
    "material-movement": MaterialMovement,
    "document": Document,
}
OURS = frozenset({"id", "system", "key", "version", "replaces", "number", "qualifier"})
"""Fields that no column gives: they are made, or derived."""


class MappingError(Exception):
    """The mapping file has a fault; the message says where, in a line."""


@cache
def kinds_of_fields(kind: str) -> dict[str, str]:
    """What a record kind's fields take: `time`, `number`, `unit`, `word` (an enum) or `text`."""
    found = {}
    for name, hint in get_type_hints(KINDS[kind]).items():
        if name in OURS:
            continue
        text = str(hint)
        by_type = "time" if "int" in text else "number" if "float" in text else "word" if "schemas" in text else "text"
        found[name] = "unit" if name == "unit" else by_type
    return found


@cache
def required_fields(kind: str) -> frozenset[str]:
    """The fields without which there is no record."""
    return frozenset(
        one.name
        for one in fields(KINDS[kind])
        if one.default is MISSING and one.default_factory is MISSING and one.name not in OURS
    )


class Column(Strict):
    """Where a field comes from."""

    column: str | None = Field(
        None, min_length=1, description="Name of the column, or path in JSON.", examples=["批号"]
    )
    value: str | None = Field(None, min_length=1, description="The same for all rows, instead of a column.")
    codes: dict[str, str] = Field(
        {}, description="What each word of the source means; another word refuses the row.", examples=[{"合格": "pass"}]
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.column is None) == (self.value is None):
            raise ValueError("give either column or value")
        return self


def _column(given: object) -> object:
    return {"column": given} if isinstance(given, str) else given


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

    type: Literal["csv", "excel", "json-lines"] = Field("csv", description="Kind of file.")
    encoding: Literal["utf-8", "gb18030", "utf-16"] = Field("utf-8", description="Encoding of text; a BOM may stand.")
    delimiter: str = Field(",", min_length=1, max_length=1, description="Between the cells of a CSV file.")
    sheet: str | None = Field(None, description="Sheet of an Excel file; the only one where left out.")
    columns: int = Field(256, ge=1, le=4096, description="Most columns.")
    cell: int = Field(32_768, ge=1, le=1_048_576, description="Most characters of a cell.")
    row: int = Field(262_144, ge=1, le=4_194_304, description="Most characters of a row.")


class Mapping(Strict):
    """What an export means."""

    kind: Literal["test-result", "material-movement", "document"] = Field(description="Record kind of a row.")
    system: Identifier = Field(description="The source system.", examples=["lims"])
    format: Format = Field(Format(), description="How the file is written.")
    time: str = Field("%Y-%m-%d %H:%M:%S", description="Form of its times, as Python's strptime takes it.")
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
        known = kinds_of_fields(self.kind)
        if unknown := sorted(self.fields.keys() - known.keys()):
            raise ValueError(f"a {self.kind} has no field {', '.join(unknown)}; it has {', '.join(sorted(known))}")
        if missing := sorted(required_fields(self.kind) - self.fields.keys()):
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
        return Mapping.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "mapping"
        raise MappingError(f"{path}: {where}: {first['msg']}") from error
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise MappingError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error
