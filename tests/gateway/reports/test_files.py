"""What stands in the PDF and the CSV of a report, read back."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest
from pypdf import PdfReader

import gateway.reports as package
from gateway.cleanroom.levels import UNITS
from gateway.languages import Language, texts
from gateway.reports.csv_file import COLUMNS, csv_of
from gateway.reports.fonts import CHINESE, marked, runs
from gateway.reports.formats import Format
from gateway.reports.pdf import pdf_of
from gateway.reports.report import Report
from gateway.reports.spells import Spell
from gateway.reports.telling import MOST, WORDS
from gateway.reports.wording import Wording
from tests.gateway.reports.support import COMMENT, END, filled, reported

EN, ZH = (texts(language, WORDS) for language in Language)
SOURCES = "\n".join(file.read_text(encoding="utf-8") for file in Path(package.__path__[0]).rglob("*.py")).replace(
    "'", '"'
)


@pytest.fixture(scope="module")
def report() -> Report:
    return reported(filled())


def read(octets: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(octets)).pages]


def rows(octets: bytes) -> list[dict[str, str]]:
    assert octets.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("language", "texts_"),
    [
        (Language.EN, ("Report on room S1 · Cold store", "Time in limits", "S1.Temperature.HIGH ≤ 25 °C", "78.37 %",
                       "Temperature above the action limit", "27.5 °C, limit ≤ 25 °C", "2026-06-11 12:02:00 UTC+8",
                       "Settle plate", "beyond the action level", "MKT", "Asia/Shanghai", "cn-gmp-2010/2010", "1–65",
                       "S1 → C1", "Time not monitored", "half within 1 min 10 s", "Chattering", "device silent")),
        (Language.ZH, ("房间报告 S1 · 阴凉库", "在限度内的时间", "S1.Temperature.HIGH ≤ 25 °C", "78.37 %",
                       "温度 高于纠偏限度", "27.5 °C，限度 ≤ 25 °C", "2026-06-11 12:02:00 UTC+8", "沉降菌",
                       "超出纠偏限度", "平均动力学温度", "Asia/Shanghai", "cn-gmp-2010/2010", "1–65", "S1 → C1",
                       "未监测的时间", "半数在 1 分 10 秒内", "频繁报警", "设备无应答")),
    ],
)  # fmt: skip
def test_the_pdf_says_everything_in_the_language(report: Report, language: Language, texts_: tuple[str, ...]) -> None:
    """Read back as text; lines may break anywhere in a cell."""
    pages = read(pdf_of(report, language, printed=END))
    whole = re.sub(r"\s", "", "".join(pages))
    assert [text for text in (*texts_, "王莉", COMMENT) if re.sub(r"\s", "", text) not in whole] == []


@pytest.mark.parametrize(("language", "told"), [(Language.EN, "page {} of {}"), (Language.ZH, "第 {} 页，共 {} 页")])
def test_each_page_has_its_number_and_when_it_was_printed(report: Report, language: Language, told: str) -> None:
    """Of how many."""
    pages = read(pdf_of(report, language, printed=END))
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        assert told.format(number, len(pages)).replace(" ", "") in page.replace(" ", "")
        assert "2026-06-11 12:10:00 UTC+8" in page


@pytest.mark.parametrize("language", list(Language))
def test_the_same_report_gives_the_same_octets(report: Report, language: Language) -> None:
    """Also when it is computed again."""
    again = reported(filled())
    assert csv_of(again, language) == csv_of(report, language)
    assert pdf_of(again, language, printed=END) == pdf_of(report, language, printed=END)


def test_what_there_is_none_of_is_said() -> None:
    """Nothing is made up for a room without samples and alarms."""
    whole = re.sub(r"\s", "", "".join(read(pdf_of(reported(filled(), "C1"), Language.EN, printed=END))))
    assert whole.count("noneinthisperiod") == 5
    assert "Noresultsarchivedforthisperiod" in whole
    assert "Nosamplingpointofthisroomhasatag" in whole


def test_no_cell_is_drawn_beyond_the_page(report: Report) -> None:
    """In either language."""
    for language in Language:
        for page in PdfReader(io.BytesIO(pdf_of(report, language, printed=END))).pages:
            places: list[float] = []
            page.extract_text(visitor_text=lambda _, _cm, at, *_rest, places=places: places.append(float(at[4])))
            assert min(places) >= 0
            assert max(places) < float(page.mediabox.width)


def test_chinese_stands_in_its_font_and_markup_stays_text() -> None:
    """What Vera has is Vera's; what no font has is a square."""
    assert runs("26 °C 温度 ≥") == [("26 °C ", False), ("温度", True), (" ≥", False)]
    assert marked("<b>温&") == f'&lt;b&gt;<font name="{CHINESE}">温</font>&amp;'
    assert marked("a\nb\x07") == "a<br/>b "
    assert runs("\U0001f600")[0][0] == "□"


