"""Dialects: how a site has set up an export. The same facts in each of them, in other words and other files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from simulators.batch.facts import FIELDS, Fact, Shape
from simulators.batch.words import Language, code, column, unit

Cell = str | float | datetime | None
Style = Literal["Title Case", "snake_case", "camelCase", "PascalCase", "as is"]


@dataclass(frozen=True)
class Dialect:
    """How cells are written, and in which kind of file. Forms are strftime's; `native`: cells of a sheet have types."""

    name: str
    language: Language = "en"
    style: Style = "Title Case"
    form: Literal["csv", "excel", "json-lines", "xml"] = "csv"
    encoding: Literal["utf-8", "utf-8-sig", "gb18030", "utf-16"] = "utf-8"
    delimiter: str = ","
    time: str = "%Y-%m-%d %H:%M:%S"
    date: str = "%Y-%m-%d"
    zone: str = "Asia/Shanghai"
    decimal: Literal[".", ","] = "."
    native: bool = False

    @property
    def suffix(self) -> str:
        """What its files end with."""
        by_form = {"csv": "csv", "excel": "xlsx", "json-lines": "jsonl", "xml": "xml"}
        return "txt" if self.encoding == "utf-16" or self.delimiter == "\t" else by_form[self.form]

    def header(self, field: str) -> str:
        """The name of a field's column."""
        name = column(field, self.language)
        words = name.replace("-", "").split()
        match self.style:
            case "snake_case":
                return "_".join(words).lower()
            case "camelCase":
                return words[0].lower() + "".join(word.capitalize() for word in words[1:])
            case "PascalCase":
                return "".join(word.capitalize() for word in words)
        return name

    def cell(self, value: object, shape: Shape) -> Cell:
        """A value as the dialect writes it."""
        if value is None:
            return None
        if shape == "time" and isinstance(value, int):
            local = datetime.fromtimestamp(value / 1e6, UTC).astimezone(ZoneInfo(self.zone))
            return local.replace(tzinfo=None) if self.native else written(local, self.time)
        if shape == "date" and isinstance(value, int):
            day = date.fromordinal(date(1970, 1, 1).toordinal() + value)
            return written(datetime(day.year, day.month, day.day), self.date)  # noqa: DTZ001 - a date has no zone
        if shape == "number" and isinstance(value, float | int):
            return float(value) if self.native else f"{value:.12g}".replace(".", self.decimal)
        if shape == "word":
            return code(str(value), self.language)
        return unit(str(value), self.language) if shape == "unit" else str(value)


def written(moment: datetime, form: str) -> str:
    """As strftime, with `%:z` for an offset with a colon, whatever the platform."""
    offset = moment.strftime("%z")
    return moment.strftime(form.replace("%:z", f"{offset[:3]}:{offset[3:5]}"))


@dataclass
class Sheet:
    """What will be a file: a table in a dialect, with the facts that its rows are."""

    dialect: Dialect
    kind: str
    header: list[str]
    rows: list[list[Cell]]


def sheet_of(facts: list[Fact], kind: str, dialect: Dialect) -> Sheet:
    """The facts as a table: its columns are the key, the version and every field of the kind."""
    shapes = FIELDS[kind]
    header = [dialect.header(name) for name in ("key", "version", *shapes)]
    rows = [
        [one.key, str(one.version), *(_cell(one, name, shape, dialect) for name, shape in shapes.items())]
        for one in facts
    ]
    return Sheet(dialect, kind, header, rows)


def _cell(one: Fact, name: str, shape: Shape, dialect: Dialect) -> Cell:
    value = one.fields[name]
    if name == "reported" and one.fields["value"] is not None:
        return str(value).replace(".", dialect.decimal)
    return dialect.cell(value, shape)


DIALECTS: Mapping[str, Dialect] = {
    one.name: one
    for one in (
        Dialect("en-us", time="%m/%d/%Y %I:%M:%S %p", date="%m/%d/%Y"),
        Dialect("en-iso", style="snake_case", time="%Y-%m-%dT%H:%M:%S%:z"),
        Dialect("zh-gb18030", "zh", "as is", encoding="gb18030", time="%Y/%m/%d %H:%M:%S", date="%Y/%m/%d"),
        Dialect("zh-bom", "zh", "as is", encoding="utf-8-sig", time="%Y年%m月%d日 %H:%M:%S", date="%Y年%m月%d日"),
        Dialect(
            "de-semicolon",
            "de",
            "as is",
            delimiter=";",
            encoding="utf-8-sig",
            time="%d.%m.%Y %H:%M:%S",
            date="%d.%m.%Y",
            decimal=",",
        ),
        Dialect("en-unicode", encoding="utf-16", delimiter="\t", time="%d-%b-%Y %H:%M:%S", date="%d-%b-%Y"),
        Dialect("en-excel", form="excel", native=True),
        Dialect("zh-excel", "zh", "as is", form="excel", zone="UTC"),
        Dialect("en-json", style="camelCase", form="json-lines", time="%Y-%m-%dT%H:%M:%SZ", zone="UTC"),
        Dialect("en-xml", style="PascalCase", form="xml", time="%Y-%m-%dT%H:%M:%S%:z"),
    )
}
"""Ten ways to write the same batch."""

HOUSE: Mapping[str, str] = {
    "mes": "en-iso",
    "lims": "zh-gb18030",
    "lims.StoredSample": "en-excel",
    "lims.AuditTrailEntry": "en-us",
    "wms": "de-semicolon",
    "dms": "en-json",
    "qms": "zh-excel",
}
"""What the simulated site has: each of its systems came from somewhere else."""


def dialect_of(system: str, kind: str, chosen: str | None = None) -> Dialect:
    """The dialect of an export: the chosen one, or what the site has."""
    return DIALECTS[chosen or HOUSE.get(f"{system}.{kind}") or HOUSE[system]]
