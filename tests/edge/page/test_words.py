"""Both languages of the line page say the same things, and the code asks for nothing that is not there."""

import re
from pathlib import Path
from string import Formatter

import pytest

from edge import annunciation, page
from edge.page.acting import REASONS
from edge.page.alarms import OFFERED
from edge.page.visit import WORDS, words_in
from gateway.languages import Language, texts
from schemas.records import AlarmKind, AlarmPriority, AlarmState

EN, ZH = (texts(language, WORDS) for language in Language)
FILES = [file for part in (page, annunciation) for file in Path(part.__path__[0]).rglob("*.py")]
SOURCES = "\n".join(file.read_text(encoding="utf-8") for file in FILES)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    """Same keys, same fields; none stands in the console's words too."""
    assert {key: fields(text) for key, text in EN.items()} == {key: fields(text) for key, text in ZH.items()}
    assert not EN.keys() & texts(Language.EN).keys()


def test_the_page_asks_only_for_texts_that_exist_and_leaves_none_over() -> None:
    """Written out, or put together from a beginning and a code."""
    known = words_in(Language.EN).texts.keys()
    assert set(re.findall(r'say\(\s*"([a-z_.]+)"', SOURCES)) <= known
    codes = {f"kinds.{kind}" for kind in AlarmKind} | {f"levels.{one}" for one in AlarmPriority}
    codes |= {f"do.{do}" for do in OFFERED} | {f"reasons.{number}" for number in range(1, REASONS + 1)}
    codes |= {f"columns.{name}" for name in ("tag", "value", "limit", "status", "age")}
    codes |= {f"chain_parts.{part}" for part in ("beacon", "mail", "Kafka")}
    assert {f"line.{code}" for code in codes} <= EN.keys()
    assert {f"alarms.states.{state}" for state in AlarmState} <= known
    assert {key for key in EN if key.removeprefix("line.") not in codes and f'"{key}"' not in SOURCES} == set()


@pytest.mark.parametrize("text", ["您", "!", "！", "确定", "取消"])
def test_chinese_is_plain(text: str) -> None:
    """Statements, no exclamation, no polite form."""
    assert not [key for key, words in ZH.items() if text in words]
    assert not [key for key, words in ZH.items() if re.search("(?<!报警)确认", words)]
