"""Messages in words, and as CloudEvents."""

import json
from email import policy
from email.parser import BytesParser

import pytest

from edge.annunciation.calling import Mark, Message
from edge.annunciation.wording import Wording
from gateway.cleanroom.site import Site
from gateway.languages import Language
from schemas.records import Alarm, AlarmState
from tests.edge.annunciation.steps import alarm
from tests.edge.test_agent import SITE

TO = "qa@p.example"
NOW = 1_795_300_000_000_000


def wording(language: Language) -> Wording:
    return Wording(Site.model_validate(SITE), language, "cmo-a", "line-3")


def message(*alarms: Alarm) -> Message:
    return Message(TO, (Mark(alarms[0].alarm, 0, TO),), alarms)


@pytest.mark.parametrize(
    ("language", "subject", "lines"),
    [
        (Language.EN, "M1 → C1 below the action limit", ["3.0 Pa", "not acknowledged"]),
        (Language.ZH, "M1 → C1 低于纠偏限度", ["3.0 Pa"]),
    ],
)
def test_a_mail_says_what_is_wrong_where_and_since_when(language: Language, subject: str, lines: list[str]) -> None:
    """In the language of the line, with the condition to acknowledge; it survives being sent."""
    one = alarm(batch="B-1")
    mail = wording(language).mail(message(one), "line@p.example", NOW)
    read = BytesParser(policy=policy.default).parsebytes(mail.as_bytes())
    body = read.get_body()
    assert body is not None
    text = body.get_content().lower()
    assert subject in str(read["Subject"])
    assert (read["To"], read["From"], read["Auto-Submitted"]) == (TO, "line@p.example", "auto-generated")
    assert [line for line in [*lines, one.condition.lower(), "b-1"] if line.lower() not in text] == []


def test_a_group_and_a_digest_name_every_alarm() -> None:
    """The head's name in the subject, the others beneath; of a flood the number."""
    head, other = alarm(condition="FAN.HIGH"), alarm(condition="M1.DP.C1.LOW", state=AlarmState.UNACKNOWLEDGED)
    group = wording(Language.EN).mail(message(head, other), "line@p.example", NOW)
    assert all(name in group.get_content() for name in ("FAN.HIGH", "M1.DP.C1.LOW"))
    flood = Message(TO, (Mark(head.alarm, 0, TO),), (head, other), digest=True)
    assert str(wording(Language.EN).mail(flood, "line@p.example", NOW)["Subject"]).startswith("2 alarms")


def test_an_event_is_a_cloudevent_with_the_alarm_as_its_record() -> None:
    """Required attributes of CloudEvents 1.0; sent again it has the same id, another step has another."""
    one = alarm()
    event = wording(Language.EN).event(message(one), NOW)
    again = wording(Language.EN).event(message(one), NOW + 5)
    later = wording(Language.EN).event(Message(TO, (Mark(one.alarm, 1, TO),), (one,)), NOW)
    assert (event["specversion"], event["type"], event["source"]) == (
        "1.0",
        "cmo.v1.annunciation.alarm",
        "/cmo-a/line-3",
    )
    assert event["id"] == again["id"] != later["id"]
    assert event["time"] == "2026-11-21T22:26:40Z"
    assert json.loads(json.dumps(event))["data"]["alarms"][0]["condition"] == one.condition
    test = wording(Language.EN).event(Message("pager", (), (), test=True), NOW)
    assert (test["type"], test["data"]["test"], test["subject"]) == ("cmo.v1.annunciation.test", True, "line-3")
