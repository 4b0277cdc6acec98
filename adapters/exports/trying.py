"""Mappings tried out: a first proposal for a sample, what a mapping makes of a file, and examples kept beside it.

Examples of `lims.yaml` are the files `lims.NAME.csv` (`.xlsx`, `.jsonl`) and, for each, what has to come of it:
`lims.NAME.expected.yaml`.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import yaml

from adapters.exports.accounting import Account, Ledger, Outcome, Refused, Repeat
from adapters.exports.converting import Converter
from adapters.exports.mapping import Format, Mapping, load, required_fields
from adapters.exports.rows import FileRefusedError, header_of, rows_of

Encoding = Literal["utf-8", "gb18030", "utf-16"]
_TYPES: dict[str, Literal["csv", "excel", "json-lines"]] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "excel", ".jsonl": "json-lines"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A file kept beside a mapping, and what is wrong with what came of it; empty when nothing is."""

    file: Path
    differences: tuple[str, ...]


def outcomes_of(path: Path, mapping: Mapping, account: Account) -> Iterator[Outcome]:
    """What the mapping makes of a file, by itself. Raises FileRefusedError before the first outcome."""
    rows = rows_of(path, mapping.format, mapping.columns)
    return Ledger().outcomes(rows, Converter(mapping), account)


def plain(outcome: Outcome) -> dict[str, Any]:
    """An outcome for YAML, without what differs from one time to the next."""
    if isinstance(outcome, Refused):
        return {"line": outcome.line, "refused": outcome.reason}
    if isinstance(outcome, Repeat):
        return {"line": outcome.line, "repeat": True}
    values = {name: value for name, value in asdict(outcome.record).items() if value is not None and name != "id"}
    values = {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}
    return {"line": outcome.line, "record": values | ({"replaces": True} if "replaces" in values else {})}


def examples(path: Path) -> Iterator[Example]:
    """The examples beside a mapping, tried. Raises MappingError."""
    mapping = load(path)
    for expected in sorted(path.parent.glob(f"{path.stem}.*.expected.yaml")):
        name = expected.name.removesuffix(".expected.yaml")
        files = [one for suffix in _TYPES if (one := expected.with_name(name + suffix)).exists()]
        if len(files) != 1:
            yield Example(expected, (f"needs one file {name} with an ending of {', '.join(_TYPES)}",))
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


def proposal(path: Path, encoding: Encoding, kind: Literal["test-result", "material-movement", "document"]) -> str:
    """A mapping to be filled in, with every column of the sample. Raises FileRefusedError."""
    written = Format(
        type=_TYPES.get(path.suffix.lower(), "csv"),
        encoding=encoding,
        delimiter="\t" if path.suffix.lower() == ".tsv" else ",",
    )
    names = [name for name in header_of(path, written) if name]
    if not names:
        raise FileRefusedError("has no row under its header; give a sample with data")
    written_as = written.model_dump(include={"type", "encoding", "delimiter"})
    head = {"kind": kind, "system": "lims", "format": written_as, "zone": "UTC", "key": names[:1]}
    needed = dict.fromkeys(sorted(required_fields(kind)), "FILL IN")
    body = yaml.safe_dump(head | {"fields": needed}, allow_unicode=True, sort_keys=False)
    return body + "# Columns of the sample:\n" + "".join(f"# - {name}\n" for name in names)
