"""The pages in a real browser, in both languages: what stands on them, and that they follow the desk by themselves."""

import re
import threading
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from gateway.console.routes import PAGES as ROUTES
from gateway.intake.inspection import Inspected, Standing
from gateway.intake.message import Batch
from gateway.proof.findings import Code, Finding
from schemas.codec import Record
from schemas.context import Assignment, PlaceKind
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, AlarmState, Gap, GapCause
from schemas.status import Reason, StatusCode
from tests.gateway.console.pilot import DESKTOP, PHONE, Pilot
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND, frame, weighing

pytestmark = pytest.mark.browser
PAGES = (
    *(path for path, _, _ in ROUTES if "{" not in path),
    *("/lots?lot=L-7", "/trend?tag=F1.DP.M1", "/nowhere"),
)
HOSTILE = '<script>document.title="taken"</script> :onclick {{ 7*7 }}'


@pytest.fixture
def pilot(chromium: webdriver.Chrome, stage: Stage) -> Pilot:
    pilot = Pilot(chromium, stage)
    pilot.requested()
    return pilot


def readings(time: int, **values: float) -> Frame:
    """What the line sends at that time: three differentials, a temperature, a door."""
    given = {"F1.DP.M1": 14.6, "M1.DP.C1": 14.2, "F1.DP.C1": 28.8, "F1.Temperature": 20.1, "Door.F1-M1": False}
    return frame(given | {name.replace("_", "."): value for name, value in values.items()}, received=time)


def step(event: AlarmEvent, state: AlarmState, time: int, *, alarm: UUID, comment: str | None = None) -> Alarm:
    return Alarm(
        alarm=alarm, condition="F1.DP.M1.LOW", tag="F1.DP.M1", event=event, state=state, time=time,
        since=NOW - 45 * SECOND, limit=10.0, deadband=0.5, on_delay=10.0, unit="Pa", value=7.8, extreme=7.4, room="F1",
        line="line-3", actor="wang.li" if comment else None, comment=comment,
    )  # fmt: skip


def hour(stage: Stage) -> None:
    """An hour of readings, one in ten seconds, with a dip 20 minutes ago and a gap of five minutes before it."""
    records: list[Record] = []
    for ago in range(3600, -1, -10):
        if 1500 < ago < 1800:
            continue
        value = 6.0 if 1150 < ago < 1250 else 14.0 + ago % 7 / 10
        records.append(readings(stage.time - ago * SECOND, F1_DP_M1=value))
    records.append(
        Gap(
            gap=uuid4(), source="ems", tags=("F1.DP.M1",), began=stage.time - 1800 * SECOND,
            ended=stage.time - 1500 * SECOND, cause=GapCause.DEVICE_SILENT, detail="no answer",
        )
    )  # fmt: skip
    stage.receive(*records)


@pytest.mark.parametrize(
    ("language", "name", "state"), [("en", "Aseptic filling", "in limits"), ("zh", "无菌灌装间", "在限度内")]
)
def test_the_plan_shows_rooms_grades_and_differentials(pilot: Pilot, language: str, name: str, state: str) -> None:
    """In words of the language; the arrow points from high to low."""
    pilot.stage.receive(readings(NOW))
    pilot.open(f"/{language}/rooms")
    assert pilot.texts(".plan .id") == ["C1", "F1", "M1"]
    assert pilot.texts(".plan .grade") == ["D", "B", "C"]
    assert name in pilot.texts(".plan .name")
    assert pilot.texts(".flow .number") == ["14.6 Pa", "14.2 Pa", "28.8 Pa"]
    assert state in pilot.driver.find_element(By.CSS_SELECTOR, ".plan g[role=button]:nth-of-type(2)").accessible_name
    right = arrow(pilot)
    pilot.stage.receive(readings(NOW + SECOND, F1_DP_M1=-3.0))
    pilot.until(lambda: "−3.0 Pa" in pilot.texts(".flow .number")[0])
    assert arrow(pilot) != right


def arrow(pilot: Pilot) -> str:
    return str(pilot.driver.find_element(By.CSS_SELECTOR, ".flow .arrow").get_attribute("d"))


