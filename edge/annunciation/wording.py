"""Messages as mails and as CloudEvents. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import UUID, uuid5

from edge.annunciation.calling import Message
from edge.page.alarms import detail, title
from gateway.cleanroom.site import Site
from gateway.languages import Language, Words
from gateway.views.display import Clock
from gateway.views.texts import health_name, tag_names
from schemas.codec import plain
from schemas.records import Alarm

WORDS = "edge.page.words"
_SAME = UUID("2f0c3f2e-6f1c-4f0a-9a55-6a1b1c3f9b70")


class Wording:
    """In one language, for one site; `sender` is the agent."""

    def __init__(self, site: Site, language: Language, cmo: str, sender: str) -> None:
        self._site, self._cmo, self._sender = site, cmo, sender
        self._say, self._clock = Words(language, WORDS), Clock.of(site.zone)
        self._names = tag_names(site, self._say)

    def mail(self, message: Message, sent_from: str, now: int) -> EmailMessage:
        """To the message's target; `now` UTC microseconds."""
        mail = EmailMessage()
        mail["From"], mail["To"] = Address(addr_spec=sent_from), Address(addr_spec=message.target)
        mail["Subject"] = " ".join(self._subject(message, now).split())
        mail["Date"] = format_datetime(_moment(now))
        mail["Message-ID"] = f"<{_id(message, now)}@{sent_from.partition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office notes in answer
        mail.set_content("\n".join(self._lines(message, now)) + "\n")
        return mail

    def event(self, message: Message, now: int) -> dict[str, Any]:
        """A CloudEvent; the same message has the same id when it is sent again."""
        kind = "test" if message.test else "digest" if message.digest else "alarm"
        data: Mapping[str, Any] = {
            "test": message.test, "text": self._subject(message, now), "alarms": [plain(one) for one in message.alarms],
        }  # fmt: skip
        return {
            "specversion": "1.0", "id": str(_id(message, now)), "source": f"/{self._cmo}/{self._sender}",
            "type": f"cmo.v1.annunciation.{kind}", "time": _moment(now).isoformat().replace("+00:00", "Z"),
            "subject": message.alarms[0].condition if message.alarms else self._sender,
            "datacontenttype": "application/json", "data": data,
        }  # fmt: skip

    def _subject(self, message: Message, now: int) -> str:
        say, site = self._say, self._site
        where = say("head.site", site=say.name(site.name), line=site.line)
        if message.test:
            return say("call.test", where=where, time=self._clock.stamp(now))
        if message.digest:
            return say("call.digest", where=where, n=len(message.alarms))
        return say("call.alarm", where=where, what=self._title(message.alarms[0]))

    def _lines(self, message: Message, now: int) -> Iterator[str]:
        say = self._say
        if message.test:
            yield say("call.test_text", sender=self._sender)
        for alarm in message.alarms:
            yield from (self._title(alarm), say("call.since", time=self._clock.stamp(alarm.since)))
            yield from (line for line in (detail(alarm, say), say(f"alarms.states.{alarm.state}")) if line)
            yield from (alarm.condition, "")
        yield say("call.as_of", time=self._clock.stamp(now), zone=self._site.zone)

    def _title(self, alarm: Alarm) -> str:
        name = self._names.get(alarm.tag) or health_name(alarm.tag, self._say) or alarm.tag
        return title(alarm, name, self._say)


def _id(message: Message, now: int) -> UUID:
    said = ",".join(f"{call} {step}" for call, step, _ in message.marks) or f"test {now}"
    return uuid5(_SAME, f"{said} {message.target}")


def _moment(now: int) -> datetime:
    return datetime.fromtimestamp(now / 1e6, UTC)
