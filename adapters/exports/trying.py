"""Mappings tried out: a first proposal for a sample, what a mapping makes of a file, and examples kept beside it.

Examples of `lims.yaml` are the files `lims.NAME.csv` (`.xlsx`, `.jsonl`) and, for each, what has to come of it:
`lims.NAME.expected.yaml`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from adapters.exports.accounting import Account, Ledger, Outcome, Refused, Repeat
from adapters.exports.converting import Converter
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.formats.rows import blocks_of
from adapters.exports.mapping import Mapping, load
from schemas.derived import Shape, shapes

ENDINGS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "excel", ".jsonl": "json-lines", ".xml": "xml",
    ".json": "json", ".astm": "astm",
}  # fmt: skip
"""Endings of files, and the types that they mostly are."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Example:
    """A file kept beside a mapping, and what is wrong with what came of it; empty when nothing is."""

    file: Path
    differences: tuple[str, ...]


def outcomes_of(
    path: Path, mapping: Mapping, account: Account, tell: Callable[[int], object] = int
) -> Iterator[Outcome]:
    """What the mapping makes of a file, by itself. `tell` hears of rows that were read on the way to the file's end.
    Raises FileRefusedError before the first outcome.
    """
    blocks = blocks_of(path, mapping.format, mapping.columns, tell)
    return Ledger().outcomes(blocks, Converter(mapping), account)


def plain(outcome: Outcome) -> dict[str, Any]:
    """An outcome for YAML, without what differs from one time to the next."""
    if isinstance(outcome, Refused):
        return {"line": outcome.line, "refused": outcome.reason}
    if isinstance(outcome, Repeat):
        return {"line": outcome.line, "repeat": True}
    known = {one.name: one for one in shapes(type(outcome.record)) if one.name not in ("id", "file", "row")}
    values = {name: getattr(outcome.record, name) for name in known}
    told = {name: _plain(value, known[name]) for name, value in values.items() if value is not None}
    return {"line": outcome.line, "record": told | ({"replaces": True} if "replaces" in told else {})}


def _plain(value: Any, field: Shape) -> Any:
    """Times and dates as ISO 8601."""
    if field.logical == "timestamp-micros":
        return (_EPOCH + timedelta(microseconds=value)).isoformat()
    if field.logical == "date":
        return (_EPOCH.date() + timedelta(days=value)).isoformat()
    return value if isinstance(value, float | int) else str(value)


def examples(path: Path) -> Iterator[Example]:
    """The examples beside a mapping, tried. Raises MappingError."""
    mapping = load(path)
    for expected in sorted(path.parent.glob(f"{path.stem}.*.expected.yaml")):
        name = expected.name.removesuffix(".expected.yaml")
        files = [one for suffix in ENDINGS if (one := expected.with_name(name + suffix)).exists()]
        if len(files) != 1:
            yield Example(expected, (f"needs one file {name} with an ending of {', '.join(ENDINGS)}",))
            continue
        yield Example(files[0], tuple(_differences(files[0], mapping, expected)))


def _differences(file: Path, mapping: Mapping, expected: Path) -> Iterator[str]:
    try:
        wanted = yaml.safe_load(expected.read_text(encoding="utf-8"))
        found = [plain(one) for one in outcomes_of(file, mapping, Account())]
    except (FileRefusedError, yaml.YAMLError) as error:
        yield str(error)
        return
    if not isinstance(wanted, list) or len(wanted) != len(found):
        yield f"{len(found)} rows came, expected are {len(wanted) if isinstance(wanted, list) else 'none'}"
        return
    for one, other in zip(found, wanted, strict=True):
        if one != other:
            yield f"came {one}, expected is {other}"
