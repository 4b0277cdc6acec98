"""Forbidden words, however they are written."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.redaction.terms import BLACK, Terms, compared


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("Bosheng Pharma", "Change for BOSHENG  PHARMA, line 3"),
        ("Bosheng Pharma", "2026-06_bosheng-pharma_deviation.pdf"),
        ("博生制药", "与博 生 制药 共线"),
        ("LYO-50", "ＬＹＯ－５０ campaign"),
        ("240611A", "batch 240611a: spill"),
        ("Müller", "Muller said"),
        ("甲计划", "甲\u200b计划"),
        ("straße", "STRASSE"),
    ],
)
def test_a_word_is_found_however_it_is_written(word: str, text: str) -> None:
    """Case, width, spaces, hyphens, accents and what cannot be seen make no difference."""
    terms = Terms([word])
    assert terms.stand_in(text)
    assert not terms.stand_in(terms.blackened(text))
    assert BLACK in terms.blackened(text)


def test_only_the_word_is_blacked_out() -> None:
    """Overlapping words and neighbours become one, so that their number is not told either."""
    terms = Terms(["Bosheng", "shengli", "-", ""])
    assert len(terms) == 2
    assert terms.blackened("a boshengli b BO-SHENG, c") == f"a {BLACK} b {BLACK}, c"
    assert terms.blackened("BoshengShengli") == BLACK
    assert terms.blackened("nothing of it") == "nothing of it"


def test_a_word_that_comes_later_is_found_in_texts_that_were_seen_before() -> None:
    """As a new batch of another holder."""
    terms = Terms(["other"])
    assert not terms.stand_in("batch 7")
    terms.add(["Batch 7"])
    assert terms.stand_in("batch 7")


def test_a_word_within_one_of_the_readers_own_is_no_find() -> None:
    """Two products with the same generic name, and a code that begins as another's; a part of it covers nothing."""
    terms = Terms(["LYO-50", "sodium ceftriaxone"], own=["LYO-50C", "Sodium Ceftriaxone", "50"])
    assert not terms.stand_in("lyo50c of sodium ceftriaxone")
    assert terms.stand_in("LYO-50")
    assert terms.blackened("LYO-50, LYO-50C, LYO-50D") == f"{BLACK}, LYO-50C, {BLACK}D"


def test_what_is_learnt_last_of_a_word_counts() -> None:
    """As where a batch was taken for one holder's and is another's, or the other way round."""
    terms = Terms(own=["240611A"])
    assert not terms.stand_in("240611A")
    terms.add(["240611a"])
    assert terms.stand_in("240611A")
    terms.add(own=["240611A"])
    assert not terms.stand_in("240611A")
    terms.add(["240611A"])
    assert terms.stand_in("240611A")


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)


@given(st.lists(WORDS, max_size=5), st.lists(WORDS, max_size=8))
@example(["ﬁ"], ["f", "i"])
@example(["i"], ["ﬁ"])
def test_no_forbidden_word_is_left_in_a_blackened_text(words: list[str], parts: list[str]) -> None:
    """Wherever it stood, also across characters that stand for several letters."""
    terms, text = Terms(words), "".join([*parts, *words])
    black = terms.blackened(text)
    plain = [word for word in map(compared, words) if word]
    assert terms.stand_in(text) == bool(plain)
    rest = compared(black.replace(BLACK, "\ue000"))
    assert not any(word in rest for word in plain if word not in compared(BLACK))
