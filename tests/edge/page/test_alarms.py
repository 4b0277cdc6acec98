"""Alarms of the line in words, and what is offered for each."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from edge.page.alarms import OFFERED, asking, counts, detail, held, offers, said, stands_for, title, tone
from edge.page.line import alarm_of, line_of
from edge.page.visit import words_in
from gateway.languages import Language
from gateway.views.display import Clock
from gateway.views.readings import Status, reading
from schemas.codec import plain
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmMeaning, AlarmPriority, AlarmState
from schemas.status import Reason, StatusCode

NOW = 1_781_150_602_000_000
EN, ZH = words_in(Language.EN), words_in(Language.ZH)


def alarm(state: AlarmState, kind: AlarmKind = AlarmKind.LOW, **more: Any) -> Alarm:
    given: dict[str, Any] = {
        "alarm": uuid4(), "condition": f"DP.{kind}", "tag": "DP", "event": AlarmEvent.RAISED, "state": state,
        "time": NOW, "since": NOW, "limit": 10.0, "deadband": 0.5, "on_delay": 0.0, "unit": "Pa", "value": 7.8,
        "kind": kind, "priority": AlarmPriority.ACTION, "room": "F1",
    }  # fmt: skip
    return Alarm(**(given | more))


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (AlarmState.UNACKNOWLEDGED, ["acknowledge", "shelve"]),
        (AlarmState.ACKNOWLEDGED, ["shelve"]),
        (AlarmState.RETURNED_UNACKNOWLEDGED, ["acknowledge", "shelve"]),
        (AlarmState.LATCHED_UNACKNOWLEDGED, ["acknowledge", "shelve"]),
        (AlarmState.LATCHED_ACKNOWLEDGED, ["reset", "shelve"]),
        (AlarmState.SHELVED, ["unshelve"]),
        (AlarmState.SUPPRESSED, []),
        (AlarmState.OUT_OF_SERVICE, ["return_to_service"]),
    ],
)
def test_only_what_the_state_allows_is_offered(state: AlarmState, offered: list[str]) -> None:
    """By the table of the engine."""
    assert offers(alarm(state)) == offered


def test_every_state_that_is_not_normal_stands_in_one_of_the_lists() -> None:
    """Unanswered first, actions before alerts; what is put aside apart."""
    states = [state for state in AlarmState if state not in {AlarmState.NORMAL, AlarmState.UNKNOWN}]
    alarms = [alarm(state) for state in reversed(states)]
    alert = alarm(AlarmState.UNACKNOWLEDGED, priority=AlarmPriority.ALERT)
    first, second, *_ = asking([alert, *alarms])
    assert (first.state, first.priority, second) == (AlarmState.UNACKNOWLEDGED, AlarmPriority.ACTION, alert)
    assert {one.state for one in (*asking(alarms), *held(alarms))} == set(states)
    assert [one.state for one in held(alarms)] == [
        AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE
    ]  # fmt: skip


@pytest.mark.parametrize("do", OFFERED)
def test_who_does_something_is_told_what_the_name_stands_for(do: str) -> None:
    """In both languages, before it is sent."""
    assert stands_for(do, EN).startswith("What your name stands for: ")
    assert stands_for(do, ZH).startswith("签名含义：")


@pytest.mark.parametrize("kind", list(AlarmKind))
def test_every_kind_has_its_words(kind: AlarmKind) -> None:
    """In both languages, with the name in it."""
    for say in (EN, ZH):
        assert "F1 → M1" in title(alarm(AlarmState.UNACKNOWLEDGED, kind), "F1 → M1", say)


def test_an_alarm_is_told_in_the_words_of_the_trade() -> None:
    """Action and alert are said, and who did what until when."""
    low = alarm(AlarmState.SHELVED, until=NOW + 3_600_000_000, actor="chen", comment="cleaning", batch="240611A")
    assert title(low, "F1 → M1", ZH) == "F1 → M1 低于纠偏限度"
    assert detail(low, EN) == "7.8 Pa · ≥ 10 Pa · batch 240611A"
    assert detail(replace(low, doubt="TIME"), EN) == (
        "7.8 Pa · ≥ 10 Pa · time of the device not plausible · batch 240611A"
    )  # fmt: skip
    clock = Clock.of("Asia/Shanghai")
    assert said(low, EN, clock) == (
        "until 2026-06-11 13:03:22 UTC+8 · chen, 2026-06-11 12:03:22 UTC+8: cleaning"
    )  # fmt: skip
    signed = replace(low, meaning=AlarmMeaning.APPROVAL)
    assert "UTC+8, answers for it that the alarm is not in force: cleaning" in said(signed, EN, clock)
    assert [tone(alarm(AlarmState.UNACKNOWLEDGED, kind)) for kind in (AlarmKind.LOW, AlarmKind.STALE)] == [
        "action", "data"
    ]  # fmt: skip
    assert counts([alarm(AlarmState.UNACKNOWLEDGED), low]) == {"action": 1, "alert": 0, "data": 0}


@pytest.mark.parametrize(
    ("limit", "extreme", "text"),
    [(-1.0, -4.0, "≥ −1 Pa"), (1.0, 4.0, "≤ 1 Pa"), (0.0, 4.0, "≤ 0 Pa"), (0.0, -4.0, "≥ 0 Pa")],
)
def test_the_limit_of_a_reversed_flow_has_its_side(limit: float, extreme: float, text: str) -> None:
    """Below 0 where air is to flow out, above where it is to flow in; without a size the value tells."""
    one = alarm(AlarmState.ACKNOWLEDGED, AlarmKind.REVERSED, limit=limit, extreme=extreme, value=0.2)
    assert text in detail(one, EN)


def test_an_alarm_comes_through_the_socket_as_it_was() -> None:
    """With the first of its group."""
    one = alarm(AlarmState.ACKNOWLEDGED, head=uuid4(), until=NOW, meaning=AlarmMeaning.RESPONSIBILITY)
    assert alarm_of(plain(one)) == one


def columns(**more: object) -> dict[str, list[object]]:
    one: dict[str, object] = {
        "tag": "DP", "room": "F1", "source": "ems", "unit": "Pa", "value": 14.0, "other": None, "status": 0,
        "reason": "NONE", "source_time": NOW - 1, "received": NOW,
    }  # fmt: skip
    return {name: [value] for name, value in (one | more).items()}


STATUS = {"sender": "line-3", "sources": [{"name": "ems"}]}


def test_a_value_counts_only_while_it_is_good_and_the_agent_answers() -> None:
    """Nothing old stands there as if it were live."""
    line = line_of(columns(), [], STATUS, NOW)
    assert reading("DP", None, line.live(), NOW).value == 14.0
    assert (reading("DP", None, line.silent(), NOW).status, reading("DP", None, line.silent(), NOW).value) == (
        Status.NOT_LIVE, None
    )  # fmt: skip
    gone = line_of(columns(), [], STATUS | {"sources": []}, NOW)
    assert reading("DP", None, gone.live(), NOW).value is None
    bad = columns(status=int(StatusCode.BAD_NO_COMMUNICATION), reason=Reason.COMM.name, value=None)
    assert reading("DP", None, line_of(bad, [], STATUS, NOW).live(), NOW).status is Status.NO_READING


def test_a_value_past_its_silence_is_none() -> None:
    """The engine's alarm takes it off the page, until it returns."""
    stale = plain(alarm(AlarmState.ACKNOWLEDGED, AlarmKind.STALE))
    found = reading("DP", None, line_of(columns(), [stale], STATUS, NOW).live(), NOW)
    assert (found.status, found.value) == (Status.STALE, None)
    back = plain(alarm(AlarmState.RETURNED_UNACKNOWLEDGED, AlarmKind.STALE))
    assert reading("DP", None, line_of(columns(), [back], STATUS, NOW).live(), NOW).value == 14.0