@pytest.mark.parametrize(("language", "word"), [("en", "not live"), ("zh", "非实时")])
def test_a_value_turns_to_a_question_mark_when_its_source_is_silent(pilot: Pilot, language: str, word: str) -> None:
    """After 15 s, with the age as reason; a new reading brings it back. The page is not loaded again."""
    pilot.stage.receive(readings(NOW))
    pilot.open(f"/{language}/rooms?room=F1")
    pilot.sees("14.6 Pa", ".values")
    pilot.stage.wait(14)
    assert pilot.texts(".flow .number")[0] == "14.6 Pa"
    pilot.stage.wait(2)
    pilot.until(lambda: pilot.texts(".flow .number") == ["?", "?", "?"])
    assert word in pilot.driver.find_element(By.CSS_SELECTOR, ".flow").accessible_name
    pilot.sees("16", ".values .why")
    assert "14.6" not in pilot.text(".values")
    pilot.stage.receive(readings(pilot.stage.time, F1_DP_M1=14.4))
    pilot.sees("14.4 Pa", ".values")


@pytest.mark.parametrize(("language", "ends"), [("en", "no end told"), ("zh", "未说明结束")])
def test_a_room_names_its_batches(pilot: Pilot, language: str, ends: str) -> None:
    """With their time, and each leads to its own page; one that was withdrawn is not among them."""
    facts: dict[str, Any] = {"system": "line-3", "place_kind": PlaceKind.ROOM, "place": "F1", "began": NOW, "time": NOW}
    pilot.stage.receive(
        readings(NOW),
        Assignment(key="1", batch="240611A", **facts),
        (wrong := Assignment(key="2", batch="240612B", **facts)),
        replace(wrong, id=uuid4(), version=2, replaces=wrong.id, withdrawn=True),
    )
    pilot.open(f"/{language}/rooms?room=F1")
    pilot.sees("240611A", ".room .plain")
    assert ends in pilot.text(".room .plain")
    assert "240612B" not in pilot.text(".room .plain")
    address = pilot.driver.find_element(By.LINK_TEXT, "240611A").get_attribute("href") or ""
    assert "/batches/240611A" in address


@pytest.mark.parametrize(
    ("language", "below", "active", "over"),
    [
        ("en", "F1 → M1 below the action limit", "active, not acknowledged", "over, not acknowledged"),
        ("zh", "F1 → M1 低于纠偏限度", "报警中，未作报警确认", "已恢复，未作报警确认"),
    ],
)
def test_an_alarm_appears_by_itself(pilot: Pilot, language: str, below: str, active: str, over: str) -> None:
    """As a row with its state, value against limit, begin and duration, and it is announced; then it is over."""
    pilot.stage.receive(readings(NOW, F1_DP_M1=7.8))
    pilot.open(f"/{language}/alarms")
    pilot.driver.execute_script("window.sameDocument = true")
    one = uuid4()
    pilot.stage.receive(step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW - 35 * SECOND, alarm=one))
    pilot.sees(below, "table")
    row = pilot.text("table tbody")
    assert active in row
    assert "7.4 Pa" in row
    assert "≥ 10 Pa" in row
    assert "2026-06-11 12:02:37 UTC+8" in row
    assert "45" in row
    assert below in pilot.texts(".sr[role=alert]")[0]
    returned = step(AlarmEvent.RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED, NOW, alarm=one)
    pilot.stage.receive(returned)
    pilot.sees(over, "table tbody")
    acknowledged = step(AlarmEvent.ACKNOWLEDGED, AlarmState.NORMAL, NOW, alarm=one, comment="door held open")
    pilot.stage.receive(acknowledged)
    pilot.sees("wang.li", "main section:last-of-type table")
    assert pilot.driver.execute_script("return window.sameDocument")


@pytest.mark.parametrize(("language", "limit"), [("en", "action limit ≥ 10 Pa"), ("zh", "纠偏限度 ≥ 10 Pa")])
def test_the_trend_is_drawn_with_its_limit_and_its_gap(pilot: Pilot, language: str, limit: str) -> None:
    """Axis in plant time, one curve broken at the gap, and the lowest value in words."""
    hour(pilot.stage)
    pilot.open(f"/{language}/trend?tag=F1.DP.M1&range=1h")
    pilot.until(lambda: limit in pilot.texts(".chart svg text"))
    labels = pilot.texts(".chart svg text")
    assert "11:30" in labels  # 03:30 UTC: neither the server's zone nor the browser's
    pilot.sees("6.0 Pa", ".facts")
    curves = [d for d in paths(pilot) if d.count("L") > 50]
    assert sum(d.count("M") for d in curves) == 2


