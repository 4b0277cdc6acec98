"""A first mapping for a sample, for a person to check: what is not known says FILL IN, what is guessed says so.

The proposal is tried on the sample, and what came of it stands at its end.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Named
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from adapters.exports import guessing
from adapters.exports.accounting import Account, Refused
from adapters.exports.formats.outline import TREES, outline_of
from adapters.exports.formats.row import FileRefusedError, Row
from adapters.exports.formats.rows import rows_once, sample_of
from adapters.exports.guessing import Encoding
from adapters.exports.mapping import KINDS, Format, MappingError, Sort, given_fields, parse, sort_of
from adapters.exports.trying import ENDINGS, outcomes_of

FILL_IN = "FILL IN"
_ROWS = 2_000
_CODES = 40
_PARTS = 4
_LIKELY_KEYS: dict[str, tuple[str, ...]] = {
    "test-result": ("sample", "test"),
    "document": ("document", "document_version"),
    "quality-event": ("reference",),
    "batch-order": ("batch",),
    "batch-step": ("batch", "step", "event", "time"),
    "equipment-use": ("equipment", "began"),
    "stored-sample": ("sample",),
    "yield": ("batch", "stage"),
    "line-clearance": ("batch", "stage"),
}
"""Fields that name a row where no column does by itself."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """The beginning of an export, the texts of its columns, and which could give which field. Trailers are no rows."""

    kind: str
    written: dict[str, Any]
    rows: Sequence[Row]
    trailers: Sequence[Row]
    columns: Named[str, Sequence[str]]
    fields: Named[str, str]


def proposal(path: Path, *, encoding: Encoding | None = None, kind: str | None = None, sheet: str | None = None) -> str:
    """A mapping as YAML, guessed from the beginning of a sample. Raises FileRefusedError."""
    sample = _sampled(path, encoding, kind, sheet)
    text = "".join(f"{line}\n" for line in _lines(sample, encoding, kind))
    unused = [one for one in sample.columns if one not in sample.fields.values()]
    told = "".join(_comment(f"  {one}: {_some(sample.columns[one])}") + "\n" for one in unused)
    return text + (f"# Columns that give no field:\n{told}" if told else "") + "".join(_tried(path, text))


def _sampled(path: Path, encoding: Encoding | None, kind: str | None, sheet: str | None) -> _Sample:
    type_ = ENDINGS.get(path.suffix.lower(), "csv")
    written: dict[str, Any] = {"type": type_}
    if type_ != "excel":
        written["encoding"] = encoding or guessing.encoding_of(path)
    elif sheet:
        written["sheet"] = sheet
    if type_ == "csv":
        written["delimiter"] = guessing.delimiter_of(path, written["encoding"])
    if type_ in TREES:
        written["rows"], found = outline_of(path, Format.model_validate(written | {"rows": "?"}))
        rows = [*islice(rows_once(path, Format.model_validate(written), frozenset(found)), _ROWS)]
    else:
        rows = sample_of(path, Format.model_validate(written), _ROWS)
    rows = [row for row in rows if "" not in row.cells]
    if not rows:
        raise FileRefusedError("has no row under its header; give a sample with data")
    names = dict.fromkeys(name for row in rows for name in row.cells)
    trailers = [row for row in rows if any(guessing.has_word(_text(row, one), "trailers") for one in [*row.cells][:3])]
    rows = [row for row in rows if row not in trailers]
    columns = {name: [text for row in rows if (text := _text(row, name))] for name in names}
    found_kind = kind or _likeliest(columns)
    return _Sample(found_kind, written, rows, trailers, columns, guessing.fields_of(found_kind, columns))


def _text(row: Row, name: str) -> str:
    cell = row.cells.get(name)
    return cell.isoformat(" ") if isinstance(cell, datetime) else "" if cell is None else str(cell).strip()


def _likeliest(columns: Named[str, Sequence[str]]) -> str:
    """The kind of which most needed fields have a column, and of these the one with most columns."""

    def score(kind: str) -> tuple[float, int]:
        found, needed = guessing.fields_of(kind, columns), [n for n, one in given_fields(kind).items() if one.required]
        return sum(name in found for name in needed) / len(needed) + len(found) / max(len(columns), 8), len(found)

    return max(KINDS, key=score)


def _lines(sample: _Sample, encoding: Encoding | None, kind: str | None) -> Iterator[str]:
    """The mapping, line by line."""
    chinese = any(not one.isascii() for one in sample.columns)
    yield _line("kind", sample.kind, "" if kind else "guessed; another: map init --kind")
    yield _line("system", FILL_IN.replace(" ", "-").lower(), "name of the source system")
    yield _line("format", sample.written, "" if encoding else "guessed")
    forms = {sort: _form(sample, sort) for sort in (Sort.TIME, Sort.DATE)}
    for sort, (form, others) in forms.items():
        if form:
            yield _line(sort.value, form, f"or {', '.join(others)}: the sample does not tell" if others else "")
    yield _line("zone", "Asia/Shanghai" if chinese else "UTC", "check: no export says it")
    numbers = [column for name, column in sample.fields.items() if _sort(sample, name) in (Sort.NUMBER, Sort.REPORTED)]
    if guessing.decimal_of(sample.columns, numbers) == ",":
        yield _line("decimal", ",")
    version = _version(sample)
    key, told = _key(sample, version)
    yield _line("key", key, told)
    if version:
        yield _line("version", version)
    yield from _rules(sample, key)
    yield "fields:"
    for name, field in given_fields(sample.kind).items():
        if name in sample.fields:
            yield "  " + _line(name, *_field(sample, name, {sort: form for sort, (form, _) in forms.items()}))
        elif name == "unit" and (beside := _unit_beside(sample)):
            yield "  " + _line(name, {"value": beside}, "of the column's name")
        elif field.required:
            yield "  " + _line(name, FILL_IN, field.doc)


def _sort(sample: _Sample, name: str) -> Sort:
    return sort_of(given_fields(sample.kind)[name])


def _form(sample: _Sample, sort: Sort) -> tuple[str | None, list[str]]:
    """The form that most columns of a sort have, and others that would do as well."""
    of_sort = [column for name, column in sample.fields.items() if _sort(sample, name) is sort]
    fitting = [forms for one in of_sort if (forms := guessing.forms_of(sample.columns[one], sort))]
    counts = Counter(form for forms in fitting for form in forms)
    if not counts:
        return None, []
    best = max(counts, key=lambda form: counts[form])
    both = [forms for forms in fitting if best in forms]
    return best, [form for form in counts if form != best and all(form in forms for forms in both) and form != "iso"]


def _key(sample: _Sample, version: str | None) -> tuple[list[str], str]:
    """Columns that together name a row: one that does by itself, or those of the kind and as many more as it needs."""
    rows = [*{tuple(_text(row, one) for one in sample.columns): row for row in sample.rows}.values()]
    least = len(sample.rows)

    def names(parts: Sequence[str]) -> int:
        return len({tuple(_text(row, one) for one in [*parts, *([version] if version else [])]) for row in rows})

    alone = [one for one in sample.columns if guessing.has_word(one, "keys") and names([one]) == len(rows)]
    if alone and len(sample.columns[alone[0]]) == least:
        return alone[:1], "check: each row has its own"
    likely = _LIKELY_KEYS.get(sample.kind, ())
    parts = [sample.fields[one] for one in likely if one in sample.fields]
    others = [one for one in sample.columns if one not in parts and len(sample.columns[one]) == least]
    naming = (Sort.TEXT, Sort.WORD)
    measured = [one for name, one in sample.fields.items() if name == "status" or _sort(sample, name) not in naming]
    others = [one for one in others if one != version and one not in measured]
    while (not parts or names(parts) < len(rows)) and others and len(parts) < _PARTS:
        best = max(others, key=lambda one: names([*parts, one]))
        if parts and names([*parts, best]) == names(parts):
            break
        parts.append(best)
        others.remove(best)
    clear = names(parts) == len(rows)
    return parts or [*sample.columns][:1], "check" if clear else "check: rows of the sample have the same"


def _rules(sample: _Sample, key: Sequence[str]) -> Iterator[str]:
    """Rows that are final, and such as are no data."""
    if sample.kind == "test-result" and (status := sample.fields.get("status")):
        states = dict.fromkeys(sample.columns[status])
        if final := [one for one in states if guessing.has_word(one, "final")]:
            others = ", ".join(one for one in states if one not in final)
            yield _line("final", {"column": status, "words": final}, f"others are {others}" if others else "")
    for column in dict.fromkeys([*key, *sample.columns]):
        texts = dict.fromkeys(_text(row, column) for row in sample.trailers)
        if trailers := [one for one in texts if guessing.has_word(one, "trailers")]:
            yield _line("trailer", {"column": column, "words": trailers})
            return


def _field(sample: _Sample, name: str, forms: Named[Sort, str | None]) -> tuple[Any, str]:
    """Where a field comes from, with some of its texts."""
    column, field = sample.fields[name], given_fields(sample.kind)[name]
    texts, sort = sample.columns[column], sort_of(field)
    words = [*dict.fromkeys(texts)][:_CODES]
    if sort is Sort.WORD:
        return {"column": column, "codes": {one: guessing.code_of(one, field.type) or FILL_IN for one in words}}, ""
    if sort is Sort.UNIT and words:
        return {"column": column, "codes": {one: guessing.unit_of(one) or FILL_IN for one in words}}, ""
    if sort in forms and texts and (own := guessing.forms_of(texts, sort)) and forms[sort] not in own:
        return {"column": column, "form": own[0]}, _some(texts)
    return column, _some(texts)


def _version(sample: _Sample) -> str | None:
    """The column that counts the versions of a row."""
    named = [one for one in sample.columns if guessing.has_word(one, "versions") and one not in sample.fields.values()]
    return next((one for one in named if all(text.isdecimal() for text in sample.columns[one])), None)


def _unit_beside(sample: _Sample) -> str | None:
    columns = [sample.fields[one] for one in ("reported", "quantity", "taken") if one in sample.fields]
    return next((unit for one in columns if (unit := guessing.unit_beside(one))), None)


def _some(texts: Sequence[str]) -> str:
    """A few different texts, for a person."""
    return ", ".join([*dict.fromkeys(" ".join(text.split())[:40] for text in texts)][:3]) or "empty"


def _line(name: str, value: Any, comment: str = "") -> str:
    return f"{name}: {_flow(value)}" + (f"  {_comment(comment)}" if comment else "")


def _comment(text: str) -> str:
    """A comment in one line, whatever the text: it may be of the sample."""
    return "# " + "".join(one if one.isprintable() else " " for one in text)


def _flow(value: Any) -> str:
    """A value as YAML in one line."""
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")


def _tried(path: Path, text: str) -> Iterator[str]:
    """What comes of the sample by the proposal."""
    account, reasons = Account(), Counter[str]()
    try:
        for one in islice(outcomes_of(path, parse(text, "proposal"), account), _ROWS):
            if isinstance(one, Refused):
                reasons[one.reason] += 1
    except (MappingError, FileRefusedError) as error:
        yield _comment(f"Not ready: {error}") + "\n"
        return
    yield f"# Of the sample: {account}\n"
    for reason, count in reasons.most_common(5):
        yield _comment(f"  {count} × {reason}") + "\n"
