"""The pages about alarms in a real browser, in both languages: list, one alarm, performance, draft deviations."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmMeaning, AlarmPriority, AlarmState
from tests.gateway.console.pilot import DESKTOP, PHONE, Pilot
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND, frame

pytestmark = pytest.mark.browser
E, S = AlarmEvent, AlarmState
SIZES = [("en", DESKTOP), ("zh", DESKTOP), ("en", PHONE), ("zh", PHONE)]


@pytest.fixture
def pilot(chromium: webdriver.Chrome, stage: Stage) -> Pilot:
    pilot = Pilot(chromium, stage)
    stage.receive(
        frame({"F1.DP.M1": 7.8, "M1.DP.C1": 14.2, "F1.DP.C1": 28.8, "Door.F1-M1": True}, received=NOW - 60 * SECOND),
        frame({"F1.DP.M1": 7.8, "M1.DP.C1": 14.2, "F1.DP.C1": 28.8, "Door.F1-M1": False}, received=NOW - 20 * SECOND),
        frame({"F1.DP.M1": 7.8, "M1.DP.C1": 10.4, "F1.DP.C1": 28.8, "Door.F1-M1": False}, received=NOW),
    )
    return pilot


def step(event: AlarmEvent, state: AlarmState, ago: int, alarm: UUID, **given: Any) -> Alarm:
    facts: dict[str, Any] = {
        "condition": "F1.DP.M1.LOW", "tag": "F1.DP.M1", "since": NOW - 45 * SECOND, "limit": 10.0, "deadband": 0.5,
        "on_delay": 10.0, "unit": "Pa", "value": 7.8, "extreme": 7.4, "room": "F1", "line": "line-3",
        "kind": AlarmKind.LOW, "priority": AlarmPriority.ACTION, "profile": "cn-gmp-2010 v3", "batch": "240611A",
        "room_state": "in_operation", "group": "ahu-1",
    }  # fmt: skip
    return Alarm(alarm=alarm, event=event, state=state, time=NOW - ago * SECOND, **facts | given)


def alert(alarm: UUID, **given: Any) -> Alarm:
    facts: dict[str, Any] = {
        "condition": "M1.DP.C1.LOW.ALERT", "tag": "M1.DP.C1", "room": "M1", "limit": 11.0, "value": 10.4,
        "extreme": 10.4, "priority": AlarmPriority.ALERT, "batch": None, "since": NOW - 40 * SECOND,
    }  # fmt: skip
    return step(E.RAISED, S.UNACKNOWLEDGED, 30, alarm, **facts | given)


LIST = {
    "en": ("F1 → M1 below the action limit", "M1 → C1 below the alert limit", "240611A", "follows from the one above"),
    "zh": ("F1 → M1 低于纠偏限度", "M1 → C1 低于警戒限度", "240611A", "由上一报警引起"),
}


@pytest.mark.parametrize(("language", "size"), SIZES)
def test_action_and_alert_differ_by_shape_word_and_colour(pilot: Pilot, language: str, size: tuple[int, int]) -> None:
    """What followed stands beneath the first; the page is wide enough for a phone."""
    one = uuid4()
    pilot.open(f"/{language}/alarms", size)
    pilot.stage.receive(
        step(E.RAISED, S.UNACKNOWLEDGED, 35, one, head=one, first_out=True), alert(uuid4(), head=one, first_out=False)
    )
    for text in LIST[language]:
        pilot.sees(text, ".alarms-open")
    assert pilot.texts(".alarms-open .shape") == ["■", "▲"]
    colours = {
        mark.value_of_css_property("color")
        for mark in pilot.driver.find_elements(By.CSS_SELECTOR, ".alarms-open .mark")
    }
    assert len(colours) == 2
    assert fits(pilot)
    pilot.open(f"/{language}", size)
    pilot.until(lambda: {"■", "▲"} <= set(pilot.texts(".wrong .shape")))
    pilot.open(f"/{language}/rooms", size)
    pilot.until(lambda: any("▲" in text for text in pilot.texts(".flow .number")))
    assert any("■" in text for text in pilot.texts(".flow .number"))
    assert pilot.complaints() == []


def fits(pilot: Pilot) -> bool:
    """Whether nothing is wider than the window."""
    return bool(pilot.driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth"))


HELD = {
    "en": ("shelved", "suppressed by design", "out of use", "wang.li: filter change", "No open alarms."),
    "zh": ("已搁置", "按设计抑制", "停用", "wang.li: filter change", "没有未结束的报警。"),
}


@pytest.mark.parametrize(("language", "size"), SIZES)
def test_what_is_not_in_force_has_a_list_of_its_own(pilot: Pilot, language: str, size: tuple[int, int]) -> None:
    """With its end; it is not counted as open, and its own page opens."""
    shelved, suppressed = uuid4(), uuid4()
    pilot.stage.receive(
        step(E.RAISED, S.UNACKNOWLEDGED, 35, shelved),
        step(E.SHELVED, S.SHELVED, 30, shelved, until=NOW + 3600 * SECOND, held="wang.li: filter change"),
        replace(alert(suppressed), event=E.SUPPRESSED, state=S.SUPPRESSED, held="out_of_use"),
    )
    pilot.open(f"/{language}/alarms", size)
    for text in (*HELD[language][:-1], "2026-06-11 13:03:22 UTC+8"):
        pilot.sees(text, ".alarms-held")
    assert pilot.texts(".alarms-held .shape") == ["⊘", "⊘"]
    assert HELD[language][-1] in pilot.text(".alarms-open")
    assert fits(pilot)
    pilot.open(f"/{language}/alarms/{suppressed}", size)
    pilot.sees(HELD[language][1], "main")
    assert pilot.texts("main .figures .shape") == ["⊘"]


def test_a_retrospective_alarm_says_so(pilot: Pilot) -> None:
    """It was found afterwards and called nobody."""
    one = uuid4()
    pilot.stage.receive(step(E.RAISED, S.UNACKNOWLEDGED, 35, one, retrospective=True))
    pilot.open("/en/alarms")
    pilot.sees("↶ retrospective", ".alarms-open")
    pilot.open(f"/zh/alarms/{one}")
    pilot.sees("↶ 追溯", "main")


ONE = {
    "en": ("Limits in force", "cn-gmp-2010 v3", "in operation", "240611A", "Door F1 – M1", "What followed from it",
           "M1 → C1 below the alert limit", "Draft deviation", "door held open", "seen it and takes on what follows"),
    "zh": ("生效的限度", "cn-gmp-2010 v3", "动态", "240611A", "F1 – M1", "由此引起的报警", "M1 → C1 低于警戒限度",
           "偏差草稿", "door held open", "已知悉，并负责后续处理"),
}  # fmt: skip


@pytest.mark.parametrize(("language", "size"), SIZES)
def test_one_alarm_is_told_with_its_circumstances(pilot: Pilot, language: str, size: tuple[int, int]) -> None:
    """Limits version, room state, batch, doors, what followed, and its draft; the draft's facts are the same."""
    one = uuid4()
    first = step(E.RAISED, S.UNACKNOWLEDGED, 35, one, head=one, first_out=True)
    pilot.stage.receive(
        first,
        alert(uuid4(), head=one, first_out=False),
        step(
            E.ACKNOWLEDGED,
            S.ACKNOWLEDGED,
            10,
            one,
            actor="wang.li",
            comment="door held open",
            head=one,
            meaning=AlarmMeaning.RESPONSIBILITY,
        ),
    )
    pilot.open(f"/{language}/alarms/{one}", size)
    for text in ONE[language]:
        pilot.sees(text, "main")
    assert fits(pilot)
    pilot.driver.find_element(By.CSS_SELECTOR, "main .figures a[href*=deviations]").click()
    pilot.until(lambda: f"/{language}/deviations/{first.id}" in pilot.driver.current_url)
    for text in ("F1", "240611A", "2026-06-11 12:02:37 UTC+8", "45", "7.4 Pa", "≥ 10 Pa", "cn-gmp-2010 v3"):
        pilot.sees(text, ".draft")
    pilot.sees("2026-06-11 12:02:22 UTC+8", ".draft .plain")
    assert fits(pilot)
    assert pilot.complaints() == []