def paths(pilot: Pilot) -> list[str]:
    return list(
        pilot.driver.execute_script(
            "return [...document.querySelectorAll('.chart svg path')].map((p) => p.getAttribute('d') || '')"
        )
    )


def test_a_zoom_asks_the_archive_again_and_can_be_sent_to_somebody(pilot: Pilot) -> None:
    """The address names the window in plant time; the language switch keeps it, and a way back to live appears."""
    hour(pilot.stage)
    pilot.open("/en/trend?tag=F1.DP.M1&range=1h")
    pilot.until(lambda: any(d.count("L") > 50 for d in paths(pilot)))
    chart = pilot.driver.find_element(By.CSS_SELECTOR, ".chart")
    wheel(pilot, chart.location["x"] + 600, chart.location["y"] + 150)
    pilot.until(lambda: "from=" in pilot.driver.current_url)
    assert "%2B08%3A00" in pilot.driver.current_url
    pilot.sees("Back to live", ".buttons")
    pilot.driver.find_element(By.CSS_SELECTOR, "a[data-language]").click()
    pilot.until(lambda: "/zh/trend" in pilot.driver.current_url)
    assert "from=" in pilot.driver.current_url
    pilot.sees("回到实时", ".buttons")


def wheel(pilot: Pilot, x: int, y: int) -> None:
    event = {"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": -240}
    pilot.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)


def test_one_alarm_is_told_step_by_step(pilot: Pilot) -> None:
    """Who did what when and why, the rule, and the half hours around it."""
    one = uuid4()
    hour(pilot.stage)
    pilot.stage.receive(
        step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW - 35 * SECOND, alarm=one),
        step(AlarmEvent.ACKNOWLEDGED, AlarmState.ACKNOWLEDGED, NOW - 20 * SECOND, alarm=one, comment="door held open"),
    )
    pilot.open(f"/en/alarms/{one}")
    for text in ("limit first broken", "raised", "acknowledged", "wang.li", "door held open", "raised after 10 s"):
        assert text in pilot.text("main")
    pilot.until(lambda: "action limit ≥ 10 Pa" in pilot.texts(".chart svg text"))


@pytest.mark.parametrize(("language", "cause", "missing"), [
    ("en", "device silent", "5 min missing of 1 h"), ("zh", "设备无应答", "1 小时内缺失 5 分")
])  # fmt: skip
def test_evidence_names_each_gap(pilot: Pilot, language: str, cause: str, missing: str) -> None:
    """From, to, cause and tags, its place on the source's time line, and what share is missing."""
    hour(pilot.stage)
    pilot.open(f"/{language}/evidence?range=1h")
    row = pilot.text("table.gaps tbody")
    for text in ("ems", "2026-06-11 11:33:22 UTC+8", "2026-06-11 11:38:22 UTC+8", cause, "F1 → M1", "no answer"):
        assert text in row
    gap = pilot.driver.find_element(By.CSS_SELECTOR, ".lane .gap")
    assert "left: 50" in str(gap.get_attribute("style"))
    assert gap.value_of_css_property("background-image") != "none"
    assert cause in str(gap.get_attribute("title"))
    assert cause in pilot.text(".patterns")
    assert pilot.text(".percent b") == "91.66 %"
    assert missing in pilot.text(".lanes .missing")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_gap_is_told_to_the_keyboard_and_to_a_finger(pilot: Pilot, size: tuple[int, int]) -> None:
    """Enter and a tap say what hovering says; once more hides it."""
    hour(pilot.stage)
    pilot.open("/en/evidence?range=1h", size)
    gap = pilot.driver.find_element(By.CSS_SELECTOR, ".lane .gap")
    gap.send_keys(Keys.ENTER)
    pilot.sees("device silent · 2026-06-11 11:33:22 UTC+8 to 2026-06-11 11:38:22 UTC+8, 5 min", ".told")
    assert gap.get_attribute("aria-pressed") == "true"
    gap.click()
    pilot.until(lambda: pilot.text(".told") == "")


