"""What a recipient asks for again is sent again: the messages just as they were, beside the stream.

A request counts when a trusted node of the stream's recipient signed it a short while ago. The work is bounded: the
same numbers are not sent twice within a short time, and what does not fit the queue is refused; the recipient will ask
again. Numbers that the recipient confirmed may have left the journal; they are left out.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from aiokafka import ConsumerRecord

from gateway.journal.journal import Journal, Numbered
from gateway.link.messages import some_entries
from gateway.link.returns import led_back, nodes_of
from gateway.link.topics import RESENDS, Stream
from gateway.proof.note import VerifierKey
from gateway.proof.resend import MOST, Resend, open_resend

log = structlog.get_logger(__name__)

FRESH = 300
"""Seconds by which a request's signed time may differ from the agent's clock."""
AGAIN = 30.0
"""Seconds in which a request is not answered a second time."""
WAITING = 10 * MOST
"""Numbers that may wait for being sent again."""


@dataclass(slots=True)
class _Asked:
    """A request that is being answered: numbers up to `after` are through, `sent` entries of them were there."""

    stream: Stream
    request: Resend
    after: int
    sent: int = 0


@dataclass(slots=True)
class Resending:
    """Requests of the recipients of a sender's streams, and what still has to be sent for them."""

    journal: Journal
    streams: Sequence[Stream]
    trusted: Sequence[VerifierKey]
    look: Callable[[], None] = lambda: None
    """Called when there is something to send."""
    refused: int = 0
    """Messages that were no request to us, or no fresh one."""
    _asked: list[_Asked] = field(default_factory=list)
    _answered: dict[Resend, float] = field(default_factory=dict)

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Queue what these messages ask for."""
        for record in records:
            try:
                found = await asyncio.to_thread(self._opened, record)
                if found is not None:
                    self._queue(*found)
            except ValueError as error:
                self.refused += 1
                log.warning("request refused", topic=record.topic, offset=record.offset, problem=str(error))

    @property
    def waiting(self) -> bool:
        """Whether something was asked for that is not sent yet."""
        return bool(self._asked)

    def some(self, octets: int) -> tuple[Stream, list[Numbered]] | None:
        """The next entries that were asked for, of about that many octets; None where none were. Blocking.

        Raises sqlite3.Error.
        """
        if not self._asked:
            return None
        asked = self._asked[0]
        return asked.stream, some_entries(self.journal, asked.stream.name, asked.after, octets, last=asked.request.last)

    def sent(self, entries: Sequence[Numbered]) -> None:
        """What `some` gave was sent."""
        asked = self._asked[0]
        asked.sent += len(entries)
        asked.after = entries[-1].number if entries else asked.request.last
        if asked.after < asked.request.last:
            return
        del self._asked[0]
        request, count = asked.request, asked.request.last - asked.request.first + 1
        log.info(
            "sent again", stream=request.stream, first=request.first, last=request.last, sent=asked.sent,
            no_longer_there=count - asked.sent,
        )  # fmt: skip

    def _opened(self, record: ConsumerRecord) -> tuple[Stream, Resend] | None:
        stream = led_back(record, RESENDS, self.streams)
        if stream is None:
            return None
        request, signed = open_resend(record.value or b"", nodes_of(stream.recipient, self.trusted))
        if request.stream != stream.name:
            raise ValueError(f"asks for {request.stream} under the key of {stream.name}")
        if abs(time.time() - signed) > FRESH:
            raise ValueError(f"signed {time.time() - signed:.0f} s ago by the agent's clock; at most {FRESH} s count")
        return stream, request

    def _queue(self, stream: Stream, request: Resend) -> None:
        moment = time.monotonic()
        self._answered = {one: at for one, at in self._answered.items() if moment - at < AGAIN}
        if request in self._answered:
            return
        waiting = sum(asked.request.last - asked.after for asked in self._asked)
        if waiting + request.last - request.first + 1 > WAITING:
            raise ValueError(f"{waiting} numbers wait for being sent again; at most {WAITING} may")
        self._answered[request] = moment
        self._asked.append(_Asked(stream, request, request.first - 1))
        self.look()
