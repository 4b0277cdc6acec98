"""The words of exports in English, Chinese and German: names of columns, code lists, units; they stand in `words.csv`.

German code lists have short keys, as an ERP has.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["en", "zh", "de"]
Sort = Literal["column", "code", "unit", "total"]


@cache
def _words(sort: Sort) -> dict[str, dict[str, str]]:
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as file:
        return {row["word"]: row for row in csv.DictReader(file) if row["sort"] == sort}


def column(field: str, language: Language) -> str:
    """The name of a field's column. KeyError for an unknown one."""
    return _words("column")[field][language]


def code(word: str, language: Language) -> str:
    """What stands for a word of a code list. KeyError for an unknown one."""
    return _words("code")[word][language]


def unit(ucum: str, language: Language) -> str:
    """What stands for a unit; most are written as UCUM has them."""
    return _words("unit").get(ucum, {}).get(language, ucum)


def total(language: Language) -> str:
    """The word of a totals line."""
    return _words("total")["total"][language]