@pytest.mark.parametrize(("language", "title", "said"), [
    ("en", "Certificates of this node", ("expired 2 days ago", "30 days", "300 days")),
    ("zh", "本节点的证书", ("已过期 2 天", "30 天", "300 天")),
])  # fmt: skip
def test_a_certificate_is_seen_before_it_expires(
    pilot: Pilot, language: str, title: str, said: tuple[str, ...]
) -> None:
    """The one that is over, the one that is near, and the others; nothing where the node uses none."""
    hour(pilot.stage)
    pilot.open(f"/{language}/evidence?range=1h")
    assert title not in pilot.text("main")
    days = {"ca.pem": -2, "node.pem": 30, "console.pem": 300}
    known = [
        {"file": file, "subject": f"CN={file}", "expires": "2026-07-01T00:00:00Z", "days": left}
        for file, left in days.items()
    ]
    pilot.stage.desk.certificates = lambda: known
    try:
        pilot.open(f"/{language}/evidence?range=1h", PHONE)
        text = pilot.text(f"section[aria-label='{title}']")
        for word in (*days, *said, "2026-07-01 08:00:00 UTC+8", "■", "▲"):
            assert word in text
    finally:
        pilot.stage.desk.certificates = list


def test_a_gap_that_goes_on_grows_and_then_ends(pilot: Pilot) -> None:
    """Without loading the page again; the share falls while it lasts and stays once it ended."""
    one = Gap(gap=uuid4(), source="ems", tags=(), began=NOW - 360 * SECOND, cause=GapCause.AGENT_STOPPED, detail="off")
    pilot.stage.receive(readings(NOW - 7200 * SECOND), readings(NOW), one)
    pilot.open("/en/evidence?range=1h")
    pilot.sees("90.00 %", ".percent")
    pilot.sees("still open", "table.gaps")
    pilot.stage.wait(360)
    pilot.sees("80.00 %", ".percent")
    pilot.stage.receive(replace(one, ended=NOW), readings(NOW + 360 * SECOND))
    pilot.sees("90.00 %", ".percent")
    assert "still open" not in pilot.text("table.gaps")


def test_any_period_can_be_chosen_and_sent_to_somebody(pilot: Pilot) -> None:
    """From and to in plant time; the page and its twin say the same of it."""
    hour(pilot.stage)
    pilot.open("/en/evidence?range=1h")
    typed = ["2026-06-11T11:28:22", "2026-06-11T11:48:22"]
    fields = pilot.driver.find_elements(By.CSS_SELECTOR, ".window input")
    for field, time in zip(fields, typed, strict=True):
        pilot.driver.execute_script("arguments[0].value = arguments[1]", field, time)
    header = pilot.text("header")
    pilot.stage.wait(2)
    pilot.until(lambda: pilot.text("header") != header)
    assert [field.get_attribute("value") for field in fields] == typed, "a push wrote over what was being typed"
    pilot.driver.find_element(By.CSS_SELECTOR, ".window button").click()
    pilot.until(lambda: "from=2026-06-11T11" in pilot.driver.current_url)
    pilot.sees("75.00 %", ".percent")
    pilot.sees("2026-06-11 11:28:22 UTC+8", ".axis")
    pilot.sees("2026-06-11 11:48:22 UTC+8", ".axis")
    twin = twin_of(pilot)
    assert [source["percent"] for source in twin["sources"]] == [75]
    assert not pilot.driver.find_elements(By.CSS_SELECTOR, ".buttons [aria-current]")
    pilot.open("/en/evidence?from=yesterday&to=now")
    pilot.sees("The period in the address was not understood; the last day is shown.")


def twin_of(pilot: Pilot) -> Any:
    """What the link at the page's foot leads to."""
    script = "return fetch(document.querySelector('.foot a').href).then((answer) => answer.json())"
    return pilot.driver.execute_script(script)


STREAM = "cmo-a.line-3.holder-b.measurements.v1"


SAID = {
    "en": (
        "All 100 records up to 2026-06-11 12:03:20 UTC+8 are here, proven. 20 newer ones are here",
        *("Nothing was found missing or altered in this period.", "Records missing: 4;", "missing"),
        "The node asks the sender for them",
    ),
    "zh": (
        "截至 2026-06-11 12:03:20 UTC+8 的全部 100 条记录均已收到并经验证。另有 20 条",
        *("此时段内未发现缺失或改动。", "缺失 4 条记录", "缺失", "本节点向发送方索取"),
    ),
}
"""What the evidence page says when all is proven, when nothing was found, when records are missing."""


