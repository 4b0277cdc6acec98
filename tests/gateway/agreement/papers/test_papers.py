"""The paper form: the official template's headings in its order, filled from the document, in every form."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import docx
import pypdf
import pytest

from gateway.agreement.agreement import Agreement
from gateway.agreement.loading import load_agreement
from gateway.agreement.papers.facts import Speaker, labels, template
from gateway.agreement.papers.forms import written
from gateway.agreement.papers.paper import Paper, Section, Table
from gateway.agreement.papers.rendering import render
from gateway.agreement.parties import Post
from gateway.agreement.products import ProductType
from gateway.agreement.profile import load_profiles
from gateway.agreement.terms import DutyName, NoticeKind, Unit
from gateway.languages import Language
from schemas.catalogue import FAMILIES
from tests.gateway.agreement.making import SAMPLES, agreed
from tests.gateway.agreement.papers import template_107 as official

OURS = ["附 4", "附 4.1", "附 4.2", "附 4.3", "附 4.4", "附 4.5"]
NAMES = ["holder-b", "holder-c", "holder-d"]


@cache
def sample(name: str) -> Agreement:
    return load_agreement(SAMPLES / f"{name}.yaml")


@cache
def paper(name: str, language: Language) -> Paper:
    return render(sample(name), language, profiles=load_profiles(sample(name).profiles), digest="ab" * 32)


@cache
def made(ending: str, language: Language = Language.ZH) -> bytes:
    return written([paper("holder-b", language)], ending)


class Headings(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in = False

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        self._in = re.fullmatch("h[2-6]", tag) is not None

    def handle_data(self, data: str) -> None:
        if self._in:
            self.found.append(data)
            self._in = False


def of_html() -> list[str]:
    parser = Headings()
    parser.feed(made(".html").decode())
    return parser.found


def of_docx() -> list[str]:
    document = docx.Document(BytesIO(made(".docx")))
    return [one.text for one in document.paragraphs if one.style and (one.style.name or "").startswith("Heading")]


def of_pdf() -> list[str]:
    return list(_titles(pypdf.PdfReader(BytesIO(made(".pdf"))).outline))


def _titles(entries: Any) -> Iterator[str]:
    for one in entries:
        if isinstance(one, list):
            yield from _titles(one)
        else:
            yield one.title


@pytest.mark.parametrize("headings", [of_html, of_docx, of_pdf])
def test_every_form_has_the_official_headings_in_their_order(headings: Any) -> None:
    """After them stands what is ours, and says so."""
    found = headings()
    assert found[: len(official.SECTIONS)] == official.SECTIONS
    assert [one.split("（")[0].rpartition(" ")[0] for one in found[len(official.SECTIONS) :]] == OURS
    assert "官方模板无此附件" in found[len(official.SECTIONS)]


def test_the_headings_of_the_pages_of_a_pdf_are_those_of_its_bookmarks() -> None:
    """In their order, as a reader sees them."""
    text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(made(".pdf"))).pages)
    whole, at = re.sub(r"\s", "", text), 0
    for heading in official.SECTIONS:
        at = whole.index(re.sub(r"\s", "", heading), at) + 1


@pytest.mark.parametrize("name", NAMES)
def test_headings_do_not_depend_on_the_agreement(name: str) -> None:
    """Drug or device, in both languages alike."""
    chinese = [(level, one.heading) for level, one in paper(name, Language.ZH).walk()]
    english = [(level, one.heading) for level, one in paper(name, Language.EN).walk()]
    assert [heading for _, heading in chinese][: len(official.SECTIONS)] == official.SECTIONS
    numbers = [(level, re.sub("附 ", "Annex ", heading).split(" ")[:2]) for level, heading in chinese]
    assert [level for level, _ in english] == [level for level, _ in numbers]
    for (_, (first, *second)), (_, heading) in zip(numbers, english, strict=True):
        assert heading.startswith(first if first[0].isdigit() else f"{first} {second[0]} ")
        assert heading.isascii()


def section(number: str, name: str = "holder-b", language: Language = Language.ZH) -> Section:
    return next(one for _, one in paper(name, language).walk() if one.heading.startswith(number + " "))


def table(of: Section, at: int = 0) -> Table:
    return [one for one in of.blocks if isinstance(one, Table)][at]


def test_tables_have_the_official_columns_and_rows() -> None:
    """Annexes 1 to 3, the history and the signatures; the sample has the official title."""
    assert paper("holder-b", Language.ZH).title == official.TITLE
    assert [row[0] for row in table(section("附 1")).rows] == official.PRODUCT
    assert tuple(row[0] for row in table(section("附 2")).rows) == official.CONTACT
    assert table(section("附 3")).columns == official.LIST
    assert [row[0] for row in table(section("附 3")).rows] == official.RESPONSIBILITIES
    assert table(section("18")).columns == official.HISTORY
    assert table(section("19")).columns == official.STAGES


@pytest.mark.parametrize("name", NAMES)
def test_the_paper_says_what_the_document_says(name: str) -> None:
    """Every text that the document has in a language stands in the paper of that language."""
    for language in Language:
        octets = written([paper(name, language)], ".html").decode()
        for words in _words(sample(name).model_dump(mode="python"), language):
            assert _escaped(words) in octets, words


def _words(data: Any, language: Language) -> Iterator[str]:
    if isinstance(data, dict) and set(data) == {"en", "zh"}:
        yield data[language]
    elif isinstance(data, dict):
        yield from (
            one
            for key, value in data.items()
            if key != "title" or "posts" not in data
            for one in _words(value, language)
        )
    elif isinstance(data, list | tuple):
        yield from (one for value in data for one in _words(value, language))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#x27;").replace('"', "&quot;")


def test_sentences_are_filled_with_the_terms_of_the_document() -> None:
    """With the classes that they are for; where it is silent, with those of its profiles, and their name."""
    said = " ".join(one for one in section("11.5", language=Language.EN).blocks if isinstance(one, str))
    assert "at once, that is 24 hours (critical); 2 working days (major); 1 month (minor)" in said
    without = agreed(notices=[_notice()])
    profiles = load_profiles(["national-cn"])
    silent = [b for _, one in render(without, Language.EN, profiles=profiles).walk() for b in one.blocks]
    assert any(isinstance(b, str) and "(by China)" in b for b in silent)
    alone = [b for _, one in render(without, Language.ZH).walk() for b in one.blocks]
    assert any(isinstance(b, str) and "偏差告知持有人的时限：本协议未约定" in b for b in alone)


def test_sentences_for_some_agreements_stand_in_these_alone() -> None:
    """A device has its laws, one that ends its last day."""
    laws = {name: str(section("4", name).blocks) for name in NAMES}
    assert ["医疗器械" in laws[name] for name in NAMES] == [False, False, True]
    ending = render(agreed(until="2029-12-31"), Language.EN)
    said = [str(one.blocks) for _, one in ending.walk() if one.heading == "17 Term"]
    assert "Without a new version it ends with 2029-12-31." in said[0]
    assert "Without a new version" not in str(section("17", language=Language.EN).blocks)


def _notice() -> dict[str, Any]:
    steps = [{"step": "told", "term": {"amount": 1}, "clause": "4"}]
    return {"kind": "credit", "by": "both", "persons": ["a-contact"], "methods": ["gateway"], "deadlines": steps}


def test_words_of_the_document_cannot_become_markup() -> None:
    """In a browser they stay words, in Word and in PDF too; what no form can hold becomes a space."""
    evil = {"en": "<script>alert(1)</script> & <b>\x07\x00 {who}", "zh": "<script>}</script>&"}
    hostile = agreed(title=evil)
    for language in Language:
        assert "<script>" not in written([render(hostile, language)], ".html").decode()
    one = [render(hostile, Language.EN)]
    assert "<script>" in docx.Document(BytesIO(written(one, ".docx"))).paragraphs[0].text
    assert "<script>" in pypdf.PdfReader(BytesIO(written(one, ".pdf"))).pages[0].extract_text()


def test_both_languages_stand_in_one_file_one_behind_the_other() -> None:
    """The leading one first."""
    both = written([paper("holder-b", Language.ZH), paper("holder-b", Language.EN)], ".html").decode()
    assert both.index("1 定义") < both.index("19 签名") < both.index("1 Definitions")
    assert both.count("<article lang=") == 2


def test_a_pdf_of_the_same_paper_has_the_same_octets() -> None:
    """So that two prints can be compared."""
    assert written([paper("holder-b", Language.ZH)], ".pdf") == made(".pdf")


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("duty", DutyName), ("notice", NoticeKind), ("post", Post), ("unit", Unit), ("type", ProductType),
        ("family", FAMILIES),
    ],
)  # fmt: skip
def test_every_code_has_words_in_both_languages(group: str, codes: Any) -> None:
    """A code without words would stand in the paper as it is."""
    assert set(codes) <= set(labels()[group])
    assert all(len(pair) == 2 and all(pair) for words in labels().values() for pair in words.values())
    assert Speaker(Language.ZH).label(group, "unheard-of") == "unheard-of"


def test_every_sentence_of_the_template_is_there_in_both_languages() -> None:
    """With the same facts filled in."""
    for one in _sentences(template()):
        fields = [sorted(re.findall(r"\{[^}]+\}", one[language])) for language in ("zh", "en")]
        assert fields[0] == fields[1], one


def _sentences(sections: Any) -> Iterator[Any]:
    for one in sections:
        yield one
        for key in ("text", "items", "after"):
            yield from one.get(key, ())
        yield from _sentences(one.get("sections", ()))
