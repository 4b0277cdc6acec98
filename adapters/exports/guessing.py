"""What a sample looks like: its encoding, delimiter, forms of times, and which column could give which field.

These are guesses for a person to check. Nothing here is used when an export is read.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import yaml

from adapters.exports.cells import number_of
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.mapping import Sort, given_fields, sort_of
from adapters.exports.times import ISO, Times, day
from schemas.derived import Shape
from schemas.units import check_unit

Encoding = Literal["utf-8", "gb18030", "utf-16"]
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "gb18030", "utf-16")
Columns = Mapping[str, Sequence[str]]
"""The texts of a sample's cells, by column, without empty ones."""
_LOOKED_AT = 2**20
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d-%b-%Y", "%Y年%m月%d日", "%d-%m-%Y")
_CLOCKS = ("%H:%M:%S", "%H:%M", "%H%M%S", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M %p")
_TIMES = tuple(f"{date}{gap}{clock}" for date in _DATES for gap in (" ", "", "T") for clock in _CLOCKS)
_BRACKETS = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]")
_SIGNS = re.compile(r"[^\w%]|_")
_LONGEST_PART = 3
_TEXTS = 100
_FEW = 5
_MOST = 0.6


@cache
def words() -> Any:
    """The words of `words.yaml`."""
    return yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))


@lru_cache(maxsize=16_384)
def bare(text: str) -> str:
    """A text without letter case, spaces, signs, and what stands in brackets."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return _SIGNS.sub("", _BRACKETS.sub("", text)) or text


def encoding_of(path: Path) -> Encoding:
    """The first encoding that its beginning is valid in. Raises FileRefusedError where none is."""
    with path.open("rb") as file:
        begin = file.read(_LOOKED_AT)
    if begin[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for one in ("utf-8", "gb18030"):
        try:
            begin.decode(one)
        except UnicodeDecodeError as error:
            if error.start < len(begin) - 4 or len(begin) < _LOOKED_AT:
                continue
        return "utf-8" if one == "utf-8" else "gb18030"
    raise FileRefusedError(f"is not text in {', '.join(ENCODINGS)}; give --encoding")


def delimiter_of(path: Path, encoding: Encoding) -> str:
    """The sign that parts the first line into most cells."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        line = file.readline(_LOOKED_AT)
    return max(",;\t|", key=lambda one: len(next(csv.reader([line], delimiter=one), [])))


def forms_of(texts: Iterable[str], sort: Sort) -> list[str]:
    """The forms of times, or of dates, that most of these texts have."""
    return _forms(tuple(islice(texts, _TEXTS)), sort)


@lru_cache(maxsize=1024)
def _forms(texts: tuple[str, ...], sort: Sort) -> list[str]:
    if not any(one.isdigit() for text in texts[:_FEW] for one in text):
        return []
    forms = [*_TIMES, ISO, *_DATES] if sort is Sort.TIME else [*_DATES, ISO]
    likely = [form for form in forms if any(map(_reader(form, sort), texts[:_FEW]))]
    counts = {form: sum(map(_reader(form, sort), texts)) for form in likely}
    best = max(counts.values(), default=0)
    return [form for form in likely if counts[form] == best > len(texts) * _MOST]


@cache
def _reader(form: str, sort: Sort) -> Callable[[str], bool]:
    """Whether a text has a form."""
    times = Times(form, "UTC")

    def has(text: str) -> bool:
        try:
            day(text, form) if sort is Sort.DATE else times.instant(text)
        except ValueError:
            return False
        return True

    return has


def decimal_of(columns: Columns, used: Iterable[str]) -> Literal[".", ","]:
    """The decimal sign of these columns."""
    texts = [text for one in used for text in columns[one]]
    points, commas = (sum(number_of(text, sign)[0] is not None for text in texts) for sign in ".,")
    return "," if commas > points else "."


def fields_of(kind: str, columns: Columns) -> dict[str, str]:
    """Which column could give which field; the likeliest pairs first, each column and each field once."""
    scores = {
        (name, column): score + 0.01 * field.required
        for name, field in given_fields(kind).items()
        for column, texts in columns.items()
        if (score := _score(kind, field, column)) and _fits(field, texts)
    }
    found: dict[str, str] = {}
    for name, column in sorted(scores, key=lambda pair: -scores[pair]):
        if name not in found and column not in found.values():
            found[name] = column
    return found


def _score(kind: str, field: Shape, column: str) -> float:
    """How far a column's name is that of a field, up to 1. An earlier word of a list is likelier than a later."""
    own = words()["times"].get(kind, []) if field.name == "time" else []
    known = [bare(one) for one in [*own, *words()["fields"].get(field.name, [])]]
    best = 0.0
    for label in _labels(column):
        for at, word in enumerate(known):
            if label == word:
                best = max(best, 1 - at / 1000)
            elif len(word) > _LONGEST_PART or not word.isascii():
                part = word in label or (label in word and len(label) > 1)
                best = max(best, part * 0.6 * min(len(label), len(word)) / max(len(label), len(word)))
    return best if best > 0.25 else 0.0


@lru_cache(maxsize=4096)
def _labels(column: str) -> list[str]:
    """A column's name; of a path also its last names."""
    last = [one for one in re.split(r"[/.@:]", column) if one]
    return [bare(column), *(bare("".join(last[-count:])) for count in (1, 2) if len(last) > count - 1)]


def _fits(field: Shape, texts: Sequence[str]) -> bool:
    """Whether most of the texts can be of the field's sort."""
    sort = sort_of(field)
    if not texts:
        return True
    if sort in (Sort.TIME, Sort.DATE):
        return bool(forms_of(texts, sort))
    texts = texts[:_TEXTS]
    if sort is Sort.NUMBER:
        return 2 * sum(any(number_of(text, sign)[1] == "=" for sign in ".,") for text in texts) > len(texts)
    if sort is Sort.UNIT:
        return all(number_of(text, ".")[0] is None for text in texts)
    return True


def code_of(text: str, kind: type[StrEnum]) -> str | None:
    """What a word of a source means, among the words of an enum; None where nobody knows."""
    for code, known in words()["codes"].get(kind.__name__, {}).items():
        if bare(text) in {bare(code), *map(bare, known)}:
            return str(code)
    return next((one.value.lower() for one in kind if bare(one.value) == bare(text)), None)


@lru_cache(maxsize=1024)
def unit_of(text: str) -> str | None:
    """The UCUM code of a unit as a source writes it; None where nobody knows."""
    for code, known in words()["units"].items():
        if text.casefold() in {code.casefold(), *(one.casefold() for one in known)}:
            return str(code)
    try:
        return check_unit(text)
    except ValueError:
        return None


def unit_beside(column: str) -> str | None:
    """The unit in the brackets of a column's name."""
    match = _BRACKETS.search(column)
    return unit_of(match[1].strip()) if match else None


def has_word(text: str, group: str) -> bool:
    """Whether a text is one of a group of words, such as `final`."""
    return bare(text) in _group(group)


@cache
def _group(name: str) -> frozenset[str]:
    return frozenset(map(bare, words()[name]))