@pytest.mark.parametrize("language", list(SAID))
def test_evidence_says_how_far_each_stream_is_proven(pilot: Pilot, language: str) -> None:
    """In a sentence, and by numbers, seal and receipt; then a finding with what it means, there and on the overview."""
    proven, holds, lacking, code, means = SAID[language]
    pilot.stage.receive(readings(NOW))
    standing = Standing(120, 100, NOW // SECOND - 2, 90, NOW // SECOND - 9)
    pilot.stage.do(lambda: pilot.stage.desk.live.streams.update({STREAM: standing}))
    pilot.open(f"/{language}/evidence?range=1h")
    pilot.sees(proven, ".verdict")
    pilot.sees(holds)
    row = pilot.text("table.streams tbody")
    for text in (STREAM, "120", "100", "90", "2026-06-11 12:03:20 UTC+8", "2026-06-11 12:03:13 UTC+8"):
        assert text in row
    finding = Finding(Code.MISSING, STREAM, 121, 124, "not in the topic", NOW / SECOND - 1)
    inspected = Inspected(Batch(), findings=[finding])
    pilot.stage.do(lambda: pilot.stage.desk.archive.store_inspected(inspected))
    pilot.stage.do(lambda: pilot.stage.desk.live.apply_inspected(inspected))
    pilot.open(f"/{language}/evidence?range=1h")
    pilot.sees(lacking, ".verdict")
    for text in (code, STREAM, "121 – 124", means, "not in the topic", "2026-06-11 12:03:21 UTC+8"):
        pilot.sees(text, "table.findings tbody")
    assert "121 – 124" in pilot.text("table.streams tbody")
    twin = twin_of(pilot)
    assert twin["summary"]["missing"] == 4
    assert [stream["missing"] for stream in twin["streams"]] == [[[121, 124]]]
    assert [found["finding"]["code"] for found in twin["findings"]] == ["missing"]
    pilot.open(f"/{language}")
    pilot.sees("1", ".wrong")


@pytest.mark.parametrize(
    ("language", "text", "damaged"),
    [
        ("en", "Journal of line-3: filled above the limit", "Journal of line-3 is damaged"),
        ("zh", "line-3 的日志占用 高于限度", "line-3 的日志损坏"),
    ],
)
def test_an_alarm_of_the_agent_itself_stands_without_a_room(
    pilot: Pilot, language: str, text: str, damaged: str
) -> None:
    """On overview, alarms and its own page, with value and limit in its own unit; the rooms stay as they are."""
    one = replace(
        step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW, alarm=uuid4()),
        condition="line-3.JournalFilled.HIGH", tag="line-3.JournalFilled", room=None, unit="%", limit=90.0, value=91.0,
        extreme=91.5,
    )  # fmt: skip
    other = replace(
        one, alarm=uuid4(), tag="line-3.JournalDamaged", condition="line-3.JournalDamaged.HIGH", unit="1", limit=0.0
    )
    pilot.stage.receive(readings(NOW), frame({"line-3.JournalFilled": 91.0}, received=NOW, source="line-3"), one, other)
    for path, selector in (("", ".wrong"), ("/alarms", "table tbody"), (f"/alarms/{one.alarm}", "main")):
        pilot.open(f"/{language}{path}")
        pilot.sees(text, selector)
        assert "91.5 %" in pilot.text(selector)
        assert "≤ 90 %" in pilot.text(selector)
    pilot.open(f"/{language}/alarms/{other.alarm}")
    assert pilot.texts("h1") == [damaged]
    pilot.open(f"/{language}/rooms")
    assert pilot.texts(".plan .id") == ["C1", "F1", "M1"]
    assert not pilot.driver.find_elements(By.CSS_SELECTOR, ".room-shape.action")