DRAFTS = {
    "en": ("Draft deviations", "The quality unit completes it", "F1 → M1 below the action limit"),
    "zh": ("偏差草稿", "由质量管理部门补充完整", "F1 → M1 低于纠偏限度"),
}


@pytest.mark.parametrize(("language", "size"), SIZES)
def test_drafts_are_listed_and_an_alert_opens_none(pilot: Pilot, language: str, size: tuple[int, int]) -> None:
    """One row for the action alarm with its batch; the twin says the same."""
    first = step(E.RAISED, S.UNACKNOWLEDGED, 35, uuid4())
    pilot.stage.receive(first, alert(uuid4(), batch="240611A"))
    pilot.open(f"/{language}/deviations", size)
    for text in DRAFTS[language]:
        pilot.sees(text, "main")
    pilot.sees("240611A", "tbody")
    assert len(pilot.driver.find_elements(By.CSS_SELECTOR, "tbody tr")) == 1
    assert fits(pilot)
    script = "return fetch(document.querySelector('.foot a').href).then((answer) => answer.json())"
    assert [one["id"] for one in pilot.driver.execute_script(script)] == [str(first.id)]


PERFORMANCE = {
    "en": ("Per operator and hour", "1 person answered", "half within 25 s, 95 of 100 within 25 s",
           "F1 → M1 below the action limit"),
    "zh": ("每位操作人每小时", "1 人作过应答", "半数在 25 秒内，95% 在 25 秒内", "F1 → M1 低于纠偏限度"),
}  # fmt: skip