def test_the_csv_has_the_figures_unrounded(report: Report) -> None:
    """A row for each thing, with what it is first."""
    found = rows(csv_of(report, Language.ZH))
    assert [one["row"] for one in found] == [
        "period", *["tag"] * 4, "gap", "alarm", "breach", *["performance"] * 10, "frequent", *["result"] * 2,
        *["stream"] * 3, *["performance"] * 10, *["trend"] * (3 + 6 + 2 + 2),
    ]  # fmt: skip
    assert (found[0]["zone"], found[0]["name"]) == ("Asia/Shanghai", "阴凉库")
    temperature = next(one for one in found if one["id"] == "S1.Temperature")
    figures = next(one.figures for one in report.tags if one.subject.tag == "S1.Temperature")
    assert float(temperature["mean"]) == figures.mean
    assert float(temperature["mean_kinetic_temperature"]) == figures.mean_kinetic
    times = ("within", "alert", "action", "no_level", "uncertain", "bad", "unmonitored")
    assert [float(temperature[f"seconds_{name}"]) for name in times] == [435, 60, 60, 0, 0, 0, 45]
    assert float(temperature["seconds"]) == 600
    assert (temperature["begin"], temperature["unit"]) == ("2026-06-11T12:00:00.000+08:00", "Cel")
    assert temperature["levels"] == "S1.Temperature.HIGH > 25.0 Cel; S1.Temperature.HIGH.ALERT > 22.0 Cel"
    assert [one["verdict"] for one in found if one["row"] == "result"] == ["超出警戒限度", "超出纠偏限度"]


def test_the_csv_has_how_well_the_alarms_served(report: Report) -> None:
    """Of the room's alarms, and, without a room, of all."""
    found = [one for one in rows(csv_of(report, Language.EN)) if one["row"] == "performance"]
    own = {one["id"]: one["value"] for one in found if one["room"] == "S1"}
    assert {one["id"]: one["value"] for one in found if not one["room"]} == own
    assert (own["raised"], own["per_operator"], own["acknowledged_p50"], own["floods"]) == ("1", "6.0", "70.0", "0")


def test_the_csv_has_the_points_of_the_trends(report: Report) -> None:
    """At their true times."""
    found = [one for one in rows(csv_of(report, Language.EN)) if (one["row"], one["id"]) == ("trend", "S1.Temperature")]
    assert [float(one["value"]) for one in found] == [20.0, 24.0, 26.0, 27.5, 20.0, 20.0]
    assert found[1]["begin"] == "2026-06-11T12:01:00.000+08:00"


def test_a_text_that_is_longer_than_a_page_is_printed_on_several(report: Report) -> None:
    """Its last word too."""
    (alarm,) = report.alarms
    long = replace(report, alarms=(replace(alarm, comment="door " * 1500 + "jammed"),))
    whole = re.sub(r"\s", "", "".join(read(pdf_of(long, Language.EN, printed=END))))
    assert whole.count("door") > 1490  # a page may break one
    assert "jammed" in whole


def test_of_too_many_alarms_the_first_are_printed_and_all_are_in_the_csv(report: Report) -> None:
    """The PDF says so."""
    (alarm,) = report.alarms
    many = replace(report, alarms=tuple(replace(alarm, batch=f"B{n}.") for n in range(MOST + 1)))
    (section,) = (one for one in Wording(many, Language.EN).sections() if "Excursions" in one.title)
    assert (len(section.rows), section.notes[0]) == (300, "The first 300 of 301 rows are printed; the CSV has all.")
    assert [one["row"] for one in rows(csv_of(many, Language.EN))].count("alarm") == 301


def test_no_text_of_a_record_becomes_a_formula(report: Report) -> None:
    """It gets an apostrophe; a negative number stays one."""
    (alarm,) = (one for one in rows(csv_of(report, Language.EN)) if one["row"] == "alarm")
    assert alarm["comment"] == f"'{COMMENT}"
    assert alarm["acknowledged_by"] == "王莉"


def test_every_column_is_documented() -> None:
    """In the README, in backquotes."""
    readme = (Path(package.__path__[0]) / "README.md").read_text(encoding="utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in readme] == []


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    """Same keys, same fields; none stands in the console's words too."""
    assert {key: fields(text) for key, text in EN.items()} == {key: fields(text) for key, text in ZH.items()}
    assert not EN.keys() & texts(Language.EN).keys()


def test_every_text_is_used_and_every_one_asked_for_is_there(report: Report) -> None:
    """By a whole report in both languages; some keys are put together from a name, quantities from the site's."""
    for language in Language:
        Wording(report, language).sections()
    assert set(re.findall(r'say\(\s*"(report\.[a-z_.0-9]+)"', SOURCES)) <= EN.keys()
    assert {f"report.quantity.{quantity}" for quantity in (*UNITS, "microbes")} <= EN.keys()
    codes = {*UNITS, "microbes", "title", *Spell.__members__}

    def used(key: str) -> bool:
        name = key.rpartition(".")[2]
        return name in codes or f'"{key}"' in SOURCES or f'"{name}"' in SOURCES

    assert [key for key in EN if not used(key)] == []


@pytest.mark.parametrize("text", ["您", "!", "！", "确定", "取消"])
def test_chinese_is_plain(text: str) -> None:
    """Statements, no exclamation, no polite form; acknowledging is never bare."""
    assert not [key for key, words in ZH.items() if text in words]
    assert not [key for key, words in ZH.items() if re.search("(?<!报警)确认", words)]


def test_both_forms_are_named_by_the_end_of_a_file() -> None:
    """And by a media type."""
    assert [(form.value, form.media_type) for form in Format] == [
        ("pdf", "application/pdf"), ("csv", "text/csv; charset=utf-8")
    ]  # fmt: skip