def test_the_overview_says_what_is_wrong(pilot: Pilot) -> None:
    """Nothing; then an alarm; then a source that is silent, as one line for all of its readings."""
    pilot.stage.receive(readings(NOW))
    pilot.open("/en")
    pilot.sees("Nothing is wrong.")
    pilot.sees("2 of 2", ".lines-table")
    pilot.stage.receive(
        readings(NOW, F1_DP_M1=7.8), step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW, alarm=uuid4())
    )
    pilot.sees("F1 → M1 below the action limit", ".wrong")
    pilot.sees("7.8 Pa, farthest 7.4 Pa, limit ≥ 10 Pa", ".wrong")
    pilot.sees("1 of 2", ".lines-table")
    pilot.stage.wait(60)
    pilot.sees("Source ems is silent", ".wrong")
    pilot.sees("5 readings affected", ".wrong")
    pilot.sees("F1 → M1 below the action limit", ".wrong")
    assert "Nothing is wrong." not in pilot.text()


def test_a_chinese_page_has_no_word_left_over(pilot: Pilot) -> None:
    """Of another language, where no record brings any; `test_quality` looks at all else of every page."""
    hour(pilot.stage)
    pilot.stage.receive(step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW, alarm=uuid4()))
    pilot.stage.receive(replace(weighing(NOW), source="w1", second="wu"))
    for page in PAGES:
        pilot.open(f"/zh{page}")
        pilot.until(lambda: pilot.texts("h1"))
        assert foreign("\n".join(pilot.texts(".console > :not(.printed)"))) == set(), page


def foreign(text: str) -> set[str]:
    """Latin words that a Chinese page may not show: all but names of records, units, keys and the other language."""
    records = {
        "line",
        "ems",
        "Asia",
        "Shanghai",
        "Temperature",
        "Door",
        "answer",
        "Enter",
        "measurements",
        "Parquet",
        "English",
        "JSON",
        "from",
    }
    return {word for word in re.findall(r"[A-Za-z]{4,}", text) if word not in records}


def test_text_of_a_record_is_only_ever_text(pilot: Pilot) -> None:
    """A script in a tag's name, a source, a unit, a reason or a detail is shown, not run."""
    one = uuid4()
    raised = step(AlarmEvent.ACKNOWLEDGED, AlarmState.ACKNOWLEDGED, NOW, alarm=one, comment=HOSTILE)
    odd = Gap(
        gap=uuid4(),
        source=HOSTILE,
        tags=(HOSTILE, ":tag"),
        began=NOW - 9 * SECOND,
        cause=GapCause.OTHER,
        detail=HOSTILE,
    )
    bad = frame({HOSTILE: None, ":tag": 1.0}, received=NOW, status=StatusCode.BAD, reason=Reason.DEVICE, source=HOSTILE)
    pilot.stage.receive(readings(NOW), raised, odd, bad)
    shown = {"": "p, li", f"/alarms/{one}": "tbody", "/evidence": "tbody", "/trend": ".tags"}
    for page, selector in shown.items():
        pilot.open(f"/en{page}")
        pilot.until(partial(shows, pilot, selector))
        assert pilot.driver.title != "taken"
    pilot.driver.find_elements(By.CSS_SELECTOR, ".tags a")[-1].click()
    pilot.until(lambda: "tag=" in pilot.driver.current_url and pilot.texts(".chart svg text"))
    assert HOSTILE in pilot.texts("h1")[0]
    assert pilot.driver.title != "taken"
    assert pilot.complaints() == []


def shows(pilot: Pilot, selector: str) -> bool:
    return any(HOSTILE in text for text in pilot.texts(selector))


def test_values_fade_by_themselves_when_the_node_stops(pilot: Pilot) -> None:
    """Only values: the alarm's shape stays as it is, and a band says since when. All comes back with the node."""
    pilot.stage.receive(
        readings(NOW, F1_DP_M1=7.8), step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW, alarm=uuid4())
    )
    pilot.open("/en")
    pilot.sees("7.8 Pa")
    pilot.driver.execute_script("document.documentElement.style.setProperty('--expire', '2.5s')")
    goes_on = threading.Event()
    pilot.stage.loop.call_soon_threadsafe(lambda: goes_on.wait(60))
    try:
        pilot.sees("This page has not been live since 2026-06-11 12:03:22 UTC+8", ".not-live")
        assert opacity(pilot, ".wrong .detail") < 0.5
        assert opacity(pilot, ".wrong .mark") == 1
    finally:
        goes_on.set()
    pilot.until(lambda: opacity(pilot, ".wrong .detail") == 1 and not pilot.text(".not-live"))


