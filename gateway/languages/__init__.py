"""All words that pages, reports and papers share, one file per language; both have the same keys."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from gateway.cleanroom import levels
from gateway.configuration import plain


class Language(StrEnum):
    """A language of both sides; its value begins every route of the console."""

    EN = "en"
    ZH = "zh"

    @property
    def other(self) -> "Language":
        """The one to switch to."""
        return Language.ZH if self is Language.EN else Language.EN

    @property
    def html(self) -> Literal["en-US", "zh-CN"]:
        """As the page's `lang` says it."""
        return "zh-CN" if self is Language.ZH else "en-US"


class Words:
    """Says things in one language. Texts are `str.format` templates, found by dotted keys such as `alarm.since`."""

    def __init__(self, language: Language, *also: str) -> None:
        """`also` are packages with texts of their own."""
        self.language = language
        self.texts = {key: text for package in (__name__, *also) for key, text in texts(language, package).items()}

    def __call__(self, key: str, **fields: object) -> str:
        """The text of the key with its fields filled in. Raises KeyError."""
        return self.texts[key].format(**fields)

    def name(self, words: levels.Words) -> str:
        """A name that the site file gives in both languages."""
        return words.zh if self.language is Language.ZH else words.en


@cache
def words_in(language: Language) -> Words:
    """The words of that language, read once."""
    return Words(language)


@cache
def texts(language: Language, package: str = __name__) -> Mapping[str, str]:
    """Every text of the language by its dotted key."""
    document = files(package).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return dict(_flat(plain(document), ""))


def _flat(node: Any, path: str) -> list[tuple[str, str]]:
    if not isinstance(node, dict):
        return [(path, str(node))]
    return [pair for key, item in node.items() for pair in _flat(item, f"{path}.{key}" if path else str(key))]


def accepted(header: str | None) -> Language:
    """The language that a browser's Accept-Language header (RFC 9110, 12.5.4) puts first; English otherwise."""
    wanted = sorted(map(_weighed, (header or "").split(",")), key=lambda pair: -pair[1])
    for tag, weight in wanted:
        if weight > 0 and tag[:2] in {language.value for language in Language}:
            return Language(tag[:2])
    return Language.EN


def _weighed(item: str) -> tuple[str, float]:
    tag, _, weight = item.strip().lower().partition(";q=")
    try:
        return tag, float(weight or 1)
    except ValueError:
        return tag, 0.0
