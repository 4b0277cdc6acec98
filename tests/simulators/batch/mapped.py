"""Mapping files for the exports of the simulated site, from what its engineers would tell: words, forms, codes."""

import re
from typing import Any

import yaml

from schemas.derived import shapes
from schemas.exported import KINDS
from simulators.batch.dialects import Dialect
from simulators.batch.facts import FIELDS
from simulators.batch.words import code, total, unit

UNITS = ("g", "kg", "{#}", "%", "mg/L", "1", "g/mL", "{CFU}", "{CFU}/mL", "kPa", "s", "[iU]/mg")
TYPES = {"csv": "csv", "excel": "excel", "json-lines": "json-lines", "xml": "xml"}


def mapping(system: str, kind: str, dialect: Dialect) -> dict[str, Any]:
    """The mapping of one list."""
    header = dialect.header
    trailer = {"column": header("key"), "words": [total(dialect.language)]}
    return {
        "kind": re.sub("(?<=[a-z])(?=[A-Z])", "-", kind).lower(),
        "system": system,
        "format": _format(kind, dialect),
        "time": dialect.time if "%:z" not in dialect.time else "iso",
        "date": dialect.date,
        "zone": dialect.zone,
        "decimal": dialect.decimal,
        "key": [header("key")],
        "version": header("version"),
        "trailer": trailer,
        "fields": {name: _field(kind, name, dialect) for name in FIELDS[kind]},
    }


def _format(kind: str, dialect: Dialect) -> dict[str, Any]:
    given: dict[str, Any] = {"type": dialect.form}
    if dialect.form != "excel":
        given["encoding"] = dialect.encoding.removesuffix("-sig")
    if dialect.form == "csv":
        given["delimiter"] = dialect.delimiter
    return given | ({"rows": f"Export/{kind}"} if dialect.form == "xml" else {})


def _field(kind: str, name: str, dialect: Dialect) -> Any:
    column = dialect.header(name)
    match FIELDS[kind][name]:
        case "unit":
            return {"column": column, "codes": {unit(one, dialect.language): one for one in UNITS}}
        case "word":
            (words,) = [one.type for one in shapes(KINDS[kind]) if one.name == name]
            known = [word.value for word in words if word.value != "OTHER"]  # type: ignore[attr-defined]
            return {"column": column, "codes": {code(one, dialect.language): one.lower() for one in known if _has(one)}}
    return column


def _has(word: str) -> bool:
    """Whether the site ever says so."""
    try:
        code(word, "en")
    except KeyError:
        return False
    return True


def text(system: str, kind: str, dialect: Dialect) -> str:
    """The mapping file."""
    about = f"# {kind} of the {system.upper()} of line 3, in the dialect {dialect.name}.\n"
    return about + yaml.safe_dump(mapping(system, kind, dialect), allow_unicode=True, sort_keys=False, width=120)
