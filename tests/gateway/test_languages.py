"""Both languages say the same things, and the code asks for nothing that is not there."""

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from gateway import console, views
from gateway.access.roles import Right, Role
from gateway.agreement.terms import Unit
from gateway.batches.grades import Grade, OfBatch
from gateway.batches.missing import Part, Verdict
from gateway.batches.missing import Why as WhyMissing
from gateway.batches.standing import Phase
from gateway.checking.recomputing import Verdict as Checked
from gateway.cleanroom.levels import UNKNOWN_STATE, Quantity
from gateway.cleanroom.levels import RoomState as UseOfRoom
from gateway.console.pages import brief_text
from gateway.languages import Language, accepted, texts
from gateway.proof.findings import Code
from gateway.review.limits import Where
from gateway.views.badge import Proven
from gateway.views.readings import Status, Why
from gateway.views.rooms import DoorState, RoomState
from gateway.views.search import Group, Of
from gateway.views.sources import Contact
from gateway.views.trend import RANGES
from gateway.views.waiting import Task
from schemas.access import Act, Outcome
from schemas.catalogue import FAMILIES
from schemas.catalogue import KINDS as EVERY_KIND
from schemas.derived import shapes
from schemas.exported import KINDS
from schemas.notices import NoticeEvent
from schemas.records import (
    AlarmEvent,
    AlarmKind,
    AlarmMeaning,
    AlarmPriority,
    AlarmState,
    GapCause,
    Refusal,
    WeighingMethod,
)
from schemas.status import Reason
from schemas.withheld import WhyWithheld

CODES = (
    Checked,
    Unit,
    Task,
    Proven,
    Group,
    Of,
    AlarmState,
    AlarmEvent,
    AlarmKind,
    AlarmPriority,
    AlarmMeaning,
    UseOfRoom,
    GapCause,
    Code,
    Refusal,
    WeighingMethod,
    WhyWithheld,
    Verdict,
    Part,
    OfBatch,
    Grade,
    Phase,
    WhyMissing,
    Where,
    Role,
    Right,
    Act,
    NoticeEvent,
    Outcome,
)
SHAPES = [one for kind in KINDS.values() for one in shapes(kind)]
LISTS = {one.type for one in SHAPES if issubclass(one.type, StrEnum)}
"""Closed lists of words that exported records use."""
EN, ZH = texts(Language.EN), texts(Language.ZH)
SOURCES = [
    file.read_text(encoding="utf-8") for package in (console, views) for file in Path(package.__path__[0]).rglob("*.py")
]


def test_both_languages_have_the_same_keys() -> None:
    """No text is left out in one of them."""
    assert EN.keys() == ZH.keys()


def test_both_languages_fill_in_the_same_fields() -> None:
    """A number or time that one language tells, the other tells too."""
    assert {key: fields(text) for key, text in EN.items()} == {key: fields(text) for key, text in ZH.items()}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("status", Status),
        ("why", set(Why) - {Why.ALARM, Why.NEVER} | {"alarm", "never"}),
        ("room", RoomState),
        ("door", DoorState),
        ("evidence", Contact),
        ("cause", GapCause),
        ("reason", [reason.name for reason in Reason]),
        ("alarms.states", AlarmState),
        ("alarm.events", AlarmEvent),
        ("alarms.kinds", AlarmKind),
        ("alarms.levels", AlarmPriority),
        ("signature", AlarmMeaning),
        ("room_state", [*UseOfRoom, UNKNOWN_STATE]),
        ("ranges", RANGES),
        ("refusal", Refusal),
        ("weighings.methods", WeighingMethod),
        ("finding", Code),
        ("means", Code),
        ("batches.verdicts", Verdict),
        ("batches.parts", Part),
        ("batches.rules.names", [*Part, *OfBatch]),
        ("batches.rules.grades", Grade),
        ("batches.stages", Phase),
        ("batches.whys", WhyMissing),
        ("batches.kinds", KINDS),
        ("batches.fields", {one.name for one in SHAPES}),
        ("batches.basis", ["RECEIPT", "ISSUE", "LABEL", "WEIGHING", "REWORK", "SAME_NUMBER"]),
        ("batches.tests", Where),
        ("verify.verdicts", Checked),
        ("record.kinds", EVERY_KIND.keys() - KINDS.keys()),
        ("agreement.families", FAMILIES),
        ("withheld.reasons", WhyWithheld),
        ("people.roles", Role),
        ("people.may", Right),
        ("people.acts", Act),
        ("record.notice_events", NoticeEvent),
        ("people.outcomes", Outcome),
        *((f"batches.codes.{one.__name__}", one) for one in sorted(LISTS, key=lambda one: one.__name__)),
    ],
)
def test_every_code_has_a_word(prefix: str, names: Iterable[StrEnum | str]) -> None:
    """Whatever a record may say."""
    assert {f"{prefix}.{name}" for name in names} <= EN.keys()


@pytest.mark.parametrize("cause", list(GapCause))
def test_every_cause_of_a_gap_has_a_pattern(cause: GapCause) -> None:
    """Which is not told by colour alone."""
    style = (Path(console.__path__[0]) / "assets/console.css").read_text(encoding="utf-8")
    assert re.findall(rf"^\.gap\.{cause.lower().replace('_', '-')} {{ background", style, re.MULTILINE)


def test_the_pages_ask_only_for_texts_that_exist() -> None:
    """A key that is written out in the code stands in the files."""
    asked = {key for source in SOURCES for key in re.findall(r'say\(\s*"([a-z_.A-Z]+)"', source)}
    assert asked
    assert asked <= EN.keys()


def test_no_text_is_left_over() -> None:
    """Each key stands in the code, or the code puts it together from a beginning and an end that stand there."""
    code = "\n".join(SOURCES).replace("'", '"')
    codes = {
        *get_args(Quantity),
        *Reason.__members__,
        *EVERY_KIND,
        *FAMILIES,
        *(one.name for one in SHAPES),
        *(f"{one.__name__}.{word.value}" for one in LISTS for word in one),
        *("RECEIPT", "ISSUE", "LABEL", "WEIGHING", "REWORK", "SAME_NUMBER"),
        *(member.value for enum in CODES for member in enum),
    }
    begun = {begin for begin in re.findall(r'"([a-z_.]+)\{', code) if "." in begin}
    begun |= {f"{begin}." for begin in brief_text.CODES.values()}

    def used(whole: str) -> bool:
        key = re.sub("(_one|_line)$", "", whole)
        ends = {key.removeprefix(begin) for begin in begun if key.startswith(begin)}
        return f'"{key}"' in code or any(end in codes or f'"{end}"' in code for end in ends)

    assert {key for key in EN if not used(key)} == set()


@pytest.mark.parametrize("text", ["您", "!", "！", "确定", "取消"])
def test_chinese_is_plain(text: str) -> None:
    """Statements, no exclamation, no polite form, no OK and Cancel."""
    assert not [key for key, words in ZH.items() if text in words]


def test_acknowledging_is_never_bare_in_chinese() -> None:
    """确认 means three things, so it is always said which."""
    assert not [key for key, words in ZH.items() if re.search("(?<!报警)确认", words)]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.ZH),
        ("en;q=0.5, zh;q=0.9", Language.ZH),
        ("de-DE,de;q=0.9", Language.EN),
        ("zh;q=0", Language.EN),
        ("zh;q=much", Language.EN),
        (None, Language.EN),
    ],
)
def test_the_browsers_wish_chooses_the_first_language(header: str | None, language: Language) -> None:
    """English where neither is wished for."""
    assert accepted(header) is language