@pytest.mark.parametrize(("language", "size"), SIZES)
def test_performance_of_a_range(pilot: Pilot, language: str, size: tuple[int, int]) -> None:
    """Rates, top ten, chattering and time to acknowledge of the range in the address; of an earlier one nothing."""
    one = uuid4()
    pilot.stage.receive(
        *(step(E.RAISED, S.UNACKNOWLEDGED, 40 - n, uuid4()) for n in range(2)),
        step(E.RAISED, S.UNACKNOWLEDGED, 35, one),
        step(E.ACKNOWLEDGED, S.ACKNOWLEDGED, 10, one, actor="wang.li", comment="seen"),
    )
    pilot.open(f"/{language}/alarms/performance?range=1h", size)
    for text in PERFORMANCE[language]:
        pilot.sees(text, "main")
    assert pilot.text(".top tbody tr td:last-of-type").endswith("3")
    assert len(pilot.driver.find_elements(By.CSS_SELECTOR, ".chattering li")) == 1
    assert fits(pilot)
    pilot.open(f"/{language}/alarms/performance?from=2026-06-10T00:00:00&to=2026-06-10T01:00:00", size)
    pilot.until(lambda: not pilot.driver.find_elements(By.CSS_SELECTOR, ".top"))
    assert pilot.text(".performance dd") == "0"
    assert pilot.complaints() == []


FILTER = {
    "en": ("Filter", "Open alarms that the filter hides: 1", "None that the filter lets through."),
    "zh": ("筛选", "被筛选隐藏的未结束报警：1", "没有符合筛选条件的报警。"),
}


def choose(pilot: Pilot, name: str, value: str) -> None:
    """In the form, as with a hand."""
    Select(pilot.driver.find_element(By.CSS_SELECTOR, f".filter [name={name}]")).select_by_value(value)


