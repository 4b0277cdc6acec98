"""What stands in the PDF of a capability report, and the note that signs it."""

import io
import re
from pathlib import Path
from string import Formatter

import pytest
from pypdf import PdfReader

import gateway.capability as package
from gateway.capability.archived import Capability
from gateway.capability.capability import ORDINARY
from gateway.capability.made import files_of
from gateway.capability.pdf import pdf_of
from gateway.capability.requirements import AUDITS, RULES, STERILE, Verdict
from gateway.capability.signed import Signed, check, is_report
from gateway.capability.telling import WORDS, Telling
from gateway.checking.trust import Trust
from gateway.languages import Language, texts
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.note import MalformedNoteError, Note, NoteError, UnknownKeyError
from schemas.exported import Origin
from tests.gateway.capability.support import BEGIN, END, filled, reported, result
from tests.gateway.published import NODE
from tests.gateway.tampering import flipped

EN, ZH = (texts(language, WORDS) for language in Language)
SOURCES = "\n".join(file.read_text(encoding="utf-8") for file in Path(package.__path__[0]).rglob("*.py"))
TRUST = Trust(public_keys(NODE))


@pytest.fixture(scope="module")
def report() -> Capability:
    return reported(filled([result("T-3", Origin.KEYED)]))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.EN, ("Capability of the electronic exchange · Plant A, line line-3", "not met", "134 (17) 3",
                       "Keyed by hand without a second check: 1 (Test result).", "98.33 %", "33.33 %", "device silent",
                       "B021002593", "What this report does not say", "no clause exchanges it", "holder-b v1, E-1")),
        (Language.ZH, ("电子数据交换能力报告 · 甲工厂，生产线 line-3", "不满足", "134 (17) 3",
                       "1 条手工录入未经第二人复核：检验结果。", "98.33 %", "33.33 %", "设备无应答", "B021002593",
                       "本报告未说明的事项", "没有条款约定交换", "holder-b v1, E-1")),
    ],
)  # fmt: skip
def test_the_pdf_says_everything_in_the_language(report: Capability, language: Language, said: tuple[str, ...]) -> None:
    """Read back as text; each page has the period and when it was printed."""
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf_of(report, language, printed=END))).pages]
    whole = re.sub(r"\s", "", "".join(pages))
    assert [text for text in said if re.sub(r"\s", "", text) not in whole] == []
    assert all(page.count("2026-06-11 13:00:00 UTC+8") >= 2 for page in pages)


@pytest.mark.parametrize("language", list(Language))
def test_the_same_report_gives_the_same_octets(report: Capability, language: Language) -> None:
    """Also when it is computed again."""
    again = reported(filled([result("T-3", Origin.KEYED)]))
    made = (files_of(one, language, printed=END, key=NODE) for one in (report, again))
    first, second = ({name: octets for name, octets in one.items() if not name.endswith(".note")} for one in made)
    assert [name for name in first if name.endswith(".pdf") and first[name] != second[name]] == []


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    """Same keys, same fields; none stands in the console's words too."""
    assert {key: fields(text) for key, text in EN.items()} == {key: fields(text) for key, text in ZH.items()}
    assert not EN.keys() & texts(Language.EN).keys()


def test_every_code_has_its_words_and_no_text_is_left_over(report: Capability) -> None:
    """Requirements, verdicts, reasons, kinds, sections."""
    for language in Language:
        Telling(report, language).sections()
    reasons = set(re.findall(r'_(?:met|not|unclear)\("([a-z_]+)"', SOURCES)) | {"all_met", "rests_on", "not_sterile"}
    asked = {f"capability.whys.{code}" for code in reasons}
    assert asked == {key for key in EN if key.startswith("capability.whys.")}
    names = {*RULES, "audits", "sterile"}
    assert {f"capability.{group}.{name}" for group in ("requirements", "short") for name in names} <= EN.keys()
    assert {f"capability.verdicts.{verdict}" for verdict in Verdict} <= EN.keys()
    assert all(Telling(report, language).kind(kind) for kind in ORDINARY for language in Language)
    assert {*AUDITS, *STERILE} <= RULES.keys()


@pytest.mark.parametrize("text", ["您", "!", "！", "确定", "取消"])
def test_chinese_is_plain(text: str) -> None:
    """Statements, no exclamation, no polite form."""
    assert not [key for key, words in ZH.items() if text in words]


@pytest.fixture(scope="module")
def files(report: Capability) -> dict[str, bytes]:
    return dict(files_of(report, Language.ZH, printed=END, key=NODE))


def taken(files: dict[str, bytes]) -> tuple[dict[str, bytes], bytes]:
    """The files, and their note."""
    (name,) = (name for name in files if name.endswith(".note"))
    return {one: octets for one, octets in files.items() if one != name}, files[name]


def test_the_note_proves_the_files_to_whoever_has_the_nodes_key(files: dict[str, bytes]) -> None:
    """The PDF and the same as data; it says who signed, when, and of which period."""
    others, note = taken(files)
    assert sorted(name.rpartition(".")[2] for name in others) == ["json", "pdf"]
    lines = check(others, note, TRUST)
    assert lines[-1] == (
        f"capability report on 2026-06-11 04:00:00 UTC to 2026-06-11 05:00:00 UTC, signed by {NODE.name} at "
        "2026-06-11 05:00:00 UTC"
    )
    assert len(lines) == 3


@pytest.mark.parametrize("which", ["pdf", "json"])
@pytest.mark.parametrize("at", [0, -1, 5000])
def test_one_flipped_bit_is_refused(files: dict[str, bytes], which: str, at: int) -> None:
    """In either file, wherever."""
    others, note = taken(files)
    (name,) = (one for one in others if one.endswith(which))
    with pytest.raises(NoteError, match="altered"):
        check(others | {name: flipped(others[name], at % len(others[name]))}, note, TRUST)


def test_a_file_that_was_signed_must_be_there(files: dict[str, bytes]) -> None:
    """And no other may stand beside."""
    others, note = taken(files)
    with pytest.raises(NoteError, match="was signed and is not here"):
        check(dict(list(others.items())[:1]), note, TRUST)
    with pytest.raises(NoteError, match="extra"):
        check(others | {"extra.pdf": b"%PDF-"}, note, TRUST)


def test_a_note_by_another_key_proves_nothing(report: Capability) -> None:
    """Nor does one by a sender's, though it is trusted for its streams."""
    for role in (Role.NODE, Role.SENDER):
        other = generate("holder-b", role, "holder-b")
        others, note = taken(dict(files_of(report, Language.EN, printed=END, key=other)))
        trust = TRUST if role is Role.NODE else Trust((*TRUST.keys, *public_keys(other)))
        with pytest.raises(UnknownKeyError):
            check(others, note, trust)


@pytest.mark.parametrize("change", [("begin", "begun"), ("cmo.v1", "cmo.v2"), (".pdf", "/../x.pdf")])
def test_a_note_that_says_it_otherwise_is_none(files: dict[str, bytes], change: tuple[str, str]) -> None:
    """There is one way of writing it."""
    _, note = taken(files)
    assert is_report(note)
    with pytest.raises(MalformedNoteError):
        Signed.read(Note.parse(note).text.replace(*change))


def test_the_period_stands_in_the_note(files: dict[str, bytes]) -> None:
    """As read back."""
    said = Signed.read(Note.parse(taken(files)[1]).text)
    assert (said.begin, said.end, said.printed) == (BEGIN, END, END)