def opacity(pilot: Pilot, selector: str) -> float:
    return float(pilot.driver.find_element(By.CSS_SELECTOR, selector).value_of_css_property("opacity"))


def test_the_keyboard_reaches_everything(pilot: Pilot) -> None:
    """The skip link is first, g and a letter change the page, ? opens a list that Escape closes, rooms take Enter."""
    pilot.stage.receive(readings(NOW))
    pilot.open("/en")
    body = pilot.driver.find_element(By.CSS_SELECTOR, "body")
    body.send_keys(Keys.TAB)
    assert pilot.driver.switch_to.active_element.get_attribute("class") == "skip"
    pilot.driver.switch_to.active_element.send_keys("gr")
    pilot.until(lambda: pilot.driver.current_url.endswith("/en/rooms"))
    pilot.until(lambda: pilot.driver.execute_script("return window.did_handshake === true"))
    pilot.driver.find_element(By.CSS_SELECTOR, ".plan g:nth-of-type(3)").send_keys(Keys.ENTER)
    pilot.sees("M1 Material air lock", ".room")
    assert pilot.driver.current_url.endswith("?room=M1")
    help_ = pilot.driver.find_element(By.CSS_SELECTOR, '[data-key="?"]')
    help_.send_keys("?")
    pilot.sees("Single-letter keys on", "dialog")
    pilot.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    pilot.until(lambda: not pilot.driver.find_element(By.CSS_SELECTOR, "dialog").is_displayed())
    assert pilot.driver.switch_to.active_element == help_


def test_single_keys_can_be_switched_off(pilot: Pilot) -> None:
    """WCAG 2.1.4; the choice stays in the browser."""
    pilot.open("/en")
    pilot.driver.find_element(By.CSS_SELECTOR, '[data-key="?"]').click()
    pilot.driver.find_element(By.CSS_SELECTOR, ".keys-on").click()
    pilot.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    pilot.open("/en/alarms")
    pilot.driver.find_element(By.CSS_SELECTOR, "body").send_keys("gr?")
    assert not pilot.driver.find_element(By.CSS_SELECTOR, "dialog").is_displayed()
    assert pilot.driver.current_url.endswith("/en/alarms")
    pilot.driver.execute_script("localStorage.clear()")


def test_the_theme_is_kept(pilot: Pilot) -> None:
    """A click changes every colour, also the chart's, and the next page has it too."""
    hour(pilot.stage)
    pilot.open("/en/trend?tag=F1.DP.M1")
    before = ground(pilot)
    pilot.driver.find_element(By.CSS_SELECTOR, "button.theme").click()
    after = ground(pilot)
    assert after != before
    pilot.open("/zh/rooms")
    assert ground(pilot) == after
    pilot.driver.execute_script("localStorage.clear()")


def ground(pilot: Pilot) -> str:
    return str(pilot.driver.find_element(By.CSS_SELECTOR, "body").value_of_css_property("background-color"))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/en/nowhere", "No such record, or not yours."),
        ("/zh/alarms/17", "没有此记录，或无权查看。"),
        ("/en/alarms/00000000-0000-4000-8000-000000000001", "No such record, or not yours."),
        ("/en/trend?tag=Nobody", "No tag Nobody is known here"),
        ("/zh/rooms?room=X9", "没有房间 X9"),
        ("/en/trend?tag=F1.DP.M1&from=yesterday&to=now", "The range in the address was not understood"),
    ],
)
def test_what_is_not_there_is_said(pilot: Pilot, path: str, text: str) -> None:
    """In the language of the address, within the frame."""
    pilot.stage.receive(readings(NOW))
    pilot.open(path)
    pilot.sees(text)
    assert pilot.texts(".menu a")


@pytest.mark.parametrize(("language", "text"), [("en", "Nothing was changed."), ("zh", "未作任何更改。")])
def test_a_page_that_cannot_be_built_gives_a_number_and_no_more(pilot: Pilot, language: str, text: str) -> None:
    """What went wrong stands in the log under that number, never on the page."""
    pilot.stage.do(pilot.stage.desk.archive.close)
    pilot.open(f"/{language}/evidence")
    pilot.sees(text)
    assert re.search(r"[0-9a-f]{8}", pilot.text("main"))
    assert not re.search(r"(?i)error|exception|connection", pilot.text("main"))