def twin(pilot: Pilot) -> list[str]:
    """The alarms of the page's twin for programs."""
    script = "return fetch(document.querySelector('.foot a').href).then((answer) => answer.json())"
    return sorted(row["alarm"] for row in pilot.driver.execute_script(script))


@pytest.mark.parametrize(("language", "size"), SIZES)
def test_the_list_is_filtered_and_its_address_says_how(pilot: Pilot, language: str, size: tuple[int, int]) -> None:
    """What is hidden is counted; the address and the twin give the same, in the other language too."""
    action, warning, over = uuid4(), uuid4(), uuid4()
    apply, hidden, none = FILTER[language]
    pilot.stage.receive(
        step(E.RAISED, S.UNACKNOWLEDGED, 600, over, since=NOW - 610 * SECOND),
        step(E.ACKNOWLEDGED, S.ACKNOWLEDGED, 500, over, since=NOW - 610 * SECOND, actor="chen", comment="pump"),
        step(E.RETURNED, S.NORMAL, 400, over, since=NOW - 610 * SECOND),
        step(E.RAISED, S.UNACKNOWLEDGED, 35, action), alert(warning),
    )  # fmt: skip
    pilot.open(f"/{language}/alarms", size)
    pilot.until(lambda: len(pilot.texts(".alarms-open tbody tr")) == 2)
    assert sorted(map(str, (action, warning, over))) == twin(pilot)
    choose(pilot, "room", "F1")
    choose(pilot, "priority", "action")
    button = pilot.driver.find_element(By.CSS_SELECTOR, ".filter button")
    assert button.text == apply
    button.click()
    pilot.sees(hidden, "main")
    assert pilot.driver.current_url.endswith(f"/{language}/alarms?range=7d&room=F1&priority=action")
    pilot.until(lambda: len(pilot.texts(".alarms-open tbody tr")) == 1)
    pilot.sees("240611A", ".alarms-open")
    pilot.until(lambda: len(pilot.texts(".alarms-past tbody tr")) == 1)
    assert twin(pilot) == sorted(map(str, (action, over)))
    assert fits(pilot)
    pilot.open(f"/{language}/alarms?text=PUMP&room=F1", size)
    pilot.until(lambda: len(pilot.texts(".alarms-past tbody tr")) == 1)
    assert none in pilot.text(".alarms-open")
    pilot.driver.find_element(By.CSS_SELECTOR, "a.switch").click()
    pilot.until(lambda: pilot.texts(".filter select option:checked")[:1] and "text=PUMP" in pilot.driver.current_url)
    assert pilot.driver.find_element(By.CSS_SELECTOR, ".filter [name=text]").get_attribute("value") == "PUMP"
    assert pilot.complaints() == []


def test_a_new_alarm_comes_into_a_filtered_list_if_it_fits(pilot: Pilot) -> None:
    """Else it is counted; one that does not fit any more goes."""
    fitting = uuid4()
    pilot.open("/en/alarms?state=unacknowledged&text=M1 → C1")
    pilot.stage.receive(alert(fitting), step(E.RAISED, S.UNACKNOWLEDGED, 20, uuid4()))
    pilot.sees("M1 → C1 below the alert limit", ".alarms-open")
    pilot.sees("Open alarms that the filter hides: 1")
    assert len(pilot.texts(".alarms-open tbody tr")) == 1
    pilot.stage.receive(replace(alert(fitting), event=E.ACKNOWLEDGED, state=S.ACKNOWLEDGED, actor="li", comment="seen"))
    pilot.sees("Open alarms that the filter hides: 2")
    pilot.until(lambda: not pilot.texts(".alarms-open tbody tr"))


def test_an_address_that_nobody_understands_shows_all(pilot: Pilot) -> None:
    """And says so."""
    pilot.stage.receive(alert(uuid4()))
    pilot.open("/en/alarms?priority=urgent")
    pilot.sees("The address was not understood", ".notice")
    pilot.sees("M1 → C1 below the alert limit", ".alarms-open")
